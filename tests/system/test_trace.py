"""`postern trace`: what became of somebody's mail, from when it came to where it is now."""

import imaplib
import poplib
import signal
import smtplib
import unittest

from box import DOMAIN, PASSWORDS, wait_until
from outgoing import Outgoing, compose
from upstream import Upstream


class Trace(Outgoing):
    def trace(self, what, *options):
        return self.box.json("trace", what, *options)["messages"]

    def events(self, what, *options):
        """Of the only message there is."""
        message, = self.trace(what, *options)
        return [event["event"] for event in message["events"]]

    def wait_for_event(self, what, event):
        wait_until(event, lambda: any(event in [one["event"] for one in message["events"]] for message in self.trace(what)))

    def imap(self, name):
        imap = imaplib.IMAP4("127.0.0.1", self.box.port("imap"))
        self.addCleanup(imap.shutdown)
        imap.login(name, PASSWORDS[name])
        imap.select("INBOX")
        return imap

    def kill_and_start(self):
        self.box.process.send_signal(signal.SIGKILL)
        self.box.process.wait()
        self.box.process.stdout.close()
        self.box.start()


class LocalMail(Trace):
    def test_from_sender_to_reader_by_imap(self):
        self.box.command("alias", "add", "sales", f"bob@{DOMAIN}")
        self.submit(1, [f"sales@{DOMAIN}"])
        arrived, = self.trace(f"bob@{DOMAIN}")
        self.assertEqual([event["event"] for event in arrived["events"]], ["message_accepted", "message_delivered"])
        accepted, delivered = arrived["events"]
        self.assertEqual((accepted["login"], accepted["from"], accepted["peer"], accepted["message_id"]),
                         ("alice", f"alice@{DOMAIN}", "127.0.0.1", "<1@test>"))
        self.assertEqual((delivered["to"], delivered["mailboxes"]), (f"sales@{DOMAIN}", ["INBOX of bob"]))
        self.assertEqual(arrived["now"], [{"mailbox": "INBOX of bob", "seen": False, "marked_deleted": False}])

        imap = self.imap("bob")
        imap.fetch("1", "(FLAGS BODY.PEEK[HEADER])")
        self.assertNotIn("message_read", self.events("<1@test>"))
        imap.fetch("1", "BODY.PEEK[]")
        imap.fetch("1", "BODY[]")
        self.assertEqual(self.events("<1@test>").count("message_read"), 1)
        self.assertTrue(self.trace("1@test")[0]["now"][0]["seen"])
        # As most mail programs delete.
        imap._simple_command("MOVE", "1", "Trash")
        self.assertEqual(self.trace("bob")[0]["now"][0]["mailbox"], "Trash of bob")
        imap.select("Trash")
        imap.store("1", "+FLAGS", r"(\Deleted)")
        self.assertTrue(self.trace("bob")[0]["now"][0]["marked_deleted"])
        imap.expunge()
        # Whoever it is asked about: the sender, the recipient as it was written, where that led, its Message-ID.
        for what in (f"alice@{DOMAIN}", "alice", f"Sales@{DOMAIN}", f"bob@{DOMAIN}", "<1@test>"):
            with self.subTest(what):
                self.assertEqual(self.events(what), ["message_accepted", "message_delivered", "message_read",
                                                     "message_moved", "message_deleted"])
                self.assertEqual(self.trace(what)[0]["now"], [])
        self.assertEqual(self.trace("carol@example.org"), [])
        words = self.box.command("trace", "bob")
        for sentence in (f"accepted from 127.0.0.1 (login alice), ", f"delivered for sales@{DOMAIN}: INBOX of bob",
                         "fetched by bob from 127.0.0.1, in INBOX of bob, by imap",
                         "moved to Trash of bob, out of INBOX of bob by bob from 127.0.0.1",
                         "deleted from Trash of bob by bob from 127.0.0.1, by imap", "it is not here any more"):
            self.assertIn(sentence, words)
        self.assertNotIn("Number 1", words)  # subjects are nobody's business

    def test_read_and_deleted_by_pop3(self):
        self.submit(1, [f"bob@{DOMAIN}"])
        pop3 = poplib.POP3("127.0.0.1", self.box.port("pop3"))
        pop3.user("bob")
        pop3.pass_(PASSWORDS["bob"])
        pop3.top(1, 5)
        self.assertNotIn("message_read", self.events("bob"))
        pop3.retr(1)
        pop3.retr(1)
        pop3.dele(1)
        pop3.quit()
        self.assertEqual(self.events("bob"), ["message_accepted", "message_delivered", "message_read", "message_deleted"])
        self.assertEqual([event["service"] for event in self.trace("bob")[0]["events"][2:]], ["pop3", "pop3"])

    def test_what_was_never_accepted(self):
        smtp = self.submission()
        with self.assertRaises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail(f"alice@{DOMAIN}", [f"bbo@{DOMAIN}"], compose(1))
        self.assertEqual(self.events(f"bbo@{DOMAIN}"), ["recipient_refused"])
        self.assertIn("No such mailbox here", self.box.command("trace", f"bbo@{DOMAIN}"))
        with self.assertRaises(smtplib.SMTPSenderRefused):
            smtp.sendmail("carol@example.org", [f"bob@{DOMAIN}"], compose(2))
        self.assertEqual(self.events("carol@example.org"), ["message_refused"])
        with self.assertRaises(smtplib.SMTPDataError):
            smtp.sendmail(f"alice@{DOMAIN}", [f"bob@{DOMAIN}"], compose(3) + b"x" * 70_000 + b"\r\n")
        refused, = self.trace(f"bob@{DOMAIN}")
        self.assertIn("line that is too long", refused["events"][0]["reason"])
        self.assertNotIn("message", refused)

    def test_only_so_many_and_only_of_late(self):
        smtp = self.submission()
        for number in range(30):
            self.submit(number, [f"bob@{DOMAIN}"], smtp=smtp)
        ids = [message["message_id"] for message in self.trace("bob")]
        self.assertEqual(ids, [f"<{number}@test>" for number in range(10, 30)])  # the newest last
        self.assertEqual([message["message_id"] for message in self.trace("bob", "--most", "1")], ["<29@test>"])
        self.assertEqual(len(self.trace("bob", "--since", "1h", "--most", "500")), 30)
        self.assertEqual(self.box.run("trace", "bob", "--since", "yesterday").returncode, 1)


class MailForOutside(Trace):
    def test_put_off_then_sent(self):
        self.upstream.answers["CONTENT"] = "451 4.7.1 Greylisted, try again later"
        self.submit(1)
        self.wait_for_event("carol@example.org", "message_deferred")
        message, = self.trace("carol@example.org")
        waiting, = message["now"]
        self.assertEqual((waiting["waits_for"], waiting["attempts"]), ("carol@example.org", 1))
        self.assertIn("Greylisted", waiting["because"])
        self.upstream.answers.clear()
        self.retry()
        self.wait_until_empty()
        self.assertEqual(self.events("carol@example.org"),
                         ["message_accepted", "message_queued", "message_deferred", "message_sent"])
        words = self.box.command("trace", "<1@test>")
        self.assertIn("put off for carol@example.org by provider: 451 4.7.1 Greylisted, try again later", words)
        self.assertIn("sent to carol@example.org by provider: 250", words)

    def test_returned_to_its_sender(self):
        self.upstream.answers["RCPT TO:<nobody"] = "550 5.1.1 <nobody@example.org>: no such user here"
        self.submit(1, ["nobody@example.org", "carol@example.org"])
        self.wait_for_event("nobody@example.org", "notice_made")
        self.wait_until_empty()
        # Of the others that it was for nothing is told to who asks about one of them.
        self.assertEqual(self.events("nobody@example.org"),
                         ["message_accepted", "message_queued", "message_returned", "notice_made"])
        self.assertIn("no such user here", self.box.command("trace", "nobody@example.org"))
        sent, notice = self.trace("alice")
        self.assertEqual(sent["events"][-1]["notice"], notice["message"])
        self.assertEqual(notice["events"][0]["about"], sent["message"])
        self.assertEqual(notice["now"][0]["mailbox"], "INBOX of alice")

    def test_held_released_and_recalled(self):
        self.box.command("link", "hold")
        self.submit("kept")
        self.submit("dropped")
        kept, dropped = (str(item["id"]) for item in self.box.json("queue", "list"))
        self.box.command("queue", "hold", kept)
        self.assertIn("an administrator holds it", self.trace("<kept@test>")[0]["now"][0]["because"])
        self.assertIn("all mail for outside is held", self.trace("<dropped@test>")[0]["now"][0]["because"])
        self.box.command("queue", "remove", dropped)
        self.box.command("queue", "release", kept)
        self.box.command("link", "auto")
        self.wait_until_empty()
        self.assertEqual(self.events("<kept@test>"), ["message_accepted", "message_queued", "message_held",
                                                      "message_released", "message_sent"])
        self.assertEqual(self.events("<dropped@test>"), ["message_accepted", "message_queued", "message_recalled"])
        self.assertIn("recalled by uid", self.box.command("trace", "<dropped@test>"))


class WhatIsKept(Trace):
    def test_a_stop_keeps_all_and_a_kill_what_was_written(self):
        self.submit("before", [f"bob@{DOMAIN}"])
        self.box.restart()
        self.assertEqual(self.events("<before@test>"), ["message_accepted", "message_delivered"])
        self.assertEqual(self.box.json("trace", "bob")["gaps"], [])

        self.upstream.close()
        self.submit("waiting")
        self.kill_and_start()
        self.assertEqual(self.events("<before@test>"), ["message_accepted", "message_delivered"])
        # The queue knows what the journal lost.
        waiting, = self.trace("carol@example.org")
        self.assertEqual((waiting["message_id"], waiting["now"][0]["waits_for"]), ("<waiting@test>", "carol@example.org"))
        words = self.box.command("trace", "carol@example.org")
        self.assertIn("how it came here is not recorded", words)
        self.assertIn("The power was cut, or the box stopped hard, between", words)

    def test_many_messages_are_written_without_a_stop(self):
        smtp = self.submission()
        for number in range(200):
            self.submit(number, [f"bob@{DOMAIN}"], smtp=smtp)
        files = wait_until("a file", lambda: list((self.box.directory / "journal").glob("*")))
        self.assertEqual([file.stat().st_mode & 0o777 for file in files], [0o600])
        octets = wait_until("most of it", lambda: (size := files[0].stat().st_size) > 10_000 and size)
        self.kill_and_start()
        self.assertGreater(len(self.trace("bob", "--most", "500")), octets // 200)

    def test_torn_and_foreign_files_are_passed_over(self):
        self.submit("before", [f"bob@{DOMAIN}"])
        self.box.stop()
        journal = self.box.directory / "journal"
        file, = journal.iterdir()
        with open(file, "ab") as torn:
            torn.write(file.read_bytes()[:-20] + bytes(5000))
        (journal / "1").write_bytes(b"\xb7Pj1" * 10_000)
        (journal / "notes.txt").write_text("nothing of ours")
        self.box.start()
        self.submit("after", [f"bob@{DOMAIN}"])
        self.box.restart()
        self.assertEqual([message["message_id"] for message in self.trace("bob")], ["<before@test>", "<after@test>"])

    def test_whatever_the_log_says_and_no_secrets(self):
        self.submit(1, [f"bob@{DOMAIN}"])
        self.assertEqual(self.inbox("bob")[0]["Message-ID"], "<1@test>")
        self.assertNotIn("message_read", self.box.read_log())  # it is for who debugs
        self.assertIn("message_read", self.events("bob"))
        self.box.restart()
        for file in (self.box.directory / "journal").iterdir():
            for secret in (*PASSWORDS.values(), "Number 1"):
                self.assertNotIn(secret.encode(), file.read_bytes())


if __name__ == "__main__":
    unittest.main()
