"""An office's days without a pause: mail is sent, read, filed and deleted as fast as the daemon takes it, while the
mailboxes stay as large as they are. File, memory, descriptors and threads must stay as they are, too, and nobody may go
on reading what is past. POSTERN_SOAK_COMMANDS=200000 makes it a long day."""

import imaplib
import os
import re
import subprocess
import unittest

from box import DOMAIN, Box, program, wait_until

COMMANDS = int(os.environ.get("POSTERN_SOAK_COMMANDS", "12000"))
WARM_UP, PHASES = 2, 4
SETTINGS = {"login.allow_plaintext": "yes", "login.iterations": "4096"}
ACCOUNTS = ("alice", "carol", "dave", "erin")
PASSWORD = "known to all"
MIB = 1 << 20


def load(*words):
    return subprocess.Popen(program("tests/load", *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Soak(unittest.TestCase):
    def phase(self, box, number):
        """Everybody works, and gets mail that is stored once for all."""
        commands = COMMANDS // (WARM_UP + PHASES)
        work = [load("intake", f"port={box.port('smtp')}", "from=x@far.example", f"to=all@{DOMAIN}", "sessions=4", "keep=1",
                     f"messages={commands // 10}", f"first={number * commands}", "limit=100000")]
        work += [load("soak", f"imap={box.port('imap')}", f"user={name}", f"password={PASSWORD}",
                      f"commands={commands // len(ACCOUNTS)}", f"seed={number}") for name in ACCOUNTS]
        for process in work:
            said, _ = process.communicate()
            self.assertEqual(process.returncode, 0, said)
            print(said.strip())

    def measure(self, box):
        process = f"/proc/{box.process.pid}"
        with open(f"{process}/smaps_rollup") as file:
            anonymous = int(re.search(r"^Pss_Anon: +(\d+) kB", file.read(), re.M)[1]) * 1024
        return {"file": (box.directory / "store/data.mdb").stat().st_size, "memory": anonymous,
                "descriptors": len(os.listdir(f"{process}/fd")), "threads": len(os.listdir(f"{process}/task"))}

    def readers(self, box):
        return int(subprocess.run(program("tests/soak_readers", box.directory), check=True, capture_output=True).stdout)

    def test_nothing_grows_but_the_work_that_was_done(self):
        with Box(accounts=(), settings=SETTINGS) as box:
            for name in ACCOUNTS:
                box.command("account", "add", name, "--password-stdin", input=PASSWORD)
            box.command("alias", "add", f"all@{DOMAIN}", *(f"{name}@{DOMAIN}" for name in ACCOUNTS))
            forgotten = imaplib.IMAP4("127.0.0.1", box.port("imap"))  # a phone that has INBOX open, and is not looked at
            forgotten.login(ACCOUNTS[0], PASSWORD)
            forgotten.select("INBOX")
            figures = []
            for number in range(WARM_UP + PHASES):
                self.phase(box, number)
                wait_until("nobody reads any more", lambda: self.readers(box) == 0)
                figures.append(self.measure(box))
                print(figures[-1], flush=True)
            warm, end = figures[WARM_UP - 1], figures[-1]
            self.assertLess(end["file"], warm["file"] * 1.25 + 4 * MIB)
            self.assertLess(end["memory"], warm["memory"] * 1.25 + 4 * MIB)
            self.assertLessEqual(end["descriptors"], warm["descriptors"] + 8)
            self.assertLessEqual(end["threads"], warm["threads"])


if __name__ == "__main__":
    unittest.main()
