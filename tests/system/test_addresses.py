"""Addresses that are handed out to devices, and their names."""

import unittest

from box import in_own_network


class Addresses(unittest.TestCase):
    def test_the_box_hands_out_addresses_where_nobody_else_does(self):
        done = in_own_network("addresses_on_lan.py", seconds=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
