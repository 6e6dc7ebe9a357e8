"""Python's poplib: what goes in by SMTP and IMAP comes out by POP3, octet for octet, and is deleted when it says so."""

import poplib
import ssl
import unittest

import samples
from box import PASSWORDS, Box
from test_imaplib import imap, submission


def pop(box, account="alice", tls="implicit"):
    """A client that is logged in; tls: implicit, stls or none."""
    context = ssl.create_default_context(cafile=str(box.ca))
    if tls == "implicit":
        client = poplib.POP3_SSL("localhost", box.port("pop3s"), context=context, timeout=60)
    else:
        client = poplib.POP3("localhost", box.port("pop3"), timeout=60)
        if tls == "stls":
            client.stls(context)
    client.user(account)
    client.pass_(PASSWORDS[account])
    return client


def message_of(client, number):
    return b"".join(line + b"\r\n" for line in client.retr(number)[1])


class Poplib(unittest.TestCase):
    def setUp(self):
        self.box = Box(settings={"pop3.lock_wait": "0"}).__enter__()
        self.addCleanup(lambda: self.box.__exit__(None, None, None))

    def append(self, *messages):
        client = imap(self.box)
        for message in messages:
            client.append("INBOX", "", None, message)
        client.logout()

    def test_every_sample_comes_back_whole(self):
        messages = [*samples.all_of_them().values()]
        self.append(*messages)
        for tls in ("implicit", "stls"):
            client = pop(self.box, tls=tls)
            self.assertEqual(client.stat(), (len(messages), sum(map(len, messages))))
            for number, message in enumerate(messages, 1):
                self.assertEqual(int(client.list(number).split()[2]), len(message))
                self.assertEqual(message_of(client, number), message)
                head, _, body = message.partition(b"\r\n\r\n")
                self.assertEqual(client.top(number, 3)[1], [*head.split(b"\r\n"), b"", *body.split(b"\r\n")[:-1][:3]])
            client.quit()

    def test_what_smtp_brings_begins_as_imap_shows_it(self):
        with submission(self.box) as sender:
            sender.sendmail("bob@office.lan", ["alice@office.lan"], samples.dotted())
        reader = imap(self.box)
        reader.select("INBOX")
        shown = reader.fetch("1", "(BODY.PEEK[])")[1][0][1]
        reader.logout()
        client = pop(self.box)
        self.assertEqual(message_of(client, 1), shown)
        self.assertTrue(shown.startswith(b"Return-Path: <bob@office.lan>\r\nReceived: "))
        client.quit()

    def test_deletes_at_quit_and_keeps_names_beside_imap(self):
        self.append(*(samples.plain(subject=f"number {number}") for number in range(6)))
        client, beside = pop(self.box), imap(self.box)
        beside.select("INBOX")
        names = [line.split()[1] for line in client.uidl()[1]]
        client.dele(2)
        client.dele(5)
        beside.store("3", "+FLAGS", r"\Deleted")
        beside.expunge()
        with self.assertRaises(poplib.error_proto) as gone:
            client.retr(3)
        self.assertIn("expunged", str(gone.exception))
        message_of(client, 4)
        client.quit()
        beside.noop()
        self.assertEqual(beside.select("INBOX")[1], [b"3"])
        self.assertEqual(beside.search(None, "SEEN")[1], [b"2"])
        beside.append("INBOX", "", None, samples.plain())
        beside.logout()
        client = pop(self.box)
        later = [line.split()[1] for line in client.uidl()[1]]
        self.assertEqual(later[:3], [names[0], names[3], names[5]])
        self.assertNotIn(later[3], names)
        client.quit()

    def test_a_connection_that_breaks_deletes_nothing(self):
        self.append(samples.plain())
        client = pop(self.box)
        client.dele(1)
        client.close()
        client = pop(self.box)
        self.assertEqual(client.stat()[0], 1)
        client.quit()

    def test_a_maildrop_has_one_session_at_a_time(self):
        client = pop(self.box)
        with self.assertRaises(poplib.error_proto) as busy:
            pop(self.box)
        self.assertIn("[IN-USE]", str(busy.exception))
        pop(self.box, "bob").quit()
        client.quit()
        pop(self.box).quit()
        self.assertIn("maildrop_in_use login=alice", self.box.read_log())

    def test_passwords_need_tls_unless_a_setting_says_otherwise(self):
        with self.assertRaises(poplib.error_proto):
            pop(self.box, tls="none")
        self.box.command("settings", "set", "login.allow_plaintext", "yes")
        pop(self.box, tls="none").quit()

    def test_what_is_deleted_stays_so_over_a_restart(self):
        self.append(samples.plain(), samples.large())
        client = pop(self.box)
        names = [line.split()[1] for line in client.uidl()[1]]
        client.dele(1)
        client.quit()
        self.box.restart()
        client = pop(self.box)
        self.assertEqual([line.split()[1] for line in client.uidl()[1]], names[1:])
        client.quit()


if __name__ == "__main__":
    unittest.main()
