"""Whatever clients do, memory stays below the ceiling and what the daemon itself needs, and an ordinary client is served.

POSTERN_CEILINGS=full makes it as large as it gets: 5,000 connections, a message of 49 MB, a mailbox of 128,000."""

import os
import re
import resource
import select
import smtplib
import socket
import threading
import unittest

import samples
from box import PASSWORDS, Box, is_sanitized, wait_until
from test_imaplib import imap, submission

FULL = os.environ.get("POSTERN_CEILINGS") == "full"
CONNECTIONS = 5_000 if FULL else 1_200
GREEDY_ADDRESSES = 25
LARGE = 49_000_000 if FULL else 20_000_000
DOUBLINGS = 7 if FULL else 5
CEILING = 192 if FULL else 48  # MiB
DAEMON = 40  # MiB: what it takes itself, and what its few threads work on at the moment

MAIL = b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@office.lan>\r\n"
LOGIN = b'a LOGIN bob "%s"\r\n' % PASSWORDS["bob"].replace("\\", "\\\\").replace('"', '\\"').encode()
TEXT = b"Subject: large\r\n\r\n" + b"It goes on and on and on, and comes to no end.\r\n" * 8_000
PARTS = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: a/b; c=d; e=f; g=h; i=j\r\n\r\n\r\n" * 8_000
RECIPIENTS = b"".join(b"RCPT TO:<%s@%s.example>\r\n" % (b"x" * 60, b"%d.%s" % (n, b"y" * 60)) for n in range(1_000))
HOARDERS = (
    ("smtp", MAIL + b"DATA\r\n" + TEXT),
    ("smtp", MAIL + b"DATA\r\n" + b"X-Field: and another\r\n" * 5_000),
    ("smtp", MAIL + b"DATA\r\n" + PARTS),
    ("smtp", MAIL + b"BDAT 50000000\r\n" + TEXT),
    ("imap", LOGIN + b"b APPEND INBOX {40000000+}\r\n" + TEXT),
    ("imap", LOGIN + b"b SEARCH TEXT {120000}\r\n"),
    ("imap", LOGIN + b"b SEARCH TEXT {120000+}\r\n" + b"x" * 119_000),
    ("imap", LOGIN + b"b SEARCH" + b" ALL" * 900),
    ("imap", LOGIN + b"b SELECT INBOX\r\n" + b"c FETCH 1:* (BODYSTRUCTURE BODY.PEEK[] ENVELOPE)\r\n" * 50),
)


class Memory(threading.Thread):
    """Watches what the daemon holds for itself; what is mapped from the store's file the system takes back at need."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.status = f"/proc/{box.process.pid}/status"
        self.most = 0
        self.done = threading.Event()

    def now(self):
        with open(self.status) as status:
            return int(re.search(r"RssAnon:\s+(\d+) kB", status.read())[1]) // 1024

    def run(self):
        while not self.done.wait(0.02):
            self.most = max(self.most, self.now())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()


def connect(box, service, number):
    """From one of the addresses that want everything; the ordinary client has another."""
    return socket.create_connection(("127.0.0.1", box.port(service)), timeout=60,
                                    source_address=(f"127.0.1.{1 + number % GREEDY_ADDRESSES}", 0))


def send_until_stuck(sockets):
    """Sends to each what it has for it, until all of it was taken or nobody takes any more. Reads nothing."""
    poll = select.poll()
    left = {}
    for sock, octets in sockets:
        sock.setblocking(False)
        left[sock.fileno()] = (sock, memoryview(octets))
        poll.register(sock, select.POLLOUT)
    while left and (ready := poll.poll(2_000)):
        for number, _ in ready:
            sock, octets = left[number]
            try:
                octets = octets[sock.send(octets):]
            except BlockingIOError:
                pass
            except OSError:
                octets = b""
            left[number] = (sock, octets)
            if not octets:
                poll.unregister(number)
                del left[number]


def nested(levels):
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))


def bombs():
    """Small when sent, large when one is careless with them."""
    size = 5_000_000
    expanding = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}".encode()  # eighteen letters once it is folded
    line = expanding * 20
    word = b"=?utf-8?q?" + b"".join(b"=%02X" % octet for octet in expanding) * 7 + b"?="
    yield "nested", nested(10_000)
    yield "digests", b"Content-Type: message/rfc822\r\n\r\n" * 50_000
    yield "parts", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000
    yield "header", b"X-Field: " + b"and another\r\nX-Field: " * 500_000 + b"\r\n\r\n"
    yield "addresses", b"To: " + b"a@b,\r\n " * 40_000 + b"\r\n\r\n"
    yield "words", b"Subject:" + (b" " + word + b"\r\n") * 20_000 + b"\r\n"
    yield "parameters", b"Content-Type: text/plain" + b";\r\n a=b" * 100_000 + b"\r\n\r\n"
    yield "folding", b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + (line + b"\r\n") * (size // len(line))
    yield "quoted", (b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
                     b"=EF=B7=BA=\r\n" * (size // 12))
    yield "base64", (b"Content-Type: text/html; charset=utf-7\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                     b"PGI+Jm5ic3A7K0FBQS0r\r\n" * (size // 22))


@unittest.skipIf(is_sanitized(), "a sanitizer keeps what is freed")
class Ceilings(unittest.TestCase):
    def settings(self):
        return {"connection.total": 10_000, "connection.per_address": 1_000, "memory.ceiling": f"{CEILING}M",
                "login.iterations": 4096, "login.allow_plaintext": "yes"}

    def serves(self, box):
        """A message from one end to the other."""
        with submission(box) as client:
            client.sendmail("bob@office.lan", ["alice@office.lan"], samples.plain())
        reader = imap(box)
        self.assertEqual(reader.select("INBOX")[0], "OK")
        self.assertEqual(reader.fetch("1:*", "(ENVELOPE BODY.PEEK[])")[0], "OK")
        reader.logout()

    def test_thousands_who_want_everything(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
        with Box(settings=self.settings()) as box:
            hoard = imap(box, "bob")
            hoard.append("INBOX", "", None, PARTS)
            hoard.append("INBOX", "", None, TEXT)
            hoard.logout()
            self.serves(box)
            with Memory(box) as memory:
                greedy = []
                for number in range(CONNECTIONS):
                    service, octets = HOARDERS[number % len(HOARDERS)]
                    greedy.append((connect(box, service, number), octets))
                    if len(greedy) % 600 == 0:
                        send_until_stuck(greedy[-600:])
                        self.serves(box)
                send_until_stuck(greedy)
                self.serves(box)
                self.assertLess(memory.most, CEILING + DAEMON)
                for sock, _ in greedy:
                    sock.close()
                wait_until("all of them are gone", lambda: sum(
                    service["sessions"] for service in box.json("status")["services"]) == 0)
                wait_until("what they held is given back", lambda: memory.now() < DAEMON / 2)
                self.serves(box)
                print(f"held at most {memory.most} MiB, {memory.now()} afterwards")

    def test_readers_that_do_not_read_hold_neither_message_nor_store(self):
        with Box(settings=self.settings()) as box:
            writer = imap(box)
            writer.append("INBOX", "", None, samples.large(LARGE))
            with Memory(box) as memory:
                before = memory.now()
                lazy = [imap(box) for _ in range(20)]
                for reader in lazy:
                    reader.select("INBOX")
                    reader.send(b"z FETCH 1 BODY.PEEK[]\r\n")
                writer.select("Sent")
                churn = samples.large(1_000_000)
                octets = box.json("status")["store"]["octets"]
                for _ in range(4):
                    for _ in range(8):
                        writer.append("Sent", r"(\Deleted)", None, churn)
                    writer.expunge()
                    wait_until("what was expunged is erased", lambda: box.json("check")["body_octets"] < LARGE + len(churn))
                # With one of them in the past, nothing that was freed could be used again.
                self.assertLess(box.json("status")["store"]["octets"] - octets, 2 * 8 * len(churn))
                self.assertLess(memory.most - before, DAEMON)
            self.serves(box)
            for reader in lazy:
                reader.shutdown()
            writer.logout()

    def test_a_very_large_mailbox(self):
        with Box(settings=self.settings()) as box:
            writer = imap(box)
            for number in range(1_000):
                writer.append("INBOX", "", None, samples.plain(subject=str(number)))
            writer.select("INBOX")
            for _ in range(DOUBLINGS):
                self.assertEqual(writer.copy("1:*", "INBOX")[0], "OK")
                writer.noop()
            count = 1_000 << DOUBLINGS
            with Memory(box) as memory:
                before = memory.now()
                readers = [imap(box) for _ in range(8)]
                for reader in readers:
                    self.assertEqual(reader.select("INBOX")[1], [str(count).encode()])
                for reader in readers:  # all at once, and their answers are not read yet
                    reader.send(b"x1 FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)\r\nx2 UID SEARCH ALL\r\n")
                self.serves_beside_a_large_mailbox(box)
                for reader in readers:
                    lines = 0
                    while not (line := reader.readline()).startswith(b"x1 "):
                        lines += line.startswith(b"* ")
                    self.assertIn(b"OK", line)
                    self.assertGreaterEqual(lines, count)
                    self.assertEqual(len(reader.readline().split()), 2 + count)
                    reader.shutdown()
                self.assertLess(memory.most - before, DAEMON)
            writer.logout()

    def serves_beside_a_large_mailbox(self, box):
        with submission(box) as client:
            client.sendmail("bob@office.lan", ["bob@office.lan"], samples.plain())
        reader = imap(box, "bob")
        self.assertEqual(reader.select("INBOX")[0], "OK")
        reader.logout()

    def test_bombs(self):
        with Box(settings=self.settings()) as box:
            with Memory(box) as memory:
                before = memory.now()
                kept = 0
                for name, octets in bombs():
                    with self.subTest(name), smtplib.SMTP("127.0.0.1", box.port("smtp"), timeout=120) as client:
                        client.sendmail("x@example.org", ["alice@office.lan"], octets)
                        kept += 1
                reader = imap(box)
                reader.sock.settimeout(120)
                self.assertEqual(reader.select("INBOX")[1], [str(kept).encode()])
                for command in ("(ENVELOPE BODYSTRUCTURE)", "(BODY.PEEK[HEADER.FIELDS (X-FIELD)] BODY.PEEK[1.1.1.1.1])"):
                    self.assertEqual(reader.fetch("1:*", command)[0], "OK")
                for key in ("SUBJECT", "TO", "BODY", "TEXT"):
                    self.assertEqual(reader.search(None, key, "nowhere")[0], "OK")
                self.assertLess(memory.most - before, DAEMON)
                print(f"from {before} to at most {memory.most} MiB")
                reader.logout()


if __name__ == "__main__":
    unittest.main()
