"""Clients that do not behave: whatever they send, they get the protocol's answer, and everybody else is served."""

import random
import socket
import ssl
import unittest

import samples
from box import PASSWORDS, Box, is_sanitized
from test_imaplib import imap, submission


class Talk:
    """A raw connection; what is read is read to its end or to a line that is waited for."""

    def __init__(self, box, service):
        self.socket = socket.create_connection(("127.0.0.1", box.port(service)), timeout=60)
        self.file = self.socket.makefile("rb")

    def say(self, octets):
        self.socket.sendall(octets)

    def line(self):
        return self.file.readline()

    def until(self, beginning):
        lines = []
        while True:
            line = self.line()
            if not line:
                raise AssertionError(f"closed before {beginning!r}: {lines[-5:]}")
            lines.append(line)
            if line.startswith(beginning):
                return lines

    def rest(self):
        try:
            return self.file.read()
        except ConnectionResetError:
            return b""

    def close(self):
        self.file.close()
        self.socket.close()


def memory_of(box):
    """Resident octets of the daemon."""
    with open(f"/proc/{box.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4096


class Rude(unittest.TestCase):
    def serves(self, box):
        """A message from one end to the other, to see that nothing suffered."""
        with submission(box) as client:
            client.sendmail("bob@office.lan", ["alice@office.lan"], samples.plain())
        reader = imap(box)
        self.assertEqual(reader.select("INBOX")[0], "OK")
        reader.logout()

    def test_noise_on_every_port(self):
        source = random.Random(11)
        with Box() as box:
            for service in ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s"):
                for _ in range(5):
                    talk = Talk(box, service)
                    try:
                        talk.say(source.randbytes(20_000))
                        talk.socket.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass  # hung up on: fair enough
                    talk.rest()
                    talk.close()
            self.serves(box)

    def test_a_line_without_end_takes_no_memory(self):
        if is_sanitized():
            self.skipTest("a sanitizer keeps what is freed")
        with Box() as box:
            self.serves(box)
            before = memory_of(box)
            for service in ("smtp", "imap", "pop3"):
                talk = Talk(box, service)
                talk.line()
                try:
                    for _ in range(64):
                        talk.say(b"x" * 1_000_000)
                except OSError:
                    pass
                self.assertLess(memory_of(box) - before, 24_000_000)
                talk.close()
            self.serves(box)

    def test_huge_literals_are_refused_and_the_session_goes_on(self):
        with Box() as box:
            talk = Talk(box, "imap")
            talk.line()
            talk.say(b"a1 LOGIN {2000000000}\r\n")
            self.assertRegex(talk.until(b"a1 ")[-1], rb"^a1 (BAD|NO)")
            talk.say(b"a2 LOGIN {300000+}\r\n" + b"y" * 300_000 + b" x\r\n")
            self.assertRegex(talk.until(b"a2 ")[-1], rb"^a2 (BAD|NO)")
            talk.say(b"a3 NOOP\r\n")
            self.assertTrue(talk.until(b"a3 ")[-1].startswith(b"a3 OK"))
            talk.close()
            self.serves(box)

    def test_what_is_said_before_starttls_is_not_heard_under_tls(self):
        with Box() as box:
            for service, greeting, command, ready, probe, answer in (
                ("submission", b"EHLO x\r\n", b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n", b"220", b"NOOP\r\n", b"250"),
                ("imap", b"", b"a1 STARTTLS\r\na2 LOGIN alice x\r\n", b"a1 OK", b"a3 NOOP\r\n", b"a3 OK"),
                ("pop3", b"", b"STLS\r\nUSER alice\r\nPASS x\r\n", b"+OK Begin", b"AUTH\r\n", b"+OK"),
            ):
                talk = Talk(box, service)
                talk.line()
                if greeting:
                    talk.say(greeting)
                    talk.until(b"250 ")
                talk.say(command)
                talk.until(ready)
                context = ssl.create_default_context(cafile=str(box.ca))
                inside = context.wrap_socket(talk.socket, server_hostname="localhost")
                inside.sendall(probe)
                self.assertTrue(inside.recv(4096).startswith(answer))
                inside.close()

    def test_a_reader_that_does_not_read_stops_nobody(self):
        with Box() as box:
            writer = imap(box)
            for number in range(3):
                writer.append("INBOX", "", None, samples.large(4_000_000))
            lazy = imap(box)
            lazy.select("INBOX")
            lazy.send(b"z1 FETCH 1:* BODY.PEEK[]\r\n")  # and does not read what comes
            self.serves(box)
            self.assertEqual(writer.select("INBOX")[0], "OK")
            writer.logout()
            lazy.shutdown()

    def test_a_hundred_connections_that_say_nothing(self):
        with Box() as box:
            idle = [Talk(box, service) for service in ("smtp", "imap", "pop3") for _ in range(34)]
            self.serves(box)
            for talk in idle:
                talk.close()

    def test_guessing_passwords_slows_only_the_guesser_down_and_the_owner_gets_in(self):
        with Box() as box:
            talk = Talk(box, "imap")
            talk.line()
            secure = ssl.create_default_context(cafile=str(box.ca))
            talk.say(b"s STARTTLS\r\n")
            talk.until(b"s OK")
            inside = secure.wrap_socket(talk.socket, server_hostname="localhost")
            reader = inside.makefile("rb")
            for number in range(3):
                inside.sendall(b"g%d LOGIN alice wrong\r\n" % number)
                self.assertIn(b"NO [AUTHENTICATIONFAILED]", reader.readline())
            inside.sendall(b"g9 LOGIN alice \"%s\"\r\n" % PASSWORDS["alice"].encode())
            self.assertTrue(reader.readline().startswith(b"g9 OK"))
            inside.close()


if __name__ == "__main__":
    unittest.main()
