"""Annotations through imaplib: set, found again after a restart, and told to another client that idles."""

import imaplib
import unittest

from box import Box
from test_imaplib import imap

imaplib.Commands.update({"GETMETADATA": ("AUTH", "SELECTED"), "SETMETADATA": ("AUTH", "SELECTED")})


def values(client, *arguments):
    """What GETMETADATA answers."""
    status, answer = client.xatom("GETMETADATA", *arguments)
    assert status == "OK", answer
    return client.untagged_responses.pop("METADATA", [])


class Metadata(unittest.TestCase):
    def test_annotations_stay(self):
        with Box() as box:
            client = imap(box)
            self.assertEqual(client.xatom("SETMETADATA", "Archive", '(/shared/vendor/kolab/folder-type "mail")')[0], "OK")
            self.assertEqual(client.xatom("SETMETADATA", '""', '(/shared/comment "The office\'s box")')[0], "OK")
            self.assertEqual(client.xatom("SETMETADATA", "Archive", '(/private/specialuse "\\\\Sent")')[0], "OK")
            client.untagged_responses.clear()
            box.restart()
            client = imap(box)
            self.assertEqual(values(client, "Archive", "/shared/vendor/kolab/folder-type"),
                             [b'Archive (/shared/vendor/kolab/folder-type "mail")'])
            status, listed = client.list('""', '"*" RETURN (METADATA (/shared/vendor/kolab/folder-type))')
            self.assertEqual(status, "OK")
            self.assertIn(b'(\\HasNoChildren \\Sent) "/" Archive', listed)
            self.assertIn(b'Archive (/shared/vendor/kolab/folder-type "mail")', client.untagged_responses["METADATA"])
            client.untagged_responses.clear()
            bob = imap(box, "bob")
            self.assertEqual(values(bob, '""', "/shared/comment"), [b'"" (/shared/comment "The office\'s box")'])
            status, answer = bob.xatom("SETMETADATA", '""', '(/shared/comment NIL)')
            self.assertEqual(status, "NO")
            self.assertIn(b"[NOPERM]", answer[0])

    def test_who_idles_hears_of_changes(self):
        with Box(accounts=("alice",)) as box:
            listener, client = imap(box), imap(box)
            listener.enable("METADATA")
            listener.send(b"i1 IDLE\r\n")
            self.assertTrue(listener.readline().startswith(b"+ "))
            self.assertEqual(client.xatom("SETMETADATA", "INBOX", '(/private/comment "x")')[0], "OK")
            self.assertEqual(listener.readline(), b"* METADATA INBOX /private/comment\r\n")
            listener.send(b"DONE\r\n")
            self.assertTrue(listener.readline().startswith(b"i1 OK"))


if __name__ == "__main__":
    unittest.main()
