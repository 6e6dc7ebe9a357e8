"""What the image does of what Postern asks of the box: do-requests, with programs that note how they are called."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from box import REPO

SCRIPT = REPO / "rootfs/overlay/usr/lib/postern/do-requests"

# Each notes its name, its words and what it is given; and says what the test wants it to.
PROGRAM = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >>"$NOTES"
case " $* " in *stdin*|*tpm2*|*passphrase*) sed 's/$/|/' >>"$NOTES" ;; esac
cat "$SAYS/$name" 2>/dev/null
[ ! -e "$SAYS/$name.fails" ]
"""
PLACE_IN_NETWORK = [f"postern settings reset {name}" for name in ("network.address", "network.interface", "network.router", "dhcp.serve")]


class Requests(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.requests = self.scratch / "run/requests"
        for directory in (self.requests, self.scratch / "programs", self.scratch / "says"):
            directory.mkdir(parents=True)
        for name in ("postern", "systemctl", "rauc", "mountpoint", "encrypt-data"):
            program = self.scratch / "programs" / name
            program.write_text(PROGRAM)
            program.chmod(0o755)
        self.script = self.scratch / "do-requests"
        # The same in a place of its own.
        self.script.write_text(SCRIPT.read_text().replace("/run/postern", f"{self.scratch}/run")
                               .replace("/usr/lib/postern", f"{self.scratch}/programs")
                               .replace("/dev/mapper", str(self.scratch)))

    def say(self, program, text, fails=False):
        (self.scratch / "says" / program).write_text(text)
        if fails:
            (self.scratch / "says" / f"{program}.fails").touch()

    def ask(self, name, lines):
        """What was called for it, and what came of it."""
        notes = self.scratch / "notes"
        notes.write_text("")
        (self.requests / name).write_text(lines)
        subprocess.run(["bash", self.script], check=True, timeout=60,
                       env={**os.environ, "PATH": f"{self.scratch}/programs:{os.environ['PATH']}",
                            "NOTES": str(notes), "SAYS": str(self.scratch / "says")})
        self.assertFalse((self.requests / name).exists())
        results = {path.name: path.read_text().rstrip("\n") for path in self.requests.iterdir()}
        return notes.read_text().splitlines(), results

    def test_a_backup_goes_onto_a_stick(self):
        self.say("postern", "file:    /run/media/sda1/office.lan-1.postern\nmade:  now\n")
        called, results = self.ask("backup", "directory=/run/media/sda1\n")
        self.assertEqual(called, ["mountpoint --quiet /run/media/sda1", "postern backup /run/media/sda1"])
        self.assertEqual(results, {"backup.result": "/run/media/sda1/office.lan-1.postern"})

    def test_a_passphrase_is_on_no_command_line(self):
        called, _ = self.ask("backup", "directory=/run/media/sda1\npassphrase= with $HOME and \\n\n")
        self.assertEqual(called[1:], ["postern backup /run/media/sda1 --passphrase-stdin", " with $HOME and \\n|"])

    def test_a_backup_goes_nowhere_else(self):
        for directory in ("/etc", "/run/media/../../etc"):
            called, results = self.ask("backup", f"directory={directory}\n")
            self.assertEqual((called, list(results)), ([], ["backup.failure"]))
        self.say("mountpoint", "", fails=True)
        called, results = self.ask("backup", "directory=/run/media/sda1\n")
        self.assertEqual(results["backup.failure"], "No stick is in at /run/media/sda1.")
        self.assertNotIn("postern", " ".join(called))

    def test_why_a_backup_failed_is_said(self):
        self.say("postern", "postern: the stick is full\n", fails=True)
        self.assertEqual(self.ask("backup", "directory=/run/media/sda1\n")[1], {"backup.failure": "the stick is full"})

    def test_a_restore_stops_the_mail_system_and_starts_it_whatever_happens(self):
        self.say("postern", "domain:  office.lan\nmade:  now\n")
        called, results = self.ask("restore", "file=/run/media/sda1/a b.postern\npassphrase=hush\n")
        self.assertEqual(called, ["systemctl stop posternd.service",
                                  "postern restore /run/media/sda1/a b.postern --replace --passphrase-stdin", "hush|",
                                  "systemctl start posternd.service"])
        self.assertEqual(results, {"restore.result": "It is restored: office.lan"})
        (self.requests / "restore.result").unlink()
        self.say("postern", "postern: the passphrase is not the one that it was made with\n", fails=True)
        called, results = self.ask("restore", "file=/run/media/sda1/a.postern\n")
        self.assertEqual(called[-1], "systemctl start posternd.service")
        self.assertEqual(results, {"restore.failure": "the passphrase is not the one that it was made with"})

    def test_the_disk_is_encrypted_with_the_passphrase_as_it_is(self):
        called, results = self.ask("encrypt", "open=tpm2\npassphrase= -n good \n")
        self.assertEqual(called, ["encrypt-data tpm2", " -n good |"])
        self.assertEqual(results, {})
        self.say("encrypt-data", "looks at the disk\nthere is no room\n", fails=True)
        self.assertEqual(self.ask("encrypt", "open=passphrase\npassphrase=good enough\n")[1],
                         {"encrypt.failure": "there is no room"})

    def test_a_reset_of_settings_is_one_change_and_then_a_restart(self):
        called, _ = self.ask("reset", "degree=settings\n")
        self.assertEqual(called, ["postern settings forget", "systemctl reboot"])
        self.say("postern", "postern: no daemon answers\n", fails=True)
        called, results = self.ask("reset", "degree=settings\n")
        self.assertEqual((called, results), (["postern settings forget"], {"reset.failure": "no daemon answers"}))

    def test_a_reset_of_access_forgets_the_password_and_the_place_in_the_network(self):
        called, results = self.ask("reset", "degree=access\n")
        self.assertEqual(called, ["postern menu forget", *PLACE_IN_NETWORK, "systemctl --no-block try-restart postern-menu@*.service"])
        self.assertEqual(results, {"reset.result": "The box asks for its address by DHCP. The menu asks for no password; give it one."})

    def test_on_an_encrypted_disk_the_password_is_kept(self):
        (self.scratch / "data").touch()
        called, results = self.ask("reset", "degree=access\n")
        self.assertEqual(called[:-1], PLACE_IN_NETWORK)
        self.assertIn("The menu keeps its password", results["reset.result"])

    def test_why_access_was_not_reset_is_said(self):
        self.say("postern", "postern: no daemon answers\n", fails=True)
        self.assertEqual(self.ask("reset", "degree=access\n")[1], {"reset.failure": "no daemon answers"})


if __name__ == "__main__":
    unittest.main()
