"""A name server for system tests, on loopback: it knows addresses of IPv4 and mail exchangers, and is silent, or worse, on
demand. By UDP and TCP."""

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
    ttl: int = 60
    address: str = "127.0.0.1"
    port: int = 0  # 0: any
    # What is sent by UDP for an answer, of the query and what it should be: messages, one after the other.
    say: object = None
    queries: list = field(default_factory=list)  # names as they came, with their case, and "udp" or "tcp"

    def __enter__(self):
        names = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self):
                query, sock = self.request
                answer = names.answer(query, "udp")
                if not names.silent:
                    for message in names.say(query, answer) if names.say else [answer]:
                        sock.sendto(message, self.client_address)

        class Connection(socketserver.StreamRequestHandler):
            def handle(self):
                while len(length := self.rfile.read(2)) == 2:
                    answer = names.answer(self.rfile.read(struct.unpack(">H", length)[0]), "tcp")
                    if not names.silent:
                        self.wfile.write(struct.pack(">H", len(answer)) + answer)

        class Datagrams(socketserver.ThreadingUDPServer):
            allow_reuse_address = daemon_threads = True

        class Connections(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        for _ in range(20):  # both at one port
            self.servers = [Datagrams((self.address, self.port), Datagram)]
            try:
                self.servers.append(Connections(self.servers[0].server_address, Connection))
                break
            except OSError:
                self.servers[0].server_close()
        else:
            raise RuntimeError("no free port")
        self.setting = "%s#%d" % self.servers[0].server_address
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def answer(self, query, way):
        """RFC 1035 §4.1"""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        self.queries.append((".".join(labels), way))
        address, exchanger = self.addresses.get(name), self.exchangers.get(name)
        data = b""
        if address and kind == 1:
            data = bytes(map(int, address.split(".")))
        if exchanger and kind == 15:
            labels = exchanger.encode().split(b".")
            data = struct.pack(">H", 10) + b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
        records = data and b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, self.ttl, len(data)) + data
        flags = 0x8180 if address or exchanger else 0x8183
        authority = b""
        if flags == 0x8183 and self.knows_zones:
            soa = b"\0\0" + struct.pack(">5I", 1, 60, 60, 60, 60)
            authority = struct.pack(">BHHIH", 0, 6, 1, 60, len(soa)) + soa  # the root's
        return query[:2] + struct.pack(">5H", flags, 1, bool(records), bool(authority), 0) + question + records + authority
