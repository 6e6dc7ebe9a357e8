"""What somebody lays on the boot partition: a key for SSH, and what display there is."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from machine import Machine  # noqa: E402

BOARD = os.environ.get("POSTERN_BOARD", "pc")
DISPLAY = """Driver=text

[text]
Size=20x4
"""
SSH = "dbclient -y -y -i /run/key root@127.0.0.1 id -un"


class BootPartition(unittest.TestCase):
    def test_a_key_opens_a_shell_and_a_display_shows_the_menu(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        with Machine(BOARD, directory) as machine:
            machine.start()
            machine.wait_until("the start to be over", "systemctl is-system-running")
            # Without them there is neither.
            machine.run("ss --no-header --listening --tcp --numeric | grep -E ':(22|13666)\\s'", fails=True)
            machine.run("nft list chain inet filter input | grep 'dport 22 '", fails=True)

            machine.run("dropbearkey -t ed25519 -f /run/key && dropbearkey -y -f /run/key | grep ^ssh- >/efi/authorized_keys")
            machine.run(f"printf '{DISPLAY}' >/efi/lcd.conf".replace("\n", "\\n"))
            machine.run("systemctl --no-block start postern-ssh.service postern-display.service")
            machine.wait_until("a shell by the key", f"{SSH} | grep -x root")
            machine.run("nft list chain inet filter input | grep 'dport 22 accept'")
            # One that does not lie there opens nothing, and neither does any password.
            machine.run("rm /run/key && dropbearkey -t ed25519 -f /run/key")
            self.assertIn("No auth methods", machine.run(SSH, fails=True))
            machine.wait_until("the menu on the display", "journalctl --no-pager -u postern-display.service | grep -q 'Set up this mail'")


if __name__ == "__main__":
    unittest.main()
