"""Mail that a provider keeps for us: it brings it on the connection on which we ask (ATRN), or to our port 25 once it hears
that we are there (ETRN)."""

import random
import smtplib

from box import DOMAIN, PASSWORDS, Box, wait_until
from name_server import NameServer
from odmr import Odmr
from relay_programs import HOST, certified_place
from test_fetch import Fetching, compose

BRANCH = "branch.example"


class Kept(Fetching):
    """What is the same by both."""

    def setUp(self):
        self.box = self.enterContext(Box())
        self.box.command("settings", "set", "mail.local_domains", BRANCH)

    def wait_for(self, count):
        wait_until(f"{count} messages", lambda: self.ids(account="alice").total() >= count)


class Atrn(Kept):
    @classmethod
    def setUpClass(cls):
        cls.certificates, _ = cls.enterClassContext(certified_place())
        cls.names = cls.enterClassContext(NameServer({HOST: "127.0.0.1"}))

    def setUp(self):
        super().setUp()
        self.odmr = self.enterContext(Odmr(self.certificates, "office", "secret", [BRANCH, f"{BRANCH},{DOMAIN}"]))
        self.box.command("settings", "set", "dns.servers", self.names.setting)

    def name_it(self, domains=BRANCH, password="secret"):
        self.box.command("fetch", "atrn", "keeper", HOST, "--port", str(self.odmr.port), "--authority",
                         self.certificates / "ca.crt", "--interval", "30s", "--domains", domains)
        self.box.command("fetch", "login", "keeper", "office", "--password-stdin", input=password)

    def test_mail_comes_when_it_is_asked_for(self):
        self.odmr.mail = [([f"alice@{BRANCH}"], compose(n)) for n in range(3)]
        self.odmr.mail.append(([f"alice@{DOMAIN}", f"bob@{BRANCH}"], compose("both")))
        self.name_it(f"{BRANCH},{DOMAIN}")
        self.wait_for(4)
        wait_until("all to be taken", lambda: not self.odmr.mail)
        mail = self.messages(self.box, "alice")[0]
        self.assertTrue(mail.startswith(b"Return-Path: <carol@example.org>\r\nReceived: from odmr.example.net ([127.0.0.1])\r\n"
                                        b"\tby mail.office.lan with ESMTPS (TLSv1.3"))
        self.assertTrue(mail.endswith(compose(0)))
        self.assertEqual(self.ids(account="bob"), {"both": 1})
        source = self.source()
        self.assertEqual((source["protocol"], source["mailbox"], source["fetched"], source["trouble"]),
                         ("atrn", f"{BRANCH},{DOMAIN}", 4, ""))
        told = self.box.command("fetch", "test", "keeper")
        self.assertIn("logged in as office, it knows ATRN", told)
        # And what came meanwhile, at once.
        self.odmr.mail.append(([f"alice@{BRANCH}"], compose("later")))
        self.box.command("fetch", "test", "keeper")
        self.wait_for(5)

    def test_cut_and_killed_nothing_is_lost(self):
        chance = random.Random(7)
        self.odmr.mail = [([f"alice@{BRANCH}"], compose(n, 20_000 if n % 5 == 0 else 500)) for n in range(40)]
        self.name_it()
        for turn in range(12):
            self.odmr.cut_after = chance.randrange(0, 30_000)
            asked = self.odmr.asked
            self.box.run("fetch", "test", "keeper")
            wait_until("it to be asked", lambda: self.odmr.asked > asked or not self.odmr.mail)
            if turn % 4 == 0:
                self.kill()
        self.odmr.cut_after = None
        wait_until("all to be taken", lambda: self.box.run("fetch", "test", "keeper") and not self.odmr.mail)
        self.wait_for(40)
        self.assertEqual(set(self.ids(account="alice")), {str(n) for n in range(40)})

    def test_what_is_wrong_is_told(self):
        self.name_it("elsewhere.example")
        wait_until("a refusal", lambda: "answered ATRN: 450" in self.source()["trouble"])
        self.name_it(password="wrong")
        refused = self.box.run("fetch", "test", "keeper")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("our login: 535", refused.stderr)
        self.assertNotIn("wrong", self.box.read_log().replace("wrong login", ""))
        for words in (["--domains", ".example"], ["--domains", "a..b"], ["--interval", "1s"], ["--security", "opportunistic"]):
            self.assertEqual(self.box.run("fetch", "atrn", "keeper", HOST, *words).returncode, 1, words)


class Etrn(Kept):
    def setUp(self):
        super().setUp()
        self.provider = self.enterContext(Box(settings={"login.allow_plaintext": "yes"}))

    def test_a_provider_that_hears_of_us_brings_what_it_kept(self):
        self.provider.command("relay", "add", "customer", "127.0.0.1", "--port", str(self.box.port("smtp")), "--security",
                              "opportunistic", "--domains", BRANCH)
        self.box.stop()
        with smtplib.SMTP("127.0.0.1", self.provider.port("submission"), timeout=60) as client:
            client.login("alice", PASSWORDS["alice"])
            for number in range(3):
                client.sendmail(f"alice@{DOMAIN}", [f"alice@{BRANCH}"], compose(number))
        wait_until("the link to be down", lambda: self.provider.json("link", "show")["relays"][0]["link"] == "down")
        self.box.start()
        self.box.command("fetch", "etrn", "provider", "127.0.0.1", "--port", str(self.provider.port("smtp")), "--authority",
                         self.provider.ca, "--domains", BRANCH)
        self.wait_for(3)
        self.assertIn(f"queue_started node={BRANCH}", self.provider.read_log())
        self.assertIn("not logged in, it knows ETRN", self.box.command("fetch", "test", "provider"))
        self.assertEqual(self.source()["trouble"], "")
        self.box.command("fetch", "etrn", "provider", "127.0.0.1", "--domains", "elsewhere.example")
        wait_until("a refusal", lambda: "answered ETRN: 459" in self.source()["trouble"])
        self.box.command("fetch", "remove", "provider")


