"""`postern`, the administrator's command line: what it does, what it refuses, and with which exit code."""

import imaplib
import ssl
import subprocess
import tempfile
import unittest

import samples
from box import PASSWORDS, Box, program
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
            self.expect(box, REFUSED, "shared", "add", "Sales")
            self.expect(box, REFUSED, "alias", "add", "sales", "Shared/Sales")
            self.expect(box, REFUSED, "account", "pkcs12", "nobody", box.scratch / "nobody.p12", "--password-stdin",
                        input="x1y2z3-long")
            self.expect(box, WRONG_USAGE, "shared", "give", "Shared/Sales", "bob")
            self.expect(box, WRONG_USAGE, "nonsense")
            self.expect(box, WRONG_USAGE, "alias", "add", "x@office.lan")
            self.expect(box, WRONG_USAGE, "status", "--nonsense")
            self.expect(box, DONE, "--help")
            box.stop()
            self.expect(box, NO_DAEMON, "status")
            self.expect(box, DONE, "check")  # reads the store itself
            box.start()

    def test_a_password_is_made_up_where_none_is_given(self):
        with Box(accounts=()) as box:
            told = self.expect(box, DONE, "account", "add", "alice", input="").stdout
            self.assertRegex(told, r"^password: [a-z2-9]{4}(-[a-z2-9]{4}){3}\n$")

    def test_a_store_that_is_not_there_is_told(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as empty:
            done = subprocess.run(program("postern", "--data", empty, "check"), capture_output=True, text=True)
            self.assertEqual(done.returncode, REFUSED)
            self.assertIn(empty, done.stderr)

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
