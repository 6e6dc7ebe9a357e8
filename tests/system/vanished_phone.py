"""A phone that left in the midst of a POP3 session without a word. Run by test_vanished_phone.py, in a network of its own."""

import poplib
import socket
import subprocess
import unittest

from box import PASSWORDS, Box

PHONE = "192.0.2.7"


class VanishedPhone(unittest.TestCase):
    def test_its_maildrop_is_free_for_the_next_login(self):
        # The next login would wait for much longer than it takes to find out.
        with Box(settings={"login.allow_plaintext": "yes", "pop3.lock_wait": "60"}) as box:
            subprocess.run(["ip", "address", "add", f"{PHONE}/32", "dev", "lo"], check=True)
            phone = socket.create_connection(("127.0.0.1", box.port("pop3")), timeout=60, source_address=(PHONE, 0))
            answers = phone.makefile("rb")
            for command in (b"", b"USER alice\r\n", f"PASS {PASSWORDS['alice']}\r\n".encode()):
                phone.sendall(command)
                self.assertTrue(answers.readline().startswith(b"+OK"))
            subprocess.run(["ip", "address", "delete", f"{PHONE}/32", "dev", "lo"], check=True)
            client = poplib.POP3("127.0.0.1", box.port("pop3"), timeout=120)
            client.user("alice")
            client.pass_(PASSWORDS["alice"])  # raises when it is refused
            client.quit()
            answers.close()
            phone.close()


if __name__ == "__main__":
    unittest.main()
