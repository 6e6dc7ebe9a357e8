"""A box and a machine that were never online. Run by test_never_online.py, in a network of its own."""

import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from box import PASSWORDS, wait_until
from lan import ADDRESS, PATIENCE, LanBox, Machine

LETTER = "From: {}@office.lan\r\nTo: {}\r\nSubject: Never online\r\n\r\nBy hand, from desk to desk.\r\n"


class NeverOnline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = Path(cls.enterClassContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        cls.machine = cls.enterClassContext(Machine(scratch))
        # The box has a name server that its network named when it had one, and would wait for its answers for long.
        of_box = scratch / "resolv.conf of the box"
        of_box.write_text(f"nameserver 198.51.100.53\noptions timeout:{PATIENCE} attempts:1\n")
        subprocess.run(["mount", "--bind", of_box, "/etc/resolv.conf"], check=True)
        cls.box = cls.enterClassContext(LanBox())
        cls.office_pem = scratch / "office.pem"
        cls.office_pem.write_text(cls.curl("http://setup.office.lan/setup/office.pem"))

    @classmethod
    def curl(cls, *words, **options):
        return cls.machine.run("curl", "--silent", "--show-error", "--cacert", cls.office_pem, *words, **options)

    def submit(self, who, to, port="587"):
        self.curl("--ssl-reqd", f"smtp://mail.office.lan:{port}" if port == "587" else f"smtps://mail.office.lan:{port}", "--user",
                  f"{who}@office.lan:{PASSWORDS[who]}", "--mail-from", f"{who}@office.lan", "--mail-rcpt", to, "--upload-file", "-",
                  input=LETTER.format(who, to))

    def test_a_machine_finds_its_settings_sends_and_reads(self):
        for host in ("mail", "autoconfig", "autodiscover", "setup", "imap", "smtp"):
            self.assertIn(ADDRESS, self.machine.run("getent", "ahosts", f"{host}.office.lan"), host)
        told = ElementTree.fromstring(self.curl("http://autoconfig.office.lan/mail/config-v1.1.xml?emailaddress=bob@office.lan"))
        self.assertEqual(told.findtext("emailProvider/outgoingServer/hostname"), "mail.office.lan")
        self.assertEqual(told.findtext("emailProvider/outgoingServer/port"), "465")
        self.assertIn("setup/trusted.svg", self.curl("https://setup.office.lan/"))
        for port in ("465", "587"):
            self.submit("alice", "bob@office.lan", port)
        inbox = "imaps://mail.office.lan/INBOX"
        as_bob = ["--user", f"bob@office.lan:{PASSWORDS['bob']}"]
        self.assertIn("EXISTS", self.curl(*as_bob, "--request", "EXAMINE INBOX", inbox))
        self.assertIn("from desk to desk", self.curl(*as_bob, f"{inbox};MAILINDEX=2"))

    def test_names_outside_fail_at_once(self):
        for name in ("www.example.com", "office.example", "smtp.provider.example"):
            self.assertIn("status: SERVFAIL", self.machine.run("dig", "+tries=1", f"+time={PATIENCE}", name))
            self.machine.run("getent", "ahosts", name, fails=True)
        self.assertEqual(self.box.json("status")["lookups"]["internet"], "away: there is no link, or no route")

    def test_mail_for_outside_is_accepted_and_waits(self):
        self.box.command("relay", "add", "provider", "smtp.provider.example")
        self.submit("alice", "carol@example.org")
        (waiting,) = self.box.json("queue", "list")
        self.assertEqual(waiting["recipient"], "carol@example.org")
        # The relay's name cannot be looked up, and that is the link's fault, not the message's.
        relay = lambda: self.box.json("link", "show")["relays"][0]
        self.assertEqual(wait_until("a try", lambda: (shown := relay())["link"] == "down" and shown)["relay"], "provider")
        self.submit("alice", "bob@office.lan")


if __name__ == "__main__":
    unittest.main()
