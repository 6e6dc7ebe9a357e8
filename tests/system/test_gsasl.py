"""Logins that are bound to their TLS connection, by a client that can do that: GNU SASL's."""

import base64
import subprocess
import unittest

from box import PASSWORDS, Box


def log_in(box, service, mechanism, password, *more):
    """What it did and said."""
    protocol = "--imap" if service == "imap" else "--smtp"
    return subprocess.run(["gsasl", protocol, f"--connect=localhost:{box.port(service)}", f"--x509-ca-file={box.ca}",
                           f"--mechanism={mechanism}", "--authentication-id=alice", f"--password={password}",
                           "--starttls", "--verbose", *more], capture_output=True, text=True, timeout=60, input="")


class Gsasl(unittest.TestCase):
    def test_a_login_is_bound_to_its_connection(self):
        with Box() as box:
            for service in ("imap", "submission"):
                done = log_in(box, service, "SCRAM-SHA-256-PLUS", PASSWORDS["alice"])
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn(base64.b64encode(b"p=tls-exporter,").decode(), done.stdout + done.stderr)
                wrong = log_in(box, service, "SCRAM-SHA-256-PLUS", "wrong")
                self.assertNotEqual(wrong.returncode, 0, wrong.stdout + wrong.stderr)
            self.assertIn("mechanism=SCRAM-SHA-256-PLUS", box.read_log())


if __name__ == "__main__":
    unittest.main()
