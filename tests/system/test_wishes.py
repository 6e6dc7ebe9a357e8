"""What people ask of their mail's transfer: to leave later, to be there in time or come back, to go before other mail."""

import imaplib

from box import DOMAIN, PASSWORDS, wait_until
from outgoing import Outgoing, compose


class Wishes(Outgoing):
    def submit_with(self, number, *parameters, to=("carol@example.org",)):
        self.submission().sendmail(f"alice@{DOMAIN}", list(to), compose(number, to[0]), mail_options=list(parameters))

    def queue(self):
        return self.box.json("queue", "list")

    def test_what_is_to_leave_later_is_in_sight_and_can_be_recalled(self):
        self.submit_with(1, "HOLDFOR=3600", to=("carol@example.org", f"bob@{DOMAIN}"))
        self.assertEqual({item["because"] for item in self.queue()}, {"its sender wants it to leave later"})
        self.assertEqual(len(self.queue()), 2)
        imap = imaplib.IMAP4("127.0.0.1", self.box.port("imap"))
        self.addCleanup(imap.shutdown)
        imap.login("alice", PASSWORDS["alice"])
        wait_until("it to be shown", lambda: imap.select('"Waiting for internet"')[1] == [b"1"])
        flags, header = imap.fetch("1", "(FLAGS BODY.PEEK[HEADER.FIELDS (Postern-State Postern-Scheduled)])")[1][0]
        self.assertIn(b"$Scheduled", flags)
        self.assertIn(b"Postern-State: to be sent later, as you asked", header)
        self.assertIn(b"Postern-Scheduled: ", header)
        imap.store("1", "+FLAGS", r"(\Deleted)")
        self.assertEqual(imap.expunge()[0], "OK")
        self.wait_until_empty()
        self.assertEqual(self.upstream.received, [])

    def test_it_leaves_when_its_time_has_come_for_colleagues_too(self):
        self.submit_with(1, "HOLDFOR=3", to=("carol@example.org", f"bob@{DOMAIN}"))
        self.assertEqual(self.inbox("bob"), [])
        self.wait_for(1)
        self.wait_until_empty()
        self.assertEqual(self.upstream.received[0].recipients, ["RCPT TO:<carol@example.org>"])
        self.assertEqual([message["Subject"] for message in self.inbox("bob")], ["Number 1"])

    def test_it_leaves_after_a_restart_too(self):
        self.submit_with(1, "HOLDFOR=3")
        self.box.restart()
        self.wait_for(1)

    def test_a_relay_hears_what_it_understands(self):
        self.upstream.offers = self.upstream.offers + ["MT-PRIORITY", "DELIVERBY"]
        self.submit_with(1, "MT-PRIORITY=-4", "BY=3600;NT")
        self.wait_for(1)
        self.assertIn(" MT-PRIORITY=-4", self.upstream.received[0].mail)
        self.assertRegex(self.upstream.received[0].mail, r" BY=3(600|5\d\d);NT")
        wait_until("a trace", lambda: len(self.inbox()) == 1)
        self.assertIn("Action: relayed", self.inbox()[0].as_string())

    def test_what_cannot_be_there_in_time_comes_back(self):
        self.upstream.close()
        self.submit_with(1, "BY=2;R")
        self.submit_with(2, "BY=2;N")
        wait_until("both notices", lambda: len(self.inbox()) == 2)
        returned, late = sorted((message.as_string() for message in self.inbox()), key=lambda one: "delayed" in one)
        self.assertIn("Status: 5.4.7", returned)
        self.assertIn("Status: 4.4.7", late)
        self.assertEqual(len(self.queue()), 1)
        self.upstream.reopen()
        self.retry()
        self.wait_for(1)
        self.assertEqual(self.upstream.ids(), ["<2@test>"])
