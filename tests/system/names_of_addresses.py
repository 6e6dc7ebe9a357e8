"""The name server where the box has several addresses and listens at all of them. Run by test_names_server.py, in a
network of its own: there, posternd has one end of a cable, and somebody, in another network, has the other."""

import os
import socket
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from box import Box, wait_until
from test_names_server import A, AAAA, PTR, REFUSED, code_of, counts_of, question

FIRST, SECOND, SIX = "192.168.7.1", "10.7.0.1", "fd07::1"
NEIGHBOUR, STRANGER = "192.168.7.2", "198.51.100.7"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def ask(octets, to, port, source=None):
    """Gives the answer, and the address that it came from."""
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(20)
        if source:
            client.bind((source, 0))
        client.sendto(octets, (to, port))
        answer, peer = client.recvfrom(65535)
        return answer, peer[0]


class NamesOfAddresses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        there = ThreadPoolExecutor(1, initializer=os.unshare, initargs=(os.CLONE_NEWNET,))
        cls.addClassCleanup(there.shutdown)
        cls.elsewhere = lambda _, work, *arguments: there.submit(work, *arguments).result()
        elsewhere = lambda *arguments: there.submit(*arguments).result()
        elsewhere(ip, "link", "add", "name", "far", "type", "veth", "peer", "name", "near", "netns", str(os.getpid()))
        for address in (f"{FIRST}/24", f"{SECOND}/24"):
            ip("address", "add", address, "dev", "near")
        ip("address", "add", f"{SIX}/64", "dev", "near", "nodad")
        ip("link", "set", "near", "up")
        ip("route", "add", f"{STRANGER}/32", "dev", "near")
        for address in (f"{NEIGHBOUR}/24", f"{STRANGER}/32"):
            elsewhere(ip, "address", "add", address, "dev", "far")
        elsewhere(ip, "link", "set", "far", "up")
        cls.box = Box(accounts=())
        cls.box.listen = "::"
        cls.enterClassContext(cls.box)

    def tearDown(self):
        if self.box.listen != "::":
            self.box.stop()
            self.box.listen = "::"
            self.box.start()

    def port(self):
        return self.box.port("dns")

    def addresses(self, to, kind=A):
        answer, source = ask(question("mail.office.lan", kind), to, self.port())
        self.assertEqual(source, to)
        size = 4 if kind == A else 16
        family = socket.AF_INET if kind == A else socket.AF_INET6
        at = len(question("mail.office.lan"))
        found = []
        for _ in range(counts_of(answer)[0]):
            found.append(socket.inet_ntop(family, answer[at + 12:at + 12 + size]))
            at += 12 + size
        return found

    def test_the_address_that_was_asked_comes_first(self):
        for to, others in ((FIRST, {SECOND}), (SECOND, {FIRST})):
            found = self.addresses(to)
            self.assertEqual(found[0], to)
            self.assertEqual(set(found[1:]), others)
        self.assertEqual(self.addresses(SIX, AAAA), [SIX])

    def test_so_it_is_at_all_addresses_of_ipv4(self):
        self.box.stop()
        self.box.listen = "0.0.0.0"
        self.box.start()
        for to in (FIRST, SECOND):
            self.assertEqual(self.addresses(to)[0], to)

    def test_a_neighbour_is_answered_and_a_stranger_is_not(self):
        answer, source = self.elsewhere(ask, question("mail.office.lan"), FIRST, self.port(), NEIGHBOUR)
        self.assertEqual((source, counts_of(answer)[0]), (FIRST, 2))
        answer, _ = self.elsewhere(ask, question("mail.office.lan", opt=b""), FIRST, self.port(), STRANGER)
        self.assertEqual(code_of(answer), REFUSED)
        self.assertEqual(answer[4:12], b"\0\1" + bytes(6))

        def connects():
            with socket.create_connection((FIRST, self.port()), 20, (STRANGER, 0)) as client:
                return client.recv(1)

        self.assertEqual(self.elsewhere(connects), b"")
        self.assertIn(f"peer={STRANGER} reason=\"only clients near by are answered\"", self.box.read_log())
        self.assertEqual(self.box.json("status")["queries"]["of_strangers"], 1)

    def test_an_address_that_goes_is_told_of_no_more(self):
        fading = "fd07::5"
        ip("address", "add", f"{fading}/64", "dev", "near", "nodad")
        self.addCleanup(ip, "address", "delete", f"{fading}/64", "dev", "near")
        wait_until("the address", lambda: fading in self.addresses(SIX, AAAA))
        ip("address", "change", f"{fading}/64", "dev", "near", "nodad", "preferred_lft", "0")  # RFC 4862 §5.5.4
        wait_until("the address to be deprecated", lambda: self.addresses(SIX, AAAA) == [SIX])

    def test_an_address_that_comes_is_told_of(self):
        new = "192.168.9.1"
        ip("address", "add", f"{new}/24", "dev", "near")
        self.addCleanup(wait_until, "the address to go", lambda: new not in self.addresses(FIRST))
        self.addCleanup(ip, "address", "delete", f"{new}/24", "dev", "near")
        wait_until("the address", lambda: new in self.addresses(FIRST))
        reverse = ".".join(reversed(new.split("."))) + ".in-addr.arpa"
        answer, _ = ask(question(reverse, PTR), FIRST, self.port())
        self.assertEqual(counts_of(answer)[0], 1)


if __name__ == "__main__":
    unittest.main()
