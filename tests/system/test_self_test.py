"""`postern self-test`: passes on a box that does its work, says what one does not, and leaves nothing behind."""

import imaplib
import json
import ssl
import threading
import unittest

from box import Box, client_ok, in_own_network, wait_until
from test_imaplib import imap

STEPS = ["mailbox", "smtp", "imap", "pop3", "dns-udp", "dns-tcp", "http", "store"]


def tried(box):
    """What became of each step, by its name; and the finished `postern`."""
    done = box.run("self-test", "--json")
    result = json.loads(done.stdout)
    steps = {step["step"]: step for step in result["steps"]}
    assert list(steps) == STEPS, steps
    failed = [name for name, step in steps.items() if not step["passed"]]
    assert result["passed"] == (not failed) == (done.returncode == 0), (done, result)
    return failed, {name: step["says"] for name, step in steps.items()}, done


class SelfTest(unittest.TestCase):
    def test_passes_on_a_good_box_and_leaves_nothing_behind(self):
        with Box() as box:
            before = {name: box.json("status")[name] for name in ("accounts", "messages", "queue")}
            failed, says, _ = tried(box)
            self.assertEqual(failed, [], says)
            self.assertEqual(says["smtp"], "took a message")
            self.assertEqual(says["store"], "is whole")
            self.assertIn("passed", box.command("self-test"))  # and again
            self.assertEqual({name: box.json("status")[name] for name in before}, before)
            self.assertEqual([account["name"] for account in box.json("account", "list")], ["alice", "bob"])
            wait_until("its message is erased", lambda: box.json("check")["messages"] == 0)
            self.assertEqual(box.json("check")["accounts"], 2)

    def test_a_box_whose_port_25_is_not_for_everybody_passes(self):
        with Box(settings={"smtp.accept_from": "203.0.113.0/24"}) as box:
            failed, says, _ = tried(box)
            self.assertEqual(failed, [], says)
            self.assertIn("smtp.accept_from", says["smtp"])

    def test_a_certificate_that_is_not_good_yet_is_told_of_and_no_failure(self):
        with Box() as box:
            tls = box.directory / "tls"
            client_ok(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                       "/CN=box", "-addext", "subjectAltName=DNS:mail.office.lan", "-not_before", "20900101000000Z", "-not_after",
                       "20910101000000Z", "-keyout", tls / "own.key", "-out", tls / "own.crt"])
            self.assertEqual(box.json("certificate", "reload")["of"], "the administrator")
            failed, says, _ = tried(box)
            self.assertEqual(failed, [], says)
            for name in ("imap", "pop3"):
                self.assertIn("good from 2090-01-01", says[name])

    def test_a_certificate_that_clients_can_do_nothing_with_is_a_failure(self):
        with Box() as box:
            tls = box.directory / "tls"
            client_ok(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj",
                       "/CN=box", "-addext", "subjectAltName=DNS:mail.office.lan", "-days", "30", "-keyout", tls / "own.key",
                       "-out", tls / "own.crt"])
            self.assertEqual(box.json("certificate", "reload")["of"], "the administrator")
            failed, says, _ = tried(box)
            self.assertEqual(failed, ["imap", "pop3"], says)
            self.assertIn("get no secure connection", says["imap"])

    def test_says_what_is_wrong_with_the_store(self):
        with Box(accounts=["alice"]) as box:
            imap(box).append("INBOX", None, None, b"Subject: x\r\n\r\nthe text of it\r\n" + b"x" * 5000)
            box.stop()
            file = box.directory / "store/data.mdb"
            whole = file.read_bytes()
            file.write_bytes(whole.replace(b"the text of it", b"the text of iT"))
            box.start()
            failed, says, done = tried(box)
            self.assertEqual(failed, ["store"], says)
            self.assertIn("alice INBOX UID 1", says["store"])
            self.assertIn("the self-test failed: store is not whole", done.stderr)
            box.stop()
            box.command("check", "--repair")
            box.start()

    def test_one_that_was_killed_leaves_nothing_after_the_next_start(self):
        with Box(accounts=["alice"]) as box:
            # Wrong passwords, at once and of our own address: whoever logs in now stands in line behind them.
            context = ssl._create_unverified_context()

            def guess():
                try:
                    imaplib.IMAP4_SSL("127.0.0.1", box.port("imaps"), ssl_context=context).login("alice", "wrong")
                except (imaplib.IMAP4.error, OSError):
                    pass

            guesses = [threading.Thread(target=guess, daemon=True) for _ in range(24)]
            for one in guesses:
                one.start()
            wait_until("all of them wait", lambda: sum(
                service["sessions"] for service in box.json("status")["services"] if service["service"] == "imaps") >= 10)
            test = threading.Thread(target=box.run, args=("self-test",), daemon=True)
            test.start()
            wait_until("its account is there", lambda: box.json("check")["accounts"] == 2)
            self.assertEqual(box.json("status")["accounts"], 1)
            self.assertEqual([account["name"] for account in box.json("account", "list")], ["alice"])
            self.assertIn("under way", box.run("self-test").stderr)
            box.kill()
            for one in [*guesses, test]:
                one.join()
            self.assertEqual(box.json("check")["accounts"], 2)
            box.start()
            self.assertEqual(box.json("check")["accounts"], 1)

    def test_says_which_service_cannot_be_reached_and_that_the_disk_is_full(self):
        done = in_own_network("self_test_in_trouble.py", seconds=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
