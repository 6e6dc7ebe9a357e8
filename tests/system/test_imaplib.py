"""Python's imaplib and smtplib: what goes in comes back, octet for octet, and what clients do with a mailbox."""

import imaplib
import smtplib
import ssl
import unittest

import samples
from box import PASSWORDS, Box, wait_until


def imap(box, account="alice"):
    context = ssl.create_default_context(cafile=str(box.ca))
    client = imaplib.IMAP4_SSL("localhost", box.port("imaps"), ssl_context=context)
    client.login(account, PASSWORDS[account])
    return client


def submission(box, account="bob"):
    client = smtplib.SMTP("localhost", box.port("submission"))
    client.starttls(context=ssl.create_default_context(cafile=str(box.ca)))
    client.login(account, PASSWORDS[account])
    return client


def fetch_bodies(client):
    """{uid: octets} of the selected mailbox."""
    status, answer = client.uid("FETCH", "1:*", "(UID BODY.PEEK[])")
    assert status == "OK", answer
    bodies = {}
    for item in answer:
        if isinstance(item, tuple):
            bodies[int(item[0].split(b"UID ")[1].split()[0])] = item[1]
    return bodies


class RoundTrip(unittest.TestCase):
    def test_smtp_to_imap_keeps_every_octet(self):
        with Box() as box:
            messages = samples.all_of_them()
            with submission(box) as client:
                for message in messages.values():
                    client.sendmail("bob@office.lan", ["alice@office.lan"], message)
            reader = imap(box)
            reader.select("INBOX")
            bodies = list(fetch_bodies(reader).values())
            self.assertEqual(len(bodies), len(messages))
            for (name, sent), received in zip(messages.items(), bodies):
                self.assertTrue(received.startswith(b"Return-Path: <bob@office.lan>\r\nReceived: "), name)
                self.assertTrue(received.endswith(sent), f"{name}: {received[:600]!r}")
            reader.logout()

    def test_append_keeps_every_octet_across_a_restart(self):
        with Box() as box:
            messages = samples.all_of_them()
            client = imap(box)
            for message in messages.values():
                status, answer = client.append("INBOX", r"(\Seen $Label1)", '" 5-Jan-2026 10:00:00 +0100"', message)
                self.assertEqual(status, "OK", answer)
            client.logout()
            box.restart()
            client = imap(box)
            client.select("INBOX")
            self.assertEqual(list(fetch_bodies(client).values()), list(messages.values()))
            status, answer = client.fetch("1", "(FLAGS INTERNALDATE RFC822.SIZE)")
            self.assertIn(rb"\Seen", answer[0])
            self.assertIn(b"$Label1", answer[0])
            self.assertIn(b"RFC822.SIZE %d" % len(messages["plain"]), answer[0])
            client.logout()

    def test_missing_date_and_message_id_are_added_at_submission(self):
        with Box() as box:
            with submission(box) as client:
                client.sendmail("bob@office.lan", ["alice@office.lan"], b"From: bob@office.lan\r\nSubject: bare\r\n\r\nhi\r\n")
            reader = imap(box)
            reader.select("INBOX")
            (body,) = fetch_bodies(reader).values()
            header = body.split(b"\r\n\r\n")[0].lower()
            self.assertIn(b"\r\ndate: ", header)
            self.assertIn(b"\r\nmessage-id: <", header)
            self.assertTrue(body.endswith(b"From: bob@office.lan\r\nSubject: bare\r\n\r\nhi\r\n"))
            reader.logout()


class Submission(unittest.TestCase):
    def test_every_mechanism_logs_in(self):
        with Box() as box:
            for mechanism in ("PLAIN", "LOGIN"):
                client = smtplib.SMTP_SSL("localhost", box.port("submissions"), context=ssl.create_default_context(cafile=str(box.ca)))
                client.ehlo()
                client.user, client.password = "bob", PASSWORDS["bob"]
                code, _ = client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
                self.assertEqual(code, 235)
                client.quit()

    def test_wrong_password_and_unknown_login_look_the_same(self):
        with Box() as box:
            answers = []
            for login in ("bob", "nobody"):
                client = smtplib.SMTP_SSL("localhost", box.port("submissions"), context=ssl.create_default_context(cafile=str(box.ca)))
                with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                    client.login(login, "wrong")
                answers.append((refused.exception.smtp_code, refused.exception.smtp_error))
                client.close()
            self.assertEqual(answers[0], answers[1])
            self.assertEqual(answers[0][0], 535)

    def test_no_login_is_offered_in_plain_text(self):
        with Box() as box:
            client = smtplib.SMTP("localhost", box.port("submission"))
            client.ehlo()
            self.assertFalse(client.has_extn("auth"))
            self.assertEqual(client.docmd("AUTH", "PLAIN AGJvYgB4")[0], 538)
            self.assertEqual(client.mail("bob@office.lan")[0], 530)
            client.close()

    def test_sender_must_belong_to_the_login(self):
        with Box() as box:
            with submission(box) as client:
                with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                    client.sendmail("alice@office.lan", ["alice@office.lan"], samples.plain())
                self.assertEqual(refused.exception.smtp_code, 553)
                client.rset()
                client.sendmail("bob+orders@office.lan", ["alice+news@office.lan"], samples.plain())

    def test_outside_recipients_wait_in_the_queue(self):
        with Box() as box:
            with submission(box) as client:
                client.sendmail("bob@office.lan", ["alice@office.lan", "carol@example.com", "dan@example.net"], samples.plain())
            queue = box.json("queue", "list")
            self.assertEqual(sorted(item["recipient"] for item in queue), ["carol@example.com", "dan@example.net"])
            shown = box.command("queue", "show", str(queue[0]["id"]))
            self.assertIn("bob@office.lan", shown)


class Port25(unittest.TestCase):
    def test_takes_mail_for_the_office_and_relays_for_nobody(self):
        with Box() as box, smtplib.SMTP("localhost", box.port("smtp")) as client:
            client.sendmail("scanner@printer.example", ["alice@office.lan"], samples.plain())
            for recipient, code in (("carol@example.com", 550), ("nobody@office.lan", 550), ("carol%example.com@office.lan", 550)):
                with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                    client.sendmail("scanner@printer.example", [recipient], samples.plain())
                self.assertEqual(refused.exception.recipients[recipient][0], code)
                client.rset()
            client.sendmail("", ["POSTMASTER@office.lan"], samples.plain())
            client.ehlo_or_helo_if_needed()
            client.mail("<>")
            self.assertEqual(client.rcpt("<Postmaster>")[0], 250)

    def test_aliases_and_the_catch_all_are_looked_up(self):
        with Box() as box:
            box.command("alias", "add", "sales@office.lan", "alice@office.lan", "bob@office.lan")
            box.command("alias", "add", "@office.lan", "bob@office.lan")
            with smtplib.SMTP("localhost", box.port("smtp")) as client:
                client.sendmail("x@example.org", ["Sales@Office.LAN"], samples.plain(subject="to sales"))
                client.sendmail("x@example.org", ["whoever@office.lan"], samples.plain(subject="to whoever"))
            for account, expected in (("alice", 1), ("bob", 2)):
                reader = imap(box, account)
                self.assertEqual(reader.select("INBOX"), ("OK", [b"%d" % expected]))
                reader.logout()
            box.command("alias", "remove", "@office.lan")
            with smtplib.SMTP("localhost", box.port("smtp")) as client:
                with self.assertRaises(smtplib.SMTPRecipientsRefused):
                    client.sendmail("x@example.org", ["whoever@office.lan"], samples.plain())


class Mailbox(unittest.TestCase):
    def setUp(self):
        self.box = Box().__enter__()
        self.addCleanup(lambda: self.box.__exit__(None, None, None))
        self.client = imap(self.box)

    def append(self, count, mailbox="INBOX"):
        for number in range(count):
            status, answer = self.client.append(mailbox, "", None, samples.plain(subject=f"message {number}", message_id=f"<{number}@x>"))
            self.assertEqual(status, "OK", answer)

    def test_the_usual_mailboxes_are_there_and_subscribed(self):
        status, listed = self.client.list()
        names = b"\n".join(listed)
        for name, use in ((b"Drafts", rb"\Drafts"), (b"Sent", rb"\Sent"), (b"Junk", rb"\Junk"), (b"Trash", rb"\Trash"), (b"Archive", rb"\Archive")):
            self.assertTrue(any(name in line and use in line for line in listed), names)
        status, subscribed = self.client.lsub()
        self.assertEqual(len(subscribed), 6)

    def test_names_in_any_language(self):
        for name in ('"&BB8EQAQ4BDIENQRC-"', '"Entw&APw-rfe/2026"', '"a&-b"'):
            self.assertEqual(self.client.create(name)[0], "OK")
        listed = b"\n".join(self.client.list()[1])
        for name in (b"&BB8EQAQ4BDIENQRC-", b"Entw&APw-rfe/2026", b"a&-b"):
            self.assertIn(name, listed)
        self.assertEqual(self.client.rename('"Entw&APw-rfe"', '"Drafts/old"')[0], "OK")
        self.assertIn(b"Drafts/old/2026", b"\n".join(self.client.list()[1]))
        self.assertEqual(self.client.delete('"Drafts/old/2026"')[0], "OK")

    def test_store_copy_move_expunge(self):
        self.append(10)
        self.client.select("INBOX")
        self.assertEqual(self.client.store("1:3", "+FLAGS", r"(\Flagged $Forwarded)")[0], "OK")
        self.assertEqual(self.client.search(None, "FLAGGED")[1], [b"1 2 3"])
        self.assertEqual(self.client.copy("1:2", "Archive")[0], "OK")
        self.assertEqual(self.client.uid("MOVE", "5:6", "Trash")[0], "OK")
        self.assertEqual(self.client.select("INBOX")[1], [b"8"])
        self.client.store("1,8", "+FLAGS", r"\Deleted")
        status, gone = self.client.expunge()
        self.assertEqual(status, "OK")
        self.assertIn(gone, ([b"1", b"7"], [b"8", b"1"]))  # each number is as of that moment (RFC 3501 §7.4.1)
        for name, expected in (("INBOX", b"6"), ("Archive", b"2"), ("Trash", b"2")):
            self.assertEqual(self.client.select(name)[1], [expected])
        self.client.select("Archive")
        self.assertEqual(self.client.search(None, "KEYWORD", "$Forwarded")[1], [b"1 2"])

    def test_search_in_charsets_and_decoded_text(self):
        for message in samples.all_of_them().values():
            self.client.append("INBOX", "", None, message)
        self.client.select("INBOX")

        def found(*criteria, literal):
            self.client.literal = literal
            status, answer = self.client.search("UTF-8", *criteria)
            self.assertEqual(status, "OK", answer)
            return answer[0].split()

        self.assertEqual(found("SUBJECT", literal="GRÖSSE 42".replace("SS", "ß").encode()), [b"2"])
        self.assertEqual(found("SUBJECT", literal="ПРЕДЛОЖЕНИЕ".encode()), [b"2"])
        self.assertEqual(found("BODY", literal="grüße aus dem büro".encode()), [b"2"])
        self.assertEqual(self.client.search(None, "HEADER", "Message-ID", "dots@client")[1], [b"3"])
        self.assertEqual(self.client.search(None, "LARGER", "1000000")[1], [b"8"])
        self.assertEqual(self.client.search(None, "SENTON", "5-Jan-2026", "NOT", "SUBJECT", "a")[1][0].split()[:1], [b"1"])
        status, answer = self.client.search("X-UNKNOWN", "TEXT", "x")
        self.assertEqual(status, "NO")
        self.assertIn(b"[BADCHARSET", answer[0])

    def test_two_sessions_see_each_other(self):
        other = imap(self.box)
        self.append(3)
        self.client.select("INBOX")
        other.select("INBOX")
        self.client.store("2", "+FLAGS", r"(\Seen \Deleted)")
        other.noop()
        self.assertIn(rb"\Seen", b" ".join(other.response("FETCH")[1]))
        self.client.expunge()
        other.noop()
        self.assertEqual(other.response("EXPUNGE")[1], [b"2"])
        self.assertEqual(other.fetch("2", "(UID)")[1], [b"2 (UID 3)"])
        other.logout()

    def test_idle_tells_of_new_mail_at_once(self):
        self.client.select("INBOX")
        self.client.send(b"i1 IDLE\r\n")
        self.assertTrue(self.client.readline().startswith(b"+"))
        with smtplib.SMTP("localhost", self.box.port("smtp")) as sender:
            sender.sendmail("x@example.org", ["alice@office.lan"], samples.plain())
        lines = []
        while not any(b"EXISTS" in line for line in lines):  # the socket's own time-out bounds it
            lines.append(self.client.readline())
        self.assertIn(b"* 1 EXISTS\r\n", lines)
        self.client.send(b"DONE\r\n")
        while not lines[-1].startswith(b"i1 "):
            lines.append(self.client.readline())
        self.assertTrue(lines[-1].startswith(b"i1 OK"), lines)

    def test_structure_of_every_sample_agrees_with_its_parts(self):
        for message in samples.all_of_them().values():
            self.client.append("INBOX", "", None, message)
        self.client.select("INBOX")
        status, answer = self.client.fetch("1:*", "(ENVELOPE BODYSTRUCTURE BODY[HEADER] BODY[TEXT] RFC822.SIZE)")
        self.assertEqual(status, "OK")
        sizes = [len(a[1]) for a in answer if isinstance(a, tuple)]
        wholes = [len(message) for message in samples.all_of_them().values()]
        self.assertEqual([header + text for header, text in zip(sizes[::2], sizes[1::2])], wholes)
        status, answer = self.client.fetch("2", "(BODY[2.MIME] BODY[1.2])")
        self.assertIn(b"application/pdf", answer[0][1])
        self.assertIn(b"<p>", answer[1][1])


if __name__ == "__main__":
    unittest.main()
