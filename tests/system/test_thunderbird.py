"""Thunderbird sets itself up by an address and a password alone, sends and reads, where there is no internet."""

import unittest

from box import in_own_network


class Thunderbird(unittest.TestCase):
    def test_thunderbird_on_an_office_network_that_leads_nowhere(self):
        done = in_own_network("thunderbird_on_lan.py", seconds=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
