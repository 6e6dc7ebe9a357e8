"""Mail is fetched from a provider, which is another Postern, by IMAP and by POP3: each message once, whatever is cut when."""

import random
import signal
import smtplib
import time
import unittest
from collections import Counter

from box import DOMAIN, PASSWORDS, Box, wait_until
from test_imaplib import imap
from thin_link import ThinLink


def compose(number, size=500):
    return (f"From: carol@example.org\r\nTo: alice@{DOMAIN}\r\nSubject: Number {number}\r\nMessage-ID: <{number}@test>\r\n\r\n" +
            "A line of some length, as people write them.\r\n" * (size // 46 + 1)).encode()


class Fetching(unittest.TestCase):
    def setUp(self):
        self.provider = self.enterContext(Box(settings={"pop3.lock_wait": "0"}))
        self.box = self.enterContext(Box())

    def put(self, *messages, box=None):
        """Into the mailbox at the provider, as mail that came there."""
        with smtplib.SMTP("127.0.0.1", (box or self.provider).port("smtp"), timeout=60) as smtp:
            for message in messages:
                smtp.sendmail("carol@example.org", [f"alice@{DOMAIN}"], message)

    def fetch(self, protocol="imap", port=None, account="bob", password=PASSWORDS["alice"], name="provider", **options):
        """Mail of alice's at the provider for bob."""
        service = {"imap": "imaps", "pop3": "pop3s"}[protocol]
        options.setdefault("authority", self.provider.ca)
        words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        self.box.command("fetch", "add", name, "127.0.0.1", account, "--protocol", protocol, "--port",
                         str(port or self.provider.port(service)), *words)
        self.box.command("fetch", "login", name, "alice", "--password-stdin", input=password)

    def messages(self, box, account):
        client = imap(box, account)
        client.select("INBOX", readonly=True)
        numbers = client.search(None, "ALL")[1][0].split()
        messages = [client.fetch(number, "BODY.PEEK[]")[1][0][1] for number in numbers]
        client.logout()
        return messages

    def ids(self, box=None, account="bob"):
        """Of the messages there."""
        return Counter(message.split(b"Message-ID: <")[1].split(b"@")[0].decode() for message in
                       self.messages(box or self.box, account))

    def wait_for(self, count):
        wait_until(f"{count} messages", lambda: self.ids().total() >= count)

    def source(self):
        return self.box.json("fetch", "list")[0]

    def cut_and_kill(self, link, name, turns, chance):
        """The source of that name over the link, which is whole in the end; the daemon is killed now and then."""
        for turn in range(turns):
            link.cut_after = chance.choice((chance.randrange(1500, 8000), chance.randrange(8000, 400_000)))
            self.box.run("fetch", "test", name)
            time.sleep(chance.random() * 0.15)
            if turn % 3 == 0:
                self.kill()
        link.cut_after = None
        self.box.run("fetch", "test", name)  # refused where a POP3 session has the maildrop now

    def kill(self):
        self.box.process.send_signal(signal.SIGKILL)
        self.box.process.wait()
        self.box.process.stdout.close()
        self.box.start()


class Fetch(Fetching):
    def test_mail_comes_as_it_was_and_goes_there(self):
        for protocol in ("imap", "pop3"):
            with self.subTest(protocol):
                self.put(*(compose(f"{protocol}-{n}") for n in range(3)))
                self.fetch(protocol, after="delete", interval="30s", name=protocol)
                wait_until("the mailbox there to be empty", lambda: not self.messages(self.provider, "alice"))
                mine = [message for message in self.messages(self.box, "bob") if f"<{protocol}-".encode() in message]
                self.assertEqual(len(mine), 3)
                self.assertTrue(mine[0].startswith(b"Return-Path: <carol@example.org>\r\nReceived: from 127.0.0.1 ([127.0.0.1])\r\n"
                                                   b"\tby mail.office.lan (fetched by " + protocol.upper().encode()))
                self.assertTrue(mine[0].endswith(compose(f"{protocol}-0")))
                told = self.box.command("fetch", "test", protocol)
                self.assertIn("TLSv1.3", told)
                self.assertIn("logged in as alice", told)
                traced = self.box.command("trace", f"<{protocol}-0@test>")
                self.assertIn("accepted from 127.0.0.1", traced)
                self.assertIn(f"bob@{DOMAIN}", traced)
                self.box.command("fetch", "remove", protocol)

    def test_what_stays_there_comes_once(self):
        for protocol in ("imap", "pop3"):
            with self.subTest(protocol):
                before = len(self.messages(self.provider, "alice"))
                self.put(*(compose(f"{protocol}-{n}") for n in range(3)))
                self.fetch(protocol, name=protocol)
                wait_until("all to be here", lambda: self.source()["fetched"] == before + 3)
                self.box.restart()
                wait_until("another look", lambda: self.source()["link"] == "usable")
                self.box.command("fetch", "test", protocol)
                self.assertEqual(self.ids().total(), 2 * before + 3)
                self.assertEqual(len(self.messages(self.provider, "alice")), before + 3)
                client = imap(self.provider, "alice")
                client.select("INBOX", readonly=True)
                if protocol == "imap":
                    self.assertEqual(client.search(None, "SEEN")[1], [b""])
                client.logout()
                self.box.command("fetch", "remove", protocol)

    def test_news_come_by_themselves(self):
        self.fetch(interval="7d")
        wait_until("a connection", lambda: self.source()["link"] == "usable")
        for number in range(3):
            self.put(compose(number))
            self.wait_for(number + 1)

    def test_what_is_wrong_is_said(self):
        for protocol in ("imap", "pop3"):
            for what, options in (("answered our login", {"password": "wrong"}), ("refused", {"port": 1}),
                                  ("certificate", {"authority": self.box.ca})):
                with self.subTest(protocol, what=what):
                    self.fetch(protocol, **options)
                    tested = self.box.run("fetch", "test", "provider")
                    self.assertEqual(tested.returncode, 1)
                    self.assertIn(what, tested.stderr.lower())
                    wait_until("that in the list", lambda: what in self.source()["trouble"].lower())
                    self.box.command("fetch", "remove", "provider")
        self.fetch(mailbox="Nowhere")
        self.assertIn("; there are Archive, Drafts, INBOX", self.box.run("fetch", "test", "provider").stderr)
        for password in PASSWORDS.values():
            self.assertNotIn(password, self.box.command("fetch", "list") + self.box.read_log())

    def test_a_link_that_is_cut_again_and_again_brings_a_large_message(self):
        large = compose("large", 3_000_000)
        self.put(large)
        with ThinLink(self.provider.port("imaps")) as link:
            link.cut_after = 400_000
            self.fetch(port=link.port, after="delete")
            for _ in range(40):
                if self.ids():
                    break
                self.box.run("fetch", "test", "provider")
                time.sleep(0.2)
            link.cut_after = None
            self.box.command("fetch", "test", "provider")
            wait_until("the mailbox there to be empty", lambda: not self.messages(self.provider, "alice"))
            self.assertTrue(self.messages(self.box, "bob")[0].endswith(large))
            self.assertLess(link.passed, 2 * len(large))  # what was in flight at a cut, and logins

    def test_whatever_is_cut_and_killed_each_message_comes_once(self):
        for protocol in ("imap", "pop3"):
            with self.subTest(protocol):
                chance = random.Random(7)
                names = [f"{protocol}-{n}" for n in range(40)]
                self.put(*(compose(name, chance.choice((300, 3000, 30_000, 200_000))) for name in names))
                service = {"imap": "imaps", "pop3": "pop3s"}[protocol]
                with ThinLink(self.provider.port(service)) as link:
                    link.cut_after = 2000
                    self.fetch(protocol, link.port, after="delete", name=protocol, interval="30s")
                    self.cut_and_kill(link, protocol, 30, chance)
                    wait_until("the mailbox there to be empty", lambda: not self.messages(self.provider, "alice"))
                came = self.ids()
                self.assertEqual({name: came[name] for name in names}, {name: 1 for name in names})
                self.assertIn(f"source={protocol}", self.box.read_log())
                self.box.command("fetch", "remove", protocol)


if __name__ == "__main__":
    unittest.main()
