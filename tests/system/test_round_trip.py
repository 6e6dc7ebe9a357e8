"""The shortest whole journey: a message goes in by SMTP and comes out by IMAP. Runs for every architecture."""

import imaplib
import smtplib
import unittest

import samples
from box import PASSWORDS, Box


class RoundTrip(unittest.TestCase):
    def test_a_message_goes_in_by_smtp_and_comes_out_by_imap(self):
        with Box(settings={"login.allow_plaintext": "yes"}) as box:
            sent = samples.with_attachment(3)
            with smtplib.SMTP("localhost", box.port("submission")) as client:
                client.starttls()
                client.login("bob", PASSWORDS["bob"])
                client.sendmail("bob@office.lan", ["alice@office.lan"], sent)
            reader = imaplib.IMAP4("localhost", box.port("imap"))
            reader.login("alice", PASSWORDS["alice"])
            self.assertEqual(reader.select("INBOX"), ("OK", [b"1"]))
            status, answer = reader.fetch("1", "(BODY[])")
            self.assertTrue(answer[0][1].endswith(sent))
            reader.logout()


if __name__ == "__main__":
    unittest.main()
