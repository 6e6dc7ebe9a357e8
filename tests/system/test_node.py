"""npm's nodemailer and imapflow, each with TLS checked against the office CA."""

import base64
import json
import random
import unittest

from box import PASSWORDS, REPO, Box, client_ok


class Node(unittest.TestCase):
    def test_nodemailer_sends_and_imapflow_reads_and_files(self):
        with Box() as box:
            attachment = box.scratch / "attachment"
            attachment.write_bytes(random.Random(5).randbytes(100_000))
            given = {"submission": box.port("submission"), "imaps": box.port("imaps"), "ca": str(box.ca),
                     "passwords": PASSWORDS, "attachment": str(attachment)}
            done = client_ok(["node", REPO / "tests/system/node/round_trip.js", json.dumps(given)],
                             environment={"NODE_PATH": str(REPO / "build/node/node_modules")})
            told = json.loads(done.stdout)
            self.assertTrue(told["response"].startswith("250 "))
            self.assertEqual(told["subject"], "Grüße von nodemailer")
            self.assertEqual(told["to"], ["alice@office.lan", "carol@example.com"])
            self.assertEqual(told["type"], "multipart/mixed")
            self.assertEqual(base64.b64decode(told["attachment"]), attachment.read_bytes())
            self.assertEqual(told["found"], 1)
            self.assertEqual(told["moved"], [[1, 1]])
            self.assertEqual(told["status"]["messages"], 1)
            self.assertIn(["Sent", "\\Sent"], told["mailboxes"])
            (item,) = box.json("queue", "list")
            self.assertEqual(item["recipient"], "carol@example.com")
            shown = box.command("queue", "show", str(item["id"]))
            for wish in ("envelope-7", "HDRS", "FAILURE", "DELAY"):
                self.assertIn(wish, shown.replace("failure", "FAILURE").replace("delay", "DELAY"))


if __name__ == "__main__":
    unittest.main()
