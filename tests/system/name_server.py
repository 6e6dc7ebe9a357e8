"""A name server for system tests, on loopback: it knows addresses of IPv4 and mail exchangers, and is silent on demand."""

import socketserver
import struct
import threading
from dataclasses import dataclass, field


@dataclass
class NameServer:
    """Use as a context manager."""

    addresses: dict = field(default_factory=dict)  # by name
    exchangers: dict = field(default_factory=dict)  # a host by domain
    silent: bool = False
    knows_zones: bool = True  # else it only says that there is no such name, as a router does that is offline

    def __enter__(self):
        names = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                query, sock = self.request
                if not names.silent:
                    sock.sendto(names.answer(query), self.client_address)

        self.server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.setting = "127.0.0.1#%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, query):
        """RFC 1035 §4.1"""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        address, exchanger = self.addresses.get(name), self.exchangers.get(name)
        data = b""
        if address and kind == 1:
            data = bytes(map(int, address.split(".")))
        if exchanger and kind == 15:
            labels = exchanger.encode().split(b".")
            data = struct.pack(">H", 10) + b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
        records = data and b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
        flags = 0x8180 if address or exchanger else 0x8183
        authority = b""
        if flags == 0x8183 and self.knows_zones:
            soa = b"\0\0" + struct.pack(">5I", 1, 60, 60, 60, 60)
            authority = struct.pack(">BHHIH", 0, 6, 1, 60, len(soa)) + soa  # the root's
        return query[:2] + struct.pack(">5H", flags, 1, bool(records), bool(authority), 0) + question + records + authority
