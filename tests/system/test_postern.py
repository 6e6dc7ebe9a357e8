"""`postern`, the administrator's command line: what it does, what it refuses, and with which exit code."""

import imaplib
import os
import ssl
import stat
import unittest

import samples
from box import PASSWORDS, Box
from test_imaplib import imap, submission

DONE, REFUSED, WRONG_USAGE, NO_DAEMON = 0, 1, 2, 3


class Postern(unittest.TestCase):
    def expect(self, box, code, *arguments, input=None):
        done = box.run(*arguments, input=input)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        if code != DONE:
            self.assertNotEqual(done.stderr.strip(), "")
        return done

    def test_exit_codes(self):
        with Box(accounts=("alice",)) as box:
            self.expect(box, DONE, "status")
            self.expect(box, REFUSED, "account", "remove", "nobody")
            self.expect(box, REFUSED, "account", "add", "alice", "--password-stdin", input="x1y2z3-long")
            self.expect(box, REFUSED, "account", "add", "postmaster", "--password-stdin", input="x1y2z3-long")
            self.expect(box, REFUSED, "settings", "set", "smtp.hop_limit", "many")
            self.expect(box, REFUSED, "settings", "get", "no.such.setting")
            self.expect(box, WRONG_USAGE, "nonsense")
            self.expect(box, WRONG_USAGE, "alias", "add", "x@office.lan")
            box.stop()
            self.expect(box, NO_DAEMON, "status")
            self.expect(box, DONE, "check")  # reads the store itself
            box.start()

    def test_a_changed_password_is_the_only_one_that_works(self):
        with Box() as box:
            imap(box).logout()
            box.command("account", "password", "alice", "--password-stdin", input="a new one entirely")
            context = ssl.create_default_context(cafile=str(box.ca))
            for password, works in ((PASSWORDS["alice"], False), ("a new one entirely", True)):
                client = imaplib.IMAP4_SSL("localhost", box.port("imaps"), ssl_context=context)
                if works:
                    client.login("alice", password)
                else:
                    with self.assertRaises(imaplib.IMAP4.error):
                        client.login("alice", password)
                client.shutdown()

    def test_a_removed_account_is_gone_with_its_mail(self):
        with Box() as box:
            with submission(box, "alice") as client:
                client.sendmail("alice@office.lan", ["bob@office.lan"], samples.large(1_000_000))
            # alice is the only administrator: without her nobody would get postmaster's mail.
            self.expect(box, REFUSED, "account", "remove", "alice")
            box.command("account", "remove", "bob")
            self.assertEqual([account["name"] for account in box.json("account", "list")], ["alice"])
            with submission(box, "alice") as client:
                client.mail("alice@office.lan")
                self.assertEqual(client.rcpt("bob@office.lan")[0], 550)
            with self.assertRaises(imaplib.IMAP4.error):
                imap(box, "bob")

    def test_settings_apply_at_once_and_stay(self):
        with Box() as box:
            box.command("settings", "set", "smtp.message_size_limit", "64K")
            for _ in range(2):
                with submission(box) as client:
                    self.assertEqual(client.esmtp_features["size"], "65536")
                box.restart()
            box.command("settings", "reset", "smtp.message_size_limit")
            names = [row["name"] for row in box.json("settings", "list")]
            self.assertEqual(names, sorted(names))

    def test_aliases_are_listed_as_they_lead(self):
        with Box() as box:
            box.command("alias", "add", "team@office.lan", "alice@office.lan", "carol@example.com")
            (alias,) = box.json("alias", "list")
            self.assertEqual(alias["address"], "team@office.lan")
            self.assertEqual(alias["targets"], ["alice@office.lan", "carol@example.com"])
            with submission(box) as client:
                client.sendmail("bob@office.lan", ["team@office.lan"], samples.plain())
            (item,) = box.json("queue", "list")
            self.assertEqual(item["recipient"], "carol@example.com")

    def test_secrets_stay_out_of_the_log_and_the_socket_out_of_reach(self):
        with Box() as box:
            imap(box).logout()
            for secret in PASSWORDS.values():
                self.assertNotIn(secret, box.read_log())
            mode = os.stat(box.directory / "control.sock").st_mode
            self.assertEqual(stat.S_IMODE(mode) & 0o007, 0)
            for path in (box.directory / "tls").glob("*.key"):
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_a_second_daemon_on_the_same_data_is_refused(self):
        with Box() as box:
            other = Box.__new__(Box)
            other.__dict__.update(box.__dict__)
            other.base = box.base + 1
            other.process = other.log = None
            with self.assertRaises(RuntimeError) as refused:
                other.start()
            other.log.close()
            other.process.stdout.close()
            self.assertIn("posternd", str(refused.exception))
            imap(box).logout()

    def test_check_tells_what_was_damaged(self):
        with Box() as box:
            with submission(box) as client:
                client.sendmail("bob@office.lan", ["alice@office.lan"], samples.plain(text="unmistakable octets\r\n" * 2000))
            box.stop()
            (store,) = (box.directory / "store").glob("data.mdb")
            octets = bytearray(store.read_bytes())
            at = octets.index(b"unmistakable octets")
            octets[at + 3] ^= 1
            store.write_bytes(octets)
            done = self.expect(box, REFUSED, "check")
            self.assertIn("checksum", (done.stdout + done.stderr).lower())
            octets[at + 3] ^= 1
            store.write_bytes(octets)
            box.start()


if __name__ == "__main__":
    unittest.main()
