"""What tests of mail for outside have in common: a box, a relay, and alice, who writes to people elsewhere."""

import email
import email.policy
import imaplib
import smtplib
import unittest

from box import DOMAIN, PASSWORDS, Box, wait_until
from upstream import Upstream


def compose(number, to="carol@example.org", size=500):
    return (f"From: alice@{DOMAIN}\r\nTo: {to}\r\nSubject: Number {number}\r\nMessage-ID: <{number}@test>\r\n\r\n" +
            "A line of some length, as people write them.\r\n" * (size // 46 + 1)).encode()


class Outgoing(unittest.TestCase):
    def setUp(self):
        self.upstream = self.open_upstream()
        self.box = self.enterContext(Box(settings={"login.allow_plaintext": "yes"}))
        self.name_relay()

    def open_upstream(self):
        return self.enterContext(Upstream())

    def name_relay(self):
        """Also to have it begin with a new connection."""
        self.box.command("relay", "add", "provider", self.upstream.address, "--port", str(self.upstream.port),
                         "--security", "none")

    def submission(self):
        smtp = smtplib.SMTP("127.0.0.1", self.box.port("submission"), timeout=60)
        self.addCleanup(smtp.close)
        smtp.login("alice", PASSWORDS["alice"])
        return smtp

    def submit(self, number, to=("carol@example.org",), smtp=None, **options):
        (smtp or self.submission()).sendmail(f"alice@{DOMAIN}", list(to), compose(number, to[0], **options))

    def wait_for(self, count):
        wait_until(f"{count} messages at the relay", lambda: len(self.upstream.received) >= count)

    def retry(self):
        """As often as one likes: a link that came and went is not asked again soon by itself."""
        self.box.command("queue", "retry", "all")

    def wait_until_empty(self):
        wait_until("an empty queue", lambda: self.box.json("queue", "list") == [])

    def inbox(self, name="alice"):
        imap = imaplib.IMAP4("127.0.0.1", self.box.port("imap"))
        imap.login(name, PASSWORDS[name])
        imap.select("INBOX", readonly=True)
        numbers = imap.search(None, "ALL")[1][0].split()
        messages = [email.message_from_bytes(imap.fetch(n, "BODY[]")[1][0][1], policy=email.policy.default) for n in numbers]
        imap.logout()
        return messages
