"""Asks a name server by UDP, as a client in the office does."""

import random
import socket
import struct
from dataclasses import dataclass, field

NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3


@dataclass
class Reply:
    code: int = 0
    addresses: list = field(default_factory=list)  # of IPv4
    ttls: list = field(default_factory=list)
    error: int | None = None  # RFC 8914


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += 1 + message[at]
    return at + 1


def parse(message):
    """RFC 1035 §4.1"""
    flags, questions, *counts = struct.unpack(">5H", message[2:12])
    reply, at = Reply(flags & 15), 12
    for _ in range(questions):
        at = skip_name(message, at) + 4
    for _ in range(sum(counts)):
        at = skip_name(message, at)
        kind, _, ttl, length = struct.unpack(">HHIH", message[at:at + 10])
        data = message[at + 10:at + 10 + length]
        at += 10 + length
        if kind == 1:
            reply.addresses.append(".".join(map(str, data)))
            reply.ttls.append(ttl)
        while kind == 41 and data:
            option, size = struct.unpack(">HH", data[:4])
            if option == 15:
                reply.error = struct.unpack(">H", data[4:6])[0]
            data = data[4 + size:]
    return reply


def ask(port, name, kind=1):
    question = b"".join(bytes([len(label)]) + label for label in name.encode().split(b".")) + struct.pack(">BHH", 0, kind, 1)
    number = random.randrange(65536)
    opt = struct.pack(">BHHIH", 0, 41, 1232, 0, 0)
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(30)
        client.connect(("127.0.0.1", port))
        client.send(struct.pack(">6H", number, 0x0100, 1, 0, 0, 1) + question + opt)
        answer = client.recv(4096)
    if struct.unpack(">H", answer[:2])[0] != number or answer[12:12 + len(question)] != question:
        raise AssertionError(f"that is no answer: {answer!r}")
    return parse(answer)
