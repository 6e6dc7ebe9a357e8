"""The box's front: the reset button, the light, and the display with its keys, all of them pressed and seen for real: on a
keyboard of QEMU's, whose F11 is made the key that a reset button is, and whose light is made the box's."""

import json
import os
import socket
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from machine import ANSWERS, PASSWORD, Machine  # noqa: E402

BOARD = os.environ.get("POSTERN_BOARD", "pc")
GUESSES = "echo a guess | postern menu check --password-stdin"  # which is right where there is none
# systemd.hwdb(7): by the key's usage on the USB.
RULE = 'SUBSYSTEM=="input", KERNEL=="event*", ENV{ID_BUS}=="usb", ENV{KEYBOARD_KEY_70044}="restart", RUN{builtin}+="keyboard", SYMLINK+="display-keys"'
DISPLAY = """Driver=text
Driver=linux_input

[text]
Size=20x4

[linux_input]
Device=/dev/display-keys
key=57,Enter
"""


class Front:
    """Who stands before the machine (QMP)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self.do("qmp_capabilities")

    def do(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        for line in self.lines:
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(f"{command}: {answer['error']}")
            if "return" in answer:
                return

    def hold(self, key, down=True):
        event = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}}
        self.do("input-send-event", events=[event])

    def release(self, key):
        self.hold(key, down=False)

    def press(self, key):
        self.hold(key)
        self.release(key)


class OfTheBox(unittest.TestCase):
    def test_its_button_its_light_and_its_display(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        extra = ["-device", "qemu-xhci", "-qmp", f"unix:{directory}/qmp,server=on,wait=off"]
        with Machine(BOARD, directory, extra=extra) as self.machine:
            self.machine.lay_on_boot_partition("postern.conf", ANSWERS)
            self.machine.start()
            self.front = Front(directory / "qmp")
            self.serves()
            self.get_keys_and_a_light()
            self.shows_the_menu_and_takes_keys()
            self.forgets_what_keeps_its_owner_out()

            self.front.press("f11")
            self.machine.wait()
            self.machine.start()
            self.serves()
            self.machine.run(f"echo '{PASSWORD}' | postern menu check --password-stdin")
            Front(directory / "qmp").do("system_powerdown")
            self.machine.wait()

    def serves(self):
        self.machine.wait_until("the office", "postern account list | grep alice")

    def get_keys_and_a_light(self):
        # An image has no light that a virtual machine has.
        self.machine.run("cp -a /usr/lib/postern /run/programs && mount --bind /run/programs /usr/lib/postern")
        self.machine.run(f"mkdir -p /run/udev/rules.d && echo '{RULE}' >/run/udev/rules.d/99-button.rules && udevadm control --reload")
        self.front.do("device_add", driver="usb-kbd", id="keys")
        light = self.machine.wait_until("the keyboard's lights", "cd /sys/class/leds && grep -l USB *::scrolllock/device/name").strip().split("/")[0]
        # By now it is a keyboard with another key.
        self.machine.wait_until("the keyboard", "udevadm trigger --settle /dev/display-keys")
        self.machine.wait_until("who watches the button", "systemctl is-active 'postern-reset-button@*.service'")
        self.machine.run(f"echo {light} >/usr/lib/postern/led")
        self.light = f"/sys/class/leds/{light}"
        for state, shown in (("starting", ("heartbeat",)), ("trouble", ("timer", 500)), ("hold", ("timer", 100)), ("now", ("default-on",))):
            self.machine.run(f"/usr/lib/postern/show-light {state}")
            self.shines(*shown)

    def shines(self, trigger, delay_on=None):
        # The kernel puts brackets around the one that it is.
        self.machine.wait_until(f"the light {trigger} {delay_on}", f"grep -F '[{trigger}]' {self.light}/trigger"
                                + (f" && grep -x {delay_on} {self.light}/delay_on" if delay_on else ""))

    def shows_the_menu_and_takes_keys(self):
        self.machine.run(f"printf '{DISPLAY}' >/efi/lcd.conf".replace("\n", "\\n"))
        self.machine.run("systemctl --no-block start postern-display.service")
        self.displays("mail.office.lan")
        self.front.press("ret")
        self.displays(">Status")
        self.front.press("down")
        self.displays(">Accounts")
        self.front.press("spc")
        self.displays(">admin: ")
        self.machine.run("systemctl stop postern-display.service")

    def displays(self, text):
        self.machine.wait_until(f"{text} on the display", f"journalctl --no-pager -o cat -u postern-display.service | grep -F '{text}'")

    def forgets_what_keeps_its_owner_out(self):
        address = "ip -4 -oneline address show scope global"
        self.machine.run("postern settings set network.address 10.0.2.77/24")
        self.machine.wait_until("the address that was told", f"{address} | grep ' 10\\.0\\.2\\.77/24'")
        self.machine.run("postern settings set smtp.hop_limit 77")
        self.machine.run(GUESSES, fails=True)

        self.front.hold("f11")
        self.shines("none")
        self.front.release("f11")
        self.machine.wait_until("it to be forgotten", GUESSES)
        self.machine.wait_until("an address by DHCP", f"[ $({address} | grep -c .) = 1 ] && {address} | grep ' 10\\.0\\.2\\.15/24'")
        # Which is an alarm, until there is a password again.
        self.shines("timer", 1900)
        self.machine.run(f"echo '{PASSWORD}' | postern menu password --password-stdin")
        self.shines("default-on")
        # It was told, and nothing else is forgotten.
        self.machine.wait_until("what came of it", "postern box results | grep 'asks for its address by DHCP'")
        self.assertIn("77", self.machine.run("postern settings get smtp.hop_limit"))
        self.serves()


if __name__ == "__main__":
    unittest.main()
