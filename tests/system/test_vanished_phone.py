"""Whoever vanished from a POP3 session does not keep the next one out: vanished_phone.py, in a network of its own."""

import unittest

from box import in_own_network


class VanishedPhone(unittest.TestCase):
    def test_in_a_network_of_its_own(self):
        done = in_own_network("vanished_phone.py", seconds=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
