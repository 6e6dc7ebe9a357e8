"""What is outside, looked up by name servers of other makes: the same questions put to them and to us."""

import unittest

from box import Box
from real_name_servers import knot, sections, unbound

HEAD = """$ORIGIN zone.example.
$TTL 600
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
"""
KINDS = ("A", "AAAA", "MX", "TXT", "SRV")


def zone():
    lines = [HEAD, "@ MX 10 h1", "@ TXT \"v=spf1 -all\"", "long TXT " + " ".join(f'"{c * 250}"' for c in "abcdefgh"),
             "*.wild A 192.0.2.99", "*.wild MX 10 h1", "there.wild TXT here", "deep.down.wild TXT deep", "*.walias CNAME x.wild", "_imap._tcp SRV 0 1 143 h1", "loop1 CNAME loop2", "loop2 CNAME loop1", "gone CNAME nobody"]
    for number in range(90):
        lines.append(f"h{number} A 192.0.2.{number}")
        if number % 3 == 0:
            lines.append(f"h{number} AAAA 2001:db8::{number:x}")
        if number % 5 == 0:
            lines.append(f"alias{number} CNAME h{number}")
    return "\n".join(lines) + "\n"


NAMES = [*(f"h{number}" for number in range(0, 90, 2)), *(f"alias{number}" for number in range(0, 90, 5)), "long", "any.wild", "any.at.wild", "*.wild",
         "x.*.wild", "there.wild", "x.there.wild", "down.wild", "x.down.wild", "q.walias", "*.walias",
         "_imap._tcp", "loop1", "gone", "nobody", "x.h1", "wild", "H2", "Alias5"]


class RealNameServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Box(accounts=()))
        cls.knot = cls.enterClassContext(knot(cls.box.scratch / "knot", {"zone.example": zone()}))
        cls.unbound = cls.enterClassContext(unbound(cls.box.scratch / "unbound", {"zone.example": cls.knot}))

    def answers(self, port, label, kind):
        """Without times, which run."""
        code, _, lines = sections(port, f"{label}.zone.example", kind, "+noauthority")
        return code, [" ".join(word for at, word in enumerate(line.split()) if at != 1).lower() for line in lines]

    def ask_all(self, server, names):
        self.box.command("settings", "set", "dns.servers", f"127.0.0.1#{server}")
        asked = [(label, kind) for label in names for kind in KINDS]
        for label, kind in asked:
            self.assertEqual(self.answers(self.box.port("dns"), label, kind), self.answers(server, label, kind), (label, kind))
        return asked

    def test_unbound_and_we_say_the_same(self):
        asked = self.ask_all(self.unbound, NAMES)
        # And again, of what is remembered.
        for label, kind in asked[::5]:
            self.assertEqual(self.answers(self.box.port("dns"), label, kind), self.answers(self.unbound, label, kind), (label, kind))

    def test_knot_and_we_say_the_same(self):
        self.ask_all(self.knot, [name for name in NAMES if name != "loop1"])  # who looks up makes no sense of that one


if __name__ == "__main__":
    unittest.main()
