"""The box is found without a name server (mDNS, DNS-SD)."""

import unittest

from box import in_own_network


class Announced(unittest.TestCase):
    def test_the_box_and_its_services_are_found_by_multicast(self):
        done = in_own_network("announced_on_lan.py", seconds=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
