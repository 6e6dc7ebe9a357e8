"""Power that goes in the middle of a box's first start, of deliveries and of an update: it comes up again, and every message that
was acknowledged is there."""

import imaplib
import itertools
import smtplib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from box import wait_until  # noqa: E402
from bundles import stick, update  # noqa: E402
from forgetful_disk import FLUSH, WRITE, ForgetfulDisk  # noqa: E402
from machine import LONGEST, PASSWORD, Machine, partitions  # noqa: E402

BOARD = "pc"


def write_to(octets, number=1):
    """The write of that number to there."""
    seen = itertools.count(1)
    return lambda kind, offset, _: kind == WRITE and offset in octets and next(seen) == number


def flush(octets, number):
    """The flush of that number, of those that come once something was written to there."""
    seen = itertools.count(1)
    begun = []

    def condition(kind, offset, _):
        if kind == WRITE and offset in octets:
            begun.append(offset)
        return bool(begun) and kind == FLUSH and next(seen) == number

    return condition


class Power(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        sticks = stick(self.directory / "stick", second=update(BOARD, self.directory, "2.0"))
        self.machine = self.enterContext(Machine(BOARD, self.directory, extra=sticks))
        self.disk = self.enterContext(ForgetfulDisk(self.machine.disk, seed=7))
        self.machine.drive = self.disk.arguments()
        there = partitions(self.machine.disk)
        self.boot, self.slot_b = there["boot"], there["slot-b"]
        self.data = range(self.slot_b.stop, self.disk.size)
        self.acknowledged, self.numbers = [], itertools.count()

    def power_goes(self, condition):
        self.disk.cut_when(condition)
        self.assertTrue(self.disk.off.wait(LONGEST), "the machine never did that")
        self.machine.kill()
        self.disk.restore_power()

    def comes_up(self):
        self.machine.start()
        self.machine.wait_until("the daemon", "systemctl is-active posternd.service")
        if self.acknowledged:
            self.assertLessEqual(set(self.acknowledged), set(self.mail()))

    def mail(self):
        with imaplib.IMAP4_SSL("127.0.0.1", self.machine.ports[993], ssl_context=ssl._create_unverified_context(), timeout=LONGEST) as client:
            client.login("alice", PASSWORD)
            client.select()
            return [text[1].decode().strip() for text in client.fetch("1:*", "(BODY[TEXT])")[1] if isinstance(text, tuple)]

    def deliver(self):
        number = next(self.numbers)
        with smtplib.SMTP("127.0.0.1", self.machine.ports[25], timeout=LONGEST) as client:
            client.sendmail("device@office.lan", "alice@office.lan", f"Subject: {number}\r\n\r\n{number}\r\n")
        self.acknowledged.append(str(number))

    def deliver_until_it_ends(self):
        try:
            while True:
                self.deliver()
        except (OSError, smtplib.SMTPException):
            pass  # the power went

    def begin_update(self):
        self.machine.wait_until("the stick", "ls /run/media/*/second.raucb")
        self.machine.run("postern box update $(ls /run/media/*/second.raucb) >/dev/null 2>&1 &")

    def environments_that_a_cut_would_leave(self):
        """From now on: the boot loader's, of each moment in which something is written on its partition."""
        found, partition = [], self.directory / "boot"

        def look(kind, offset, _):
            if kind == WRITE and offset in self.boot:
                partition.write_bytes(self.disk.left_by_a_cut(self.boot))
                found.append(subprocess.run(["mtype", "-i", str(partition), "::/grubenv"], capture_output=True, text=True).stdout)
            return False

        self.disk.cut_when(look)
        return found

    def test_during_the_first_start(self):
        # While the disk is taken in, and the store made.
        partition_table = range(self.boot.start)
        for condition in (write_to(self.data), write_to(partition_table), *(flush(self.data, number) for number in (4, 9, 16))):
            self.machine.start()
            self.power_goes(condition)
        self.comes_up()
        self.machine.set_up()
        self.deliver()
        self.assertEqual(self.mail(), self.acknowledged)

    def test_during_deliveries_and_an_update(self):
        self.comes_up()
        self.machine.set_up()
        for condition in (write_to(self.data, 200), flush(self.data, 50)):
            senders = [threading.Thread(target=self.deliver_until_it_ends) for _ in range(4)]
            for sender in senders:
                sender.start()
            wait_until("some messages", lambda: len(self.acknowledged) >= 20, LONGEST)
            self.power_goes(condition)
            for sender in senders:
                sender.join()
            self.comes_up()

        # While the slot is called bad, while a version is written there, and where the boot loader tries it.
        for condition in (write_to(self.boot), write_to(self.slot_b, 40)):
            self.begin_update()
            self.power_goes(condition)
            self.comes_up()
        self.machine.run("postern check")
        self.deliver()
        environments = self.environments_that_a_cut_would_leave()
        self.begin_update()
        self.machine.wait()
        self.assertGreater(len(environments), 2)
        for environment in environments:
            self.assertIn("ORDER=", environment)
        self.machine.start()
        self.power_goes(write_to(self.boot))
        self.comes_up()
        self.assertEqual(self.machine.run(". /etc/os-release; echo $VERSION_ID").strip(), "2.0")


if __name__ == "__main__":
    unittest.main()
