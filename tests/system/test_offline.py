"""With no route to anywhere: the office's mail is served all the same, and nothing waits for a name or a time-out."""

import unittest

from box import in_own_network


class Offline(unittest.TestCase):
    def test_the_round_trip_needs_no_network_but_loopback(self):
        done = in_own_network("test_round_trip.py", seconds=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
