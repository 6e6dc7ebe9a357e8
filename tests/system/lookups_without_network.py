"""Run where there is no network but loopback: nobody can be asked, until an address is there."""

import subprocess
import unittest

from box import wait_until
from dns_client import SERVFAIL
from name_server import NameServer
from test_lookups import ADDRESS, NAME, NETWORK_ERROR, Lookups


class WithoutNetwork(Lookups):
    def test_there_is_no_way_out_and_then_there_is(self):
        self.box.command("settings", "set", "dns.servers", "192.0.2.1")
        reply = wait_until("a failure", lambda: (reply := self.ask()).error == NETWORK_ERROR and reply)
        self.assertEqual(reply.code, SERVFAIL)
        self.assertEqual(self.lookups()["internet"], "away: there is no link, or no route")
        self.assertIn("internet_away", self.box.read_log())
        subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"], check=True)
        with NameServer({NAME: ADDRESS}, address="192.0.2.1", port=53):
            wait_until("an answer", lambda: self.ask().addresses == [ADDRESS])
            self.assertIn("internet_back", self.box.read_log())


del Lookups  # whose tests are another script's

if __name__ == "__main__":
    unittest.main()
