"""Backups: a box that is used is copied as of one instant, proved, and restored in a fresh directory as it was."""

import hashlib
import imaplib
import json
import os
import shutil
import signal
import smtplib
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import samples
from box import Box, PASSWORDS, program, wait_until
from test_imaplib import imap


def append(client, name, mailbox="INBOX", flags="", size=1000):
    status, answer = client.append(mailbox, flags, None, samples.plain(
        subject=name, text=f"the text of {name}\r\n" + "x" * size, message_id=f"<{name}@backup>"))
    assert status == "OK", answer


def all_that_is_seen(box, account, mailboxes):
    """What a mail program can tell of them."""
    client = imap(box, account)
    seen = {}
    for name in mailboxes:
        status, answer = client.status(name, "(UIDVALIDITY MESSAGES UNSEEN)")
        assert status == "OK", answer
        client.select(name, readonly=True)
        status, rows = client.uid("FETCH", "1:*", "(UID FLAGS MODSEQ INTERNALDATE RFC822.SIZE BODY.PEEK[])")
        assert status == "OK", rows
        seen[name] = (answer, [row for row in rows if row is not None])
    seen["list"] = sorted(client.list()[1])
    seen["subscribed"] = sorted(client.lsub()[1])
    client.logout()
    return seen




class Backup(unittest.TestCase):
    def fill(self, box):
        """An office as offices are."""
        client = imap(box)
        for i in range(20):
            append(client, f"letter {i}", flags="\\Seen" if i % 3 else "\\Flagged $Work")
        client.create("Archive/2026/Q1")
        client.subscribe("Archive/2026/Q1")
        client.select("INBOX")
        client.uid("COPY", "1:5", "Archive/2026/Q1")
        append(client, "large", "Archive/2026/Q1", size=3_000_000)
        client.select("INBOX")
        client.uid("STORE", "7", "+FLAGS", "(\\Deleted)")
        client.expunge()
        client.logout()
        box.command("shared", "add", "Shared/Sales")
        box.command("shared", "give", "Shared/Sales", "bob", "write")
        box.command("alias", "add", "sales", "Shared/Sales", "alice")
        with smtplib.SMTP("127.0.0.1", box.port("submission")) as submission:
            submission.starttls()
            submission.login("alice", PASSWORDS["alice"])
            submission.sendmail("alice@office.lan", ["far@away.example", "sales@office.lan"],
                                samples.plain(subject="far", text="away", message_id="<far@backup>"))

    def restored_box(self, box, file, *words, input=None):
        fresh = Box(accounts=())
        done = fresh.run("restore", file, *words, input=input)
        self.assertEqual(done.returncode, 0, done.stderr)
        return fresh, done

    def test_a_restored_box_is_the_box_that_it_was(self):
        with Box() as box:
            self.fill(box)
            names = ["INBOX", "Archive/2026/Q1"]
            before = all_that_is_seen(box, "alice", names)
            queue = box.json("queue", "list")
            self.assertEqual(len(queue), 1)
            file = box.scratch / "office.postern"
            made = box.json("backup", file)
            self.assertEqual(made["proof"], "read back, opened and checked")
            self.assertEqual(made["queue"], 1)
            self.assertEqual(made["octets"], file.stat().st_size)
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertFalse(Path(f"{file}.unfinished").exists())
            self.assertFalse((box.directory / "backup.proof").exists())
            self.assertEqual(box.json("status")["last_backup"]["file"], str(file))
            fresh, done = self.restored_box(box, file)
            self.assertRegex(done.stdout, r"queue held: +1")
            with fresh:
                after = all_that_is_seen(fresh, "alice", names)
                self.assertEqual(before, after)
                for name in ["ca.crt", "ca.key"]:
                    self.assertEqual((box.directory / "tls" / name).read_bytes(), (fresh.directory / "tls" / name).read_bytes())
                self.assertIn("Shared/Sales", fresh.command("shared", "list"))
                self.assertEqual(fresh.json("alias", "list"), box.json("alias", "list"))
                waits = fresh.json("queue", "list")
                self.assertEqual([item["recipient"] for item in waits], ["far@away.example"])
                self.assertEqual(waits[0]["state"], "held")
                self.assertEqual([account["name"] for account in fresh.json("account", "list")],
                                 [account["name"] for account in box.json("account", "list")])


if __name__ == "__main__":
    unittest.main()
