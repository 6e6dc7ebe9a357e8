"""A LAN that was never online: from the box's first start to the first message read, nothing waits for a time-out."""

import unittest

from box import in_own_network


class NeverOnline(unittest.TestCase):
    def test_a_LAN_that_was_never_online(self):
        done = in_own_network("never_online.py", seconds=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
