"""A box without an office: it waits, is set up by a file of answers, and goes on as that office."""

import imaplib
import ssl
import unittest

from box import Box, in_own_network

ANSWERS = """# what the administrator wrote
domain = firm.example
language = de
password = the administrator's = secret
account.alice.password = correct horse battery
relay.host = smtp.example.net
relay.login = firm
relay.password = relay secret
network.address = 192.168.7.2/24
network.interface = wan0
network.router = 192.168.7.1
dns.servers = 192.168.7.1
"""
ADMINISTRATOR = "the administrator's = secret"


def waiting_box():
    box = Box(accounts=())
    box.domain = None
    return box


def answers(box, text=ANSWERS):
    path = box.scratch / "postern.conf"
    path.write_text(text)
    return path


class Waiting(unittest.TestCase):
    def test_it_says_that_it_waits_and_what_to_do(self):
        with waiting_box() as box:
            self.assertIn("postern setup", box.json("status")["waits"])
            done = box.run("account", "list")
            self.assertEqual(done.returncode, 1)
            self.assertIn("postern setup", done.stderr)
            self.assertFalse((box.directory / "store").exists())
            box.command("setup", "--answers", answers(box))

    def test_it_stops_when_told(self):
        box = waiting_box()
        try:
            box.start()
            box.stop()
        finally:
            box.kill()
            box.ports_taken.close()

    def test_no_other_daemon_waits_in_its_directory(self):
        with waiting_box() as box:
            other = Box(accounts=())
            other.domain = None
            other.directory = box.directory
            with self.assertRaisesRegex(RuntimeError, "another process has it open"):
                other.start()
            other.kill()
            other.ports_taken.close()
            box.command("setup", "--answers", answers(box))

    def test_answers_with_a_mistake_change_nothing(self):
        with waiting_box() as box:
            for wrong, why in (("domain = a..b", "line 1: \"a..b\" is no domain name"),
                               ("domain = firm.example", "there is no password"),
                               (ANSWERS + "account.alice.password = again", "is there twice"),
                               (ANSWERS + "account.Bob.password = x", "lower-case"),
                               (ANSWERS + "network.address = here", "line 13"),
                               (ANSWERS + "no.such = thing", "there is no answer no.such"),
                               (ANSWERS + "relay.key = x", "there is no answer relay.key"),
                               (ANSWERS + "nonsense", "is not NAME = VALUE")):
                done = box.run("setup", "--answers", answers(box, wrong))
                self.assertEqual((wrong, done.returncode), (wrong, 1))
                self.assertIn(why, done.stderr)
            self.assertIn("waits", box.json("status"))
            box.command("setup", "--answers", answers(box))


class SetUp(unittest.TestCase):
    def test_the_office_is_what_was_answered(self):
        with waiting_box() as box:
            self.assertTrue(box.json("setup", "--answers", answers(box))["changed"])
            status = box.json("status")
            self.assertEqual((status["domain"], status["accounts"]), ("firm.example", 2))
            accounts = {row["name"]: row["administrator"] for row in box.json("account", "list")}
            self.assertEqual(accounts, {"admin": True, "alice": False})
            self.assertEqual(box.command("settings", "get", "office.language"), "de\n")
            relay = box.json("relay", "list")[0]
            self.assertEqual((relay["host"], relay["port"], relay["login"]), ("smtp.example.net", 587, "firm"))
            for login, password in (("admin", ADMINISTRATOR), ("alice", "correct horse battery")):
                with imaplib.IMAP4_SSL("127.0.0.1", box.port("imaps"), ssl_context=ssl._create_unverified_context()) as client:
                    client.login(login, password)
            box.command("menu", "check", "--password-stdin", input=ADMINISTRATOR)
            self.assertIn("not the menu's", box.run("menu", "check", "--password-stdin", input="a guess").stderr)
            self.assertEqual((box.directory / "network" / "10-postern.network").read_text(),
                             "[Match]\nName=wan0\n\n[Network]\nAddress=192.168.7.2/24\nGateway=192.168.7.1\n"
                             "DNS=192.168.7.1\n")
            for secret in (ADMINISTRATOR, "correct horse", "relay secret"):
                self.assertNotIn(secret, box.read_log())

    def test_the_same_answers_again_change_nothing(self):
        with waiting_box() as box:
            path = answers(box)
            box.command("setup", "--answers", path)
            box.command("account", "remove", "alice")
            self.assertFalse(box.json("setup", "--answers", path)["changed"])
            self.assertEqual(len(box.json("account", "list")), 1)
            box.restart()
            self.assertEqual(box.json("status")["domain"], "firm.example")

    def test_the_menu_has_a_password_of_its_own_from_then_on(self):
        with waiting_box() as box:
            box.command("setup", "--answers", answers(box))
            box.command("menu", "password", "--password-stdin", input="another one")
            box.command("menu", "check", "--password-stdin", input="another one")
            self.assertEqual(box.run("menu", "check", "--password-stdin", input=ADMINISTRATOR).returncode, 1)

    def test_killed_meanwhile_it_has_the_whole_office_or_none(self):
        for moment in range(5):
            with waiting_box() as box:
                client = box.begin("setup", "--answers", answers(box))
                # Somewhere in it, or later where that is over before it is seen.
                signs = [box.directory, box.directory / "office.new", box.directory / "office.new" / "store",
                         box.directory / "store", box.directory / "tls"]
                while client.poll() is None and not signs[moment].exists():
                    pass
                box.kill()
                client.kill()  # it waits for the office
                client.wait()
                box.start()
                if "waits" in box.json("status"):
                    box.command("setup", "--answers", answers(box))
                status = box.json("status")
                self.assertEqual((status["domain"], status["accounts"]), ("firm.example", 2))

    def test_what_an_interrupted_set_up_left_is_passed_over(self):
        with waiting_box() as box:
            left = box.directory / "office.new" / "store"
            left.mkdir(parents=True)
            (left / "data.mdb").write_bytes(b"half of something")
            box.command("setup", "--answers", answers(box))
            self.assertEqual(box.json("status")["domain"], "firm.example")
            self.assertFalse(left.parent.exists())


class TwoSockets(unittest.TestCase):
    def test_one_alone_has_a_fixed_address(self):
        done = in_own_network("wired_interfaces.py", seconds=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Requests(unittest.TestCase):
    def test_what_only_root_may_do_is_left_as_a_file(self):
        with Box(accounts=()) as box:
            requests = box.directory / "requests"
            for words, name, content in ((("restart",), "restart", ""), (("shut-down",), "shut-down", ""),
                                         (("reset", "mail"), "reset", "degree=mail\n"), (("reset", "access"), "reset", "degree=access\n"),
                                         (("time", "--zone", "UTC", "--clock", "2026-01-05 10:00"), "time",
                                          "zone=UTC\nclock=2026-01-05 10:00\n"),
                                         (("update", "/media/usb/a b.raucb"), "update", "file=/media/usb/a b.raucb\n")):
                box.command("box", *words)
                self.assertEqual((requests / name).read_text(), content)
            for words in (("reset", "all"), ("time",), ("time", "--zone", "../passwd"), ("time", "--clock", "noon"),
                          ("update", "relative"), ("update", "/a\nfile=/b")):
                self.assertEqual((words, box.run("box", *words).returncode), (words, 1))
            (requests / "update.result").write_text("installed\n")
            self.assertEqual(box.json("box", "results"), [{"request": "update", "failed": False, "result": "installed"}])
            box.command("box", "update", "/media/usb/b.raucb")
            self.assertEqual(box.json("box", "results"), [])


if __name__ == "__main__":
    unittest.main()
