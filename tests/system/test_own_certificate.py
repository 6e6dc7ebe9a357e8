"""The administrator's own certificate: taken up while the box runs, told to clients by its name, and never in the way of mail."""

import json
import plistlib
import shutil
import ssl
import unittest
import xml.etree.ElementTree as ElementTree

from box import PASSWORDS, Box, client_ok
from test_imaplib import imap

HOST = "mail.firm.example"


class OwnCertificate(unittest.TestCase):
    def setUp(self):
        self.box = self.enterContext(Box())
        self.tls = self.box.directory / "tls"

    def make(self, name, directory, host=HOST, *options):
        client_ok(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                   f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", directory / f"{name}.key",
                   "-out", directory / f"{name}.crt", *(options or ("-days", "30"))])

    def take(self):
        self.make("own", self.tls)
        self.box.command("settings", "set", "tls.host", HOST)

    def shown(self, service="imaps"):
        return ssl.get_server_certificate(("127.0.0.1", self.box.port(service))).split()

    def owns(self):
        return (self.tls / "own.crt").read_text().split()

    def get(self, path, *options, host=HOST, authority=None):
        return client_ok(["curl", "--silent", "--show-error", "--cacert", authority or self.tls / "own.crt", "--resolve",
                          f"{host}:{self.box.port('https')}:127.0.0.1", *options,
                          f"https://{host}:{self.box.port('https')}{path}"]).stdout.decode()

    def dig(self, *words):
        return client_ok(["dig", "@127.0.0.1", "-p", str(self.box.port("dns")), "+short", *words]).stdout.decode().split()

    def test_is_taken_up_while_the_box_runs_and_given_back(self):
        before = self.shown()
        client = imap(self.box, "alice")
        self.take()
        for service in ("imaps", "pop3s", "submissions", "https"):
            self.assertEqual(self.shown(service), self.owns())
        self.assertEqual(client.noop()[0], "OK")  # who is there stays
        client.logout()
        again = self.owns()
        self.make("own", self.tls)
        told = self.box.json("certificate", "reload")
        self.assertNotEqual(self.owns(), again)
        self.assertEqual(self.shown(), self.owns())
        self.assertEqual((told["host"], told["of"], told["trouble"]), (HOST, "the administrator", ""))
        self.box.restart()
        self.assertEqual(self.shown(), self.owns())
        for name in ("own.crt", "own.key"):
            (self.tls / name).unlink()
        self.assertEqual(self.box.json("certificate", "reload")["of"], "the office's authority")
        self.assertEqual(self.shown(), before)
        self.box.restart()
        self.assertEqual(self.shown(), before)

    def test_every_document_names_what_it_is_for_and_the_office_is_led_there(self):
        self.take()
        document = ElementTree.fromstring(self.get("/mail/config-v1.1.xml?emailaddress=alice@office.lan"))
        self.assertEqual(document.findtext("emailProvider/incomingServer/hostname"), HOST)
        self.assertEqual(document.findtext("emailProvider/outgoingServer/hostname"), HOST)
        said = json.loads(self.get("/.well-known/user-agent-configuration.json"))
        self.assertEqual(said["protocols"]["imap"], {"host": HOST})
        self.assertIn(f"<td>{HOST}</td>", self.get("/?address=alice@office.lan"))
        self.assertEqual(self.dig(HOST), ["127.0.0.1"])
        self.assertEqual(self.dig("SRV", "_imaps._tcp.office.lan"), ["0", "1", str(self.box.port("imaps")), f"{HOST}."])
        client_ok(["curl", "-sS", "--cacert", self.tls / "own.crt", "--resolve", f"{HOST}:{self.box.port('imaps')}:127.0.0.1", "-u",
                   f"alice:{PASSWORDS['alice']}", f"imaps://{HOST}:{self.box.port('imaps')}/INBOX"])
        self.box.command("settings", "reset", "tls.host")
        self.assertEqual(self.dig("SRV", "_imaps._tcp.office.lan")[3], "mail.office.lan.")

    def test_devices_are_not_asked_to_trust_the_offices_authority(self):
        """By a browser's eyes it is another certificate; that authority would help nobody."""
        self.take()
        page = self.get("/?lang=en&address=alice@office.lan")
        self.assertNotIn("office.crt", page)
        self.assertNotIn("Its fingerprint", page)
        self.assertIn("/setup/office.mobileconfig?address=alice@office.lan", page)
        profile = plistlib.loads(self.get("/setup/office.mobileconfig?address=alice@office.lan").encode())
        self.assertEqual([payload["PayloadType"] for payload in profile["PayloadContent"]], ["com.apple.mail.managed"])
        self.assertEqual(profile["PayloadContent"][0]["IncomingMailServerHostName"], HOST)
        self.assertEqual(self.get("/setup/office.crt", "--output", "/dev/null", "--write-out", "%{http_code}"), "404")

    def refused(self, *words):
        done = self.box.run("certificate", "reload")
        self.assertEqual(done.returncode, 1)
        for word in words:
            self.assertIn(word, done.stderr)
            self.assertIn(word, self.box.json("status")["certificate"]["trouble"])
            self.assertIn(word, self.box.read_log())

    def test_that_is_of_no_use_leaves_mail_to_the_offices_authority(self):
        self.box.command("settings", "set", "tls.host", HOST)
        before = self.shown()
        self.make("own", self.tls, HOST, "-not_before", "20200101000000Z", "-not_after", "20200201000000Z")
        self.refused("own.crt ended on 2020-02-01")
        (self.tls / "own.key").write_text("no PEM")
        self.refused("own.key holds no key")
        self.make("own", self.tls, "www.firm.example")
        self.refused(f"own.crt is not for {HOST}")
        (self.tls / "own.crt").unlink()
        self.refused("own.crt holds no certificate")
        self.box.restart()  # which nothing of that keeps from starting
        self.assertEqual(self.shown(), before)
        # The name that clients are told is one that they are shown a certificate for.
        document = self.get("/mail/config-v1.1.xml", host="mail.office.lan", authority=self.box.ca)
        self.assertEqual(ElementTree.fromstring(document).findtext("emailProvider/incomingServer/hostname"), "mail.office.lan")
        self.assertEqual(self.dig(HOST), ["127.0.0.1"])  # who knows the box by that name still finds it
        imap(self.box, "alice").logout()
        self.assertIn("certificate_unusable", self.box.read_log())
        self.assertNotIn("PRIVATE KEY", self.box.read_log())

    def test_that_does_not_fit_leaves_the_one_before(self):
        """The two files are never replaced at the same moment."""
        self.take()
        before = self.owns()
        self.make("new", self.box.scratch)
        shutil.copy(self.box.scratch / "new.crt", self.tls / "own.crt")
        self.refused("own.key is not the key")
        self.assertEqual(self.shown(), before)
        shutil.copy(self.box.scratch / "new.key", self.tls / "own.key")
        self.box.command("certificate", "reload")
        self.assertEqual(self.shown(), self.owns())

    def test_another_name_in_the_office_is_covered_by_its_authority(self):
        self.box.command("settings", "set", "tls.host", "post.office.lan")
        document = self.get("/mail/config-v1.1.xml", host="post.office.lan", authority=self.box.ca)
        self.assertEqual(ElementTree.fromstring(document).findtext("emailProvider/incomingServer/hostname"), "post.office.lan")
        self.assertEqual(self.dig("post.office.lan"), ["127.0.0.1"])
        refused = self.box.run("name", "add", "post", "A", "192.168.1.20")
        self.assertIn("post.office.lan is the box's own name", refused.stderr)
        self.box.command("name", "add", "post", "TXT", "some text")
        self.assertEqual(self.dig("TXT", "post.office.lan"), ['"some', 'text"'])


if __name__ == "__main__":
    unittest.main()
