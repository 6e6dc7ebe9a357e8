"""COMPRESS=DEFLATE (RFC 4978): with a client that negotiates it by itself, and with zlib as others have it."""

import imaplib
import json
import ssl
import unittest
import zlib

import samples
from box import PASSWORDS, REPO, Box, client_ok, is_sanitized, wait_until
from test_imaplib import fetch_bodies, imap


class Inflated:
    """Of what comes, as a file that imaplib reads lines and octets from."""

    def __init__(self, receive):
        self.receive, self.inflate, self.buffer = receive, zlib.decompressobj(-15), b""

    def _fill(self):
        octets = self.receive(4096)
        self.buffer += self.inflate.decompress(octets)
        return octets != b""

    def readline(self, limit=-1):
        while b"\n" not in self.buffer and self._fill():
            pass
        end = self.buffer.find(b"\n") + 1 or len(self.buffer)
        line, self.buffer = self.buffer[:end], self.buffer[end:]
        return line

    def read(self, size):
        while len(self.buffer) < size and self._fill():
            pass
        octets, self.buffer = self.buffer[:size], self.buffer[size:]
        return octets

    def close(self):
        pass


class Compressing(imaplib.IMAP4_SSL):
    """Flushes as its maker says: clients differ in that."""

    sent = received = 0

    def compress(self, flush=zlib.Z_SYNC_FLUSH):
        status, answer = self._simple_command("COMPRESS", "DEFLATE")
        assert status == "OK", answer
        deflate, plain = zlib.compressobj(9, zlib.DEFLATED, -15), self.sock

        def receive(size):
            octets = plain.recv(size)
            self.received += len(octets)
            return octets

        def send(octets):
            compressed = deflate.compress(octets) + deflate.flush(flush)
            self.sent += len(compressed)
            plain.sendall(compressed)

        inflated = Inflated(receive)
        self.readline, self.read, self.send = inflated.readline, inflated.read, send


imaplib.Commands["COMPRESS"] = ("NONAUTH", "AUTH", "SELECTED")


def compressing(box, account="alice"):
    context = ssl.create_default_context(cafile=str(box.ca))
    client = Compressing("localhost", box.port("imaps"), ssl_context=context)
    client.login(account, PASSWORDS[account])
    return client


class Compress(unittest.TestCase):
    def test_every_octet_comes_back_whatever_the_flush(self):
        with Box() as box:
            messages = samples.all_of_them()
            for flush in (zlib.Z_SYNC_FLUSH, zlib.Z_PARTIAL_FLUSH, zlib.Z_FULL_FLUSH):
                client = compressing(box)
                client.compress(flush)
                client.create(f"Flush{flush}")
                for message in messages.values():
                    status, answer = client.append(f"Flush{flush}", None, None, message)
                    self.assertEqual(status, "OK", answer)
                client.select(f"Flush{flush}")
                self.assertEqual(list(fetch_bodies(client).values()), list(messages.values()))
                client.logout()

    def test_fewer_octets_cross(self):
        with Box() as box:
            client = compressing(box)
            client.compress()
            for number in range(200):
                client.append("INBOX", None, None,
                              f"From: bob@office.lan\r\nTo: alice@office.lan\r\nSubject: Minutes {number}\r\n\r\nText.\r\n".encode())
            client.select("INBOX")
            before = client.received
            answer = client.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE)")[1]
            self.assertEqual(len(answer), 200)
            self.assertLess((client.received - before) * 4, sum(len(line) for line in answer))
            client.logout()

    def test_a_stream_that_is_none_ends_the_session_and_is_logged(self):
        with Box() as box:
            client = compressing(box)
            client.compress()
            imaplib.IMAP4_SSL.send(client, b"a1 NOOP\r\n\xff\xff\xff\xff")
            with self.assertRaises((imaplib.IMAP4.abort, ssl.SSLError, OSError)):
                client.noop()
            wait_until("the log says so", lambda: "compression_failed peer=127.0.0.1 reason=" in box.read_log())
            reader = imap(box)
            self.assertEqual(reader.noop()[0], "OK")
            reader.logout()

    def test_others_are_served_while_a_bomb_is_inflated(self):
        """A hundred megabytes of nothing, which cost their sender a tenth of one."""
        with Box() as box:
            bomber = compressing(box)
            bomber.compress()
            piece = b"a" * 1_000_000
            bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
            imaplib.IMAP4_SSL.send(bomber, b"".join(bomb.compress(piece) for _ in range(100)) + bomb.flush(zlib.Z_SYNC_FLUSH))
            reader = imap(box)
            for _ in range(100):
                self.assertEqual(reader.noop()[0], "OK")
            reader.logout()
            if not is_sanitized():
                with open(f"/proc/{box.process.pid}/status") as status:
                    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
                self.assertLess(peak, 80 * 1024)  # KiB
            bomber.shutdown()

    def test_imapflow_compresses_by_itself(self):
        with Box() as box:
            client = imap(box)
            client.append("INBOX", None, None, samples.all_of_them()["plain"])
            client.logout()
            given = {"imaps": box.port("imaps"), "ca": str(box.ca), "password": PASSWORDS["alice"]}
            done = client_ok(["node", REPO / "tests/system/node/compress.js", json.dumps(given)],
                             environment={"NODE_PATH": str(REPO / "build/node/node_modules")})
            told = json.loads(done.stdout)
            self.assertTrue(told["compressed"], told)
            self.assertEqual(told["source"], samples.all_of_them()["plain"].decode())
            self.assertEqual(told["found"], 50)
            # A mask makes it a client like any other.
            box.command("settings", "set", "imap.masks", "client imapflow: COMPRESS=DEFLATE (to see it do without)")
            told = json.loads(client_ok(["node", REPO / "tests/system/node/compress.js", json.dumps(given)],
                                        environment={"NODE_PATH": str(REPO / "build/node/node_modules")}).stdout)
            self.assertFalse(told["compressed"], told)
            self.assertEqual(told["found"], 100)
            rows = box.json("mask", "list")
            self.assertIn({"who": "client imapflow", "capabilities": ["COMPRESS=DEFLATE"], "from": "imap.masks",
                           "reason": "to see it do without"}, rows)
            refused = box.run("settings", "set", "imap.masks", "client imapflow: COMPRESS=DEFLATE")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("a rule is", refused.stderr)


if __name__ == "__main__":
    unittest.main()
