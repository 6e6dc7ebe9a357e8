"""A link that is cut and comes back, as the kernel tells of it. Run by test_link.py, in a network of its own: there,
posternd has one end of a cable, and the relay, in another network, has the other."""

import json
import os
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from box import DOMAIN, wait_until
from outgoing import Outgoing, compose
from upstream import Upstream

HERE, THERE = "192.0.2.1", "192.0.2.2"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


class CutLink(Outgoing):
    def open_upstream(self):
        # Whatever this thread does, it does in the other network: a socket stays where it was opened.
        there = ThreadPoolExecutor(1, initializer=os.unshare, initargs=(os.CLONE_NEWNET,))
        self.addCleanup(there.shutdown)
        self.elsewhere = lambda work, *arguments: there.submit(work, *arguments).result()
        self.elsewhere(ip, "link", "add", "name", "far", "type", "veth", "peer", "name", "near", "netns", str(os.getpid()))
        self.addCleanup(ip, "link", "delete", "near")
        self.elsewhere(ip, "address", "add", f"{THERE}/24", "dev", "far")
        ip("address", "add", f"{HERE}/24", "dev", "near")
        self.plug_in()
        self.switch_on()
        upstream = self.elsewhere(Upstream(address=THERE).__enter__)
        self.addCleanup(upstream.close)
        return upstream

    # Our interface, or the cable at its other end: then ours has no carrier.

    def switch_off(self):
        ip("link", "set", "near", "down")

    def switch_on(self):
        ip("link", "set", "near", "up")

    def unplug(self):
        self.elsewhere(ip, "link", "set", "far", "down")

    def plug_in(self):
        self.elsewhere(ip, "link", "set", "far", "up")

    def packets(self):
        """That left by our interface."""
        shown = subprocess.run(["ip", "-json", "-stats", "link", "show", "near"], check=True, capture_output=True)
        return json.loads(shown.stdout)[0]["stats64"]["tx"]["packets"]

    def link(self):
        return self.box.json("link", "show")["relays"][0]

    def wait_until_link_is(self, *states):
        wait_until(f"a link that is {' or '.join(states)}", lambda: self.link()["link"] in states)

    def test_mail_waits_while_it_is_cut_and_leaves_when_it_is_back(self):
        self.switch_off()
        smtp = self.submission()
        for number in range(5):
            self.submit(number, smtp=smtp)
        self.submit("local", [f"bob@{DOMAIN}"], smtp=smtp)
        self.assertEqual(len(self.inbox("bob")), 1)
        wait_until("an attempt", lambda: "unreachable" in self.link()["trouble"])
        self.wait_until_link_is("down")
        self.assertEqual(self.link()["waiting"], 5)
        self.assertEqual(self.upstream.connections, 0)
        self.assertEqual(self.inbox(), [])
        self.switch_on()
        self.wait_for(5)
        self.wait_until_empty()
        self.assertEqual(self.upstream.ids(), [f"<{n}@test>" for n in range(5)])
        self.assertEqual(self.link()["link"], "usable")
        self.assertEqual(self.inbox(), [])

    def test_mail_among_us_asks_nobody_and_sends_nothing(self):
        self.switch_off()
        ip("link", "set", "near", "addrgenmode", "none")  # of what the kernel says by itself
        self.switch_on()
        self.box.command("settings", "set", "dns.servers", THERE)
        before = self.packets()
        smtp = self.submission()
        for number in range(20):
            self.submit(number, [f"bob@{DOMAIN}"], smtp=smtp)
        self.assertEqual(len(self.inbox("bob")), 20)
        self.assertEqual(self.packets(), before)
        self.submit("outside", smtp=smtp)
        self.wait_for(1)
        self.assertGreater(self.packets(), before)

    def test_a_change_of_the_network_ends_every_pause(self):
        """A relay that would have none of us is left alone for longer than any of these tests waits."""
        self.upstream.answers["CONNECT"] = "554 5.3.2 No service"
        self.submit(1)
        wait_until("a refusal", lambda: "No service" in self.link()["trouble"])
        self.upstream.answers.clear()
        ip("address", "add", "192.0.2.7/32", "dev", "lo")
        self.addCleanup(ip, "address", "delete", "192.0.2.7/32", "dev", "lo")
        self.wait_for(1)
        self.wait_until_empty()

    def test_mail_on_a_connection_that_is_open_when_the_cable_goes(self):
        self.submit(1)
        self.wait_for(1)
        self.unplug()
        self.submit(2)
        self.submit(3)
        self.plug_in()
        self.wait_for(3)
        self.wait_until_empty()
        self.assertEqual(set(self.upstream.ids()), {"<1@test>", "<2@test>", "<3@test>"})
        self.assertLessEqual(len(self.upstream.ids()) - 3, self.box.read_log().count("message_in_doubt"))
        self.assertEqual(self.inbox(), [])

    def test_a_large_message_that_is_cut_arrives_once_and_whole(self):
        slow = ("qdisc", "replace", "dev", "near", "root", "tbf", "rate", "2mbit", "burst", "32kb", "latency", "400ms")
        subprocess.run(["tc", *slow], check=True)
        self.submit("large", size=2_000_000)  # for eight seconds
        wait_until("its beginning", lambda: any(line.startswith(("BDAT", "DATA")) for line in list(self.upstream.commands)))
        self.unplug()
        self.wait_until_link_is("failing", "down")
        self.assertEqual(self.upstream.received, [])
        self.assertEqual(len(self.box.json("queue", "list")), 1)
        subprocess.run(["tc", "qdisc", "delete", "dev", "near", "root"], check=True)
        self.plug_in()
        self.wait_for(1)
        self.wait_until_empty()
        self.assertEqual(self.upstream.ids(), ["<large@test>"])
        self.assertTrue(self.upstream.received[0].content.endswith(compose("large", size=2_000_000)))
        self.assertEqual(self.inbox(), [])


if __name__ == "__main__":
    unittest.main()
