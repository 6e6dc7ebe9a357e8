"""Python's imaplib with what it does not know by itself: NOTIFY, UIDONLY and PREVIEW, two clients at a time."""

import imaplib
import unittest

from box import Box
from test_imaplib import imap, submission


def letter(subject, text):
    return f"From: bob@office.lan\r\nTo: alice@office.lan\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


imaplib.Commands.update({name: ("AUTH", "SELECTED") for name in ("NOTIFY", "SETMETADATA")})  # it does not know them


class Notify(unittest.TestCase):
    def says(self, client, command, *arguments):
        status, answer = client.xatom(command, *arguments)
        self.assertEqual(status, "OK", answer)

    def test_a_client_that_does_nothing_hears_of_all_mailboxes(self):
        with Box() as box, submission(box) as sender:
            reader, other = imap(box), imap(box)
            self.assertIn("NOTIFY", reader.capability()[1][0].decode().split())
            reader.select("Sent")
            self.says(
                reader,
                "NOTIFY",
                "SET",
                "(SELECTED (MessageNew (UID PREVIEW) MessageExpunge FlagChange))",
                "(PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))",
            )
            sender.sendmail("bob@office.lan", ["alice@office.lan"], letter("one", "It works."))
            self.assertRegex(reader.readline(), rb"^\* STATUS INBOX \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)\r\n$")
            other.create("Projects")
            self.assertEqual(reader.readline(), b'* LIST (\\HasNoChildren) "/" Projects\r\n')
            other.subscribe("Projects")
            self.assertEqual(reader.readline(), b'* LIST (\\HasNoChildren \\Subscribed) "/" Projects\r\n')
            other.rename("Projects", "Done")
            self.assertEqual(reader.readline(), b'* LIST (\\HasNoChildren) "/" Done ("OLDNAME" (Projects))\r\n')
            other.delete("Done")
            self.assertEqual(reader.readline(), b'* LIST (\\NonExistent) "/" Done\r\n')

            # What it selects it is told of message by message.
            reader.select("INBOX")
            sender.sendmail("bob@office.lan", ["alice@office.lan"], letter("two", "How   are\r\nyou?"))
            self.assertEqual(reader.readline(), b"* 2 EXISTS\r\n")
            self.assertRegex(reader.readline(), rb"^\* \d+ RECENT\r\n$")
            self.assertEqual(reader.readline(), b'* 2 FETCH (UID 2 PREVIEW "How are you?")\r\n')
            other.select("INBOX")
            other.store("1", "+FLAGS", r"(\Deleted)")
            self.assertRegex(reader.readline(), rb"^\* 1 FETCH \(UID 1 FLAGS \(\\Deleted[^)]*\)\)\r\n$")
            other.expunge()
            self.assertEqual(reader.readline(), b"* 1 EXPUNGE\r\n")

            # And a client of its own commands hears nothing of them.
            reader.create("Mine")
            reader.append("Mine", None, None, letter("three", "x"))
            self.says(reader, "NOTIFY", "NONE")
            other.append("Trash", None, None, letter("four", "x"))
            self.assertEqual(reader.noop(), ("OK", [b"Nothing done"]))
            self.assertNotIn("STATUS", reader.untagged_responses)
            self.assertNotIn("LIST", reader.untagged_responses)
            reader.logout()
            other.logout()

    def test_changed_annotations_are_told_without_being_asked_for(self):
        with Box() as box:
            reader, other = imap(box), imap(box)
            self.says(reader, "NOTIFY", "SET", "(MAILBOXES INBOX (MailboxMetadataChange))", "(PERSONAL (ServerMetadataChange))")
            for mailbox in ("INBOX", "Sent", '""'):
                self.assertEqual(other.xatom("SETMETADATA", mailbox, '(/private/comment "x")')[0], "OK")
            self.assertEqual(reader.readline(), b"* METADATA INBOX /private/comment\r\n")
            self.assertEqual(reader.readline(), b'* METADATA "" /private/comment\r\n')
            reader.logout()
            other.logout()

    def test_what_others_share_is_told_of_as_long_as_it_is_shared(self):
        with Box() as box, submission(box) as sender:
            bob, alice, admin = imap(box, "bob"), imap(box), imap(box)  # alice is the administrator
            alice.create("Projects")
            alice.setacl("Projects", "bob", "l")
            self.says(
                bob,
                "NOTIFY",
                "SET",
                '(SUBTREE ("Other Users/" Shared) (MessageNew MessageExpunge MailboxName))',
                "(PERSONAL (MessageNew MessageExpunge))",
            )
            self.assertEqual(bob.response("LIST")[1], [b'(\\HasNoChildren \\NoAccess) "/" "Other Users/alice/Projects"'])
            # By its owner, by a delivery, and by who shares it as well.
            alice.append("Projects", None, None, letter("one", "x"))
            alice.setacl("Projects", "bob", "lr")
            self.assertEqual(bob.readline(), b'* STATUS "Other Users/alice/Projects" (MESSAGES 1 UIDNEXT 2)\r\n')
            alice.append("Projects", None, None, letter("two", "x"))
            self.assertEqual(bob.readline(), b'* STATUS "Other Users/alice/Projects" (MESSAGES 2 UIDNEXT 3)\r\n')
            alice.setacl("INBOX", "bob", "lr")
            self.assertEqual(bob.readline(), b'* LIST (\\HasNoChildren) "/" "Other Users/alice/INBOX"\r\n')
            sender.sendmail("bob@office.lan", ["alice@office.lan"], letter("three", "x"))
            self.assertEqual(bob.readline(), b'* STATUS "Other Users/alice/INBOX" (MESSAGES 1 UIDNEXT 2)\r\n')
            alice.create("Shared/Info")
            alice.setacl("Shared/Info", "anyone", "lr")
            self.assertEqual(bob.readline(), b'* LIST (\\HasNoChildren) "/" Shared/Info\r\n')
            admin.append("Shared/Info", None, None, letter("four", "x"))
            self.assertEqual(bob.readline(), b"* STATUS Shared/Info (MESSAGES 1 UIDNEXT 2)\r\n")

            # A right that is taken away ends it, whatever happens in there afterwards.
            alice.deleteacl("Projects", "bob")
            self.assertEqual(bob.readline(), b'* LIST (\\NonExistent) "/" "Other Users/alice/Projects"\r\n')
            alice.setacl("INBOX", "bob", "-r")
            alice.append("Projects", None, None, letter("five", "x"))
            alice.rename("Projects", "Secret")
            sender.sendmail("bob@office.lan", ["alice@office.lan"], letter("six", "x"))
            sender.sendmail("bob@office.lan", ["bob@office.lan"], letter("seven", "x"))
            self.assertEqual(bob.readline(), b"* STATUS INBOX (MESSAGES 1 UIDNEXT 2)\r\n")
            for client in (bob, alice, admin):
                client.logout()

    def test_many_at_a_time_hear_of_much(self):
        """However much happens while nobody listens, it ends in how things are."""
        with Box() as box:
            readers = [imap(box) for _ in range(5)]
            for reader in readers:
                self.says(reader, "NOTIFY", "SET", "(SUBTREE Flood (MessageNew MessageExpunge MailboxName))")
            writer = imap(box)
            writer.create("Flood")
            for number in range(100):
                writer.create(f"Flood/{number:03}")
                writer.append(f"Flood/{number:03}", None, None, letter(str(number), "x"))
            for reader in readers:
                self.assertEqual(reader.noop()[0], "OK")
                listed = {line.split()[-1] for line in reader.response("LIST")[1]}
                self.assertLessEqual({b"Flood/%03d" % number for number in range(100)}, listed)
                counted = {line.split()[0] for line in reader.response("STATUS")[1] if b"MESSAGES 1 " in line}
                self.assertEqual(counted, {b"Flood/%03d" % number for number in range(100)})
                reader.logout()
            writer.logout()


class UidOnly(unittest.TestCase):
    def test_messages_have_uids_alone(self):
        with Box() as box, submission(box) as sender:
            for text in ("one", "two", "three"):
                sender.sendmail("bob@office.lan", ["alice@office.lan"], letter(text, text))
            client, other = imap(box), imap(box)
            self.assertEqual(client.enable("UIDONLY")[0], "OK")
            client.select("INBOX")
            with self.assertRaisesRegex(imaplib.IMAP4.error, "UIDREQUIRED"):
                client.fetch("1", "(FLAGS)")
            self.assertEqual(client.uid("FETCH", "2:*", "(PREVIEW)")[0], "OK")
            self.assertEqual(client.response("UIDFETCH")[1], [b'2 (PREVIEW "two")', b'3 (PREVIEW "three")'])
            other.select("INBOX")
            other.store("1", "+FLAGS", r"(\Deleted)")
            other.expunge()
            client.noop()
            self.assertEqual(client.response("VANISHED")[1], [b"1"])
            client.logout()
            other.logout()


if __name__ == "__main__":
    unittest.main()
