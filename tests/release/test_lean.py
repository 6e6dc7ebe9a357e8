"""What ships stays small. The bounds lie above what the benchmarks measure, so that what grows is seen as it comes."""

import imaplib
import re
import unittest
from pathlib import Path

from box import PASSWORDS, Box, program, wait_until

KIB, MIB = 1 << 10, 1 << 20
IDLE = 200


class Lean(unittest.TestCase):
    def test_the_program_takes_little_flash(self):
        self.assertLess(Path(program("postern")[-1]).stat().st_size, 10 * MIB)

    def test_memory_at_rest_and_of_connections_that_wait(self):
        def memory(kind):
            """Pages that programs share are divided among them."""
            told = Path(f"/proc/{running.process.pid}/smaps_rollup").read_text()
            return int(re.search(rf"^{kind}: +(\d+) kB", told, re.M)[1]) * KIB

        def waiting():
            client = imaplib.IMAP4("127.0.0.1", running.port("imap"))
            client.login("alice", PASSWORDS["alice"])
            client.select("INBOX")
            client.send(b"IDLE IDLE\r\n")
            self.assertTrue(client.readline().startswith(b"+"))
            return client

        with Box(settings={"login.allow_plaintext": "yes", "connection.per_address": str(2 * IDLE)}) as running:
            wait_until("what only the start needed to be gone", lambda: memory("Pss") < 8 * MIB)
            first = waiting()
            before = memory("Pss_Anon")
            others = [waiting() for _ in range(IDLE)]
            self.assertLess(memory("Pss_Anon") - before, IDLE * 16 * KIB)
            for client in (first, *others):
                client.shutdown()


if __name__ == "__main__":
    unittest.main()
