"""Names are looked up by the name servers that the administrator names, and by others as soon as he names others."""

import unittest

from box import wait_until
from name_server import NameServer
from outgoing import Outgoing


class Names(Outgoing):
    def setUp(self):
        self.names = self.enterContext(NameServer({"smtp.provider.example": "127.0.0.1"}))
        super().setUp()

    def name_relay(self):
        self.box.command("settings", "set", "dns.servers", self.names.setting)
        self.box.command("relay", "add", "provider", "smtp.provider.example", "--port", str(self.upstream.port), "--security",
                         "none")

    def trouble(self):
        return self.box.json("link", "show")["relays"][0]["trouble"]

    def test_a_relay_is_found_by_its_name(self):
        self.submit(1)
        self.wait_for(1)
        self.wait_until_empty()

    def test_a_name_that_does_not_exist_is_told(self):
        self.names.addresses.clear()
        tested = self.box.run("relay", "test", "provider")
        self.assertEqual(tested.returncode, 1)
        self.assertIn("smtp.provider.example: its name cannot be looked up: there is no such name", tested.stderr)

    def test_mail_waits_for_a_name_server_and_another_is_asked_at_once(self):
        with NameServer(silent=True) as silent:
            self.box.command("settings", "set", "dns.servers", silent.setting)
            self.submit(1)
            wait_until("a failed look-up", lambda: f"name server {silent.setting} does not answer" in self.trouble())
            self.box.restart()  # also while one is under way
            self.assertEqual(len(self.box.json("queue", "list")), 1)
            self.box.command("settings", "set", "dns.servers", self.names.setting)
            self.retry()
            self.wait_for(1)
            self.wait_until_empty()


if __name__ == "__main__":
    unittest.main()
