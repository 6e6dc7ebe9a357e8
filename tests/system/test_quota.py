"""Quotas: imaplib's commands, mail that arrives, and the administrator's `postern account quota`."""

import smtplib
import unittest

import samples
from box import Box
from test_imaplib import imap, submission


class Quota(unittest.TestCase):
    def test_what_does_not_fit_is_refused_until_there_is_room(self):
        with Box(settings={"account.quota": "100K"}) as box:
            client = imap(box, "bob")
            status, ((root,), (quota,)) = client.getquotaroot("INBOX")
            self.assertEqual((status, root, quota), ("OK", b"INBOX #user/bob", b"#user/bob (STORAGE 0 100)"))
            status, answer = client.append("INBOX", None, None, samples.large(60_000))
            self.assertEqual(status, "OK", answer)
            status, answer = client.append("INBOX", None, None, samples.large(60_000))
            self.assertEqual(status, "NO")
            self.assertIn(b"[OVERQUOTA]", answer[0])

            # Who sends hears of it at RCPT, where it is known how much there is to come, or at the end.
            with submission(box, "alice") as sender:
                with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                    sender.sendmail("alice@office.lan", ["bob@office.lan"], samples.large(60_000))
                code, text = refused.exception.recipients["bob@office.lan"]
                self.assertEqual((code, text[:5]), (452, b"4.2.2"))
            with submission(box, "alice") as sender:
                sender.mail("alice@office.lan")
                self.assertEqual(sender.rcpt("bob@office.lan")[0], 250)
                code, text = sender.data(samples.large(60_000))
                self.assertEqual((code, text[:5]), (452, b"4.2.2"))
                sender.sendmail("alice@office.lan", ["bob@office.lan"], samples.plain())

            box.restart()  # and it is summed again
            client = imap(box, "bob")
            client.select("INBOX")
            _, (quota,) = client.getquota("#user/bob")
            self.assertRegex(quota, rb"^#user/bob \(STORAGE (59|60) 100\)$")
            client.store("1", "+FLAGS", r"(\Deleted)")
            client.expunge()
            _, (quota,) = client.getquota("#user/bob")
            self.assertEqual(quota, b"#user/bob (STORAGE 1 100)")
            self.assertEqual(client.append("INBOX", None, None, samples.large(60_000))[0], "OK")
            client.logout()

    def test_an_account_has_limits_of_its_own(self):
        with Box() as box:
            box.command("account", "quota", "bob", "2M", "10")
            box.restart()
            alice, bob = box.json("account", "list")
            self.assertEqual((bob["quota_octets"], bob["quota_messages"]), (2 << 20, 10))
            self.assertEqual((alice["quota_octets"], alice["quota_messages"]), (None, None))
            client = imap(box, "bob")
            self.assertEqual(client.getquota("#user/bob")[1], [b"#user/bob (STORAGE 0 2048 MESSAGE 0 10)"])
            self.assertEqual(client.getquota("#user/alice")[0], "NO")
            # An administrator may change them by IMAP.
            self.assertNotIn(b"QUOTASET", client.capability()[1][0].split())
            status, answer = client.setquota("#user/bob", "(STORAGE 1)")
            self.assertEqual(status, "NO")
            self.assertIn(b"[NOPERM]", answer[0])
            administrator = imap(box)
            self.assertIn(b"QUOTASET", administrator.capability()[1][0].split())
            self.assertEqual(administrator.getquotaroot("INBOX")[1], [[b"INBOX #user/alice"], [b"#user/alice ()"]])
            self.assertEqual(administrator.setquota("#user/bob", "(MESSAGE 1)")[1], [b"#user/bob (MESSAGE 0 1)"])
            self.assertEqual(client.append("INBOX", None, None, samples.plain())[0], "OK")
            self.assertEqual(client.append("INBOX", None, None, samples.plain())[0], "NO")
            box.command("account", "quota", "bob", "default", "default")
            self.assertEqual(client.append("INBOX", None, None, samples.plain())[0], "OK")
            done = box.run("account", "quota", "bob", "lots", "none")
            self.assertEqual(done.returncode, 1)
            self.assertIn("lots", done.stderr)
            self.assertEqual(box.run("account", "quota", "bob", "2M").returncode, 2)
            self.assertEqual(box.run("account", "quota", "nobody", "2M", "none").returncode, 1)


if __name__ == "__main__":
    unittest.main()
