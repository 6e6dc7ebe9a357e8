"""AUTH=EXTERNAL (RFC 4422 appendix A): logins by a certificate of the office's authority, at all three services."""

import imaplib
import poplib
import smtplib
import ssl
import stat
import subprocess
import unittest

from box import PASSWORDS, Box, client_ok
from test_imaplib import imap

EMPTY = "="  # RFC 4959: an initial response without octets


def context(box, certificate=None, version=None):
    made = ssl.create_default_context(cafile=str(box.ca))
    if version:
        made.minimum_version = made.maximum_version = version
    if certificate:
        made.load_cert_chain(certificate)
    return made


class Certificates(unittest.TestCase):
    def setUp(self):
        self.box = Box(settings={"login.certificates": "yes"}).__enter__()
        self.addCleanup(lambda: self.box.__exit__(None, None, None))
        self.pem = self.make("alice")

    def make(self, account, name=None):
        path = self.box.scratch / (name or f"{account}.pem")
        self.box.command("account", "certificate", account, path)
        return path

    def imap(self, certificate, version=None):
        return imaplib.IMAP4_SSL("localhost", self.box.port("imaps"),
                                 ssl_context=context(self.box, certificate, version))

    def external(self, client, identity=""):
        return client.authenticate("EXTERNAL", lambda _: identity.encode())

    def test_imap_in_both_versions_of_tls(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for identity in ("", "alice", "alice@office.lan"):
                client = self.imap(self.pem, version)
                self.assertIn("AUTH=EXTERNAL", client.capabilities)
                self.assertEqual(self.external(client, identity)[0], "OK")
                self.assertEqual(client.select("INBOX")[0], "OK")
                client.logout()
        self.assertIn("login_accepted login=alice address=127.0.0.1 mechanism=EXTERNAL", self.box.read_log())

    def test_imap_after_starttls(self):
        client = imaplib.IMAP4("localhost", self.box.port("imap"))
        self.assertNotIn("AUTH=EXTERNAL", client.capabilities)
        client.starttls(context(self.box, self.pem))
        self.assertIn("AUTH=EXTERNAL", client.capabilities)
        self.assertEqual(self.external(client)[0], "OK")
        client.logout()

    def test_submission(self):
        client = smtplib.SMTP("localhost", self.box.port("submission"))
        client.starttls(context=context(self.box, self.pem))
        client.ehlo()
        self.assertIn("EXTERNAL", client.esmtp_features["auth"].split())
        self.assertEqual(client.docmd("AUTH", f"EXTERNAL {EMPTY}")[0], 235)
        client.sendmail("alice@office.lan", ["bob@office.lan"], "Subject: no password\r\n\r\ntext\r\n")
        client.quit()
        reader = imap(self.box, "bob")
        self.assertEqual(reader.select("INBOX")[1], [b"1"])
        reader.logout()

    def test_curl_submits(self):
        message = self.box.scratch / "message"
        message.write_bytes(b"Subject: by curl\r\n\r\ntext\r\n")
        client_ok(["curl", "-sS", "--cacert", self.box.ca, "--cert", self.pem, "--login-options", "AUTH=EXTERNAL",
                   "-u", "alice:", f"smtps://localhost:{self.box.port('submissions')}", "--mail-from",
                   "alice@office.lan", "--mail-rcpt", "bob@office.lan", "-T", message])
        self.assertIn("mechanism=EXTERNAL", self.box.read_log())

    def test_pop3(self):
        client = poplib.POP3_SSL("localhost", self.box.port("pop3s"), context=context(self.box, self.pem))
        self.assertIn("EXTERNAL", client.capa()["SASL"])
        self.assertTrue(client._shortcmd(f"AUTH EXTERNAL {EMPTY}").startswith(b"+OK"))
        client.quit()

    def test_nobody_acts_as_somebody_else(self):
        client = self.imap(self.pem)
        with self.assertRaises(imaplib.IMAP4.error):
            self.external(client, "bob")
        self.assertEqual(self.external(client)[0], "OK")
        client.logout()

    def test_without_a_certificate_there_is_no_such_mechanism(self):
        client = self.imap(None)
        self.assertNotIn("AUTH=EXTERNAL", client.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            self.external(client)
        client.login("alice", PASSWORDS["alice"])
        client.logout()

    def test_one_of_another_authority_is_none(self):
        other = self.box.scratch / "other.pem"
        client_ok(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                   "-keyout", other, "-out", self.box.scratch / "other.crt", "-subj", "/CN=alice", "-addext",
                   "subjectAltName=email:alice@office.lan"])
        other.write_bytes(other.read_bytes() + (self.box.scratch / "other.crt").read_bytes())
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = self.imap(other, version)
            self.assertNotIn("AUTH=EXTERNAL", client.capabilities)
            client.logout()
        # Nor is the box's own, which is no client's.
        tls = self.box.directory / "tls"
        other.write_bytes((tls / "server.key").read_bytes() + (tls / "server.crt").read_bytes())
        client = self.imap(other)
        self.assertNotIn("AUTH=EXTERNAL", client.capabilities)
        client.logout()

    def test_a_new_one_or_none_makes_the_old_one_useless(self):
        again = self.make("alice", "again.pem")
        with self.assertRaises(imaplib.IMAP4.error):
            self.external(self.imap(self.pem))
        client = self.imap(again)
        self.assertEqual(self.external(client)[0], "OK")
        client.logout()
        self.box.command("account", "revoke", "alice")
        with self.assertRaises(imaplib.IMAP4.error):
            self.external(self.imap(again))
        self.assertEqual(self.box.run("account", "revoke", "alice").returncode, 1)
        # An account that came back is another one.
        bobs = self.make("bob")
        self.box.command("account", "remove", "bob")
        self.box.command("account", "add", "bob", "--password-stdin", input=PASSWORDS["bob"])
        with self.assertRaises(imaplib.IMAP4.error):
            self.external(self.imap(bobs))

    def imap_by(self, certificate):
        client = self.imap(certificate)
        try:
            return self.external(client)[0]
        finally:
            client.shutdown()

    def test_the_file_is_its_owners_alone_and_nothing_is_overwritten(self):
        self.assertEqual(stat.S_IMODE(self.pem.stat().st_mode), 0o600)
        before = self.pem.read_bytes()
        refused = self.box.run("account", "certificate", "alice", self.pem)
        self.assertEqual(refused.returncode, 1)
        self.assertEqual(self.pem.read_bytes(), before)
        client = self.imap(self.pem)
        self.assertEqual(self.external(client)[0], "OK")
        client.logout()
        nobody = self.box.scratch / "nobody.pem"
        self.assertEqual(self.box.run("account", "certificate", "nobody", nobody).returncode, 1)
        self.assertFalse(nobody.exists())
        shown = client_ok(["openssl", "x509", "-in", self.pem, "-noout", "-text"]).stdout.decode()
        self.assertIn("email:alice@office.lan", shown)
        self.assertIn("TLS Web Client Authentication", shown)
        client_ok(["openssl", "verify", "-CAfile", self.box.ca, "-purpose", "sslclient", self.pem])
        self.assertNotIn("PRIVATE KEY", self.box.read_log())

    def test_a_mail_program_imports_one_file_under_a_password(self):
        path = self.box.scratch / "alice.p12"
        self.assertEqual(self.box.run("account", "pkcs12", "alice", path, "--password-stdin", input="käse").returncode, 1)
        self.assertFalse(path.exists())
        self.assertEqual(self.imap_by(self.pem), "OK")  # what was there is good until another one is made
        self.box.command("account", "pkcs12", "alice", path, "--password-stdin", input="correct horse")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        with self.assertRaises(imaplib.IMAP4.error):
            self.imap_by(self.pem)

        def opened(*options, password="correct horse"):
            return subprocess.run(["openssl", "pkcs12", "-in", path, "-passin", f"pass:{password}", *options],
                                  capture_output=True, text=True)

        self.assertEqual(opened("-noout").returncode, 0, opened("-noout").stderr)
        self.assertIn("invalid password", opened("-noout", password="correct house").stderr)
        info = opened("-info", "-noout").stderr
        self.assertIn("MAC: sha256", info)
        self.assertEqual(info.count("PBES2, PBKDF2, AES-256-CBC"), 2, info)
        everything = opened("-nodes").stdout
        self.assertEqual(everything.count("BEGIN CERTIFICATE"), 2)
        self.assertIn("friendlyName: alice@office.lan", everything)
        self.assertIn(self.box.ca.read_text(), opened("-nokeys", "-cacerts").stdout)
        pem = self.box.scratch / "out.pem"
        pem.write_text(everything)
        self.assertEqual(self.imap_by(pem), "OK")
        self.assertNotIn("correct horse", self.box.read_log())

        # Without a password that is given, one is made up, and opens it.
        again = self.box.scratch / "again.p12"
        told = self.box.run("account", "pkcs12", "alice", again, input="").stdout
        path = again
        self.assertEqual(opened("-noout", password=told.split(": ")[1].strip()).returncode, 0)

    def test_a_connection_that_resumes_keeps_its_certificate(self):
        """Its ticket is not taken, and so the handshake is a whole one."""
        for version in ("-tls1_2", "-tls1_3"):
            ticket = self.box.scratch / f"ticket{version}"
            for option in ("-sess_out", "-sess_in"):
                done = client_ok(["openssl", "s_client", "-quiet", version, "-connect",
                                  f"localhost:{self.box.port('imaps')}", "-CAfile", self.box.ca, "-cert", self.pem,
                                  "-key", self.pem, option, ticket],
                                 input=b"a1 AUTHENTICATE EXTERNAL =\r\na2 LOGOUT\r\n")
                self.assertIn(b"a1 OK", done.stdout)

    def test_nobody_is_asked_unless_it_is_set(self):
        def shown(service, *options, input=b"a1 LOGOUT\r\n"):
            return client_ok(["openssl", "s_client", "-tls1_2", "-CAfile", self.box.ca, "-connect",
                              f"localhost:{self.box.port(service)}", *options], input=input).stdout

        self.assertIn(b"Acceptable client certificate CA names", shown("imaps"))
        self.assertIn(b"No client certificate CA names sent", shown("smtp", "-starttls", "smtp", input=b"QUIT\r\n"))
        self.box.command("settings", "set", "login.certificates", "no")
        self.assertIn(b"No client certificate CA names sent", shown("imaps"))
        client = self.imap(self.pem)
        self.assertNotIn("AUTH=EXTERNAL", client.capabilities)
        client.logout()


if __name__ == "__main__":
    unittest.main()
