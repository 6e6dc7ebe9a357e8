"""Backups: a box that is used is copied as of one instant, proved, and restored in a fresh directory as it was."""

import json
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import samples
from box import DOMAIN, Box, PASSWORDS, program
from test_imaplib import imap

BACKUPS = Path(__file__).parent / "backups"  # as they were made once


def append(client, name, mailbox="INBOX", flags="", size=1000):
    status, answer = client.append(mailbox, flags, None, samples.plain(
        subject=name, text=f"the text of {name}\r\n" + "x" * size, message_id=f"<{name}@backup>"))
    assert status == "OK", answer


def bring(box, name):
    with imap(box) as client:
        append(client, name)


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

    def restored_box(self, file, *words, input=None):
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
            fresh, done = self.restored_box(file)
            self.assertRegex(done.stdout, r"queue held: +1")
            with fresh:
                after = all_that_is_seen(fresh, "alice", names)
                self.assertEqual(before, after)
                for name in ["ca.crt", "ca.key", "server.crt", "server.key"]:
                    self.assertEqual((box.directory / "tls" / name).read_bytes(), (fresh.directory / "tls" / name).read_bytes())
                self.assertIn("Shared/Sales", fresh.command("shared", "list"))
                self.assertEqual(fresh.json("alias", "list"), box.json("alias", "list"))
                waits = fresh.json("queue", "list")
                self.assertEqual([item["recipient"] for item in waits], ["far@away.example"])
                self.assertEqual(waits[0]["state"], "held")
                self.assertEqual([account["name"] for account in fresh.json("account", "list")],
                                 [account["name"] for account in box.json("account", "list")])

    def test_what_happens_while_a_backup_is_made_is_not_in_it_and_does_not_wait(self):
        with Box(accounts=["alice"]) as box:
            client = imap(box)
            for i in range(20):
                append(client, f"early {i}", size=1_000_000)
            with Content(box) as content:
                octets = content.piece()
                # Whoever made it takes no more for now, and much more is still to come than the socket holds.
                append(client, "late")
                client.select("INBOX")
                client.store("1:20", "+FLAGS", "\\Deleted")
                self.assertEqual(client.expunge()[0], "OK")
                self.assertLess(len(octets), 10_000_000)
                octets += content.rest()
            for i in range(20):
                self.assertIn(f"the text of early {i}\r\n".encode(), octets)
            self.assertNotIn(b"the text of late", octets)
            # And one that is given up keeps nothing from being erased.
            with Content(box) as content:
                content.piece()
            self.assertEqual(box.json("check")["problems"], [])
            client.logout()

    def test_a_passphrase_or_a_key_is_wanted_again(self):
        with Box(accounts=["alice"]) as box:
            bring(box, "secret matter")
            words, key = box.scratch / "words", box.scratch / "key"
            box.command("backup-key", key)
            self.assertEqual(key.stat().st_mode & 0o777, 0o600)
            self.assertEqual(box.run("backup-key", key).returncode, 1)
            box.command("backup", words, "--passphrase-stdin", input="correct horse\n")
            box.command("backup", box.scratch / "keyed", "--key", key)
            for file in [words, box.scratch / "keyed"]:
                self.assertNotIn(b"secret matter", file.read_bytes())
            fresh = Box(accounts=())
            with fresh:
                fresh.stop()
                shutil.rmtree(fresh.directory)
                for arguments, input, reason in [
                        ((words,), None, "encrypted with a passphrase"),
                        ((words, "--passphrase-stdin"), "wrong\n", "the passphrase is not the one"),
                        ((words, "--key", key), None, "encrypted with a passphrase"),
                        ((box.scratch / "keyed",), None, "encrypted with a key"),
                        ((box.scratch / "keyed", "--key", box.scratch / "none"), None, "cannot read the key")]:
                    done = fresh.run("restore", *arguments, input=input)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(reason, done.stderr)
                    self.assertFalse((fresh.directory / "store").exists())
                fresh.command("restore", words, "--passphrase-stdin", input="correct horse\n")
                again = fresh.run("restore", box.scratch / "keyed", "--key", key)
                self.assertEqual(again.returncode, 1)
                self.assertIn("--replace", again.stderr)
                replaced = json.loads(fresh.command("restore", box.scratch / "keyed", "--key", key, "--replace", "--json"))
                self.assertTrue((Path(replaced["replaced"]) / "store/data.mdb").exists())
                fresh.start()
                client = imap(fresh)
                client.select("INBOX")
                self.assertIn(b"secret matter", client.fetch("1", "(BODY.PEEK[])")[1][0][1])
                client.logout()
                refused = fresh.run("restore", words, "--replace", "--passphrase-stdin", input="correct horse\n")
                self.assertEqual(refused.returncode, 1)
                self.assertIn("stop posternd first", refused.stderr)

    def test_a_box_that_does_not_run_is_copied_as_well(self):
        with Box(accounts=["alice"]) as box:
            bring(box, "asleep")
            box.stop()
            made = box.json("backup", box.scratch / "file")
            self.assertEqual(made["messages"], 1)
            self.assertEqual(box.run("backup").returncode, 2)
            self.assertEqual(box.run("backup", "--scheduled").returncode, 3)
            # Whoever was interrupted in the one moment in which things are moved is helped by the next start.
            whole = box.directory / "restore.whole"
            (whole / "new").mkdir(parents=True)
            (whole / "old").mkdir()
            (box.directory / "store").rename(whole / "new/store")
            with subprocess.Popen(program("posternd", "--data", box.directory, "--listen", "127.0.0.1", "--port-base", box.base),
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
                self.assertEqual(daemon.stdout.readline(), b"ready\n")
                self.assertEqual(box.json("status")["domain"], DOMAIN)  # it does not wait for an office
                daemon.terminate()
            box.start()
            client = imap(box)
            self.assertEqual(client.select("INBOX")[1], [b"1"])
            client.logout()
            self.assertFalse(whole.exists())

    def test_a_full_stick_is_left_without_anything_that_looks_like_a_backup(self):
        with Box(accounts=["alice"]) as box:
            noise = os.urandom(1_000_000).hex()  # what does not become small
            with imap(box) as client:
                client.append("INBOX", None, None, samples.plain(subject="noise", text=noise, message_id="<noise@backup>"))
            stick = box.scratch / "stick"
            stick.mkdir()
            words = " ".join(f"'{word}'" for word in program("postern", "--data", box.directory, "backup", stick))
            done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                                   f"mount -t tmpfs -o size=256k none '{stick}' && {{ {words}; echo $?; ls '{stick}'; }}"],
                                  capture_output=True, text=True)
            self.assertEqual(done.stdout, "1\n", done.stderr)
            self.assertIn("No space left", done.stderr)

    def test_scheduled_ones_come_when_a_stick_is_in_and_the_oldest_go(self):
        with Box(accounts=["alice"]) as box, tempfile.TemporaryDirectory(prefix="postern-stick-", dir="/tmp") as stick:
            self.assertEqual(box.command("backup", "--scheduled"), "")  # nobody asked for any
            directory = Path(stick) / "backups"
            key = box.scratch / "key"
            box.command("backup-key", key)
            box.command("settings", "set", "backup.directory", directory)
            box.command("settings", "set", "backup.keep", "2")
            box.command("settings", "set", "backup.key", key)
            self.assertEqual(box.command("backup", "--scheduled"), "")
            self.assertIn("no medium is in", box.json("status")["last_backup"]["trouble"])
            directory.mkdir()
            for i in range(1, 4):
                (directory / f"office.lan-2020010{i}T000000Z.postern").touch()
            (directory / "office.lan-20200104T000000Z.postern.unfinished").touch()
            (directory / "holiday.jpeg").touch()
            made = box.json("backup", "--scheduled")
            self.assertEqual(made["protected_by"], "a key")
            self.assertEqual(sorted(path.name for path in directory.iterdir()),
                             ["holiday.jpeg", "office.lan-20200103T000000Z.postern", Path(made["file"]).name])
            last = box.json("status")["last_backup"]
            self.assertEqual((last["file"], last["trouble"]), (made["file"], ""))
            self.assertEqual(box.command("backup", "--scheduled"), "")  # it is not time yet
            # On the box's own disk it would be of no use.
            (box.directory / "last_backup").unlink()
            box.command("settings", "set", "backup.directory", box.scratch)
            self.assertEqual(box.command("backup", "--scheduled"), "")
            self.assertIn("the box's own", box.json("status")["last_backup"]["trouble"])

    def test_the_log_says_when_the_last_one_is_too_old(self):
        with Box(accounts=["alice"]) as box:
            box.command("settings", "set", "backup.directory", "/nowhere")
            report = box.directory / "last_backup"
            report.write_text(json.dumps({"made": "2020-01-01T00:00:00Z"}))
            done = box.run("backup", "--scheduled")
            self.assertEqual(done.returncode, 0)
            self.assertIn("backup_overdue last=2020-01-01T00:00:00Z", done.stderr)

    def test_backups_of_every_format_that_was_ever_made_are_restored(self):
        for file, key in [("format-1.plain", []), ("format-1.keyed", ["--key", BACKUPS / "format-1.key"])]:
            fresh, _ = self.restored_box(BACKUPS / file, *key)
            with fresh:
                client = imap(fresh)
                client.select("INBOX")
                row, = [row for row in client.fetch("1:*", "(FLAGS BODY.PEEK[])")[1] if isinstance(row, tuple)]
                self.assertIn(b"$Work", row[0])
                self.assertIn(b"the text of of the first format", row[1])
                client.logout()

    def test_a_restore_that_is_killed_leaves_the_old_box_or_the_new_one(self):
        with Box(accounts=["alice"]) as new, Box(accounts=[]) as old:
            bring(new, "new")
            file = new.scratch / "file"
            new.command("backup", file)
            old.stop()
            kept = old.scratch / "kept"
            shutil.copytree(old.directory, kept)
            keys = [(box.directory / "tls/ca.key").read_bytes() for box in (old, new)]
            seen = set()
            # At each call of these in turn, until one run comes to its end; strace kills it before the call is done.
            for call in ["rename", "fsync"]:
                for when in range(1, 1000):
                    done = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject=/^{call}(at2?)?$:signal=KILL:when={when}",
                                           *program("postern", "--data", old.directory, "restore", file, "--replace")],
                                          capture_output=True, text=True)
                    accounts = json.loads(old.command("check", "--json"))["accounts"]
                    seen.add((done.returncode == 0, accounts))
                    self.assertEqual((old.directory / "tls/ca.key").read_bytes(), keys[accounts])
                    if done.returncode == 0:
                        self.assertEqual(accounts, 1)
                        self.assertGreater(when, 4)
                        break
                    shutil.rmtree(old.directory)
                    shutil.copytree(kept, old.directory)
                shutil.rmtree(old.directory)
                shutil.copytree(kept, old.directory)
            self.assertEqual(seen, {(False, 0), (False, 1), (True, 1)})


class Content:
    """What `postern` asks the daemon for, taken at the pace of whoever takes it."""

    def __init__(self, box):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(box.directory / "control.sock"))
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        self.socket.sendall(b'{"command":"backup.content"}\n')
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def piece(self):
        line = json.loads(self.stream.readline())
        return self.stream.read(line["octets"]) if "octets" in line else b""

    def rest(self):
        octets = b""
        while piece := self.piece():
            octets += piece
        return octets


if __name__ == "__main__":
    unittest.main()
