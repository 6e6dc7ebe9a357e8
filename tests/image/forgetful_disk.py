"""A disk that loses what was not flushed when the power goes, as cards and disks do. Killing QEMU alone loses nothing: what it
wrote is in the host's page cache. QEMU reaches it by NBD (the fixed newstyle protocol of NetworkBlockDevice/nbd)."""

import os
import random
import socket
import struct
import threading
from pathlib import Path

REPLY_MAGIC, OPTION_MAGIC, OPTION_REPLY_MAGIC = 0x67446698, 0x49484156454F5054, 0x3E889045565A9
ABORT, GO = 2, 7
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
# Has flags, can flush, knows FUA.
TRANSMISSION_FLAGS = 1 | 1 << 2 | 1 << 3
FUA = 1
SECTOR = 512
# What flash takes at once or not at all, or more.
PAGE = 4096


class ForgetfulDisk:
    """`path` is what is on flash; `socket` is where QEMU connects. Use as a context manager."""

    def __init__(self, path, seed):
        self.path, self.socket = Path(path), Path(str(path) + ".nbd")
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.written = {}  # sector: octets that are not on flash yet
        self.when = None
        self.off = threading.Event()

    def __enter__(self):
        self.flash = os.open(self.path, os.O_RDWR)
        self.size = os.fstat(self.flash).st_size
        self.socket.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.socket))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.cut_power()
        self.listener.close()
        os.close(self.flash)

    def cut_power(self):
        """Of what was written after the last flush, each page is there or not."""
        with self.lock:
            self._cut()

    def cut_when(self, condition):
        """Cuts the power at the first request for which condition(kind, first octet, octets) holds: it is lost, or with a write any
        page of it. `off` tells that it happened."""
        with self.lock:
            self.when = condition

    def left_by_a_cut(self, octets):
        """What would be there of these octets if the power went now; for a condition of cut_when."""
        content = bytearray(os.pread(self.flash, len(octets), octets.start))
        for sector, there in self._lucky():
            at = sector * SECTOR - octets.start
            if 0 <= at < len(octets):
                content[at:at + SECTOR] = there
        return bytes(content)

    def restore_power(self):
        with self.lock:
            self.off.clear()

    def arguments(self):
        return ["-drive", f"if=none,id=disk,driver=nbd,server.type=unix,server.path={self.socket}",
                "-device", "virtio-blk-pci,drive=disk"]

    def _cut(self):
        self.off.set()
        self.when = None
        for sector, octets in self._lucky():
            os.pwrite(self.flash, octets, sector * SECTOR)
        self.written.clear()

    def _lucky(self):
        """What reaches flash of what was not flushed."""
        pages = {sector * SECTOR // PAGE for sector in self.written}
        kept = {page for page in pages if self.chance.random() < 0.5}
        return [(sector, octets) for sector, octets in self.written.items() if sector * SECTOR // PAGE in kept]

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as said:
                self._negotiate(connection, said)
                while self._answer(connection, said):
                    pass
        except (OSError, struct.error):
            pass  # QEMU was killed

    def _negotiate(self, connection, said):
        connection.sendall(b"NBDMAGIC" + struct.pack(">QH", OPTION_MAGIC, 3))
        said.read(4)
        while True:
            _, option, length = struct.unpack(">QII", said.read(16))
            said.read(length)
            if option == GO:
                information = struct.pack(">HQH", 0, self.size, TRANSMISSION_FLAGS)
                connection.sendall(struct.pack(">QIII", OPTION_REPLY_MAGIC, option, 3, len(information)) + information +
                                   struct.pack(">QIII", OPTION_REPLY_MAGIC, option, 1, 0))
                return
            # Not supported: QEMU does without.
            connection.sendall(struct.pack(">QIII", OPTION_REPLY_MAGIC, option, 0x80000001, 0))
            if option == ABORT:
                raise OSError("it left")

    def _answer(self, connection, said):
        _, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", said.read(28))
        if kind == DISCONNECT:
            return False
        octets = said.read(length) if kind == WRITE else b""
        with self.lock:
            if self.off.is_set():
                return False
            for at in range(0, len(octets), SECTOR):
                self.written[(offset + at) // SECTOR] = octets[at:at + SECTOR]
            if self.when and self.when(kind, offset, length):
                self._cut()
                return False
            content = self._read(offset, length) if kind == READ else b""
            if kind == FLUSH:
                self._keep(sorted(self.written))
            elif flags & FUA:
                self._keep(range(offset // SECTOR, (offset + length) // SECTOR))
        connection.sendall(struct.pack(">IIQ", REPLY_MAGIC, 0, handle) + content)
        return True

    def _read(self, offset, length):
        content = bytearray(os.pread(self.flash, length, offset))
        if self.written:
            for at in range(0, length, SECTOR):
                there = self.written.get((offset + at) // SECTOR)
                if there is not None:
                    content[at:at + SECTOR] = there
        return bytes(content)

    def _keep(self, sectors):
        run, start = bytearray(), 0
        for sector in sectors:
            if sector * SECTOR != start + len(run):
                os.pwrite(self.flash, run, start)
                run, start = bytearray(), sector * SECTOR
            run += self.written.pop(sector)
        os.pwrite(self.flash, run, start)
