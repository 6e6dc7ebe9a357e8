"""Mail waits for a link that is cut, and leaves when it is back: cut_link.py, in a network of its own."""

import unittest

from box import in_own_network


class Link(unittest.TestCase):
    def test_in_a_network_of_its_own(self):
        done = in_own_network("cut_link.py", seconds=400)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("5 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
