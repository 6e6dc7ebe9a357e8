"""APPEND of several messages, CATENATE and REPLACE, and sent mail that is filed once, by imaplib and smtplib."""

import re
import unittest

import samples
from box import Box
from test_imaplib import fetch_bodies, imap, submission

class Append(unittest.TestCase):
    def test_several_messages_come_together_across_a_restart(self):
        with Box() as box:
            messages = list(samples.all_of_them().values())
            client = imap(box)
            # imaplib sends one literal; what follows its octets is the rest of the command.
            rest = b"".join(b" (\\Seen) {%d+}\r\n%s" % (len(message), message) for message in messages[1:])
            client.send(b"m1 APPEND INBOX {%d+}\r\n%s%s\r\n" % (len(messages[0]), messages[0], rest))
            answer = client.readline()
            self.assertRegex(answer, rb"m1 OK \[APPENDUID \d+ 1:%d\]" % len(messages))
            client.shutdown()
            box.restart()
            client = imap(box)
            client.select("INBOX")
            self.assertEqual(list(fetch_bodies(client).values()), messages)
            client.logout()

    def test_a_draft_is_replaced_by_itself_and_more(self):
        with Box() as box:
            client = imap(box)
            self.assertIn("CATENATE", client.capability()[1][0].decode().split())
            client.append("Drafts", r"(\Draft)", None, b"Subject: draft\r\n\r\nfirst\r\n")
            client.select("Drafts")
            status, answer = client.xatom("REPLACE", "1", "Drafts", r"(\Draft)",
                                          'CATENATE (URL "/Drafts/;UID=1" TEXT {8+}\r\nsecond\r\n)')
            self.assertEqual(status, "OK", answer)
            self.assertEqual(fetch_bodies(client), {2: b"Subject: draft\r\n\r\nfirst\r\nsecond\r\n"})
            self.assertEqual(client.response("EXPUNGE")[1], [b"1"])
            client.logout()


class FiledSentMail(unittest.TestCase):
    MESSAGE = b"From: bob@office.lan\r\nMessage-ID: <1@client>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\nsent\r\n"

    def test_by_default_only_the_client_files_what_it_sent(self):
        with Box() as box:
            self.send(box)
            client = imap(box, "bob")
            self.assertEqual(client.select("Sent")[1], [b"0"])
            client.logout()

    def test_the_server_s_copy_and_the_client_s_are_one_across_a_restart(self):
        with Box(settings={"submission.file_sent": "yes"}) as box:
            self.send(box)
            box.restart()
            client = imap(box, "bob")
            status, answer = client.append("Sent", r"(\Seen $Label1)", None, self.MESSAGE)
            self.assertEqual(status, "OK")
            self.assertTrue(re.search(rb"APPENDUID \d+ 1\]", answer[0]), answer)
            self.assertEqual(client.select("Sent")[1], [b"1"])
            status, answer = client.fetch("1", "(FLAGS)")
            self.assertIn(rb"\Seen", answer[0])
            self.assertIn(b"$Label1", answer[0])
            self.assertTrue(fetch_bodies(client)[1].endswith(self.MESSAGE))
            client.logout()

    def send(self, box):
        with submission(box) as client:
            client.sendmail("bob@office.lan", ["alice@office.lan", "carol@example.com"], self.MESSAGE)


if __name__ == "__main__":
    unittest.main()
