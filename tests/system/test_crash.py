"""SIGKILL under load: every message that was acknowledged is there once and whole, and the store's check passes."""

import imaplib
import random
import smtplib
import ssl
import threading
import unittest

import samples
from box import PASSWORDS, Box
from test_imaplib import fetch_bodies, imap

KILLS = 6
CLIENTS = 6


def message(name, octets):
    return samples.plain(subject=name, text=(name + " " + "x" * 60 + "\r\n") * max(1, octets // 70), message_id=f"<{name}@crash>")


class Client(threading.Thread):
    """Sends or appends until its connection dies; remembers what was acknowledged, and what was under way."""

    def __init__(self, box, number, round_number):
        super().__init__()
        self.box, self.number = box, number
        self.name_prefix = f"r{round_number}c{number}"
        self.random = random.Random(round_number * 100 + number)
        self.acknowledged = {}
        self.doubtful = {}

    def run(self):
        try:
            self.append() if self.number % 2 else self.send()
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.abort, ssl.SSLError, EOFError):
            pass  # the power went

    def next_message(self, count):
        name = f"{self.name_prefix}m{count}"
        return name, message(name, self.random.choice((200, 3_000, 40_000, 400_000)))

    def send(self):
        with smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60) as client:
            for count in range(10_000):
                name, octets = self.next_message(count)
                self.doubtful = {name: octets}
                client.sendmail("x@example.org", ["alice@office.lan"], octets)
                self.acknowledged[name] = octets
                self.doubtful = {}

    def append(self):
        client = imap(self.box)
        client.sock.settimeout(60)
        for count in range(10_000):
            name, octets = self.next_message(count)
            self.doubtful = {name: octets}
            status, _ = client.append("Archive", r"(\Seen)", None, octets)
            if status == "OK":
                self.acknowledged[name] = octets
            self.doubtful = {}


class Crash(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        acknowledged, doubtful = {}, {}
        with Box() as box:
            box.command("settings", "set", "login.iterations", "4096")
            for round_number in range(KILLS):
                clients = [Client(box, number, round_number) for number in range(CLIENTS)]
                for client in clients:
                    client.start()
                # Not a time but a state: the kill comes when enough is under way, at a random place in it.
                target = random.Random(round_number).randrange(20, 80)
                while sum(len(client.acknowledged) for client in clients) < target and any(c.is_alive() for c in clients):
                    threading.Event().wait(0.001)
                box.process.kill()
                box.process.wait()
                for client in clients:
                    client.join()
                    acknowledged.update(client.acknowledged)
                    doubtful.update(client.doubtful)
                self.assertGreater(sum(len(client.acknowledged) for client in clients), 0)
                box.check_offline()
                box.start()
            reader = imap(box)
            seen = {}
            for mailbox in ("INBOX", "Archive"):
                reader.select(mailbox)
                for octets in fetch_bodies(reader).values():
                    name = octets.split(b"Subject: ")[1].split(b"\r\n")[0].decode()
                    self.assertNotIn(name, seen, "a message is there twice")
                    seen[name] = octets
            for name, octets in acknowledged.items():
                self.assertIn(name, seen, "an acknowledged message is lost")
                self.assertTrue(seen[name].endswith(octets), f"{name} is not whole")
            for name in set(seen) - set(acknowledged):
                self.assertIn(name, doubtful, "a message that nobody sent")
                self.assertTrue(seen[name].endswith(doubtful[name]), f"{name} is not whole")
            reader.logout()


if __name__ == "__main__":
    unittest.main()
