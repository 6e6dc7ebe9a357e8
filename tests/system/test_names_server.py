"""The office's name server as others see it: by the clients of three other makes over real sockets, octet by octet where
those would hide what there is to see, and beside Knot, which is given the same zone."""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import box
from box import DOMAIN, Box, client_ok, in_own_network, wait_until
from real_name_servers import knot, sections

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, ANY = 1, 2, 5, 6, 12, 15, 16, 28, 33, 255
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)


def name_octets(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question(name, kind=A, ident=0x1234, flags=0x0100, of_class=1, opt=None):
    """RFC 1035 §4.1; `opt`: the data of an OPT record, whose payload size is 1232."""
    octets = struct.pack(">6H", ident, flags, 1, 0, 0, opt is not None)
    octets += name_octets(name) + struct.pack(">HH", kind, of_class)
    if opt is not None:
        octets += b"\0" + struct.pack(">HHIH", 41, 1232, 0, len(opt)) + opt
    return octets


def code_of(answer):
    return answer[3] & 0x0F


def counts_of(answer):
    """Records of each section."""
    return struct.unpack(">3H", answer[6:12])


class NamesServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Box(accounts=()))
        for words in (["printer", "A", "192.168.1.20"], ["printer", "AAAA", "fd00::20"], ["www", "CNAME", "printer"],
                      ["web", "CNAME", "www"], ["gone", "CNAME", "nobody"], ["@", "TXT", "v=spf1 -all"],
                      ["large", "TXT", "a" * 250, "b" * 250, "c" * 250], ["huge", "TXT", *["x" * 250] * 6],
                      ["_sip._tcp", "SRV", "0 5 5060 pbx"], ["pbx", "A", "192.168.1.30"], ["deep.in.a.tree", "A", "10.1.2.3"],
                      ["*.wild", "A", "192.168.1.50"], ["*.wild", "MX", "10 printer"], ["there.wild", "A", "192.168.1.51"],
                      ["deep.down.wild", "A", "192.168.1.52"], ["*.alias", "CNAME", "x.wild.office.lan."], ["to-wild", "CNAME", "y.wild.office.lan."],
                      ["*.far", "CNAME", "shop.example.com."], ["*.round.168.192.in-addr.arpa", "PTR", "printer"],
                      ["20.1.168.192.in-addr.arpa", "TXT", "by the door"], ["5.113.0.203.in-addr.arpa", "PTR", "printer"], ["strange", "TYPE65280", "\\# 3 010203"]):
            cls.box.command("name", "add", *words)

    def port(self):
        return self.box.port("dns")

    def ask(self, octets):
        """By UDP."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(20)
            client.sendto(octets, ("127.0.0.1", self.port()))
            return client.recv(65535)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port()), 20)

    @staticmethod
    def read_answer(stream):
        size = struct.unpack(">H", stream.read(2))[0]
        return stream.read(size)

    def dig(self, *words):
        return client_ok(["dig", "@127.0.0.1", "-p", self.port(), "+tries=1", "+time=20", *words]).stdout.decode()

    # By other makes' clients.

    def test_dig_reads_what_the_office_has(self):
        for words, found in ((["printer.office.lan"], "192.168.1.20\n"), (["printer.office.lan", "AAAA"], "fd00::20\n"),
                             (["-x", "192.168.1.20"], "printer.office.lan.\n"), (["-x", "fd00::20"], "printer.office.lan.\n"),
                             (["web.office.lan"], "www.office.lan.\nprinter.office.lan.\n192.168.1.20\n"),
                             (["office.lan", "MX"], "10 mail.office.lan.\n"), (["office.lan", "TXT"], '"v=spf1 -all"\n'),
                             (["mail.office.lan"], "127.0.0.1\n"), (["localhost"], "127.0.0.1\n"),
                             (["a.b.wild.office.lan"], "192.168.1.50\n"), (["there.wild.office.lan"], "192.168.1.51\n"),
                             (["q.alias.office.lan"], "x.wild.office.lan.\n192.168.1.50\n"), (["-x", "192.168.1.50"], ""), (["-x", "203.0.113.5"], "printer.office.lan.\n"),
                             (["1.round.168.192.in-addr.arpa", "PTR"], "printer.office.lan.\n"),
                             (["strange.office.lan", "TYPE65280"], "\\# 3 010203\n"),
                             (["_imaps._tcp.office.lan", "SRV"], f"0 1 {self.box.port('imaps')} mail.office.lan.\n"),
                             (["large.office.lan", "TXT"], " ".join(f'"{c * 250}"' for c in "abc") + "\n")):
            for transport in ([], ["+tcp"], ["+noedns"], ["+dnssec"]):
                self.assertEqual(self.dig("+short", *words, *transport), found)

    def test_dig_is_told_of_names_that_are_not_there(self):
        shown = self.dig("nobody.office.lan")
        self.assertIn("status: NXDOMAIN", shown)
        self.assertRegex(shown, r"office\.lan\.\s+60\s+IN\s+SOA\s+mail\.office\.lan\. postmaster\.office\.lan\.")
        for name, kind, status, answers in (("tree.office.lan", "A", "NOERROR", 0), ("x.printer.office.lan", "A", "NXDOMAIN", 0),
                                            ("printer.office.lan", "MX", "NOERROR", 0), ("gone.office.lan", "A", "NXDOMAIN", 1),
                                            ("x.onion", "A", "NXDOMAIN", 0), ("use-application-dns.net", "A", "NXDOMAIN", 0),
                                            ("1.1.168.192.in-addr.arpa", "PTR", "NXDOMAIN", 0)):
            shown = self.dig(name, kind)
            self.assertIn(f"status: {status}", shown, name)
            self.assertIn(f"ANSWER: {answers},", shown, name)

    def test_kdig_and_drill_read_it_as_well(self):
        kdig = ["kdig", "@127.0.0.1", "-p", self.port(), "+retry=0", "+timeout=20"]
        self.assertEqual(client_ok([*kdig, "+short", "printer.office.lan"]).stdout, b"192.168.1.20\n")
        shown = client_ok([*kdig, "+cookie", "printer.office.lan"]).stdout.decode()
        self.assertRegex(shown, r"COOKIE: [0-9A-F]{48}")
        shown = client_ok([*kdig, "+edns=7", "printer.office.lan"]).stdout.decode()
        self.assertIn("ext-rcode: BADVERS", shown)
        shown = client_ok([*kdig, "+tcp", "+keepopen", "printer.office.lan", "A", "printer.office.lan", "AAAA"]).stdout.decode()
        self.assertIn("192.168.1.20", shown)
        self.assertIn("fd00::20", shown)
        for transport in ([], ["-t"]):
            shown = client_ok(["drill", *transport, "-p", self.port(), "@127.0.0.1", "printer.office.lan"]).stdout.decode()
            self.assertIn("192.168.1.20", shown)

    def test_cookies_are_taken_by_dig(self):
        self.assertIn("(good)", self.dig("+cookie=0102030405060708", "printer.office.lan"))

    # Octet by octet.

    def test_the_question_comes_back_letter_by_letter(self):
        for name in ("PrInTeR.oFfIcE.lAn", "NoBoDy.OfFiCe.LaN"):
            answer = self.ask(question(name))
            self.assertEqual(answer[12:12 + len(name) + 6], name_octets(name) + b"\0\1\0\1")

    def test_an_answer_that_is_too_large_is_for_tcp(self):
        for octets, truncated in ((question("large.office.lan", TXT), True), (question("large.office.lan", TXT, opt=b""), False),
                                  (question("huge.office.lan", TXT, opt=b""), True)):
            answer = self.ask(octets)
            self.assertEqual(bool(answer[2] & 2), truncated)
            self.assertEqual(counts_of(answer)[0], not truncated)
            self.assertLessEqual(len(answer), 1232)
        with self.connect() as client, client.makefile("rb") as stream:
            octets = question("huge.office.lan", TXT)
            client.sendall(struct.pack(">H", len(octets)) + octets)
            self.assertEqual(counts_of(self.read_answer(stream))[0], 1)

    def test_queries_on_a_connection_do_not_wait_for_each_other(self):
        with self.connect() as client, client.makefile("rb") as stream:
            octets = b""
            for ident in range(200):
                one = question("printer.office.lan", ident=ident)
                octets += struct.pack(">H", len(one)) + one
            for at in range(0, len(octets), 37):  # in pieces that no query fits into
                client.sendall(octets[at:at + 37])
            client.shutdown(socket.SHUT_WR)  # and all answers come all the same
            idents = {struct.unpack(">H", self.read_answer(stream)[:2])[0] for _ in range(200)}
            self.assertEqual(idents, set(range(200)))
            self.assertEqual(stream.read(), b"")

    def test_a_connection_s_client_is_told_how_long_it_may_be_silent(self):
        keepalive = b"\0\x0b\0\0"  # RFC 7828 §3.1
        for name in ("printer.office.lan", "shop.example.com"):  # what is ours, and what has to be looked up
            octets = question(name, opt=keepalive)
            with self.connect() as client, client.makefile("rb") as stream:
                client.sendall(struct.pack(">H", len(octets)) + octets)
                self.assertIn(b"\0\x0b\0\x02" + struct.pack(">H", 200), self.read_answer(stream))
                octets = question(name, opt=b"")
                client.sendall(struct.pack(">H", len(octets)) + octets)
                self.assertNotIn(b"\0\x0b\0\x02", self.read_answer(stream))
            self.assertNotIn(b"\0\x0b\0", self.ask(question(name, opt=keepalive)))
        self.assertRegex(self.dig("+tcp", "+keepalive", "printer.office.lan"), r"TCP[ -]KEEPALIVE: 20\.0")

    def test_nonsense_is_answered_or_left(self):
        well_formed = question("printer.office.lan")
        self.assertEqual(code_of(self.ask(well_formed[:-3])), FORMERR)
        self.assertEqual(code_of(self.ask(question("printer.office.lan", flags=0x2900))), NOTIMP)
        self.assertEqual(code_of(self.ask(question("printer.office.lan", of_class=3))), REFUSED)
        for kind in (251, 252):  # a transfer of the zone
            self.assertEqual(code_of(self.ask(question("office.lan", kind))), REFUSED)
        with self.connect() as client:
            client.sendall(b"\xff\xff" + b"x" * 100)
            self.assertEqual(client.recv(1), b"")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(20)
            client.connect(("127.0.0.1", self.port()))
            # No answers to answers, nor to what is none at all.
            for octets in (question("printer.office.lan", flags=0x8100), b"", b"x", b"x" * 11, b"\0" * 2000):
                client.send(octets)
            client.send(question("printer.office.lan", ident=0x7777))
            self.assertEqual(client.recv(65535)[:2], b"\x77\x77")

    def test_any_is_answered_by_one_set(self):
        self.assertEqual(counts_of(self.ask(question("printer.office.lan", ANY)))[0], 1)

    # What the administrator does.

    def serial(self):
        return int(self.dig("+short", "office.lan", "SOA").split()[2])

    def test_a_change_applies_at_once_and_outlasts_a_restart(self):
        before = self.serial()
        self.box.command("name", "add", "new", "A", "192.168.1.99", "--ttl", "1h")
        self.assertRegex(self.dig("new.office.lan"), r"new\.office\.lan\.\s+3600\s+IN\s+A\s+192\.168\.1\.99")
        self.assertGreater(self.serial(), before)
        self.box.restart()
        self.assertEqual(self.dig("+short", "-x", "192.168.1.99"), "new.office.lan.\n")
        self.box.command("name", "remove", "new", "A", "192.168.1.99")
        self.assertIn("status: NXDOMAIN", self.dig("new.office.lan"))
        self.assertIn("status: NXDOMAIN", self.dig("-x", "192.168.1.99"))

    def test_what_makes_no_sense_is_refused(self):
        for words, said in ((["printer", "CNAME", "www"], "an alias can have nothing besides"),
                            (["mail", "A", "192.168.1.1"], "the box's own name"),
                            (["www.example.com.", "A", "192.168.1.1"], "is not the office's"),
                            (["x", "CNAME", "shop.example.com"], "ends with a dot"),
                            (["*.*.x", "A", "192.168.1.1"], "an asterisk stands alone"), (["x.*", "A", "192.168.1.1"], "an asterisk stands alone"),
                            (["*.loop", "CNAME", "x.loop.office.lan."], "lead back"), (["x", "A", "1.2.3"], "is no IPv4 address")):
            refused = self.box.run("name", "add", *words)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(said, refused.stderr)

    def status(self):
        return next(row for row in self.box.json("status")["services"] if row["service"] == "dns")

    def test_status_tells_of_it(self):
        self.assertEqual(self.status()["port"], self.port())
        before = self.box.json("status")["queries"]
        self.ask(question("printer.office.lan"))
        self.ask(question("shop.example.com"))
        after = self.box.json("status")["queries"]
        self.assertEqual((after["all"] - before["all"], after["of_names_outside"] - before["of_names_outside"]), (2, 1))
        self.assertEqual(after["of_strangers"], 0)

    def test_connections_beyond_what_one_may_have_are_closed_and_logged_now_and_then(self):
        with contextlib.ExitStack() as held:
            clients = [held.enter_context(self.connect()) for _ in range(80)]
            self.assertEqual(clients[-1].recv(1), b"")
            lines = [line for line in self.box.read_log().splitlines() if "connection_refused service=dns peer=127.0.0.1 " in line]
            self.assertIn("as many connections as one may have", lines[0])
            self.assertLess(len(lines), 10)
        wait_until("the connections to end", lambda: self.status()["sessions"] == 0)

    # Beside another make.

    def test_knot_says_the_same_of_the_same_zone(self):
        names = {row["name"] for row in self.box.json("name", "list")}
        own = {f"{label}.{DOMAIN}" for label in ("mail", "imap", "smtp", "pop", "autoconfig", "autodiscover", "setup", "ua-auto-config")}
        services = {f"_{label}._tcp.{DOMAIN}" for label in ("submission", "submissions", "imap", "imaps", "pop3", "pop3s", "autodiscover")}
        own |= {f"_ua-auto-config.{DOMAIN}"}
        inside = sorted(name for name in names | own | services | {DOMAIN} if name.endswith(DOMAIN))
        kinds = ("A", "AAAA", "NS", "SOA", "MX", "TXT", "SRV", "CNAME", "TYPE65280")
        records = set()
        for name in inside:
            for kind in kinds:
                shown = self.dig("+noall", "+answer", name, kind)
                # Of an alias, the alias alone: the rest are others' records.
                records |= {line for line in shown.splitlines() if line.split()[0] == f"{name}."}
        with knot(self.box.scratch / "knot", {DOMAIN: "\n".join(sorted(records, key=lambda line: "SOA" not in line)) + "\n"}) as port:
            wild = [f"{label}.{DOMAIN}" for label in ("x.wild", "x.y.wild", "X.wild", "*.wild", "x.*.wild", "wild", "x.there.wild", "down.wild",
                                                      "x.down.wild", "q.alias", "alias", "*.alias", "x.*.alias", "q.far", "x.to-wild")]
            asked = [*inside, *wild, "nobody.office.lan", "x.printer.office.lan", "_tcp.office.lan", "tree.office.lan", "a.tree.office.lan"]
            for name in asked:
                for kind in kinds:
                    ours, theirs = (sections(at, name, kind, "+norecurse") for at in (self.port(), port))
                    self.assertEqual(ours, theirs, (name, kind))


class PassedSockets(unittest.TestCase):
    def test_the_name_server_serves_at_sockets_that_it_is_passed(self):
        """As systemd does it (sd_listen_fds(3)): of both kinds by one name."""
        scratch = Path(tempfile.mkdtemp(prefix="postern-", dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, scratch)
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            port = stream.getsockname()[1]
            datagrams.bind(("127.0.0.1", port))
            stream.listen()
            start = 'export LISTEN_PID=$$; exec "$@" 3<&%d 4<&%d' % (stream.fileno(), datagrams.fileno())
            base, ports_taken = box.take_port_base()
            self.addCleanup(ports_taken.close)
            daemon = subprocess.Popen(
                ["bash", "-c", start, "bash", *box.program("posternd", "--data", scratch / "data", "--listen", "127.0.0.1",
                                                           "--port-base", base, "--domain", DOMAIN)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[stream.fileno(), datagrams.fileno()],
                env={**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "dns:dns"})
            try:
                self.assertEqual(daemon.stdout.readline(), b"ready\n")
                for transport in ("+notcp", "+tcp"):
                    shown = client_ok(["dig", "@127.0.0.1", "-p", port, "+short", transport, "mail.office.lan"]).stdout
                    self.assertEqual(shown, b"127.0.0.1\n")
            finally:
                daemon.kill()
                daemon.wait()
                daemon.stdout.close()


class EveryAddress(unittest.TestCase):
    def test_answers_leave_from_where_the_query_went_and_begin_with_that_address(self):
        """In a network of its own, where the box has several addresses and listens at all of them."""
        done = in_own_network("names_of_addresses.py", seconds=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
