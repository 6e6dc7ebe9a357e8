"""How the image keeps count of its two slots."""

import unittest

from image_scripts import ImageScripts

KEEPS, GIVES_UP = "rauc status mark-good booted", "rauc status mark-bad booted"
STORE_KEEPS = "postern box keep"


class Slots(ImageScripts):
    programs = ("postern", "systemctl", "rauc", "udevadm", "cryptsetup", "fw_printenv", "fw_setenv", "booted-slot", "tell-facts")
    places = {"/data": "data", "/efi": "efi", "/etc/os-release": "os-release", "/sys/class/net": "net", "/run/postern-locked": "locked"}

    def setUp(self):
        super().setUp()
        for directory in ("data/rauc", "efi", "net/eth0/device"):
            (self.scratch / directory).mkdir(parents=True)
        for script in ("attempts", "prove-slot", "unlock-data", "forget-slot"):
            self.install_script(f"usr/lib/postern/{script}")
        self.install_script("usr/bin/grub-editenv")
        self.state, self.environment = self.scratch / "data/rauc", self.scratch / "efi/grubenv"
        (self.scratch / "os-release").write_text("VERSION_ID=2.0\n")
        self.say("booted-slot", "A\n")

    def set_environment(self, *pairs):
        self.play("grub-editenv", str(self.environment), "set", *pairs)

    def attempts(self, slot):
        return self.play("attempts", slot).strip()


class Environment(Slots):
    def test_is_one_block_as_grub_reads_it_and_keeps_what_else_it_holds(self):
        self.set_environment("ORDER=A B", "A_TRY=2")
        self.set_environment("A_TRY=0", "B_OK=1")
        block = self.environment.read_bytes()
        self.assertEqual(len(block), 1024)
        self.assertEqual(block.rstrip(b"#").decode(), "# GRUB Environment Block\nORDER=A B\nA_TRY=0\nB_OK=1\n")
        self.assertEqual(self.play("grub-editenv", str(self.environment), "list"), "ORDER=A B\nA_TRY=0\nB_OK=1\n")

    def test_what_is_more_than_a_sector_is_refused_and_changes_nothing(self):
        self.set_environment("ORDER=A B")
        before = self.environment.read_bytes()
        self.play("grub-editenv", str(self.environment), "set", f"X={'x' * 500}", fails=True)
        self.assertEqual(self.environment.read_bytes(), before)

    def test_one_that_was_made_empty_is_made_anew(self):
        self.environment.touch()
        self.set_environment("ORDER=B A")
        self.assertEqual(self.play("grub-editenv", str(self.environment), "list"), "ORDER=B A\n")


class Attempts(Slots):
    def test_grub_counts_up(self):
        self.set_environment("A_TRY=1", "B_TRY=3")
        self.assertEqual((self.attempts("A"), self.attempts("B")), ("2", "0"))
        self.play("attempts", "A", "3")
        self.assertEqual(self.play("grub-editenv", str(self.environment), "list"), "B_TRY=3\nA_TRY=0\n")

    def test_u_boot_counts_down(self):
        self.say("fw_printenv -n", "2\n")
        self.assertEqual(self.attempts("A"), "2")
        self.assertEqual(self.called(), ["fw_printenv -n BOOT_A_LEFT"])
        self.play("attempts", "B", "1")
        self.assertEqual(self.called(), ["fw_setenv BOOT_B_LEFT 1"])

    def test_one_counts_again_once_somebody_types_the_passphrase(self):
        self.set_environment("A_TRY=0")
        (self.scratch / "locked").write_text("1\n")
        self.play("unlock-data")
        self.assertEqual(self.attempts("A"), "1")


class Proof(Slots):
    def setUp(self):
        super().setUp()
        self.set_environment("A_TRY=1", "B_TRY=0")
        self.say("postern status", "domain: office.lan\n")

    def prove(self):
        self.play("prove-slot")
        return [line for line in self.called() if line.startswith(("rauc", "systemctl", "postern box"))]

    def noted(self, name):
        path = self.state / name
        return path.read_text().strip() if path.exists() else None

    def test_what_passes_is_kept(self):
        (self.state / "failure.A").write_text("of an earlier time\n")
        self.assertEqual(self.prove(), [KEEPS, STORE_KEEPS])
        self.assertEqual((self.noted("proved.A"), self.noted("failure.A")), ("2.0", None))

    def test_one_that_makes_the_store_its_own_has_no_way_back(self):
        (self.state / "proved.B").write_text("1.0\n")
        self.say("postern box", "store renewed:  no\n")
        self.prove()
        self.assertEqual(self.noted("proved.B"), "1.0")
        self.say("postern box", "store renewed:  yes\n")
        self.prove()
        self.assertEqual((self.noted("proved.A"), self.noted("proved.B")), ("2.0", None))

    def test_what_fails_gives_way_to_what_was_good(self):
        (self.state / "proved.B").write_text("1.0\n")
        self.say("postern self-test", "the self-test failed\n", fails=True)
        self.assertEqual(self.prove(), [GIVES_UP, "systemctl reboot"])
        self.assertEqual((self.noted("proved.A"), self.noted("failure.A")), (None, "the self-test failed"))

    def test_what_was_good_stays_since_going_back_would_not_help(self):
        self.say("postern self-test", "", fails=True)
        self.assertEqual(self.prove(), [KEEPS])  # there is no other
        (self.state / "proved.B").write_text("1.0\n")
        (self.state / "proved.A").write_text("2.0\n")
        self.assertEqual(self.prove(), [KEEPS])

    def test_one_that_finds_no_network_interface_any_more_gives_way(self):
        self.assertEqual(self.prove(), [KEEPS, STORE_KEEPS])
        (self.state / "proved.A").unlink()
        (self.state / "proved.B").write_text("1.0\n")
        (self.scratch / "net/eth0/device").rmdir()
        self.assertEqual(self.prove(), [GIVES_UP, "systemctl reboot"])
        self.assertIn("no network interface", self.noted("failure.A"))

    def test_a_box_that_never_had_one_does_without(self):
        (self.state / "proved.B").write_text("1.0\n")
        (self.scratch / "net/eth0/device").rmdir()
        self.assertEqual(self.prove(), [KEEPS, STORE_KEEPS])

    def test_why_the_other_was_left_is_noted_if_nobody_else_did(self):
        self.set_environment("B_TRY=3")
        self.prove()
        self.assertIn("three attempts", self.noted("failure.B"))
        (self.state / "failure.B").write_text("it said why\n")
        self.prove()
        self.assertEqual(self.noted("failure.B"), "it said why")

    def test_what_is_overwritten_is_forgotten(self):
        for name in ("proved.A", "proved.B", "failure.B"):
            (self.state / name).write_text("1.0\n")
        self.play("forget-slot")
        self.assertEqual([path.name for path in self.state.iterdir()], ["proved.A"])


if __name__ == "__main__":
    unittest.main()
