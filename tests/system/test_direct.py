"""Mail goes to each domain's own servers, which are found by name servers of the test's."""

import unittest

from box import wait_until
from name_server import NameServer
from outgoing import Outgoing


class Direct(Outgoing):
    def setUp(self):
        self.names = self.enterContext(NameServer({"mx.example.org": "127.0.0.1"}, {"example.org": "mx.example.org"}))
        super().setUp()

    def name_relay(self):
        self.box.command("settings", "set", "dns.servers", self.names.setting)
        self.box.command("relay", "direct", "internet", "--port", str(self.upstream.port), "--security", "none")

    def test_mail_goes_to_the_domains_server(self):
        self.submit(1)
        self.wait_for(1)
        self.wait_until_empty()
        self.assertEqual(self.box.json("relay", "list")[0]["host"], "each domain's own")
        tested = self.box.run("relay", "test", "internet", "--domain", "example.org")
        self.assertEqual(tested.returncode, 0)
        self.assertIn("127.0.0.1", tested.stdout)
        self.assertEqual(self.box.run("relay", "test", "internet").returncode, 1)

    def test_a_domain_that_there_is_not_comes_back(self):
        self.submit(1, ["carol@nowhere.example"])
        wait_until("a notice", lambda: self.inbox())
        self.assertIn("5.1.2", str(self.inbox()[0]))
        self.wait_until_empty()

    def waits_for_another(self, name_server):
        self.box.command("settings", "set", "dns.servers", name_server.setting)
        self.submit(1, ["carol@nowhere.example"])
        self.submit(2)
        wait_until("the link to be down", lambda: self.box.json("link", "show")["relays"][0]["link"] == "down")
        self.assertEqual([item["attempts"] for item in self.box.json("queue", "list")], [0, 0])
        self.assertEqual(self.inbox(), [])
        self.box.command("settings", "set", "dns.servers", self.names.setting)
        self.retry()
        self.wait_for(1)
        self.wait_until_empty()
        self.assertEqual(len(self.inbox()), 1)

    def test_while_no_name_server_answers_all_waits(self):
        with NameServer(silent=True) as silent:
            self.waits_for_another(silent)

    def test_while_a_name_server_denies_all_names_all_waits(self):
        with NameServer(knows_zones=False) as offline:
            self.waits_for_another(offline)


if __name__ == "__main__":
    unittest.main()
