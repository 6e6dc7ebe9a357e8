"""What the image does of what Postern asks of the box: do-requests, with programs that note how they are called."""

import unittest

from image_scripts import ImageScripts

PLACE_IN_NETWORK = [f"postern settings reset {name}" for name in ("network.address", "network.interface", "network.router", "dhcp.serve")]


class Requests(ImageScripts):
    programs = ("postern", "systemctl", "rauc", "mountpoint", "encrypt-data", "booted-slot")
    places = {"/run/postern": "run", "/dev/mapper": "mapper", "/data": "data"}

    def setUp(self):
        super().setUp()
        self.requests = self.scratch / "run/requests"
        for directory in ("run/requests", "mapper", "data/rauc"):
            (self.scratch / directory).mkdir(parents=True)
        self.install_script("usr/lib/postern/do-requests")

    def ask(self, name, lines):
        """What was called for it, and what came of it."""
        (self.requests / name).write_text(lines)
        self.play("do-requests")
        self.assertFalse((self.requests / name).exists())
        return self.called(), {path.name: path.read_text().rstrip("\n") for path in self.requests.iterdir()}

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
        (self.scratch / "mapper/data").touch()
        called, results = self.ask("reset", "degree=access\n")
        self.assertEqual(called[:-1], PLACE_IN_NETWORK)
        self.assertIn("The menu keeps its password", results["reset.result"])

    def test_the_version_before_is_offered_while_it_is_there(self):
        self.say("booted-slot", "A\n")
        called, results = self.ask("reset", "degree=version\n")
        self.assertEqual((called, list(results)), (["booted-slot "], ["reset.failure"]))
        (self.requests / "reset.failure").unlink()
        (self.scratch / "data/rauc/proved.B").touch()
        called, results = self.ask("reset", "degree=version\n")
        self.assertEqual((called[1:], results), (["rauc status mark-active other", "systemctl reboot"], {}))

    def test_why_access_was_not_reset_is_said(self):
        self.say("postern", "postern: no daemon answers\n", fails=True)
        self.assertEqual(self.ask("reset", "degree=access\n")[1], {"reset.failure": "no daemon answers"})


if __name__ == "__main__":
    unittest.main()
