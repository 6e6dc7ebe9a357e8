"""The office's authority gives way to another: who trusts both is never warned, and nobody's login by certificate ends."""

import imaplib
import os
import plistlib
import ssl
import subprocess
import unittest

from box import PASSWORDS, Box, client_ok

DAY = 24 * 3600


class Authority(unittest.TestCase):
    def setUp(self):
        self.box = self.enterContext(Box(settings={"login.certificates": "yes"}))
        self.tls = self.box.directory / "tls"

    def get(self, path, *options):
        """As devices fetch it that trust nobody yet."""
        return client_ok(["curl", "--silent", "--show-error", *options, f"http://127.0.0.1:{self.box.port('http')}{path}"]).stdout

    def is_trusted(self, authority):
        return subprocess.run(["curl", "--silent", "--cacert", authority, "--resolve",
                               f"mail.office.lan:{self.box.port('imaps')}:127.0.0.1", "-u", f"alice:{PASSWORDS['alice']}",
                               f"imaps://mail.office.lan:{self.box.port('imaps')}/"], capture_output=True).returncode == 0

    def external(self, certificate, authority):
        trusting = ssl.create_default_context(cafile=str(authority))
        trusting.load_cert_chain(certificate)
        client = imaplib.IMAP4_SSL("localhost", self.box.port("imaps"), ssl_context=trusting)
        try:
            return client.authenticate("EXTERNAL", lambda _: b"")[0]
        finally:
            client.shutdown()

    def save(self, name, content):
        path = self.box.scratch / name
        path.write_bytes(content)
        return path

    def test_a_device_that_trusts_both_is_never_warned(self):
        first = self.save("first.pem", self.get("/setup/office.pem"))
        alice = self.box.scratch / "alice.pem"
        self.box.command("account", "certificate", "alice", alice)
        self.assertIsNone(self.box.json("authority", "show")["next_signs"])
        self.assertEqual(self.get("/setup/next.crt", "--output", "/dev/null", "--write-out", "%{http_code}"), b"404")

        self.box.command("authority", "renew")
        both = self.save("both.pem", self.get("/setup/office.pem"))
        self.assertEqual(both.read_text().count("BEGIN CERTIFICATE"), 2)
        following = self.save("next.pem", ssl.DER_cert_to_PEM_cert(self.get("/setup/next.crt")).encode())
        profile = plistlib.loads(self.get("/setup/office.mobileconfig"))
        self.assertEqual([ssl.DER_cert_to_PEM_cert(payload["PayloadContent"]).split() for payload in profile["PayloadContent"]],
                         [first.read_text().split(), following.read_text().split()])
        self.assertIn(b"/setup/next.crt", self.get("/?lang=en"))
        self.assertEqual([self.is_trusted(one) for one in (first, both, following)], [True, True, False])
        bundle = self.box.scratch / "bob.p12"
        self.box.command("account", "pkcs12", "bob", bundle, "--password-stdin", input="correct horse")
        shown = client_ok(["openssl", "pkcs12", "-in", bundle, "-passin", "pass:correct horse", "-nokeys"]).stdout
        self.assertEqual(shown.count(b"BEGIN CERTIFICATE"), 3)

        key = (self.tls / "server.key").read_bytes()
        self.box.command("authority", "finish")
        self.assertEqual([self.is_trusted(one) for one in (first, both, following)], [False, True, True])
        self.assertEqual((self.tls / "server.key").read_bytes(), key)
        self.assertEqual(self.external(alice, both), "OK")
        self.box.restart()
        self.assertEqual(self.external(alice, both), "OK")
        self.assertTrue(self.box.json("authority", "show")["old"])
        self.box.command("authority", "forget")
        with self.assertRaises(imaplib.IMAP4.error):
            self.external(alice, both)
        self.box.command("account", "certificate", "alice", self.box.scratch / "again.pem")
        self.assertEqual(self.external(self.box.scratch / "again.pem", both), "OK")

    def test_it_signs_by_itself_when_devices_had_their_time(self):
        self.box.command("authority", "renew")
        following = self.save("next.pem", (self.tls / "next.crt").read_bytes())
        self.box.command("settings", "set", "tls.authority_overlap", "30d")
        self.assertFalse(self.is_trusted(following))
        past = (self.tls / "next.crt").stat().st_mtime - 31 * DAY
        os.utime(self.tls / "next.crt", (past, past))
        self.box.command("certificate", "reload")  # which is looked at from time to time in any case
        self.assertTrue(self.is_trusted(following))
        self.assertIsNone(self.box.json("authority", "show")["next_signs"])
        self.assertIn("authority_changed", self.box.read_log())

    def test_there_is_nothing_to_finish_or_forget(self):
        for command in ("finish", "forget"):
            self.assertEqual(self.box.run("authority", command).returncode, 1)


if __name__ == "__main__":
    unittest.main()
