"""Power that goes in the middle of a box's first start, of deliveries and of an update: it comes up again, and every message that
was acknowledged is there."""

import imaplib
import itertools
import smtplib
import ssl
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from box import wait_until  # noqa: E402
from bundles import stick, update  # noqa: E402
from forgetful_disk import ForgetfulDisk  # noqa: E402
from machine import LONGEST, Machine  # noqa: E402

BOARD = "pc"
PASSWORD = "correct horse battery"
ANSWERS = f"domain = office.lan\npassword = {PASSWORD}\naccount.alice.password = {PASSWORD}\n"


class Power(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        sticks = stick(self.directory / "stick", second=update(BOARD, self.directory, "2.0"))
        self.machine = self.enterContext(Machine(BOARD, self.directory, extra=sticks))
        self.disk = self.enterContext(ForgetfulDisk(self.machine.disk, seed=7))
        self.machine.drive = self.disk.arguments()
        self.acknowledged, self.numbers = [], itertools.count()

    def cut(self):
        self.disk.cut_power()
        self.machine.kill()
        self.disk.restore_power()

    def cut_after(self, flushes):
        """Cuts the power once the machine has flushed that often from now on."""
        there = self.disk.flushes + flushes
        wait_until("the disk to be flushed", lambda: self.disk.flushes >= there, LONGEST)
        self.cut()

    def serves(self):
        self.machine.wait_until("the daemon", "systemctl is-active posternd.service")
        self.assertLessEqual(set(self.acknowledged), set(self.mail()))

    def mail(self):
        if not self.acknowledged:
            return []
        with imaplib.IMAP4_SSL("127.0.0.1", self.machine.ports[993], ssl_context=ssl._create_unverified_context(), timeout=LONGEST) as client:
            client.login("alice", PASSWORD)
            client.select()
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY[TEXT])")[1][0][1].decode().strip() for number in numbers]

    def deliver(self, number):
        with smtplib.SMTP("127.0.0.1", self.machine.ports[25], timeout=LONGEST) as client:
            client.sendmail("device@office.lan", "alice@office.lan", f"Subject: {number}\r\n\r\n{number}\r\n")
        self.acknowledged.append(str(number))

    def deliver_until_it_ends(self):
        try:
            while True:
                self.deliver(next(self.numbers))
        except (OSError, smtplib.SMTPException):
            pass  # the power went

    def test_power_goes_whenever_it_likes(self):
        # While the disk is taken in.
        for flushes in (2, 6):
            self.machine.start()
            self.cut_after(flushes)
        self.machine.start()
        self.machine.wait_until("the daemon", "systemctl is-active posternd.service")
        self.machine.run("printf '" + ANSWERS.replace("\n", "\\n") + "' >/run/answers && postern setup --answers /run/answers")
        for _ in range(2):
            before = len(self.acknowledged)
            sender = threading.Thread(target=self.deliver_until_it_ends)
            sender.start()
            wait_until("some messages", lambda: len(self.acknowledged) >= before + 20, LONGEST)
            self.cut()
            sender.join()
            self.machine.start()
            self.serves()

        # While a version is written, and while it is made the one to start with.
        for flushes in (1, 4, 12):
            self.machine.wait_until("the stick", "ls /run/media/*/second.raucb")
            self.machine.run("postern box update $(ls /run/media/*/second.raucb)")
            self.cut_after(flushes)
            self.machine.start()
            self.serves()
        self.machine.run("postern check")
        self.deliver(next(self.numbers))
        self.serves()


if __name__ == "__main__":
    unittest.main()
