"""Mail is fetched from Dovecot, which most providers have. Run by test_real_provider.py, in a network of its own."""

import email
import email.policy
import imaplib
import random
import re
from email.message import EmailMessage

from box import Box, wait_until
from name_server import NameServer
from relay_programs import HOST, IMAP, IMAPS, PASSWORD, POP, POPS, Dovecot, certified_place
from test_fetch import Fetching, compose
from test_imaplib import imap
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

    def test_what_stays_there_is_told_until_it_is_gone(self):
        self.box.command("settings", "set", "fetch.message_size_limit", "64K")
        self.put_there("stays", ["first"])
        self.put_there("stays", ["large"], sizes=(200_000,))

        def told():
            return self.box.json("fetch", "list")[0]["left"]

        with ThinLink(PORTS["imap", "none"]) as link:
            self.fetch_from("stays", "imap", "none", link.port, interval="7d")
            wait_until("the large one to be told", lambda: told().startswith("1: "))
            link.cut_after = 0
            link.cut()
            wait_until("no connection", lambda: not link.connections)
            with self.mailbox("stays") as client:
                client.uid("STORE", "2", "+FLAGS", "\\Deleted")
                client.expunge()
            self.put_there("stays", ["second"])
            link.cut_after = None
            self.box.command("fetch", "test", "stays")  # the link is there again
            wait_until("the second", lambda: self.ids() == {"first": 1, "second": 1})
            wait_until("that the large one is gone", lambda: not told())

    def compose_plan(self, name, size):
        """With a text in its own charset and an attachment of some size."""
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"], message["To"], message["Subject"] = "carol@example.org", "bob@office.lan", f"Pläne {name}"
        message["Message-ID"], message["References"] = f"<{name}@test>", "<thread@test>"
        message.set_content("Schöne Grüße, anbei die Pläne.\n", charset="iso-8859-1")
        message.add_attachment(random.Random(7).randbytes(size), maintype="application", subtype="pdf",
                               filename="Pläne für das Büro.pdf")
        return message.as_bytes()

    def whole(self, client, mailbox):
        """What is in a mailbox: each message's octets, by UID."""
        client.select(mailbox)
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        return {int(uid): client.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1] for uid in uids}

    def test_on_a_thin_link_a_beginning_comes_and_the_message_when_it_is_asked_for(self):
        for protocol, ask in (("imap", "$FetchNow"), ("pop3", r"\Flagged")):
            with self.subTest(protocol=protocol), ThinLink(PORTS[protocol, "none"]) as link:
                user = f"thin-{protocol}"
                plan = self.compose_plan(user, 2_000_000)
                with self.mailbox(user) as there:
                    there.append("INBOX", "", None, plan)
                self.put_there(user, [f"{user}-small"])
                self.fetch_from(user, protocol, "none", link.port, after="delete", interval="30s", thin="20K")
                wait_until("both to come", lambda: self.ids()[user] == 1 and self.ids()[f"{user}-small"] == 1)
                self.assertLess(link.passed, 60_000)
                listed = [row for row in self.box.json("fetch", "list") if row["name"] == user][0]
                self.assertEqual(listed["stubs"], 1)
                self.assertAlmostEqual(listed["stub_octets"], len(plan), delta=100)

                client = imap(self.box, "bob")
                (uid, stub), = [one for one in self.whole(client, "INBOX").items() if f"<{user}@test>".encode() in one[1]]
                said = email.message_from_bytes(stub, policy=email.policy.default)
                self.assertEqual(said["Subject"], f"Pläne {user}")
                self.assertEqual(said["References"], "<thread@test>")
                self.assertIn("Schöne Grüße, anbei die Pläne.", said.get_content())
                if protocol == "imap":  # POP3 does not tell
                    self.assertIn('application/pdf, "Pläne für das Büro.pdf", 2.', said.get_content())
                self.assertEqual(self.left_there(user), 1)
                self.assertIn("only its beginning came", self.box.command("trace", f"{user}@test"))

                client.create("Later")
                client.uid("STORE", str(uid), "+FLAGS", r"(\Seen Work)")
                client.uid("MOVE", str(uid), "Later")
                client.select("Later")
                link.cut_after = 900_000
                moved = max(self.whole(client, "Later"))
                client.uid("STORE", str(moved), "+FLAGS", f"({ask})")
                wait_until("some of it to come", lambda: link.passed > 500_000)
                self.kill()
                link.cut_after = None
                wait_until("it to come whole", lambda: self.has_come(user, plan))
                client = imap(self.box, "bob")
                (brought, _), = [one for one in self.whole(client, "Later").items() if one[1].endswith(plan)]
                self.assertGreater(brought, moved)
                flags = client.uid("FETCH", str(brought), "(FLAGS)")[1][0].decode()
                self.assertEqual(set(re.search(r"FLAGS \((.*?)\)", flags)[1].split()) - {r"\Recent"}, {r"\Seen", "Work"})
                self.assertNotIn(user, self.ids())
                wait_until("it to go there", lambda: self.left_there(user) == 0)
                told = self.box.command("trace", f"{user}@test")
                self.assertIn("whole, in place of its beginning", told)
                self.assertIn("delivered for bob@office.lan: Later of bob", told)
                client.uid("STORE", str(brought), "+FLAGS", r"(\Deleted)")
                client.expunge()
                self.box.command("fetch", "remove", user)

    def has_come(self, user, plan):
        self.box.run("fetch", "test", user)  # the link is there again
        client = imap(self.box, "bob")
        return any(one.endswith(plan) for one in self.whole(client, "Later").values())

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
