"""A disk that is full: new mail is refused and told why, everything else goes on, and nothing needs a restart."""

import contextlib
import errno
import imaplib
import mmap
import os
import smtplib
import struct
import subprocess
import sys
import unittest

import box
import samples
from box import Box
from test_imaplib import imap

FULL = (452, b"4.3.1")
REFUSED = "OVERQUOTA"


def message(name, octets=2000):
    return samples.plain(subject=name, text=("x" * 70 + "\r\n") * (octets // 72), message_id=f"<{name}@full-disk>")


class Client:
    """Alice's mail program and somebody's who writes to her, connected all the time; knows what was acknowledged."""

    def __init__(self, running):
        self.smtp = smtplib.SMTP("127.0.0.1", running.port("smtp"), timeout=60)
        self.smtp.ehlo()
        self.imap = imap(running)
        self.imap.select("INBOX")
        self.there = set()
        self.flagged = set()
        self.refused = 0

    def close(self):
        self.smtp.quit()
        self.imap.logout()

    def send(self, name, octets):
        try:
            self.smtp.sendmail("x@example.org", ["alice@office.lan"], message(name, octets))
        except smtplib.SMTPResponseException as error:
            assert (error.smtp_code, error.smtp_error[:5]) == FULL, error
            self.refused += 1
            return False
        self.there.add(name)
        return True

    def ask(self, command, *arguments):
        """Whether it was done; else the store is full and says so."""
        status, answer = getattr(self.imap, command)(*arguments)
        if status == "OK":
            return answer
        assert answer[0].startswith(f"[{REFUSED}]".encode()), answer
        self.refused += 1
        return None

    def append(self, name, octets):
        if self.ask("append", "INBOX", None, None, message(name, octets)):
            self.there.add(name)

    def uids(self):
        """UIDs by subject, and who carries \\Deleted: read over a fetch of everything."""
        self.imap.noop()
        status, answer = self.imap.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        assert status == "OK", answer
        found, deleted = {}, set()
        for line, subject in (item for item in answer if isinstance(item, tuple)):
            name = subject.split(b":", 1)[1].strip().decode()
            assert name not in found, f"{name} is there twice"
            found[name] = line.split(b"UID ")[1].split()[0].decode()
            if b"\\Deleted" in line:
                deleted.add(name)
        return found, deleted

    def delete(self, name):
        if self.ask("uid", "STORE", self.uids()[0][name], "+FLAGS.SILENT", r"(\Deleted)"):
            self.flagged.add(name)

    def expunge(self):
        if self.ask("expunge") is not None:
            self.there -= self.flagged
            self.flagged = set()

    def check(self):
        found, deleted = self.uids()
        assert set(found) == self.there, (sorted(found), sorted(self.there))
        assert deleted == self.flagged, (deleted, self.flagged)


class FaultyDisk:
    """What tests/support/faulty_disk.h says of the daemon's disk, from outside."""

    def __init__(self, path):
        self.path = path
        path.write_bytes(struct.pack("iiiii", -1, 0, 0, 0, 0))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 20)

    def environment(self):
        return {"LD_PRELOAD": str(box._build / "tests/libfaulty_disk.so"), "POSTERN_FAULTY_DISK": str(self.path)}

    def fail_at(self, call, error, full):
        self.memory[4:20] = struct.pack("iiii", 1, error, full, 0)  # in the order in which they lie there
        self.memory[0:4] = struct.pack("i", call)

    def heal(self):
        self.memory[0:4] = struct.pack("i", -1)

    def failed(self):
        return struct.unpack("i", self.memory[16:20])[0]


@unittest.skipUnless(box._build.name == "dev", "a sanitizer wants to be loaded first")
class FullMeanwhile(unittest.TestCase):
    """The disk says no in the course of a script; the store's own tests do so at each write."""

    def run_script(self, client, name):
        client.send(f"{name}-a", 2_000)
        client.append(f"{name}-b", 1_000)
        for old in sorted(client.there - client.flagged)[:2]:
            client.delete(old)
        client.send(f"{name}-c", 1_000_000)  # more than is written ahead
        client.expunge()
        client.append(f"{name}-d", 100_000)

    def sweep(self, error, full):
        with contextlib.ExitStack() as stack:
            running = Box()
            disk = FaultyDisk(running.scratch / "faulty-disk")
            running.environment = disk.environment()
            stack.enter_context(running)
            client = Client(running)
            stack.callback(client.close)
            for call in range(0, 1000, 7):  # a prime, so that all kinds of calls come
                disk.fail_at(call, error, full)
                self.run_script(client, f"at-{call}")
                client.check()
                came = disk.failed()
                disk.heal()
                if not came:
                    break
                before = client.refused
                self.run_script(client, f"after-{call}")
                client.check()
                self.assertEqual(client.refused, before, "refused with a good disk")
            self.assertGreater(client.refused, 10)

    def test_once(self):
        self.sweep(errno.ENOSPC, 0)

    def test_from_then_on(self):
        self.sweep(errno.ENOSPC, 1)


@unittest.skipUnless(os.environ.get("POSTERN_OWN_MOUNTS"), "run by OwnMounts")
class SmallDisk(unittest.TestCase):
    """A real file system of a few MiB, filled to its brim."""

    def setUp(self):
        self.box = Box(accounts=["alice"])
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", self.box.directory], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.box.directory])
        self.enterContext(self.box)
        self.client = Client(self.box)
        self.addCleanup(self.client.close)

    def fill_with_mail(self, prefix):
        count = 0
        while self.client.send(f"{prefix}-{count}", 200_000):
            count += 1
        return count

    def delete_all(self):
        for name in sorted(self.client.there):
            self.client.delete(name)
        self.client.expunge()

    def test_mail_fills_it(self):
        first = self.fill_with_mail("first")
        self.assertGreater(first, 50)
        refused = self.client.refused
        self.client.check()
        self.client.append("refused", 200_000)
        self.assertEqual(self.client.refused, refused + 1)
        self.delete_all()
        self.assertEqual(self.client.refused, refused + 1, "deleting was refused")
        self.client.check()
        self.client.append("at once", 200_000)
        self.assertIn("at once", self.client.there)
        self.assertGreater(self.fill_with_mail("again"), first * 3 // 4)
        self.client.check()

    def test_something_else_fills_it(self):
        for count in range(20):
            self.client.send(f"before-{count}", 100_000)
        filler = self.box.directory / "filler"
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        self.assertEqual(os.statvfs(self.box.directory).f_bavail, 0)
        self.assertFalse(self.client.send("refused", 2_000))
        self.client.append("refused", 2_000)
        self.client.check()
        refused = self.client.refused
        self.delete_all()
        self.client.check()
        self.assertEqual(self.client.refused, refused, "deleting was refused")
        filler.unlink()
        self.assertTrue(self.client.send("after", 2_000))
        self.client.check()


@unittest.skipIf(os.environ.get("POSTERN_OWN_MOUNTS"), "it is inside")
class OwnMounts(unittest.TestCase):
    def test_small_disks(self):
        inside = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", sys.executable, box.REPO / "tests/system/main.py",
             "--preset", box._build.name, __file__, "SmallDisk"],
            env={**os.environ, "POSTERN_OWN_MOUNTS": "1"}, capture_output=True, text=True)
        self.assertEqual(inside.returncode, 0, inside.stdout[-8000:] + inside.stderr)
        self.assertIn("2 passed, 0 failed", inside.stdout)


if __name__ == "__main__":
    unittest.main()
