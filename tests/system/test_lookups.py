"""The office's name server looks up what is outside: by name servers that behave badly, and without an internet."""

import unittest

import dns_client
from box import Box, in_own_network, wait_until
from dns_client import NOERROR, NXDOMAIN, SERVFAIL
from name_server import NameServer

ADDRESS = "198.51.100.7"
NAME = "www.a-name-of-some-length.example"

STALE, FILTERED, NO_REACHABLE_AUTHORITY, NETWORK_ERROR = 3, 17, 22, 23  # RFC 8914 §4


class Lookups(unittest.TestCase):
    def setUp(self):
        self.names = self.enterContext(NameServer({NAME: ADDRESS}))
        self.box = self.enterContext(Box(accounts=()))
        self.use(self.names)

    def use(self, *servers):
        self.box.command("settings", "set", "dns.servers", " ".join(server.setting for server in servers))

    def ask(self, name=NAME, **options):
        return dns_client.ask(self.box.port("dns"), name, **options)

    def finds(self, name=NAME, address=ADDRESS):
        reply = self.ask(name)
        self.assertEqual((reply.code, reply.addresses), (NOERROR, [address]))
        return reply

    def lookups(self):
        return self.box.json("status")["lookups"]

    def real_queries(self):
        return [(name, way) for name, way in self.names.queries if name]


class Remembering(Lookups):
    def test_what_is_known_is_asked_for_once(self):
        for _ in range(3):
            self.finds()
        self.assertEqual(len(self.real_queries()), 1)
        self.assertEqual(self.ask("gone.example").code, NXDOMAIN)
        self.assertEqual(self.ask("below.gone.example").code, NXDOMAIN)
        self.assertEqual(len(self.real_queries()), 2)
        status = self.lookups()
        self.assertEqual((status["asked"], status["known"], status["remembered"]), (2, 3, 2))
        self.assertEqual(status["name_servers"][0]["name_server"], self.names.setting)

    def test_what_other_servers_said_is_forgotten(self):
        self.finds()
        with NameServer({NAME: "198.51.100.8"}) as other:
            self.use(other)
            wait_until("the other server's answer", lambda: self.ask().addresses == ["198.51.100.8"])

    def test_what_leads_inside_is_withheld_unless_it_may(self):
        self.names.addresses["printer.example"] = "192.168.1.20"
        reply = self.ask("printer.example")
        self.assertEqual((reply.code, reply.addresses, reply.error), (NOERROR, [], FILTERED))
        self.box.command("settings", "set", "dns.private_domains", "other.example, printer.example")
        wait_until("the address", lambda: self.ask("printer.example").addresses == ["192.168.1.20"])
        self.names.addresses["xn--bro-hoa.example"] = "192.168.1.21"
        self.box.command("settings", "set", "dns.private_domains", "büro.example")
        wait_until("the address", lambda: self.ask("xn--bro-hoa.example").addresses == ["192.168.1.21"])


class Away(Lookups):
    def test_what_is_over_is_given_out_and_what_is_unknown_fails_until_somebody_answers(self):
        self.names.ttl = 1
        self.finds()
        self.names.silent = True
        reply = wait_until("a stale answer", lambda: (reply := self.ask()).error == STALE and reply)
        self.assertEqual((reply.addresses, reply.ttls), ([ADDRESS], [30]))
        reply = self.ask("other.example")
        self.assertEqual((reply.code, reply.error), (SERVFAIL, NO_REACHABLE_AUTHORITY))
        self.assertIn("away", self.lookups()["internet"])
        before = len(self.names.queries)
        for number in range(50):  # and nobody is asked for each
            self.assertEqual(self.ask(f"host{number}.example").code, SERVFAIL)
        self.assertLess(len(self.names.queries) - before, 10)
        self.names.addresses["other.example"] = "198.51.100.9"
        self.names.silent = False
        wait_until("an answer", lambda: self.ask("other.example").addresses == ["198.51.100.9"])
        self.assertEqual(self.lookups()["internet"], "there")

    def test_there_is_no_way_out_and_then_there_is(self):
        done = in_own_network("lookups_without_network.py", 120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class BadServers(Lookups):
    def test_answers_of_others_are_passed_over(self):
        def say(query, answer):
            other_id = bytes([answer[0] ^ 1]) + answer[1:]
            other_question = answer.replace(b"\x07example", b"\x07exomple", 1)
            query_again = query
            return [b"", b"nonsense", other_id, other_question, query_again, answer]

        self.names.say = say
        self.finds()
        self.assertEqual({way for _, way in self.real_queries()}, {"udp"})

    def test_what_is_lost_is_asked_again(self):
        lost = []
        self.names.say = lambda query, answer: [answer] if len(lost) > 1 else lost.append(query) or []
        self.finds()

    def test_what_is_truncated_is_asked_for_by_TCP(self):
        self.names.say = lambda _, answer: [answer[:2] + bytes([answer[2] | 2]) + answer[3:12] + answer[12:]]
        self.finds()
        self.assertEqual([way for _, way in self.real_queries()], ["udp", "tcp"])

    def test_case_that_is_lost_is_asked_for_by_TCP(self):
        self.names.say = lambda _, answer: [answer[:12] + answer[12:].lower()]
        self.finds()
        self.assertEqual([way for _, way in self.real_queries()], ["udp", "tcp"])
        self.names.addresses["another-name.example"] = "198.51.100.8"
        self.finds("another-name.example", "198.51.100.8")
        self.assertEqual(self.real_queries()[-1], ("another-name.example", "udp"))

    def test_one_that_fails_or_is_dead_does_not_matter(self):
        with NameServer({NAME: ADDRESS, "b.example": ADDRESS}) as other, NameServer(silent=True) as silent:
            self.names.say = lambda _, answer: [answer[:3] + b"\x82" + answer[4:6] + bytes(6) + answer[12:]]  # SERVFAIL
            self.use(self.names, silent, other)
            wait_until("an answer", lambda: self.ask().addresses == [ADDRESS])
            self.finds("b.example")
            self.assertEqual(self.lookups()["internet"], "there")


if __name__ == "__main__":
    unittest.main()
