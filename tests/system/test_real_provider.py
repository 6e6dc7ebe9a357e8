"""Mail is fetched from a provider's Dovecot: real_provider.py, in a network of its own."""

import unittest

from box import in_own_network


class RealProvider(unittest.TestCase):
    def test_in_a_network_of_its_own(self):
        done = in_own_network("real_provider.py", seconds=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("6 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
