"""Octets that changed on the disk: told with whose they are, everything else served, and mended by `postern check --repair`."""

import json
import unittest

import samples
from box import Box
from test_imaplib import imap


class Damage(unittest.TestCase):
    def append(self, client, names):
        for name in names:
            text = f"the text of {name}\r\n" + "x" * 5000
            status, answer = client.append("INBOX", None, None, samples.plain(subject=name, text=text, message_id=f"<{name}@damage>"))
            self.assertEqual(status, "OK", answer)

    def change(self, box, octets, to):
        """On the disk, while nobody looks."""
        file = box.directory / "store/data.mdb"
        data = file.read_bytes()
        self.assertIn(octets, data)
        file.write_bytes(data.replace(octets, to))

    def test_a_changed_body_costs_one_message_until_it_is_repaired(self):
        with Box(accounts=["alice"]) as box:
            self.append(imap(box), ["first", "second", "third"])
            box.stop()
            self.change(box, b"the text of second", b"the text of sEcond")

            found = box.run("check", "--json")
            self.assertEqual(found.returncode, 1)
            problems = json.loads(found.stdout)["problems"]
            self.assertEqual(len(problems), 1, problems)
            self.assertIn("alice INBOX UID 2", problems[0])

            box.start()
            client = imap(box)
            client.select("INBOX")
            status, answer = client.uid("FETCH", "1:3", "(UID BODY.PEEK[])")
            self.assertEqual(status, "NO")
            self.assertIn(b"[CORRUPTION]", answer[0])
            status, answer = client.uid("FETCH", "1,3", "(UID BODY.PEEK[])")
            self.assertEqual(status, "OK", answer)
            status, answer = client.uid("SEARCH", "BODY", '"the text of"')
            self.assertEqual((status, answer), ("OK", [b"1 3"]))
            status, answer = client.uid("SEARCH", "SUBJECT", "first")
            self.assertEqual((status, answer), ("OK", [b"1"]))
            refused = box.run("check", "--repair")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("stop posternd first", refused.stderr)
            box.stop()

            repaired = json.loads(box.command("check", "--repair", "--json"))
            self.assertEqual(repaired["messages"], 3)
            self.assertEqual(len(repaired["damages"]), 1, repaired)
            self.assertTrue((box.directory / "store.damaged/data.mdb").exists())
            self.assertIn("messages", box.command("check", "--repair"))  # sound now, and left alone
            self.assertFalse((box.directory / "store.damaged.2").exists())
            box.start()
            client = imap(box)
            client.select("INBOX")
            status, answer = client.uid("FETCH", "2", "(UID BODY.PEEK[])")
            self.assertEqual(status, "OK", answer)
            self.assertIn(b"the text of sEcond", answer[0][1])
            self.append(client, ["fourth"])


if __name__ == "__main__":
    unittest.main()
