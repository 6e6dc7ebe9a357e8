"""The box's certificate from a public authority, in a network of its own where that and the zone of its names are."""

import unittest

from box import in_own_network


class Acme(unittest.TestCase):
    def test_in_a_network_of_its_own(self):
        """There the system trusts whom the tests say."""
        done = in_own_network("acme_without_network.py", seconds=500)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
