"""A box with two sockets for cables, and a fixed address. Run by test_first_boot.py, in a network of its own."""

import subprocess
import unittest

from box import Box


def ip(*words):
    subprocess.run(["ip", "link", *words], check=True)


class TwoSockets(unittest.TestCase):
    def setUp(self):
        for number in (0, 1):  # each with the other end of its cable
            ip("add", f"eth{number}", "type", "veth", "peer", "name", f"peer{number}")
            self.addCleanup(ip, "del", f"eth{number}")

    def plug(self, number, there):
        for end in (f"eth{number}", f"peer{number}"):
            ip("set", end, "up" if there else "down")

    def has_it(self, box):
        written = (box.directory / "network" / "10-postern.network").read_text()
        return written.splitlines()[1].removeprefix("Name=")

    def set_address(self, box, address):
        box.command("settings", "set", "network.address", address)

    def test_one_alone_has_a_fixed_address(self):
        with Box(accounts=()) as box:
            self.assertEqual(self.has_it(box), "en* eth*")  # an address by DHCP may come to each
            self.set_address(box, "192.168.7.2/24")
            self.assertEqual(self.has_it(box), "eth0")  # no cable is plugged in
            self.plug(1, True)
            self.set_address(box, "192.168.7.3/24")
            self.assertEqual(self.has_it(box), "eth1")
            self.plug(1, False)  # as when it has just been switched on
            box.restart()
            self.assertEqual(self.has_it(box), "eth1")
            self.plug(0, True)
            box.restart()
            self.assertEqual(self.has_it(box), "eth0")
            self.set_address(box, "dhcp")
            self.assertEqual(self.has_it(box), "en* eth*")

    def test_it_may_be_chosen(self):
        with Box(accounts=()) as box:
            self.plug(0, True)
            box.command("settings", "set", "network.interface", "wan0")
            self.set_address(box, "192.168.7.2/24")
            self.assertEqual(self.has_it(box), "wan0")
            for wrong in ("eth*", "two words", "a-name-that-is-too-long"):
                self.assertIn("network.interface", box.run("settings", "set", "network.interface", wrong).stderr)


if __name__ == "__main__":
    unittest.main()
