"""The disk that forgets does so, or no cut that a box outlived would prove anything."""

import socket
import struct
import tempfile
import unittest
from pathlib import Path

from forgetful_disk import FLUSH, FUA, GO, OPTION_MAGIC, READ, SECTOR, WRITE, ForgetfulDisk

SECTORS = 256


class Client:
    """As QEMU speaks to it."""

    def __init__(self, disk):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(disk.socket))
        self.said = self.socket.makefile("rb")
        self.said.read(18)
        self.socket.sendall(struct.pack(">IQII", 3, OPTION_MAGIC, GO, 6) + bytes(6))
        self.said.read(20 + 12 + 20)

    def ask(self, kind, offset=0, length=0, octets=b"", flags=0):
        self.socket.sendall(struct.pack(">IHHQQI", 0x25609513, flags, kind, 1, offset, length or len(octets)) + octets)
        self.answered = len(self.said.read(16)) == 16
        return self.said.read(length) if self.answered and kind == READ else b""


class Forgetting(unittest.TestCase):
    def setUp(self):
        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "disk"
        path.write_bytes(bytes(SECTORS * SECTOR))
        self.disk = self.enterContext(ForgetfulDisk(path, seed=1))
        self.client = Client(self.disk)
        self.new = b"\x01" * (SECTORS * SECTOR)

    def sectors(self):
        """Of the new ones, how many are on flash; there is nothing but old and new."""
        content = self.disk.path.read_bytes()
        kinds = [content[at:at + SECTOR] for at in range(0, len(content), SECTOR)]
        self.assertLessEqual(set(kinds), {bytes(SECTOR), self.new[:SECTOR]})
        return kinds.count(self.new[:SECTOR])

    def test_what_was_written_is_read_and_is_on_flash_once_it_was_flushed(self):
        self.client.ask(WRITE, octets=self.new)
        self.assertEqual(self.client.ask(READ, length=len(self.new)), self.new)
        self.assertEqual(self.sectors(), 0)
        self.client.ask(FLUSH)
        self.assertEqual(self.sectors(), SECTORS)

    def test_a_write_with_fua_takes_no_other_along(self):
        self.client.ask(WRITE, octets=self.new[:4 * SECTOR])
        self.client.ask(WRITE, offset=8 * SECTOR, octets=self.new[:SECTOR], flags=FUA)
        self.assertEqual(self.sectors(), 1)

    def test_of_what_was_not_flushed_some_is_lost_when_the_power_goes(self):
        self.client.ask(WRITE, octets=self.new[:128 * SECTOR])
        self.client.ask(FLUSH)
        self.client.ask(WRITE, offset=128 * SECTOR, octets=self.new[:128 * SECTOR])
        self.disk.cut_power()
        self.assertGreater(self.sectors(), 128)
        self.assertLess(self.sectors(), SECTORS)

    def test_the_power_goes_at_the_request_that_was_named(self):
        self.disk.cut_when(lambda kind, *_: kind == FLUSH)
        self.client.ask(WRITE, octets=self.new)
        self.assertTrue(self.client.answered)
        self.client.ask(FLUSH)
        self.assertFalse(self.client.answered)
        self.assertTrue(self.disk.off.is_set())
        self.assertLess(self.sectors(), SECTORS)


if __name__ == "__main__":
    unittest.main()
