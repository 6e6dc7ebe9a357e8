"""Mail is fetched from Dovecot, which most providers have. Run by test_real_provider.py, in a network of its own."""

import imaplib
import random

from box import Box, wait_until
from name_server import NameServer
from relay_programs import HOST, IMAP, IMAPS, PASSWORD, POP, POPS, Dovecot, certified_place
from test_fetch import Fetching, compose
from thin_link import ThinLink

PORTS = {("imap", "none"): IMAP, ("imap", "starttls"): IMAP, ("imap", "tls"): IMAPS,
         ("pop3", "none"): POP, ("pop3", "starttls"): POP, ("pop3", "tls"): POPS}


class FromDovecot(Fetching):
    @classmethod
    def setUpClass(cls):
        cls.certificates, place = cls.enterClassContext(certified_place())
        cls.names = cls.enterClassContext(NameServer({HOST: "127.0.0.1"}))
        cls.enterClassContext(Dovecot(place, cls.certificates, sink=None))

    def setUp(self):
        self.box = self.enterContext(Box())
        self.box.command("settings", "set", "dns.servers", self.names.setting)

    def mailbox(self, user):
        """The one there. Use as a context manager."""
        client = imaplib.IMAP4("127.0.0.1", IMAP)
        client.login(user, PASSWORD)
        client.select("INBOX")
        return client

    def put_there(self, user, names, sizes=(500,), chance=random.Random(3)):
        with self.mailbox(user) as client:
            for name in names:
                client.append("INBOX", "", None, compose(name, chance.choice(sizes)))

    def left_there(self, user):
        with self.mailbox(user) as client:
            return len(client.search(None, "ALL")[1][0].split())

    def fetch_from(self, user, protocol, security="tls", port=None, host=HOST, **options):
        words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        self.box.command("fetch", "add", user, host, "bob", "--protocol", protocol, "--port",
                         str(port or PORTS[protocol, security]), "--security", security, "--authority",
                         self.certificates / "ca.crt", *words)
        self.box.command("fetch", "login", user, user, "--password-stdin", input=PASSWORD)

    def test_with_each_kind_of_security(self):
        for protocol, security in PORTS:
            with self.subTest(protocol=protocol, security=security):
                user = f"{protocol}-{security}"
                self.put_there(user, [user])
                self.fetch_from(user, protocol, security, after="delete")
                wait_until("it to come", lambda: self.ids()[user] == 1)
                wait_until("it to go there", lambda: self.left_there(user) == 0)
                told = self.box.command("fetch", "test", user)
                self.assertEqual("TLSv1.3" in told, security != "none")
                self.box.command("fetch", "remove", user)

    def test_what_is_wrong_is_told(self):
        self.fetch_from("wrong", "imap")
        self.box.command("fetch", "login", "wrong", "wrong", "--password-stdin", input="nonsense")
        tested = self.box.run("fetch", "test", "wrong")
        self.assertEqual(tested.returncode, 1)
        self.assertIn("login", tested.stderr)
        self.assertNotIn("nonsense", self.box.read_log())

    def test_news_come_at_once_and_a_large_message_whole(self):
        self.fetch_from("idle", "imap", after="delete", interval="7d")
        wait_until("a connection", lambda: self.box.json("fetch", "list")[0]["link"] == "usable")
        self.put_there("idle", ["large"], sizes=(5_000_000,))
        self.put_there("idle", ["small"])
        wait_until("both to come", lambda: self.ids().total() == 2)
        large = max(self.messages(self.box, "bob"), key=len)
        self.assertTrue(large.endswith(compose("large", 5_000_000)))
        wait_until("both to go there", lambda: self.left_there("idle") == 0)

    def test_whatever_is_cut_and_killed_each_message_comes_once(self):
        for protocol in ("imap", "pop3"):
            for after in ("delete", "keep"):
                with self.subTest(protocol=protocol, after=after):
                    chance = random.Random(5)
                    user = f"{protocol}-{after}"
                    names = [f"{user}-{number}" for number in range(25)]
                    self.put_there(user, names, sizes=(300, 3000, 30_000, 200_000))
                    with ThinLink(PORTS[protocol, "none"]) as link:
                        link.cut_after = 2000
                        self.fetch_from(user, protocol, "none", link.port, after=after, interval="30s")
                        self.cut_and_kill(link, user, 15, chance)
                        wait_until("all to come", lambda: all(self.ids()[name] for name in names))
                        if after == "delete":
                            wait_until("all to go there", lambda: self.left_there(user) == 0)
                    came = self.ids()
                    self.assertEqual({name: came[name] for name in names}, {name: 1 for name in names})
                    if after == "keep":
                        self.assertEqual(self.left_there(user), len(names))
                    self.box.command("fetch", "remove", user)
