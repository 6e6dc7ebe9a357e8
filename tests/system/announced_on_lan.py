"""The box is found without its name server, by avahi as the firmware has it. Run by test_announced.py, in a network of its
own, where the box has one end of a cable."""

import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from box import REPO, wait_until
from lan import ADDRESS, LanBox, Machine
from test_names_server import counts_of, question

CONFIGURATION = REPO / "rootfs/overlay/etc/avahi/avahi-daemon.conf"
# In a view of the file system of its own: what the daemon announces is where the firmware's avahi finds it, and there is one
# user, by whatever name avahi asks for it.
AVAHI = """mount --bind {services} /etc/avahi/services && mount -t tmpfs none /run &&
    echo avahi:x:0:0::/:/bin/false >/run/passwd && mount --bind /run/passwd /etc/passwd &&
    echo avahi:x:0: >/run/group && mount --bind /run/group /etc/group &&
    exec avahi-daemon --no-chroot --no-drop-root --no-rlimits --file={configuration}"""


class Announced(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        self.machine = self.enterContext(Machine(self.scratch))
        self.box = self.enterContext(LanBox(accounts=()))
        # Also where nothing leads elsewhere.
        subprocess.run(["ip", "route", "add", "224.0.0.0/4", "dev", "near"], check=True)
        self.machine.run("ip", "route", "add", "224.0.0.0/4", "dev", "far")

    def asked(self, name, kind):
        """What is answered to one who asks directly (RFC 6762 §5.5), as who has no multicast does."""
        said = self.machine.do(subprocess.run, ["dig", "+short", "+tries=1", "+time=2", "-p", "5353", f"@{ADDRESS}", name, kind],
                               capture_output=True, text=True)
        return said.stdout.split("\n")[:-1] if said.returncode == 0 else []

    @staticmethod
    def who_answers(name):
        """The address of whoever answers a question by multicast (RFC 6762 §6.7)."""
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(20)
            client.sendto(question(name), ("224.0.0.251", 5353))
            answer, (address, _) = client.recvfrom(4096)
            return address if counts_of(answer)[0] == 1 else None

    def test_the_box_and_its_services_are_found(self):
        command = AVAHI.format(services=self.box.directory / "mdns", configuration=CONFIGURATION)
        avahi = subprocess.Popen(["unshare", "--mount", "sh", "-c", command], stderr=open(self.scratch / "avahi.log", "wb"))
        self.addCleanup(avahi.wait)
        self.addCleanup(avahi.kill)
        wait_until("the box's name", lambda: ADDRESS in self.asked("postern.local", "A"))
        self.assertEqual(self.machine.do(self.who_answers, "postern.local"), ADDRESS)
        for service, port in (("_imaps", 993), ("_submissions", 465), ("_pop3s", 995), ("_imap", 143), ("_submission", 587), ("_pop3", 110), ("_http", 80)):
            name = f"Mail\\032of\\032office\\.lan.{service}._tcp.local."
            wait_until(service, lambda: name in self.asked(f"{service}._tcp.local", "PTR"))
            self.assertIn(f"0 0 {port} postern.local.", self.asked(name, "SRV"))


if __name__ == "__main__":
    unittest.main()
