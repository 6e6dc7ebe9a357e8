"""Run in a network of its own, where nothing is but loopback: a public authority gives the box its certificate."""

import ssl
import tempfile
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path

from acme_server import KEY_NAME, Authority, key_of, take_system_authorities, zone
from box import Box, client_ok, wait_until
from test_imaplib import imap

HOST = "mail.firm.example"
KEY, WRONG_KEY = key_of(1), key_of(2)


class Acme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.trusted = take_system_authorities(cls.directory)
        cls.dns = cls.enterClassContext(zone(cls.directory / "knot", "firm.example", KEY))
        cls.authority = Authority(cls.directory / "pebble", cls.dns)

    def setUp(self):
        self.enterContext(self.authority)
        self.trust_authority()
        self.box = self.enterContext(Box(settings={
            "tls.host": HOST, "dns.servers": f"127.0.0.1#{self.dns}", "acme.contact": "postmaster@firm.example", "acme.dns_wait": "0",
            "acme.dns_server": f"127.0.0.1#{self.dns}", "acme.dns_key_name": KEY_NAME}))
        self.tls = self.box.directory / "tls"

    def trust_authority(self, root=True):
        web = (self.authority.directory / "web.crt").read_text()
        self.trusted.write_text(web + (self.authority.root() if root else ""))

    def order(self, key=KEY):
        self.box.command("acme", "key", "--password-stdin", input=key)
        self.box.command("settings", "set", "acme.directory", self.authority.url)

    def replace(self, begin, end):
        client_ok(["openssl", "req", "-x509", "-key", self.tls / "acme.key", "-subj", f"/CN={HOST}", "-addext",
                   f"subjectAltName=DNS:{HOST}", "-not_before", begin, "-not_after", end, "-out", self.tls / "acme.crt"])

    def status(self):
        return self.box.json("status")["certificate"]

    def wait_for(self, whose):
        wait_until(f"a certificate of {whose}", lambda: self.status()["of"] == whose)

    def shown(self):
        return ssl.get_server_certificate(("127.0.0.1", self.box.port("imaps")))

    def get(self, url, *options):
        return client_ok(["curl", "--silent", "--show-error", "--cacert", self.trusted, "--resolve",
                          f"{HOST}:{self.box.port('https')}:127.0.0.1", *options, url]).stdout.decode()

    def text(self, host):
        return client_ok(["dig", "@127.0.0.1", "-p", str(self.dns), "+short", "TXT", f"_acme-challenge.{host}"]).stdout

    def test_it_is_ordered_shown_and_renewed_with_the_same_key(self):
        self.order()
        self.wait_for("the public authority")
        self.assertIn("Pebble", client_ok(["openssl", "x509", "-noout", "-issuer"], input=self.shown().encode()).stdout.decode())
        self.assertEqual(self.status()["host"], HOST)
        self.assertIn(HOST, self.get(f"https://{HOST}:{self.box.port('https')}/mail/config-v1.1.xml"))
        self.assertEqual(self.text(HOST), b"")  # which is of no use any more
        self.assertEqual((self.tls / "acme.key").stat().st_mode & 0o777, 0o600)

        first, key = self.shown(), (self.tls / "acme.key").read_bytes()
        # One of which less than a third of its time is left, and which is still good.
        begin, end = (datetime.now(UTC) + timedelta(days=days) for days in (-40, 15))
        self.replace(f"{begin:%Y%m%d%H%M%SZ}", f"{end:%Y%m%d%H%M%SZ}")
        old = (self.tls / "acme.crt").read_text().strip()
        self.box.run("certificate", "reload")
        wait_until("another one", lambda: self.shown().strip() not in (first.strip(), old))
        self.assertEqual(self.status()["of"], "the public authority")
        self.assertEqual((self.tls / "acme.key").read_bytes(), key)

        # Whoever wants it no longer has the office's at once.
        self.box.command("settings", "reset", "acme.directory")
        self.assertEqual(self.status()["of"], "the office's authority")
        for secret in (KEY, "PRIVATE KEY"):
            self.assertNotIn(secret, self.box.read_log())

    def test_browsers_are_held_to_tls_only_by_a_certificate_that_everybody_trusts(self):
        strict = ("--output", "/dev/null", "--write-out", "%header{strict-transport-security}")
        secure, plain = (f"{service}://{HOST}:{self.box.port(service)}/" for service in ("https", "http"))
        plainly = ("--resolve", f"{HOST}:{self.box.port('http')}:127.0.0.1")
        self.assertEqual(self.get(secure, "--insecure", *strict), "")
        self.order()
        self.wait_for("the public authority")
        self.assertRegex(self.get(secure, *strict), r"^max-age=\d+$")
        self.assertEqual(self.get(plain, *plainly, *strict), "")
        self.trust_authority(root=False)
        self.box.restart()
        self.assertEqual(self.status()["of"], "the public authority")
        self.assertEqual(self.get(secure, "--insecure", *strict), "")

    def test_what_is_wrong_is_told_and_mail_goes_on(self):
        before = self.shown()
        self.order(WRONG_KEY)
        said = "the name server 127.0.0.1 says that the key is not the one that it has by that name"
        wait_until("the reason", lambda: self.status()["trouble"] == said)
        wait_until("a line of the log", lambda: "acme_failed" in self.box.read_log())
        self.assertEqual(self.shown(), before)
        imap(self.box, "alice").logout()
        self.box.command("settings", "set", "acme.dns_key_name", "nobodys")
        wait_until("another reason", lambda: "does not know a key by that name" in self.status()["trouble"])
        self.box.command("settings", "set", "acme.dns_key_name", KEY_NAME)
        self.box.command("settings", "set", "tls.host", "mail.other.example")
        wait_until("another reason", lambda: "does not have the zone" in self.status()["trouble"])
        self.box.command("settings", "set", "tls.host", HOST)
        self.box.command("acme", "key", "--password-stdin", input=KEY)
        self.wait_for("the public authority")
        self.assertEqual(self.status()["trouble"], "")
        for secret in (KEY, WRONG_KEY):
            self.assertNotIn(secret, self.box.read_log())

    def test_without_an_authority_there_is_that_of_the_office(self):
        self.order()
        self.wait_for("the public authority")
        self.box.stop()
        # As after a year without internet.
        self.replace("20200101000000Z", "20200401000000Z")
        self.authority.__exit__()
        self.box.start()
        wait_until("the reason", lambda: "Could not connect" in self.box.read_log())
        self.assertEqual(self.status()["of"], "the office's authority")
        self.assertIn("acme.crt ended on 2020-04-01", self.status()["trouble"])
        self.assertEqual(self.box.run("certificate", "reload").returncode, 1)
        self.authority.__enter__()
        self.trust_authority()
        self.box.run("certificate", "reload")
        self.wait_for("the public authority")

    def test_a_program_of_the_administrators_proves_it(self):
        program = self.box.scratch / "hook"
        program.write_text(f"""#!/bin/sh
ls -l /proc/$PPID/fd | grep -c socket: > {self.box.scratch}/sockets
[ "$2" = dns-01 ] || exit 1
name=_acme-challenge.$3.
if [ "$1" = begin ]; then update="add $name 60 TXT $5"; else update="del $name TXT"; fi
printf 'server 127.0.0.1 {self.dns}\nzone firm.example.\n%s\nsend\n' "$update" | knsupdate -y hmac-sha256:{KEY_NAME}:{KEY}
""")
        program.chmod(0o700)
        self.box.command("settings", "set", "acme.hook", program)
        self.box.command("settings", "set", "acme.directory", self.authority.url)
        self.wait_for("the public authority")
        self.assertEqual(self.text(HOST), b"")
        # Of uacme, which has none of ours.
        self.assertLess(int((self.box.scratch / "sockets").read_text()), 4)

    def test_it_waits_for_the_link(self):
        self.box.command("settings", "set", "link.hold", "yes")
        self.order()
        wait_until("it to wait", lambda: "ordered once the link is there" in self.status()["trouble"])
        self.assertEqual(self.status()["of"], "the office's authority")
        self.assertFalse((self.tls / "acme").exists())
        self.box.command("settings", "set", "link.hold", "no")
        self.box.run("certificate", "reload")
        self.wait_for("the public authority")


if __name__ == "__main__":
    unittest.main()
