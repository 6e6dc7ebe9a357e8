"""Thunderbird sets itself up on an office's network that leads nowhere. Run by test_thunderbird.py, in a network of its own.
What its screen shows stays in build/test-logs/screenshots, for people to look at."""

import imaplib
import smtplib
import ssl
import tempfile
import unittest
from pathlib import Path

from box import PASSWORDS, REPO, wait_until
from lan import LanBox, Machine
from thunderbird import Thunderbird

PICTURES = REPO / "build/test-logs/screenshots/thunderbird"
SETTINGS = {"incomingType": "imap", "incomingHost": "mail.office.lan", "incomingPort": "993", "outgoingHost": "mail.office.lan",
            "outgoingPort": "465", "sharedUsername": "alice@office.lan"}


class OnLan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(cls.enterClassContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        cls.machine = cls.enterClassContext(Machine(cls.scratch))
        cls.box = cls.enterClassContext(LanBox())

    def open_thunderbird(self, name, trusts=True, **preferences):
        thunderbird = self.enterContext(Thunderbird(self.machine, self.scratch / name, PICTURES / name, preferences))
        if trusts:
            certificate = self.scratch / name / "office.crt"
            self.machine.run("curl", "--silent", "--show-error", "--output", certificate, "http://setup.office.lan/setup/office.crt")
            thunderbird.trust(certificate)
        return thunderbird

    def read_by_imap(self, who, mailbox):
        """Everything that is in there."""
        with imaplib.IMAP4_SSL("127.0.0.1", ssl_context=ssl._create_unverified_context()) as client:
            client.login(who, PASSWORDS[who])
            if client.select(mailbox, readonly=True)[1] == [b"0"]:
                return []
            _, answer = client.fetch("1:*", "(BODY.PEEK[])")
            return [part[1].decode() for part in answer if isinstance(part, tuple)]

    def test_an_address_and_a_password_are_enough_once_it_trusts_the_office(self):
        with smtplib.SMTP("127.0.0.1", 587) as client:
            client.starttls()
            client.login("bob", PASSWORDS["bob"])
            client.sendmail("bob@office.lan", ["alice@office.lan"], "From: bob@office.lan\r\nSubject: Hello Alice\r\n\r\nFrom my desk.\r\n")
        thunderbird = self.open_thunderbird("trusting")
        thunderbird.find_settings("Alice Example", "alice@office.lan")
        self.assertEqual(thunderbird.settings(), {"source": "isp", **SETTINGS})
        thunderbird.log_in(PASSWORDS["alice"])
        thunderbird.finish()
        self.assertEqual(thunderbird.accounts(), ["alice@office.lan"])
        self.assertEqual(thunderbird.read("Hello Alice").strip(), "From my desk.")
        thunderbird.write("bob@office.lan", "Hello Bob", "And back from mine.")
        (message,) = wait_until("the message", lambda: self.read_by_imap("bob", "INBOX"))
        self.assertIn("From: Alice Example <alice@office.lan>\r\n", message)
        self.assertIn("And back from mine.", message)
        (filed,) = wait_until("what was sent", lambda: self.read_by_imap("alice", "Sent"))
        self.assertIn("And back from mine.", filed)

    def test_what_outlook_asks_for_is_enough_as_well(self):
        thunderbird = self.open_thunderbird("as Outlook", **{"mailnews.auto_config.fetchFromISP.enabled": False})
        thunderbird.find_settings("Alice Example", "alice@office.lan")
        self.assertEqual(thunderbird.settings(), {"source": "exchange", **SETTINGS})

    def test_without_trust_it_asks_and_sends_no_password(self):
        thunderbird = self.open_thunderbird("wary", trusts=False)
        thunderbird.find_settings("Bob Example", "bob@office.lan")
        before = self.box.read_log().count("login=bob")
        thunderbird.log_in(PASSWORDS["bob"])
        self.assertEqual(thunderbird.refuse_certificate(), "mail.office.lan:993")
        self.assertEqual(thunderbird.accounts(), [])
        self.assertEqual(self.box.read_log().count("login=bob"), before)


if __name__ == "__main__":
    unittest.main()
