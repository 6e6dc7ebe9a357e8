"""The box hands out addresses to devices that have none. Run by test_addresses.py, in a network of its own, where it has one
end of a cable. dnsmasq does so as the firmware has it do; udhcpc asks as a device does."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from box import REPO, wait_until
from lan import ADDRESS, LanBox, Machine

HAND_OUT = REPO / "rootfs/overlay/usr/lib/postern/hand-out-addresses"
SCRIPT = """#!/bin/sh
[ "$1" = bound ] && echo "$ip $subnet $router $dns $domain $lease $serverid" >"$ANSWER" || true
"""


class AddressesOnLan(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        self.machine = self.enterContext(Machine(self.scratch))
        self.box = self.enterContext(LanBox(accounts=()))
        self.directory = self.box.directory / "dhcp"
        self.script = self.scratch / "udhcpc"
        self.script.write_text(SCRIPT)
        self.script.chmod(0o755)
        # Who passes for root in a network of his own may not give groups up, which dnsmasq does as root.
        self.environment = {**os.environ, "LD_PRELOAD": str(REPO / "build/dev/tests/libpretend_users.so")}

    def hand_out(self):
        process = subprocess.Popen([HAND_OUT, self.directory], stdout=subprocess.DEVNULL,
                                   stderr=open(self.scratch / "dnsmasq.log", "ab"), env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def ask_for_address(self, name):
        """Gives what a device of that name is told."""
        answer = self.scratch / "answer"
        answer.unlink(missing_ok=True)
        self.machine.run("env", f"ANSWER={answer}", "busybox", "udhcpc", "-f", "-n", "-q", "-t", "20", "-T", "1", "-i", "far", "-x",
                         f"hostname:{name}", "-s", self.script, seconds=60)
        address, mask, *others = answer.read_text().split()
        return address, mask, others

    def named(self, name, kind="A"):
        return self.machine.run("dig", "+short", f"@{ADDRESS}", name, kind).strip()

    def test_a_device_gets_an_address_and_its_name_is_known(self):
        self.assertEqual(self.box.json("status")["addresses_handed_out"], "no")
        self.assertFalse((self.directory / "dnsmasq.conf").exists())
        self.box.command("settings", "set", "dhcp.serve", "yes")
        self.assertEqual(self.box.json("status")["addresses_handed_out"], "192.168.7.100 to 192.168.7.199 on near")
        self.hand_out()
        address, mask, others = self.ask_for_address("Annas-Phone")
        self.assertRegex(address, r"^192\.168\.7\.1\d\d$")
        # There is no router, and none is named.
        self.assertEqual((mask, others), ("255.255.255.0", [ADDRESS, "office.lan", "43200", ADDRESS]))
        wait_until("the device's name", lambda: self.named("annas-phone.office.lan") == address)
        reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
        self.assertEqual(self.named(reverse, "PTR"), "annas-phone.office.lan.")
        lease, = self.box.json("lease", "list")
        self.assertEqual((lease["address"], lease["name"]), (address, "annas-phone"))

        # A device does not become the box by calling itself so.
        self.ask_for_address("mail")
        wait_until("the lease", lambda: self.box.json("lease", "list")[0]["name"] == "mail")
        self.assertEqual(self.named("mail.office.lan"), ADDRESS)
        self.assertEqual(self.named("annas-phone.office.lan"), "")

        # Known after a start, too, and forgotten once nothing is handed out any more.
        self.ask_for_address("desk")
        wait_until("the device's name", lambda: self.named("desk.office.lan") == address)
        self.box.restart()
        self.assertEqual(self.named("desk.office.lan"), address)
        # Nor the office's web site, where that is in the internet.
        self.box.command("settings", "set", "dns.split", "yes")
        self.assertEqual(self.named("desk.office.lan"), "")
        self.box.command("settings", "set", "dns.split", "no")
        self.assertEqual(self.named("desk.office.lan"), address)
        self.box.command("settings", "set", "dhcp.serve", "no")
        self.assertEqual(self.named("desk.office.lan"), "")
        self.assertFalse((self.directory / "dnsmasq.conf").exists())

    def test_what_the_administrator_wants_is_what_devices_are_told(self):
        for setting, value in (("range", "192.168.7.30-192.168.7.30"), ("router", "192.168.7.254"), ("lease_time", "2h"), ("serve", "yes")):
            self.box.command("settings", "set", f"dhcp.{setting}", value)
        self.hand_out()
        self.assertEqual(self.ask_for_address("desk"), ("192.168.7.30", "255.255.255.0", ["192.168.7.254", ADDRESS, "office.lan", "7200", ADDRESS]))

    def test_what_cannot_be_is_told(self):
        status = lambda: self.box.json("status")["addresses_handed_out"]
        self.box.command("settings", "set", "dhcp.range", "192.168.9.30-192.168.9.40")
        self.box.command("settings", "set", "dhcp.serve", "yes")
        self.assertRegex(status(), "^no: .* in no network that holds it")
        self.box.command("settings", "reset", "dhcp.range")
        self.assertEqual(status(), "192.168.7.100 to 192.168.7.199 on near")
        self.box.command("settings", "set", "dhcp.range", "nonsense")
        self.assertRegex(status(), "^as before: .* no range of addresses")
        self.assertIn("addresses_unserved", self.box.read_log())

    def test_where_another_server_hands_out_addresses_the_box_does_not(self):
        other = self.machine.start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=far",
                                   "--dhcp-range=192.168.7.50,192.168.7.60", "--user=root", "--group=root", "--pid-file=",
                                   f"--dhcp-leasefile={self.scratch}/others-leases", stderr=subprocess.DEVNULL, env=self.environment)
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.box.command("settings", "set", "dhcp.serve", "yes")
        # It may not listen yet when it is asked.
        wait_until("a refusal", lambda: self.ends_soon(self.hand_out()))
        said = "no: 192.168.7.2 hands out addresses on near already"
        wait_until("the refusal to be told", lambda: self.box.json("status")["addresses_handed_out"] == said)
        self.assertIn("addresses_unserved", self.box.read_log())
        other.kill()
        other.wait()
        self.hand_out()
        wait_until("it to be told no more", lambda: self.box.json("status")["addresses_handed_out"] == "192.168.7.100 to 192.168.7.199 on near")
        self.assertRegex(self.ask_for_address("desk")[0], r"^192\.168\.7\.1\d\d$")

    @staticmethod
    def ends_soon(process):
        """Whether it refuses; one that begins is stopped."""
        try:
            return process.wait(15) == 1
        except subprocess.TimeoutExpired:
            process.kill()
            return False


if __name__ == "__main__":
    unittest.main()
