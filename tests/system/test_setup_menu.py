"""The set-up menu as somebody at the box sees it, from first boot to mail."""

import glob
import imaplib
import signal
import smtplib
import socket
import ssl
import subprocess
import unittest
from contextlib import contextmanager
from pathlib import Path

import box
from box import Box
from terminal import Terminal

ADMINISTRATOR, ALICE = "geheim & gut", "correct horse battery"


def waiting_box():
    waiting = Box(accounts=())
    waiting.domain = None
    return waiting


def menu(running, *options):
    return box.program("postern", "--data", running.directory, "setup", *options)


def sends_and_reads(test, running):
    tls = ssl._create_unverified_context()
    with smtplib.SMTP_SSL("127.0.0.1", running.port("submissions"), context=tls) as client:
        client.login("admin", ADMINISTRATOR)
        client.sendmail("admin@office.lan", "alice@office.lan", "Subject: Hello\r\n\r\nIt works.\r\n")
    with imaplib.IMAP4_SSL("127.0.0.1", running.port("imaps"), ssl_context=tls) as client:
        client.login("alice", ALICE)
        client.select()
        test.assertIn(b"It works.", client.fetch("1", "(BODY[])")[1][0][1])


class Serial(unittest.TestCase):
    def go_through_first_boot(self, columns, rows):
        size = f"{columns}x{rows}"
        with waiting_box() as running, Terminal(menu(running), columns, rows) as terminal:
            terminal.is_like(f"first-boot-{size}")
            terminal.press("Enter", "Enter")  # English it stays
            terminal.press("Enter")
            terminal.is_like(f"domain-{size}")
            terminal.press("Enter", "Enter")
            terminal.shows("Write it down")
            terminal.type(ADMINISTRATOR)
            terminal.is_like(f"password-{size}")
            terminal.press("Enter")
            terminal.shows("again")
            terminal.enter(ADMINISTRATOR)
            terminal.press("Enter", "Enter")
            terminal.shows("Name of the account")
            terminal.enter("alice")
            terminal.shows("Password: alice")
            terminal.enter(ALICE)
            terminal.shows("again")
            terminal.enter(ALICE)
            terminal.shows("alice@office.lan")
            terminal.press("Down", "Enter")
            terminal.press("Enter")
            terminal.is_like(f"address-{size}")
            terminal.press("Enter", "Enter")
            terminal.is_like(f"relay-{size}")
            terminal.press("Enter")
            terminal.is_like(f"answered-{size}")
            terminal.press("Enter")
            terminal.is_like(f"finish-{size}")
            terminal.press("Down", "Enter")
            terminal.shows("http://setup.office.lan/")
            fingerprint = running.json("authority", "show")["fingerprint"]
            self.assertIn(fingerprint[:30], terminal.screen())
            terminal.press("Enter")
            if rows == 12:  # beyond, there is root's shell, or not
                terminal.is_like(f"office-{size}")
            terminal.shows("Waiting mail")
            sends_and_reads(self, running)
            terminal.press("2")
            terminal.shows("Add an account")
            terminal.press("Escape")
            terminal.press("3")
            terminal.shows("Hold all mail here")
            terminal.press("Down", "Enter")
            terminal.shows("Let mail leave")
            self.assertEqual(running.json("link", "show")["mode"], "hold")
            self.assertNotIn(ADMINISTRATOR, running.read_log())
            self.assertNotIn(ALICE, running.read_log())

    def test_from_first_boot_to_mail(self):
        self.go_through_first_boot(80, 24)

    def test_from_first_boot_to_mail_on_a_small_screen(self):
        self.go_through_first_boot(40, 12)

    def test_the_menu_wants_its_password(self):
        with Box() as running:
            running.command("menu", "password", "--password-stdin", input=ADMINISTRATOR)
            with Terminal(menu(running), 80, 24) as terminal:
                terminal.shows("Password of this menu")
                terminal.enter("a guess")
                terminal.shows("That is not the password.")
                self.assertNotIn("Accounts", terminal.screen())
                terminal.enter(ADMINISTRATOR)
                terminal.shows("Accounts")

    def test_a_terminal_without_utf8_gets_letters_that_it_has(self):
        with Box() as running:
            running.command("settings", "set", "office.language", "ru")
            with Terminal(menu(running), 80, 24, language="C") as terminal:
                terminal.shows("Uchetnye zapisi")

    def test_a_terminal_that_can_nothing_gets_numbered_lines(self):
        with waiting_box() as running, Terminal(menu(running), 80, 24, kind="dumb") as terminal:
            terminal.is_like("first-boot-plain")
            terminal.enter("3")
            terminal.shows("Write it down")
            terminal.enter(ADMINISTRATOR)
            terminal.shows("The same password again")
            terminal.enter(ADMINISTRATOR)
            terminal.shows("Administrator's password: set")
            self.assertNotIn(ADMINISTRATOR, terminal.screen())
            terminal.enter("7")
            terminal.enter("2")
            terminal.shows("http://setup.office.lan/")


class Plain(unittest.TestCase):
    def test_a_program_may_play_the_administrator(self):
        lines = ["2", "", "3", ADMINISTRATOR, ADMINISTRATOR, "4", "1", "alice", ALICE, ALICE, "3", "7", "2", "", "14"]
        with waiting_box() as running:
            done = running.run("setup", "--plain", input="\n".join(lines) + "\n")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn(ADMINISTRATOR, done.stdout)
            sends_and_reads(self, running)

    def test_the_end_of_input_ends_it_and_nothing_is_changed(self):
        with waiting_box() as running:
            self.assertEqual(running.run("setup", "--plain", input="3\n").returncode, 0)
            self.assertIn("waits", running.json("status"))
            running.run("setup", "--plain", input=f"3\n{ADMINISTRATOR}\n{ADMINISTRATOR}\n7\n2\n")


@contextmanager
def display(running, size, port):
    """LCDd with a display of that size, drawn in a terminal whose keys are the display's."""
    configuration = running.scratch / "LCDd.conf"
    configuration.write_text(f"[server]\nDriverPath={Path(glob.glob('/usr/lib/*/lcdproc/curses.so')[0]).parent}/\n"
                             f"Driver=curses\nBind=127.0.0.1\nPort={port}\nReportToSyslog=no\n"
                             f"[menu]\nMenuKey=Escape\n[curses]\nSize={size}\nDrawBorder=yes\nTopLeftX=1\nTopLeftY=1\n")
    with Terminal(["LCDd", "-f", "-c", configuration], 40, 10) as terminal:
        yield terminal


@contextmanager
def menu_on(running, port):
    process = subprocess.Popen(menu(running, "--lcd", f"127.0.0.1:{port}"), stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Display(unittest.TestCase):
    def go_through_first_boot(self, size):
        port = free_port()
        with waiting_box() as running, menu_on(running, port), display(running, size, port) as terminal:
            terminal.shows("Set up this mail")
            terminal.press("e")
            terminal.is_like(f"lcd-first-boot-{size}")
            terminal.press("d", "d", "e")
            terminal.shows("[a]")
            for _ in range(8):
                terminal.press("d", "e")  # bcdefghi
            terminal.is_like(f"lcd-password-{size}")
            terminal.press("b", "d", "e")  # not i but j
            for _ in range(10):
                terminal.press("u")
            terminal.shows("[OK]")
            terminal.press("e")
            terminal.shows(">Accounts: none")
            terminal.press("d", "d", "d", "e")
            terminal.shows(">No")
            terminal.press("d")
            terminal.is_like(f"lcd-finish-{size}")
            terminal.press("e")
            terminal.shows("Your mail system"[:int(size[:2])])
            terminal.press("e")
            terminal.is_like(f"lcd-office-{size}")
            self.assertEqual(running.json("status")["domain"], "office.lan")
            running.command("menu", "check", "--password-stdin", input="bcdefghj")
            terminal.press("d", "d", "d", "e")
            terminal.is_like(f"lcd-queue-{size}")
            terminal.press("b", "b")
            terminal.shows("mail.office.lan")

    def test_of_two_lines_goes_through_first_boot(self):
        self.go_through_first_boot("16x2")

    def test_of_four_lines_goes_through_first_boot(self):
        self.go_through_first_boot("20x4")

    def test_an_lcdd_that_starts_anew_shows_it_again(self):
        port = free_port()
        with Box() as running, menu_on(running, port):
            for _ in range(2):
                with display(running, "20x4", port) as terminal:
                    terminal.shows("mail.office.lan")

    def test_a_locked_display_only_shows(self):
        port = free_port()
        with Box() as running, menu_on(running, port), display(running, "20x4", port) as terminal:
            running.command("settings", "set", "menu.lcd_locked", "yes")
            terminal.shows("mail.office.lan")
            terminal.press("e")
            terminal.is_like("lcd-locked")


if __name__ == "__main__":
    unittest.main()
