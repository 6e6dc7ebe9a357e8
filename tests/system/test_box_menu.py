"""What the menu has the image do, which is played here: backups onto sticks and from them, an encrypted disk; and what it
shows of the box itself."""

import fcntl
import json
import os
import pty
import select
import shutil
import stat
import struct
import termios
import unittest
from contextlib import ExitStack
from pathlib import Path

import box
from box import Box, wait_until
from terminal import Terminal
from test_setup_menu import ADMINISTRATOR, display, free_port, menu, menu_on, waiting_box

BACKUPS = Path(__file__).parent / "backups"
PASSPHRASE = "eight or more"


def facts(running, text):
    """As root puts them there."""
    draft = running.scratch / "facts"
    draft.write_text(text)
    draft.rename(running.directory / "box")


def put_in(running, name):
    stick = running.scratch / "media" / name
    stick.mkdir(parents=True)
    return stick


def asked(running, name):
    """What the box is asked for, taken as the image takes it."""
    request = running.directory / "requests" / name
    wait_until(f"the request {name}", request.exists)
    text = request.read_text()
    mode = stat.S_IMODE(request.stat().st_mode)
    request.unlink()
    assert mode == 0o600, f"others can read what {name} says"
    return dict(line.split("=", 1) for line in text.splitlines())


def came_of(running, name, text, ending="result"):
    draft = running.scratch / "result"
    draft.write_text(text + "\n")
    draft.rename(running.directory / "requests" / f"{name}.{ending}")


def play_backup(running):
    wanted = asked(running, "backup")
    words = ["--passphrase-stdin"] if "passphrase" in wanted else []
    made = running.command("backup", wanted["directory"], *words, "--json", input=wanted.get("passphrase"))
    came_of(running, "backup", json.loads(made)["file"])
    return wanted


def play_restore(running):
    wanted = asked(running, "restore")
    running.stop()
    words = ["--passphrase-stdin"] if "passphrase" in wanted else []
    done = running.run("restore", wanted["file"], "--replace", *words, input=wanted.get("passphrase"))
    running.start()
    came_of(running, "restore", done.stderr or "It is restored", "failure" if done.returncode else "result")
    return wanted


def play_encryption(running):
    wanted = asked(running, "encrypt")
    running.stop()
    facts(running, "encrypted=yes\n")
    running.start()
    return wanted


class Sticks(unittest.TestCase):
    def back_up_and_restore(self, columns, rows):
        size = f"{columns}x{rows}"
        with Box() as running, Terminal(menu(running), columns, rows) as terminal:
            terminal.shows("Waiting mail")
            terminal.press("9")
            terminal.is_like(f"no-stick-{size}")
            terminal.press("Enter")
            stick = put_in(running, "sda1")
            terminal.press("Enter")
            terminal.is_like(f"backup-passphrase-{size}")
            terminal.enter(PASSPHRASE)
            terminal.shows("again")
            terminal.enter(PASSPHRASE)
            terminal.is_like(f"backup-being-made-{size}")
            self.assertEqual(play_backup(running), {"directory": str(stick), "passphrase": PASSPHRASE})
            terminal.shows("is made and")
            terminal.press("Enter")
            running.command("account", "remove", "bob")
            (made,) = stick.glob("*.postern")
            made.rename(stick / "mine.postern")
            shutil.copy(BACKUPS / "format-1.plain", stick / "old.postern")
            terminal.press("Down", "Enter")
            terminal.shows("office.lan 20")
            terminal.press("Enter")  # the newest
            terminal.shows("Passphrase")
            terminal.enter(PASSPHRASE)
            terminal.shows("are replaced")
            terminal.press("Down", "Enter")
            terminal.is_like(f"restoring-{size}")
            self.assertEqual(play_restore(running)["file"], str(stick / "mine.postern"))
            terminal.shows("All is as it was")
            terminal.press("Enter")
            terminal.shows("Waiting mail")
            self.assertEqual(len(running.json("account", "list")), 2)
            self.assertNotIn(PASSPHRASE, running.read_log())
            self.assertNotIn(PASSPHRASE, terminal.screen())

    def test_a_backup_is_made_and_restored(self):
        self.back_up_and_restore(80, 24)

    def test_a_backup_is_made_and_restored_on_a_small_screen(self):
        self.back_up_and_restore(40, 12)

    def test_what_is_on_a_stick_is_listed_and_what_went_wrong_is_said(self):
        with Box() as running, Terminal(menu(running), 80, 24) as terminal:
            stick = put_in(running, "sda1")
            for kind in ("plain", "keyed"):
                shutil.copy(BACKUPS / f"format-1.{kind}", stick / f"{kind}.postern")
            (stick / "postern-2.0.raucb").write_bytes(b"bundle")
            self.assertEqual([Path(row["file"]).name for row in running.json("box", "sticks")["updates"]],
                             ["postern-2.0.raucb"])
            terminal.shows("Waiting mail")
            terminal.press("Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down", "Enter")
            terminal.is_like("restore-80x24")
            terminal.press("Escape")
            terminal.shows("Waiting mail")
            terminal.press("Down", "Enter")
            terminal.is_like("update-80x24")
            terminal.press("Enter")
            terminal.shows("> No")
            terminal.press("Down", "Enter")
            self.assertEqual(asked(running, "update"), {"file": str(stick / "postern-2.0.raucb")})
            came_of(running, "update", "It was not installed: it is for another board", "failure")
            terminal.shows("for another board")

    def test_a_fresh_box_takes_what_a_backup_has(self):
        with Box() as old, waiting_box() as running, Terminal(menu(running), 80, 24) as terminal:
            stick = put_in(running, "sda1")
            old.command("backup", stick)
            terminal.shows("Or: from a backup on a stick")
            terminal.press("8")
            terminal.shows("office.lan 20")
            terminal.press("Enter")
            terminal.shows("are replaced")
            terminal.press("Down", "Enter")
            play_restore(running)
            terminal.shows("All is as it was")
            terminal.press("Enter")
            terminal.shows("Waiting mail")
            self.assertEqual(len(running.json("account", "list")), 2)

    def test_a_display_makes_a_backup(self):
        port = free_port()
        with Box() as running, menu_on(running, port), display(running, "16x2", port) as terminal:
            stick = put_in(running, "sda1")
            terminal.shows("mail.office.lan")
            terminal.press("e")
            terminal.shows(">Status")
            for _ in range(7):
                terminal.press("d")
            terminal.is_like("lcd-back-up-16x2")
            terminal.press("e")
            terminal.shows("[a]")
            terminal.press("u")
            terminal.shows("[OK]")
            terminal.press("e")
            terminal.shows("Back up now")
            self.assertEqual(play_backup(running), {"directory": str(stick)})
            terminal.shows("Done")
            terminal.press("e")
            terminal.shows(">Back up now")


class Disk(unittest.TestCase):
    def encrypt_in_first_boot(self, columns, rows):
        size = f"{columns}x{rows}"
        running = waiting_box()
        facts(running, "encrypted=no\ntpm2=yes\n")
        with running, Terminal(menu(running), columns, rows) as terminal:
            terminal.is_like(f"first-boot-disk-{size}")
            terminal.press("Enter", "Enter")  # English it stays
            terminal.press("Enter")
            terminal.is_like(f"disk-{size}")
            terminal.press("Down", "Enter")
            terminal.shows("Write it down")
            terminal.enter(PASSPHRASE)
            terminal.shows("again")
            terminal.enter(PASSPHRASE)
            terminal.shows("at each start")
            terminal.press("Down", "Enter")
            terminal.shows("Write it down")
            terminal.enter(ADMINISTRATOR)
            terminal.shows("again")
            terminal.enter(ADMINISTRATOR)
            terminal.press("Down", "Down", "Down", "Enter")
            terminal.shows("> No")
            terminal.press("Down", "Enter")
            terminal.is_like(f"encrypting-{size}")
            self.assertEqual(play_encryption(running), {"open": "passphrase", "passphrase": PASSPHRASE})
            terminal.shows("http://setup.office.lan/")
            self.assertTrue(running.json("status")["box"]["encrypted"])
            for secret in (PASSPHRASE, ADMINISTRATOR):
                self.assertNotIn(secret, running.read_log())

    def test_is_encrypted_before_anything_is_on_it(self):
        self.encrypt_in_first_boot(80, 24)

    def test_is_encrypted_from_a_small_screen(self):
        self.encrypt_in_first_boot(40, 12)

    def test_is_encrypted_as_answers_want_it(self):
        running = waiting_box()
        answers = running.scratch / "postern.conf"
        answers.write_text(f"domain = firm.example\npassword = {ADMINISTRATOR}\nencrypt = tpm2\n"
                           f"encrypt.passphrase = {PASSPHRASE}\n")
        with running:
            self.assertIn("not encrypted", running.run("setup", "--answers", answers).stderr)  # it cannot be
            self.assertIn("waits", running.json("status"))
            facts(running, "encrypted=no\ntpm2=yes\n")
            client = running.begin("setup", "--answers", answers)
            self.assertEqual(play_encryption(running), {"open": "tpm2", "passphrase": PASSPHRASE})
            self.assertEqual(client.wait(timeout=120), 0)
            self.assertEqual(running.json("status")["domain"], "firm.example")

    def test_is_encrypted_only_where_that_can_be_and_nothing_is_lost(self):
        def refusal(running, *words):
            return running.run("box", "encrypt", *words, "--password-stdin", input=PASSPHRASE).stderr

        with waiting_box() as running:
            self.assertIn("cannot encrypt its disk", refusal(running))
            facts(running, "encrypted=yes\n")
            self.assertIn("is encrypted", refusal(running))
            facts(running, "encrypted=no\n")
            self.assertIn("no TPM 2.0", refusal(running, "--open", "tpm2"))
            self.assertEqual(refusal(running), "")
            self.assertEqual(asked(running, "encrypt"), {"open": "passphrase", "passphrase": PASSPHRASE})
            running.run("setup", "--plain", input=f"4\n{ADMINISTRATOR}\n{ADMINISTRATOR}\n8\n2\n")
            self.assertIn("has its office", refusal(running))

    def test_is_opened_by_its_passphrase(self):
        running = Box()
        locked = Path(f"{running.directory}-locked")
        locked.touch()
        unlock = running.scratch / "unlock"
        unlock.write_text(f"#!/bin/sh\n[ \"$(cat; echo .)\" = '{PASSPHRASE}.' ]\n")
        unlock.chmod(0o755)
        port = free_port()
        with ExitStack() as stack:
            terminal = stack.enter_context(Terminal(menu(running, "--unlock", unlock), 80, 24))
            stack.enter_context(menu_on(running, port))
            small = stack.enter_context(display(running, "16x2", port))
            small.shows("The disk is")
            small.press("e")
            small.shows("[a]")
            terminal.is_like("disk-locked-80x24")
            terminal.enter("a guess")
            terminal.shows("That is not the passphrase.")
            terminal.enter(PASSPHRASE)
            terminal.shows("The mail system starts")
            locked.unlink()
            stack.enter_context(running)
            terminal.shows("Waiting mail")
            small.shows("mail.office.lan")


class Facts(unittest.TestCase):
    SAID = "version=2.0\nslot=A\nleft=2.1: It did not come up in three attempts.\nwear=85\nencrypted=yes\n"

    def test_are_in_the_status(self):
        with Box() as running:
            self.assertNotIn("slot", running.command("status"))
            facts(running, self.SAID)
            said = running.command("status")
            for word in ("slot:", "three attempts", "85 % of the flash"):
                self.assertIn(word, said)
            self.assertEqual(running.json("status")["box"]["version"], "2.0")
            facts(running, "nonsense")
            self.assertNotIn("box", running.json("status"))

    def test_are_on_a_display_and_what_is_wrong_comes_first(self):
        port = free_port()
        with Box() as running:
            facts(running, self.SAID)
            with menu_on(running, port), display(running, "20x4", port) as terminal:
                terminal.shows("Alarm: The flash mem")
                terminal.shows("Version that was lef")


class Serial(unittest.TestCase):
    def test_what_a_terminal_answers_is_not_taken_for_keys(self):
        with waiting_box() as running:
            process, line = pty.fork()
            if process == 0:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
                words = [str(word) for word in menu(running)]
                os.execve(words[0], words, {**os.environ, "TERM": "vt100", "LANG": "C.UTF-8"})
            drawn = b""

            def shows(text):
                nonlocal drawn

                def look():
                    nonlocal drawn
                    if select.select([line], [], [], 0)[0]:
                        drawn += os.read(line, 4096)
                    return text in drawn

                wait_until(f"{text!r} on the line", look)
                drawn = drawn[drawn.index(text):]

            shows(b"Or: from a backup")
            os.write(line, b"\x1b[24;80R")  # nothing is typed: the first item is chosen still
            os.write(line, b"2")
            shows(b"Keep office.lan")
            for piece in (b"\x1b[24", b";80R", b"\x1b]11;rgb:0/", b"0/0\x1b\\", b"\x1bP1$r0m\x1b\\"):
                os.write(line, piece)
            os.write(line, b"x\r")
            shows(b"office.lanx")
            os.write(line, b"2")
            shows(b"Keep office.lan")
            os.write(line, b"\x1b")  # alone it is the key
            shows(b"Or: from a backup")
            self.assertNotIn(b"80R", drawn)
            os.kill(process, 15)
            os.waitpid(process, 0)
            os.close(line)
            running.run("setup", "--plain", input=f"3\n{ADMINISTRATOR}\n{ADMINISTRATOR}\n7\n2\n")


if __name__ == "__main__":
    unittest.main()
