"""mbsync (isync): both ways between a Maildir and Postern, new mail, flags, deletions and new mailboxes."""

import unittest

import samples
from box import PASSWORDS, Box, client_ok
from test_imaplib import fetch_bodies, imap


class Mbsync(unittest.TestCase):
    def setUp(self):
        self.box = Box().__enter__()
        self.addCleanup(lambda: self.box.__exit__(None, None, None))
        self.maildir = self.box.scratch / "mail"
        self.maildir.mkdir()
        self.config = self.box.scratch / "mbsyncrc"
        password = PASSWORDS["alice"]
        self.config.write_text(f"""
IMAPAccount office
Host localhost
Port {self.box.port('imaps')}
User alice
Pass "{password}"
TLSType IMAPS
CertificateFile {self.box.ca}

IMAPStore far
Account office

MaildirStore near
Path {self.maildir}/
Inbox {self.maildir}/INBOX
SubFolders Verbatim

Channel office
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
CopyArrivalDate yes
""")

    def sync(self):
        client_ok(["mbsync", "-c", self.config, "office"], environment={"HOME": str(self.box.scratch)})

    def local(self, mailbox):
        return sorted(path for part in ("new", "cur") for path in (self.maildir / mailbox / part).glob("*"))

    def test_pulls_every_message_as_it_is(self):
        client = imap(self.box)
        messages = samples.all_of_them()
        for message in messages.values():
            client.append("INBOX", r"(\Seen)", None, message)
        self.sync()
        found = sorted(path.read_bytes().replace(b"\r\n", b"\n") for path in self.local("INBOX"))

        def without_tuid(text):  # mbsync may add a header line of its own to what it stores
            return b"\n".join(line for line in text.split(b"\n") if not line.startswith(b"X-TUID: "))

        self.assertEqual([without_tuid(text) for text in found],
                         sorted(message.replace(b"\r\n", b"\n") for message in messages.values()))
        for name in ("Sent", "Drafts", "Trash"):
            self.assertTrue((self.maildir / name).is_dir())
        client.logout()

    def test_changes_travel_both_ways(self):
        client = imap(self.box)
        for number in range(5):
            client.append("INBOX", "", None, samples.plain(subject=f"number {number}", message_id=f"<{number}@x>"))
        self.sync()
        # Here: one is read, one is thrown away, one is new in a mailbox that Postern does not have yet.
        messages = {path.read_bytes().split(b"number ")[1][:1]: path for path in self.local("INBOX")}
        cur = self.maildir / "INBOX" / "cur"
        seen = messages[b"1"]
        seen.rename(cur / (seen.name.split(":")[0] + ":2,S"))
        messages[b"2"].unlink()
        for part in ("cur", "new", "tmp"):
            (self.maildir / "Projects" / part).mkdir(parents=True)
        (self.maildir / "Projects" / "new" / "1.x.local").write_bytes(samples.plain(subject="filed").replace(b"\r\n", b"\n"))
        # There: one is flagged, one is deleted.
        client.select("INBOX")
        client.store("4", "+FLAGS", r"\Flagged")
        client.store("5", "+FLAGS", r"\Deleted")
        client.expunge()
        self.sync()
        self.sync()
        client.select("INBOX")
        self.assertEqual(client.search(None, "SEEN")[1], [b"2"])
        self.assertEqual(len(fetch_bodies(client)), 3)
        self.assertEqual(client.select("Projects")[1], [b"1"])
        self.assertEqual(len(self.local("INBOX")), 3)
        self.assertEqual(len([path for path in self.local("INBOX") if "F" in path.name.split(":2,")[-1]]), 1)
        client.logout()


if __name__ == "__main__":
    unittest.main()
