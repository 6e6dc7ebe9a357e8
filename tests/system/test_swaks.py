"""swaks: the Swiss army knife of SMTP testing, in the ways an administrator uses it."""

import unittest

from box import PASSWORDS, Box, client_ok, run_client


def swaks(box, service, *arguments):
    return ["swaks", "--server", f"127.0.0.1:{box.port(service)}", "--from", "bob@office.lan", "--to", "alice@office.lan",
            "--helo", "client.example", *arguments]


class Swaks(unittest.TestCase):
    def test_delivers_on_port_25_with_and_without_starttls(self):
        with Box() as box:
            client_ok(swaks(box, "smtp"))
            client_ok(swaks(box, "smtp", "--tls", "--tls-ca-path", box.ca, "--tls-verify", "--tls-sni", "localhost",
                            "--tls-verify-target", "mail.office.lan"))

    def test_submits_with_every_mechanism(self):
        with Box() as box:
            for mechanism in ("PLAIN", "LOGIN"):
                for service, tls in (("submission", "--tls"), ("submissions", "--tls-on-connect")):
                    done = client_ok(swaks(box, service, tls, "--auth", mechanism, "--auth-user", "bob", "--auth-password", PASSWORDS["bob"]))
                    self.assertIn(b"235 2.7.0", done.stdout)

    def test_refusals_carry_the_right_code(self):
        with Box() as box:
            login = ["--tls", "--auth", "PLAIN", "--auth-user", "bob", "--auth-password"]
            for arguments, code in (
                (swaks(box, "submission"), b"530 5.7.0"),
                (swaks(box, "submission", *login, "wrong"), b"535 5.7.8"),
                (swaks(box, "smtp", "--to", "carol@example.com"), b"550 5.7.1"),
                (swaks(box, "smtp", "--to", "nobody@office.lan"), b"550 5.1.1"),
            ):
                done = run_client(arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(code, done.stdout)

    def test_tls_1_2_and_1_3(self):
        with Box() as box:
            for version, other in (("tlsv1_2", "tlsv1_3"), ("tlsv1_3", "tlsv1_2")):
                done = client_ok(swaks(box, "smtp", "--tls", "--tls-protocol", f"{version}", "--quit-after", "EHLO"))
                self.assertIn(version.replace("tlsv1_", "TLSv1.").encode(), done.stdout)
                self.assertNotIn(other.replace("tlsv1_", "TLSv1.").encode(), done.stdout)


if __name__ == "__main__":
    unittest.main()
