"""A disk that is encrypted: whoever takes it away reads nothing, its own box opens it by itself, and another one by the passphrase."""

import contextlib
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from box import wait_until  # noqa: E402
from machine import Machine  # noqa: E402
from test_box import ADMINISTRATOR, ALICE, Serial, mail_of, send  # noqa: E402

BOARD = os.environ.get("POSTERN_BOARD", "pc")
PASSPHRASE = "an open sesame"
ANSWERS = f"""
domain = office.lan
password = {ADMINISTRATOR}
account.alice.password = {ALICE}
encrypt = tpm2
encrypt.passphrase = {PASSPHRASE}
"""


@contextlib.contextmanager
def tpm(directory):
    """A TPM of its own, which keeps what it knows there; gives QEMU's arguments for it."""
    directory.mkdir(exist_ok=True)
    line = directory / "line"
    process = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={directory}", "--ctrl", f"type=unixio,path={line}",
                                "--flags", "startup-clear"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until("the TPM", line.exists)
        yield ["-chardev", f"socket,id=tpm,path={line}", "-tpmdev", "emulator,id=tpm,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm"]
    finally:
        process.kill()
        process.wait()
        line.unlink(missing_ok=True)


class Disk(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.machine = self.enterContext(Machine(BOARD, self.directory))

    def test_it_is_opened_by_its_box_or_by_the_passphrase(self):
        self.machine.lay_on_boot_partition("postern.conf", ANSWERS)
        with tpm(self.directory / "own") as self.machine.extra:
            self.machine.start()
            self.serves()
            self.assertIn("encrypted=yes\n", self.machine.run("cat /run/postern/box"))
            send(self.machine, "Not for everybody's eyes.")
            self.machine.wait_until("it to have proved good", "test -e /data/rauc/proved.A")
            self.assertEqual(self.machine.run("blkid --match-tag TYPE --output value /dev/disk/by-partlabel/data").strip(), "crypto_LUKS")
            self.machine.run("sync")
            self.machine.run("systemctl --no-block poweroff")
            self.machine.wait()
        self.assertFalse(self.holds(b"Not for everybody's eyes."))

        with tpm(self.directory / "own") as self.machine.extra:
            self.machine.start()
            self.serves()
            self.assertEqual(mail_of(self.machine), ["Not for everybody's eyes."])
            self.machine.run("systemctl --no-block poweroff")
            self.machine.wait()

        with tpm(self.directory / "another") as self.machine.extra:
            self.machine.start()
            with Serial(self.machine) as terminal:
                terminal.shows("The disk is locked")
                self.machine.run("systemctl is-active posternd.service", fails=True)
                # Days may pass, and power cuts with them: this is no start in vain until somebody types.
                left = int(self.machine.run("cat /run/postern-locked"))
                self.assertEqual(self.attempts_left(), left + 1)
                terminal.enter("open sesame")
                terminal.shows("That is not the passphrase.")
                self.assertEqual(self.attempts_left(), left)
                terminal.enter(PASSPHRASE)
                terminal.shows("Password of this menu")
            self.serves()
            self.assertEqual(mail_of(self.machine), ["Not for everybody's eyes."])

    def serves(self):
        self.machine.wait_until("the office", "postern account list | grep alice")

    def attempts_left(self):
        return int(self.machine.run("/usr/lib/postern/attempts A"))

    def holds(self, octets):
        """Whether that can be read off the disk itself."""
        before = b""
        with open(self.machine.disk, "rb") as disk:
            while read := disk.read(1 << 24):
                if octets in before + read:
                    return True
                before = read[-len(octets):]
        return False


if __name__ == "__main__":
    unittest.main()
