"""curl: smtp, smtps, imap and imaps, in plain text where that is allowed, and with TLS checked against the office CA."""

import unittest

import samples
from box import PASSWORDS, Box, client_ok, run_client


class Curl(unittest.TestCase):
    def test_sends_and_reads_with_tls(self):
        with Box() as box:
            message = box.scratch / "message"
            message.write_bytes(samples.dotted())
            for url in (f"smtp://localhost:{box.port('submission')}/client.example", f"smtps://localhost:{box.port('submissions')}/client.example"):
                client_ok(["curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", box.ca, "--user", f"bob:{PASSWORDS['bob']}", url,
                           "--mail-from", "bob@office.lan", "--mail-rcpt", "alice@office.lan", "--upload-file", message])
            for url in (f"imap://localhost:{box.port('imap')}", f"imaps://localhost:{box.port('imaps')}"):
                done = client_ok(["curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", box.ca, "--user", f"alice:{PASSWORDS['alice']}",
                                  f"{url}/INBOX;UID=2"])
                self.assertTrue(done.stdout.endswith(samples.dotted()), done.stdout)
            listed = client_ok(["curl", "--silent", "--cacert", box.ca, "--user", f"alice:{PASSWORDS['alice']}", f"imaps://localhost:{box.port('imaps')}/"])
            self.assertIn(b"Sent", listed.stdout)

    def test_appends_and_searches(self):
        with Box() as box:
            message = box.scratch / "message"
            message.write_bytes(samples.with_attachment(9))
            url = f"imaps://localhost:{box.port('imaps')}"
            login = ["curl", "--silent", "--show-error", "--cacert", box.ca, "--user", f"alice:{PASSWORDS['alice']}"]
            client_ok([*login, f"{url}/Archive", "--upload-file", message])
            done = client_ok([*login, f"{url}/Archive?SUBJECT%20Angebot"])
            self.assertEqual(done.stdout.split(), [b"*", b"SEARCH", b"1"])
            back = client_ok([*login, f"{url}/Archive;MAILINDEX=1"])
            self.assertEqual(back.stdout, samples.with_attachment(9))

    def test_plain_text_logins_are_refused_unless_a_setting_allows_them(self):
        with Box() as box:
            url = f"imap://localhost:{box.port('imap')}/"
            command = ["curl", "--silent", "--user", f"alice:{PASSWORDS['alice']}", url]
            self.assertNotEqual(run_client(command).returncode, 0)
            box.command("settings", "set", "login.allow_plaintext", "yes")
            client_ok(command)

    def test_scram_logs_in_where_curl_has_it(self):
        with Box() as box:
            done = run_client(["curl", "--silent", "--show-error", "--cacert", box.ca, "--user", f"alice:{PASSWORDS['alice']}", "--login-options",
                               "AUTH=SCRAM-SHA-256", f"imaps://localhost:{box.port('imaps')}/"])
            if done.returncode == 67 or b"not supported" in done.stderr:
                self.skipTest("this curl was built without GNU SASL")
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
