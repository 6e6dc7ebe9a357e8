"""Servers elsewhere bring mail to port 25 once they proved who they are."""

import smtplib
import ssl
import unittest

from box import DOMAIN, PASSWORDS, Box, wait_until
from relay_programs import certified_place
from test_fetch import compose
from test_imaplib import imap

LOGIN, PASSWORD = "office-mail", "let me in, please"
UPSTREAM, NEIGHBOUR = "127.0.0.1", "127.0.0.2"


class Upstreams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates, _ = cls.enterClassContext(certified_place())

    def setUp(self):
        self.box = self.enterContext(Box(settings={"smtp.accept_from": NEIGHBOUR}))

    def name_it(self, *words):
        self.box.command("upstream", "add", "provider", "--address", f"203.0.113.0/24,{UPSTREAM}", *words)

    def name_by_login(self):
        self.name_it("--login", LOGIN)
        self.box.command("upstream", "password", "provider", "--password-stdin", input=PASSWORD)

    def client(self, address=UPSTREAM, certificate=None, tls=True):
        client = smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60, source_address=(address, 0))
        self.addCleanup(client.close)
        client.ehlo("mx.provider.example")
        if tls:
            context = ssl.create_default_context(cafile=self.box.ca)
            if certificate:
                context.load_cert_chain(self.certificates / f"{certificate}.crt", self.certificates / f"{certificate}.key")
            self.assertEqual(client.starttls(context=context)[0], 220)
            client.ehlo("mx.provider.example")
        return client

    def send(self, client, number):
        return client.sendmail("anybody@example.org", [f"alice@{DOMAIN}"], compose(number))

    def newest(self):
        client = imap(self.box, "alice")
        client.select("INBOX", readonly=True)
        message = client.fetch("*", "BODY.PEEK[]")[1][0][1]
        client.logout()
        return message

    def test_it_logs_in_and_brings_mail_for_us_alone(self):
        self.name_by_login()
        plain = self.client(tls=False)
        self.assertFalse(plain.has_extn("auth"))
        self.assertEqual(plain.docmd("MAIL", "FROM:<anybody@example.org>")[0], 530)
        self.assertEqual(plain.docmd("AUTH", "PLAIN AGEAYg==")[0], 538)
        client = self.client()
        self.assertTrue(client.has_extn("auth"))
        self.assertEqual(client.docmd("MAIL", "FROM:<anybody@example.org>"), (530, b"5.7.0 Authentication required"))
        for login, password in ((LOGIN, "wrong"), ("alice", PASSWORDS["alice"]), ("alice", PASSWORD)):
            with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                client.login(login, password)
            self.assertEqual(refused.exception.smtp_code, 535)
        client = self.client()
        client.login(LOGIN, PASSWORD)
        self.send(client, 1)
        self.assertRegex(self.newest(), rb"\(\[127\.0\.0\.1\]\)\r\n\tby mail\.office\.lan with ESMTPSA \(TLSv1\.3")
        client.mail(f"alice@{DOMAIN}")  # it may say so, as any server may
        self.assertEqual(client.rcpt("carol@elsewhere.example")[0], 550)
        log = self.box.read_log()
        self.assertIn('login="upstream provider"', log)
        self.assertIn("login_refused login=alice address=127.0.0.1", log)
        self.assertNotIn(PASSWORD, log)

    def test_others_are_as_before(self):
        self.name_by_login()
        neighbour = self.client(NEIGHBOUR)
        self.assertFalse(neighbour.has_extn("auth"))
        self.assertEqual(neighbour.docmd("AUTH", "PLAIN AGEAYg==")[0], 502)
        self.send(neighbour, 1)
        self.assertRegex(self.newest(), rb"with ESMTPS \(")
        with self.assertRaises(smtplib.SMTPConnectError):
            smtplib.SMTP("127.0.0.1", self.box.port("smtp"), source_address=("127.0.0.3", 0))
        # Its login is good there alone.
        with smtplib.SMTP_SSL("127.0.0.1", self.box.port("submissions"), timeout=60,
                              context=ssl.create_default_context(cafile=self.box.ca)) as submission:
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                submission.login(LOGIN, PASSWORD)

    def test_another_postern_brings_mail(self):
        self.name_by_login()
        self.box.command("settings", "set", "mail.local_domains", "branch.example")
        sister = self.enterContext(Box(settings={"login.allow_plaintext": "yes"}))
        sister.command("relay", "add", "branch", "127.0.0.1", "--port", str(self.box.port("smtp")), "--authority", self.box.ca,
                       "--domains", "branch.example")
        sister.command("relay", "login", "branch", LOGIN, "--password-stdin", input=PASSWORD)
        self.assertIn(f"logged in as {LOGIN}", sister.command("relay", "test", "branch"))
        with smtplib.SMTP("127.0.0.1", sister.port("submission"), timeout=60) as client:
            client.login("bob", PASSWORDS["bob"])
            client.sendmail(f"bob@{DOMAIN}", ["alice@branch.example"], compose(7))
        wait_until("it to arrive", lambda: "message_accepted" in self.box.read_log())
        self.assertIn(b"Number 7", self.newest())
        self.assertIn("mechanism=SCRAM-SHA-256-PLUS", self.box.read_log())

    def test_it_is_known_by_its_certificate(self):
        for trusted in ("relay", "ca"):  # itself, whoever signed it; who signed it
            with self.subTest(trusted):
                self.name_it("--certificate", self.certificates / f"{trusted}.crt")
                plain = self.client(tls=False)
                self.assertEqual(plain.docmd("MAIL", "FROM:<anybody@example.org>")[0], 530)
                for certificate in (None, "other"):
                    stranger = self.client(certificate=certificate)
                    self.assertFalse(stranger.has_extn("auth"))
                    self.assertEqual(stranger.docmd("MAIL", "FROM:<anybody@example.org>")[0], 530)
                client = self.client(certificate="relay")
                self.assertFalse(client.has_extn("auth"))
                self.send(client, trusted)
                self.assertIn(f"Number {trusted}".encode(), self.newest())
                self.assertEqual(client.rcpt("carol@elsewhere.example")[0], 503)
        self.assertIn("mechanism=certificate", self.box.read_log())

    def test_a_connection_that_resumes_tls_proves_its_certificate_again(self):
        self.name_it("--certificate", self.certificates / "relay.crt")
        context = ssl.create_default_context(cafile=self.box.ca)
        context.load_cert_chain(self.certificates / "relay.crt", self.certificates / "relay.key")
        for number in range(3):
            with smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60, source_address=(UPSTREAM, 0)) as client:
                client.starttls(context=context)
                self.send(client, number)

    def test_what_an_administrator_does_applies_at_once_and_stays(self):
        self.assertEqual(self.box.json("upstream", "list"), [])
        self.name_it("--login", LOGIN)
        self.assertIn("no password yet", self.box.json("upstream", "list")[0]["trouble"])
        client = self.client()
        with self.assertRaises(smtplib.SMTPAuthenticationError):
            client.login(LOGIN, "")
        made_up = self.box.command("upstream", "password", "provider").split()[-1]
        self.client().login(LOGIN, made_up)
        self.box.restart()
        self.client().login(LOGIN.upper(), made_up)
        shown = self.box.json("upstream", "list")[0]
        self.assertEqual(shown, {"name": "provider", "addresses": f"203.0.113.0/24,{UPSTREAM}", "login": LOGIN,
                                 "certificate": False, "trouble": ""})
        self.box.command("upstream", "add", "provider", "--address", "203.0.113.9")
        with self.assertRaises(smtplib.SMTPConnectError):
            self.client()
        self.box.command("upstream", "remove", "provider")
        self.assertEqual(self.box.json("upstream", "list"), [])
        self.assertEqual(self.box.run("upstream", "remove", "provider").returncode, 1)
