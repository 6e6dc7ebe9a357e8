"""What a box is told by files and settings is done by its system: answers, its address, its time, backups, and forgetting."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from bundles import stick  # noqa: E402
from machine import Machine  # noqa: E402
from test_box import ADMINISTRATOR, ALICE, mail_of, send  # noqa: E402

BOARD = os.environ.get("POSTERN_BOARD", "pc")
ANSWERS = f"domain = {{}}\npassword = {ADMINISTRATOR}\naccount.alice.password = {ALICE}\n"


class Told(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def serves(self, domain):
        self.machine.wait_until(f"the office {domain}", f"postern account list | grep alice && postern status | grep -F {domain}")

    def restarts(self):
        self.machine.wait()
        self.machine.start()

    def stick(self):
        return self.machine.wait_until("the stick", "grep -o '/run/media/[^ ]*' /proc/mounts").strip()

    def test_what_it_is_told_it_does(self):
        with Machine(BOARD, self.directory, extra=stick(self.directory / "stick")) as self.machine:
            self.machine.lay_on_boot_partition("postern.conf", ANSWERS.format("first.lan"))
            self.machine.start()
            self.serves("first.lan")
            # There are passwords in it.
            self.machine.wait_until("the answers to be gone", "[ ! -e /efi/postern.conf ]")
            send(self.machine, "It works.", domain="first.lan")
            self.takes_an_address()
            self.backs_up()
            self.keeps_time()

            self.machine.run("postern settings set smtp.hop_limit 77")
            self.machine.run("postern box reset settings")
            self.restarts()
            self.serves("first.lan")
            self.assertIn("100", self.machine.run("postern settings get smtp.hop_limit"))
            self.assertEqual(mail_of(self.machine), ["It works."])

            # What it was is gone, and it goes by the answers on the stick.
            place = self.stick()
            self.machine.run("printf '" + ANSWERS.format("second.lan").replace("\n", "\\n") + f"' >{place}/postern.conf; sync")
            self.machine.run("postern box reset mail")
            self.restarts()
            self.serves("second.lan")
            self.assertEqual(mail_of(self.machine), [])
            self.machine.wait_until("the old office to be erased", "[ ! -e /data/gone ]")

    def takes_an_address(self):
        addresses = "ip -4 -oneline address show scope global"
        self.machine.wait_until("an address by DHCP", f"{addresses} | grep ' 10\\.0\\.2\\.15/24'")
        self.machine.run("postern settings set network.address 10.0.2.77/24")
        self.machine.wait_until("the address that was told", f"[ $({addresses} | grep -c .) = 1 ] && {addresses} | grep ' 10\\.0\\.2\\.77/24'")
        self.machine.run("postern settings reset network.address")
        self.machine.wait_until("an address by DHCP", f"[ $({addresses} | grep -c .) = 1 ] && {addresses} | grep ' 10\\.0\\.2\\.15/24'")

    def backs_up(self):
        self.machine.run(f"postern settings set backup.directory {self.stick()}")
        self.machine.run("systemctl is-active postern-backup.timer && systemctl start postern-backup.service")
        self.assertRegex(self.machine.run("ls /run/media/*/"), r"first\.lan-\S+\.postern\n")

    def keeps_time(self):
        self.machine.run("postern box time --zone Europe/Berlin --clock '2031-01-05 10:00'")
        self.machine.wait_until("its time", "date '+%F %Z' | grep -x '2031-01-05 CET'")
        self.machine.wait_until("its clock to keep it", "grep -x 2031-01-05 /sys/class/rtc/rtc0/date")


if __name__ == "__main__":
    unittest.main()
