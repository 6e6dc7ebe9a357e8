"""The mailbox in which people see what of theirs waits for the internet, through a client that knows nothing of it."""

import email
import email.policy
import imaplib
import threading

from box import PASSWORDS, wait_until
from outgoing import Outgoing, compose


class Waiting(Outgoing):
    def setUp(self):
        super().setUp()
        self.upstream.close()
        for number in range(4):
            self.submit(number)
        self.imap = imaplib.IMAP4("127.0.0.1", self.box.port("imap"))
        self.addCleanup(self.imap.shutdown)
        self.imap.login("alice", PASSWORDS["alice"])
        wait_until("all to be shown", lambda: self.select() == 4)

    def select(self):
        status, data = self.imap.select('"Waiting for internet"')
        return int(data[0]) if status == "OK" else 0

    def fetch(self, uid):
        data = self.imap.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]
        return data, email.message_from_bytes(data, policy=email.policy.default)

    def uids(self):
        return self.imap.uid("SEARCH", None, "ALL")[1][0].split()

    def link_returns(self):
        self.upstream.reopen()
        self.retry()

    def test_it_says_why_it_waits_and_is_gone_when_it_left(self):
        octets, message = self.fetch(self.uids()[0])
        self.assertTrue(message["Postern-State"].startswith("waiting for the internet"))
        self.assertEqual(message["Postern-Recipient"], "carol@example.org")
        self.assertEqual(message["Subject"], "Number 0")
        self.assertTrue(octets.endswith(compose(0)))
        self.assertIn(b"$WaitingForInternet", self.imap.uid("FETCH", self.uids()[0], "(FLAGS)")[1][0])
        size = self.imap.uid("FETCH", self.uids()[0], "(RFC822.SIZE)")[1][0]
        self.assertIn(b"RFC822.SIZE %d" % len(octets), size)
        self.assertEqual(len(self.imap.uid("SEARCH", None, "HEADER", "Postern-State", "internet")[1][0].split()), 4)
        self.assertEqual(len(self.imap.uid("SEARCH", None, "TEXT", '"marked with a flag"')[1][0].split()), 4)
        self.link_returns()
        self.wait_for(4)
        wait_until("nothing to be shown", lambda: self.select() == 0)

    def test_what_is_deleted_or_moved_away_is_never_sent(self):
        first, second, third, fourth = self.uids()
        self.imap.uid("STORE", first, "+FLAGS", r"(\Deleted)")
        self.assertEqual(self.imap.uid("EXPUNGE", first)[0], "OK")
        self.assertEqual(self.imap.uid("MOVE", second, "Drafts")[0], "OK")
        self.imap.uid("STORE", third, "+FLAGS", r"(\Deleted)")
        wait_until("one to wait", lambda: len(self.box.json("queue", "list")) == 2)
        self.link_returns()
        self.wait_for(1)
        wait_until("one to be held back", lambda: [item["because"] for item in self.box.json("queue", "list")]
                   == ["its sender marked it as deleted among what waits"])
        self.assertEqual(self.upstream.ids(), ["<3@test>"])
        for recalled in ("<0@test>", "<1@test>"):
            self.assertIn("recalled by alice, and not sent to carol@example.org", self.box.command("trace", recalled))
        self.imap.select("Drafts")
        octets = self.imap.fetch("1", "(BODY.PEEK[])")[1][0][1]
        self.assertNotIn(b"Postern-State", octets)
        self.assertTrue(octets.endswith(compose(1)))
        self.select()
        self.imap.uid("STORE", third, "-FLAGS", r"(\Deleted)")
        self.wait_for(2)
        self.assertEqual(self.upstream.ids(), ["<3@test>", "<2@test>"])

    def test_what_is_flagged_goes_first(self):
        self.imap.uid("STORE", self.uids()[2], "+FLAGS", r"(\Flagged)")
        self.link_returns()
        self.wait_for(4)
        self.assertEqual(self.upstream.ids(), ["<2@test>", "<0@test>", "<1@test>", "<3@test>"])

    def test_what_is_being_sent_is_not_recalled(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.upstream.answers["CONTENT"] = lambda _: go_on.wait(60) and None  # the usual answer, but late
        self.link_returns()
        wait_until("something to be under way",
                   lambda: "being sent" in [item["state"] for item in self.box.json("queue", "list")])
        first = self.uids()[0]
        self.imap.uid("STORE", first, "+FLAGS", r"(\Deleted)")
        status, said = self.imap.uid("EXPUNGE", first)
        self.assertEqual(status, "NO")
        self.assertIn(b"INUSE", said[0])
        self.assertEqual(self.imap.close()[0], "OK")

    def test_the_mailbox_is_the_servers(self):
        self.assertEqual(self.imap.append('"Waiting for internet"', None, None, compose(9))[0], "NO")
        self.assertEqual(self.imap.delete('"Waiting for internet"')[0], "NO")
        self.assertEqual(self.imap.rename('"Waiting for internet"', "Mine")[0], "NO")
        self.assertIn(b'"Waiting for internet"', b"".join(self.imap.lsub()[1]))
        self.box.restart()
        self.assertEqual(len(self.box.json("queue", "list")), 4)
