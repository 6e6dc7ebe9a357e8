"""Mail for outside goes through Postfix, Exim and OpenSMTPD: real_relays.py, in a network of its own."""

import unittest

from box import in_own_network


class RealRelays(unittest.TestCase):
    def passes(self, relay):
        done = in_own_network(f"real_relays.py Through{relay}", seconds=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("11 passed, 0 failed", done.stdout)

    def test_postfix(self):
        self.passes("Postfix")

    def test_exim(self):
        self.passes("Exim")

    def test_opensmtpd(self):
        self.passes("OpenSmtpd")


if __name__ == "__main__":
    unittest.main()
