"""A sister box comes for the mail that waits for it here (ETRN, RFC 1985)."""

import smtplib

from box import PASSWORDS, wait_until
from outgoing import Outgoing

BRANCH = "branch.example"


class Etrn(Outgoing):
    def name_relay(self):
        super().name_relay()
        self.box.command("relay", "add", "sister", self.upstream.address, "--port", str(self.upstream.port), "--security",
                         "none", "--domains", BRANCH)

    def etrn(self, node, client=None):
        if client:
            return client.docmd("ETRN", node)[0]
        with smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60) as client:
            client.ehlo(f"mail.{BRANCH}")
            self.assertTrue(client.has_extn("etrn"))
            return client.docmd("ETRN", node)[0]

    def submit_in_vain(self, *numbers):
        for number in numbers:
            self.submit(number, [f"carol@{BRANCH}"])
        wait_until("the link to be down", lambda: {"relay": "sister", "link": "down"}.items() <= max(
            self.box.json("link", "show")["relays"], key=lambda relay: relay["relay"]).items())

    def test_what_waits_for_a_sister_leaves_when_she_says_that_she_is_there(self):
        self.upstream.close()
        self.submit_in_vain(1, 2)
        self.upstream.reopen()
        self.assertEqual(self.etrn(BRANCH), 250)
        self.wait_for(2)
        self.wait_until_empty()
        self.assertIn("queue_started node=branch.example", self.box.read_log())
        self.assertEqual(self.etrn(f"@{BRANCH}"), 251)

    def test_saying_so_again_and_again_costs_nothing(self):
        self.upstream.answers["CONNECT"] = "421 4.3.2 not now"
        self.submit_in_vain(1)
        with smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60) as client:
            client.ehlo(f"mail.{BRANCH}")
            for _ in range(50):
                self.assertEqual(self.etrn(BRANCH, client), 250)
        self.assertEqual(self.box.read_log().count("queue_started"), 1)

    def test_of_others_nothing_is_told(self):
        with smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60) as client:
            client.ehlo("stranger.example")
            self.assertEqual(self.etrn("example.org", client), 459)
            self.assertEqual(self.etrn("@org", client), 459)
            self.assertEqual(self.etrn("#sister", client), 459)
            self.assertEqual(self.etrn("", client), 501)
            self.assertEqual(self.etrn("bad..name", client), 501)
        with smtplib.SMTP("127.0.0.1", self.box.port("submission"), timeout=60) as client:
            client.login("alice", PASSWORDS["alice"])
            self.assertFalse(client.has_extn("etrn"))
            self.assertEqual(self.etrn(BRANCH, client), 502)
