"""A box from the card that was written to the version after the next, as its owner sees it: by the serial line and by mail."""

import imaplib
import os
import re
import smtplib
import ssl
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from box import wait_until  # noqa: E402
from bundles import stick, update  # noqa: E402
from machine import IMAGES, LONGEST, REPO, Machine  # noqa: E402
from terminal import Terminal  # noqa: E402

BOARD = os.environ.get("POSTERN_BOARD", "pc")
ADMINISTRATOR, ALICE = "geheim & gut", "correct horse battery"
MILLION = 1_000_000
WATCHDOG = ["-device", "i6300esb", "-action", "watchdog=reset"]


class Serial(Terminal):
    """Somebody's terminal at the end of the machine's serial line."""

    def __init__(self, machine):
        super().__init__(["sh", "-c", f"stty raw -echo && exec nc -U {machine.directory}/serial"], 80, 24)

    def shows(self, text):
        wait_until(f"{text!r} on the screen", lambda: text in self.screen(), LONGEST)


def certificates_of(machine):
    # The office's authority is made at the first start, and nobody has been told of it.
    return ssl._create_unverified_context()


def send(machine, text, domain="office.lan"):
    with smtplib.SMTP_SSL("127.0.0.1", machine.ports[465], context=certificates_of(machine), timeout=LONGEST) as client:
        client.login("admin", ADMINISTRATOR)
        client.sendmail(f"admin@{domain}", f"alice@{domain}", f"Subject: Hello\r\n\r\n{text}\r\n")


def mail_of(machine):
    with imaplib.IMAP4_SSL("127.0.0.1", machine.ports[993], ssl_context=certificates_of(machine), timeout=LONGEST) as client:
        client.login("alice", ALICE)
        client.select()
        return [client.fetch(number, "(BODY[TEXT])")[1][0][1].decode().strip() for number in client.search(None, "ALL")[1][0].split()]


def serves(machine):
    machine.wait_until("the daemon", "systemctl is-active posternd.service")


def is_kept(machine, slot, version):
    """Waits until the version that runs there has proved good."""
    machine.wait_until("the version to prove good", f'cat /data/rauc/failure.*; [ "$(cat /data/rauc/proved.{slot})" = {version} ]')
    machine.wait_until("it to be marked good", f"grub-editenv /efi/grubenv list | grep -qx {slot}_TRY=0")


class Life(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def go_through_first_boot(self, machine):
        with Serial(machine) as terminal:
            terminal.shows("office.lan")
            terminal.press("Enter", "Enter")  # English it stays
            terminal.press("Enter", "Enter")  # and what is on the disk not encrypted
            terminal.press("Enter")
            terminal.press("Enter", "Enter")
            terminal.shows("Write it down")
            terminal.enter(ADMINISTRATOR)
            terminal.shows("again")
            terminal.enter(ADMINISTRATOR)
            terminal.press("Enter", "Enter")
            terminal.shows("Name of the account")
            terminal.enter("alice")
            terminal.shows("Password: alice")
            terminal.enter(ALICE)
            terminal.shows("again")
            terminal.enter(ALICE)
            terminal.shows("alice@office.lan")
            terminal.press("Down", "Enter")
            terminal.press("Enter")
            terminal.press("Enter", "Enter")
            terminal.press("Enter")
            terminal.press("Enter")
            terminal.press("Down", "Enter")
            terminal.shows("http://setup.office.lan/")

    def test_from_a_card_to_the_version_after_the_next(self):
        second = update(BOARD, self.directory, "2.0")
        broken = update(BOARD, self.directory, "3.0", {"usr/sbin/posternd": ("755", "#!/bin/sh\nexit 1\n")})
        dead = update(BOARD, self.directory, "4.0", {"usr/lib/systemd/systemd": ("755", "#!/bin/sh\nexit 1\n")})
        sticks = stick(self.directory / "stick", second=second, broken=broken, dead=dead)
        self.assertLessEqual((IMAGES / BOARD / "root.squashfs").stat().st_size, 100 * MILLION)
        with Machine(BOARD, self.directory, extra=[*sticks, *WATCHDOG]) as machine:
            machine.start()
            self.go_through_first_boot(machine)
            serves(machine)
            send(machine, "It works.")
            self.assertEqual(mail_of(machine), ["It works."])
            self.is_as_it_should_be(machine)
            first = self.version(machine)
            is_kept(machine, "A", first)

            machine.run("postern box restart")
            machine.wait()
            machine.start()
            with Serial(machine) as terminal:
                terminal.shows("Password of this menu")
            self.assertEqual(mail_of(machine), ["It works."])

            self.updates(machine, "second")
            serves(machine)
            is_kept(machine, "B", "2.0")
            self.assertEqual(mail_of(machine), ["It works."])

            # What remains is the same on every board, and an emulated ARM takes its time.
            if BOARD != "pc":
                return

            # The one before is there for whoever wants it back.
            machine.run("postern box reset version")
            machine.wait()
            machine.start()
            serves(machine)
            self.assertEqual(self.version(machine), first)

            # One that does not work gives way to the one before by itself, and why is known.
            self.updates(machine, "broken")
            machine.wait()
            machine.start()
            serves(machine)
            self.assertEqual(self.version(machine), first)
            self.assertTrue(machine.run("cat /data/rauc/failure.B").strip())
            machine.run("postern box reset version")
            machine.wait_until("it to say that there is none", "postern box results | grep 'no earlier version'")
            send(machine, "Still here.")
            self.assertEqual(mail_of(machine), ["It works.", "Still here."])

            # So does one that never comes up; the boot loader tries it three times.
            self.updates(machine, "dead")
            for _ in range(3):
                machine.wait()
                machine.start()
            serves(machine)
            self.assertEqual(self.version(machine), first)
            machine.wait_until("the reason to be kept", "grep 'three attempts' /data/rauc/failure.B")
            self.assertEqual(mail_of(machine), ["It works.", "Still here."])

            # And so does a system that hangs: the hardware starts it anew.
            machine.run("echo 0 >/proc/sys/kernel/panic")
            machine.begin("echo c >/proc/sysrq-trigger")
            machine.wait()
            machine.start()
            serves(machine)

    def updates(self, machine, name):
        machine.wait_until("the stick", f"ls /run/media/*/{name}.raucb")
        machine.run(f"postern box update $(ls /run/media/*/{name}.raucb)")
        machine.wait()
        machine.start()

    def version(self, machine):
        return machine.run(". /etc/os-release; echo $VERSION_ID").strip()

    def is_as_it_should_be(self, machine):
        machine.wait_until("the start to be over", "systemctl is-system-running")
        exposure = machine.run("systemd-analyze security --no-pager posternd.service | tail -n 3")
        self.assertLessEqual(float(re.search(r"level for posternd.service: \D*([\d.]+)", exposure)[1]), 1.5)
        # Neither a shell nor anything else listens beside what Postern serves.
        listening = set(re.findall(r"^\S+\s+\S+\s+\S+\s+\S+:(\d+)\s", machine.run("ss --no-header --listening --tcp --numeric"), re.M))
        self.assertEqual({int(port) for port in listening}, {25, 53, 80, 110, 143, 443, 465, 587, 993, 995})
        total, available = (int(machine.run(f"sed -n 's/^{name}: *\\([0-9]*\\).*/\\1/p' /proc/meminfo")) for name in ("MemTotal", "MemAvailable"))
        self.assertLessEqual(total - available, 120_000)
        self.assertIn("policy drop", machine.run("nft list chain inet filter input"))


if __name__ == "__main__":
    unittest.main()
