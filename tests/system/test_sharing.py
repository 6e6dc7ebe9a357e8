"""Shared mailboxes through real clients: imaplib, which knows SETACL, GETACL and MYRIGHTS, curl, which reads there, and
smtplib, which sends mail to them."""

import imaplib
import smtplib
import unittest

import samples
from box import PASSWORDS, Box, client_ok
from test_imaplib import imap, submission

imaplib.Commands.update({name: ("AUTH", "SELECTED") for name in ("LISTRIGHTS", "ESEARCH")})

MESSAGE = b"From: alice@office.lan\r\nSubject: for all\r\n\r\nhello\r\n"
PROJECTS = '"Other Users/alice/Projects"'


class Refused(Exception):
    pass


def ok(answer):
    status, data = answer
    if status != "OK":
        raise Refused(data)
    return data


def rights(client, mailbox):
    return ok(client.myrights(mailbox))[0].split()[-1].decode()


class Sharing(unittest.TestCase):
    def test_an_account_shares_a_mailbox_with_another(self):
        with Box() as box:
            alice, bob = imap(box), imap(box, "bob")
            capabilities = ok(alice.capability())[0].split()
            for capability in (b"ACL", b"RIGHTS=kxte", b"LIST-MYRIGHTS"):
                self.assertIn(capability, capabilities)
            ok(alice.create("Projects"))
            ok(alice.append("Projects", None, None, MESSAGE))
            with self.assertRaises(Refused) as refused:
                ok(bob.select(PROJECTS))
            self.assertIn(b"[NONEXISTENT]", refused.exception.args[0][0])

            ok(alice.setacl("Projects", "bob", "lrsw"))
            self.assertEqual(ok(alice.getacl("Projects")), [b"Projects alice lrswipkxtecda bob lrsw"])
            self.assertEqual(rights(bob, PROJECTS), "lrsw")
            self.assertIn(b'(\\HasNoChildren) "/" "Other Users/alice/Projects"', ok(bob.list('"Other Users/"', "*")))
            self.assertEqual(ok(bob.select(PROJECTS)), [b"1"])
            self.assertEqual(ok(bob.fetch("1", "(BODY.PEEK[])"))[0][1], MESSAGE)
            self.assertEqual(ok(bob.store("1", "+FLAGS", r"(\Seen \Deleted)")), [rb"1 (FLAGS (\Seen \Recent))"])

            # A search over several mailboxes finds what is in it, by the name that it has here.
            ok(bob.xatom("ESEARCH", "IN", '(subtree "Other Users")', "SUBJECT", '"for all"'))
            (found,) = bob.response("ESEARCH")[1]
            self.assertIn(b'MAILBOX "Other Users/alice/Projects" ', found)
            self.assertTrue(found.endswith(b" UID ALL 1"), found)

            # What one does in it, the other sees: it is one mailbox, whatever each calls it.
            ok(alice.select("Projects"))
            self.assertIn(rb"\Seen", ok(alice.fetch("1", "(FLAGS)"))[0])
            ok(alice.append("Projects", None, None, MESSAGE))
            ok(bob.noop())
            self.assertEqual(bob.response("EXISTS")[1][-1], b"2")

            # A right that is taken away is gone with the next command.
            ok(alice.setacl("Projects", "bob", "-s"))
            with self.assertRaises(Refused) as refused:
                ok(bob.store("1", "-FLAGS", r"(\Seen)"))
            self.assertIn(b"[NOPERM]", refused.exception.args[0][0])
            ok(alice.deleteacl("Projects", "bob"))
            with self.assertRaises(Refused):
                ok(bob.fetch("1", "(FLAGS)"))
            bob.shutdown()
            bob = imap(box, "bob")
            self.assertEqual(ok(bob.list('"Other Users/"', "*")), [None])
            for client in (alice, bob):
                client.logout()

    def test_the_office_has_mailboxes_of_its_own(self):
        with Box() as box:
            alice, bob = imap(box), imap(box, "bob")  # alice is the administrator
            with self.assertRaises(Refused):
                ok(bob.create("Shared/Info"))
            ok(alice.create("Shared/Info"))
            ok(alice.append("Shared/Info", None, None, MESSAGE))
            ok(alice.setacl("Shared/Info", "anyone", "lr"))
            self.assertEqual(rights(bob, "Shared/Info"), "lr")
            with self.assertRaises(imaplib.IMAP4.readonly):
                bob.select("Shared/Info")
            ok(bob.select("Shared/Info", readonly=True))
            with self.assertRaises(Refused):
                ok(bob.append("Shared/Info", None, None, MESSAGE))
            done = client_ok(["curl", "--silent", "--show-error", "--cacert", box.ca, "--user", f"bob:{PASSWORDS['bob']}",
                              f"imaps://localhost:{box.port('imaps')}/Shared%2FInfo;UID=1"])
            self.assertEqual(done.stdout, MESSAGE)
            ok(alice.setacl("Shared/Info", "bob", "+i"))
            ok(bob.append("Shared/Info", None, None, MESSAGE))
            ok(alice.xatom("LISTRIGHTS", "Shared/Info", "bob"))
            self.assertEqual(alice.response("LISTRIGHTS"), ("LISTRIGHTS", [b'Shared/Info bob "" l r s w i p k x t e c d a']))
            box.restart()
            bob = imap(box, "bob")
            self.assertEqual(rights(bob, "Shared/Info"), "lri")
            bob.logout()

    def test_an_administrator_makes_and_grants_at_the_command_line(self):
        with Box() as box:
            bob = imap(box, "bob")
            box.command("shared", "add", "Shared/Für alle")
            box.command("shared", "add", "Shared/Sales")
            self.assertEqual(ok(bob.list('"Shared/"', "*")), [None])
            given = box.json("shared", "give", "Shared/Sales", "bob", "write")
            self.assertEqual(given, {"who": "bob", "rights": ["read", "write", "post"], "letters": "lrswipted"})
            self.assertEqual(rights(bob, "Shared/Sales"), "lrswipted")
            ok(bob.select("Shared/Sales"))
            ok(bob.append("Shared/Sales", None, None, MESSAGE))
            self.assertIn(b'(\\HasNoChildren) "/" Shared/Sales', ok(bob.list('"Shared/"', "*")))

            box.command("shared", "take", "Shared/Sales", "bob", "write")
            self.assertEqual(rights(bob, "Shared/Sales"), "lrsp")
            with self.assertRaises(Refused):
                ok(bob.append("Shared/Sales", None, None, MESSAGE))
            shown = box.json("shared", "rights", "Shared/Sales")
            self.assertEqual([(row["who"], row["rights"]) for row in shown], [("alice", ["all"]), ("anyone", ["post"]), ("bob", ["read"])])
            rows = box.json("shared", "list")
            self.assertEqual([(row["name"], row["messages"]) for row in rows], [("Shared/Für alle", 0), ("Shared/Sales", 1)])

            refused = box.run("shared", "remove", "Shared/Sales")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("--with-mail", refused.stderr)
            box.command("shared", "remove", "Shared/Sales", "--with-mail")
            with self.assertRaises(Refused) as refused:
                ok(bob.fetch("1", "(FLAGS)"))
            self.assertIn(b"[NONEXISTENT]", refused.exception.args[0][0])
            self.assertEqual(ok(bob.list('"Shared/"', "*")), [None])
            bob.logout()
            box.restart()
            self.assertEqual([row["name"] for row in box.json("shared", "list")], ["Shared/Für alle"])

    def test_mail_to_an_address_lands_in_a_mailbox_of_the_office(self):
        with Box() as box:
            box.command("shared", "add", "Shared/Sales")
            box.command("shared", "give", "Shared/Sales", "bob", "read")
            box.command("alias", "add", "sales", "Shared/Sales", "alice", "carol@example.com")
            (alias,) = box.json("alias", "list")
            self.assertEqual(alias["targets"], ["alice@office.lan", "carol@example.com", "Shared/Sales"])
            with smtplib.SMTP("localhost", box.port("smtp")) as stranger:
                stranger.sendmail("eve@example.com", ["Sales+offer@office.lan"], samples.plain(text="We buy all of it."))
            # What was acknowledged outlives the power, here as in an INBOX.
            box.kill()
            box.start()
            bob, alice = imap(box, "bob"), imap(box)
            self.assertEqual(ok(bob.select("Shared/Sales")), [b"1"])
            self.assertIn(b"We buy all of it.", ok(bob.fetch("1", "(BODY[TEXT])"))[0][1])
            self.assertEqual(ok(alice.select("INBOX")), [b"1"])
            self.assertEqual([item["recipient"] for item in box.json("queue", "list")], ["carol@example.com"])

            # An address leads to its mailbox whatever that is called, and who reads there hears of the next one.
            ok(alice.rename("Shared/Sales", "Shared/Orders"))
            self.assertEqual(box.json("alias", "list")[0]["targets"][2], "Shared/Orders")
            box.command("alias", "add", "sales", "Shared/Orders")
            with submission(box) as client:
                client.sendmail("bob@office.lan", ["sales@office.lan"], samples.plain())
            ok(bob.noop())
            self.assertEqual(bob.response("EXISTS")[1][-1], b"2")
            with self.assertRaises(Refused) as refused:
                ok(alice.delete("Shared/Orders"))
            self.assertIn(b"[INUSE]", refused.exception.args[0][0])
            self.assertIn("sales@office.lan", box.run("shared", "remove", "Shared/Orders", "--with-mail").stderr)
            for client in (alice, bob):
                client.logout()

    def test_a_mailbox_of_the_office_takes_mail_from_whoever_may_post(self):
        with Box() as box:
            box.command("shared", "add", "Shared/Sales")
            box.command("alias", "add", "sales", "Shared/Sales")
            box.command("shared", "take", "Shared/Sales", "anyone", "post")
            with smtplib.SMTP("localhost", box.port("smtp")) as stranger, submission(box) as bob:
                stranger.helo()
                for client, sender in (stranger, "eve@example.com"), (bob, "bob@office.lan"):
                    client.mail(sender)
                    self.assertEqual(client.rcpt("sales@office.lan")[0], 550)
                box.command("shared", "give", "Shared/Sales", "bob", "post")
                self.assertEqual(stranger.rcpt("sales@office.lan")[0], 550)
                self.assertEqual(bob.rcpt("sales@office.lan")[0], 250)
                # Removed between RCPT and the message: that is not taken, and nobody was told that it was.
                box.command("alias", "remove", "sales")
                box.command("shared", "remove", "Shared/Sales")
                self.assertEqual(bob.data(samples.plain())[0], 451)
                bob.mail("bob@office.lan")
                self.assertEqual(bob.rcpt("sales@office.lan")[0], 550)

    def test_a_login_that_is_made_again_inherits_nothing(self):
        with Box() as box:
            alice = imap(box)
            ok(alice.create("Projects"))
            ok(alice.setacl("Projects", "bob", "lr"))
            box.command("account", "remove", "bob")
            self.assertEqual(ok(alice.getacl("Projects")), [b"Projects alice lrswipkxtecda"])
            box.command("account", "add", "bob", "--password-stdin", input=PASSWORDS["bob"])
            bob = imap(box, "bob")
            with self.assertRaises(Refused):
                rights(bob, PROJECTS)
            for client in (alice, bob):
                client.logout()


if __name__ == "__main__":
    unittest.main()
