"""What mail clients ask for to set themselves up, asked by curl and read by parsers that are not ours."""

import base64
import hashlib
import json
import plistlib
import ssl
import unittest
import xml.etree.ElementTree as ElementTree

from box import Box, client_ok

REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>{}</EMailAddress>
    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
  </Request>
</Autodiscover>"""
ANSWER = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


class Autoconfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Box())

    def curl(self, url, *options):
        """By the names that clients use; nothing is looked up."""
        hosts = ("mail", "autoconfig", "autodiscover", "setup", "ua-auto-config")
        names = [f"{host}.office.lan" for host in hosts] + ["office.lan"]
        resolve = [word for name in names for port in ("http", "https") for word in ("--resolve", f"{name}:{self.box.port(port)}:127.0.0.1")]
        return client_ok(["curl", "--silent", "--show-error", "--cacert", self.box.ca, *resolve, *options, url]).stdout.decode()

    def url(self, path, host="mail", service="https"):
        return f"{service}://{host}{'.' if host else ''}office.lan:{self.box.port(service)}{path}"

    def code(self, *words):
        return self.curl(*words, "--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}").strip()

    def test_thunderbird(self):
        for url in (self.url("/mail/config-v1.1.xml?emailaddress=alice%40office.lan", "autoconfig", "http"),
                    self.url("/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=alice@office.lan", "", "http"),
                    self.url("/mail/config-v1.1.xml?emailaddress=alice%40office.lan", "autoconfig", "https")):
            provider = ElementTree.fromstring(self.curl(url)).find("emailProvider")
            self.assertEqual(provider.findtext("domain"), "office.lan")
            incoming = provider.find("incomingServer")
            self.assertEqual({part.tag: part.text for part in incoming if part.tag != "authentication"},
                             {"hostname": "mail.office.lan", "port": str(self.box.port("imaps")), "socketType": "SSL",
                              "username": "alice@office.lan"})
            self.assertEqual(provider.findtext("outgoingServer/port"), str(self.box.port("submissions")))
        anybody = ElementTree.fromstring(self.curl(self.url("/mail/config-v1.1.xml", "autoconfig", "http")))
        self.assertEqual(anybody.findtext("emailProvider/incomingServer/username"), "%EMAILADDRESS%")
        self.assertEqual(self.code(self.url("/mail/config-v1.1.xml?emailaddress=a@other.example", "autoconfig", "http")), "404")

    def test_outlook(self):
        for path in ("/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml"):
            said = self.curl(self.url(path, "autodiscover"), "--data", REQUEST.format("alice@office.lan"), "--header", "Content-Type: text/xml")
            servers = {}
            for protocol in ElementTree.fromstring(said).iter(ANSWER + "Protocol"):
                part = {element.tag.removeprefix(ANSWER): element.text for element in protocol}
                servers[part["Type"]] = part
            self.assertEqual(servers["IMAP"]["Server"], "mail.office.lan")
            self.assertEqual(servers["IMAP"]["Port"], str(self.box.port("imaps")))
            self.assertEqual(servers["SMTP"]["LoginName"], "alice@office.lan")
            self.assertEqual(servers["SMTP"]["SSL"], "on")
        nobody = self.curl(self.url("/autodiscover/autodiscover.xml"), "--data", REQUEST.format("a@other.example"))
        self.assertIn("<ErrorCode>600</ErrorCode>", nobody)
        # Asked by plain HTTP it says where to ask.
        self.assertEqual(self.code(self.url("/autodiscover/autodiscover.xml", "autodiscover", "http")),
                         "302 " + self.url("/autodiscover/autodiscover.xml"))

    def test_outlook_by_json(self):
        for path in ("/autodiscover/autodiscover.json?Email=alice%40office.lan&Protocol=AutodiscoverV1",
                     "/Autodiscover/Autodiscover.json/v1.0/alice@office.lan?Protocol=Autodiscoverv1&RedirectCount=1"):
            said = json.loads(self.curl(self.url(path, "autodiscover")))
            self.assertEqual(said, {"Protocol": "AutodiscoverV1", "Url": self.url("/autodiscover/autodiscover.xml")})
        self.assertEqual(self.code(self.url("/autodiscover/autodiscover.json?Protocol=ActiveSync")), "400")

    def test_apple(self):
        profile = plistlib.loads(self.curl(self.url("/setup/office.mobileconfig?address=alice@office.lan", "setup", "http")).encode())
        payloads = {payload["PayloadType"]: payload for payload in profile["PayloadContent"]}
        account = payloads["com.apple.mail.managed"]
        self.assertEqual(account["EmailAddress"], "alice@office.lan")
        self.assertEqual(account["IncomingMailServerPortNumber"], self.box.port("imaps"))
        self.assertTrue(account["OutgoingMailServerUseSSL"])
        authority = payloads["com.apple.security.root"]["PayloadContent"]
        self.assertEqual(ssl.DER_cert_to_PEM_cert(authority).split(), self.box.ca.read_text().split())
        trust = plistlib.loads(self.curl(self.url("/setup/office.mobileconfig", "setup", "http")).encode())
        self.assertEqual([payload["PayloadType"] for payload in trust["PayloadContent"]], ["com.apple.security.root"])
        self.assertNotEqual(trust["PayloadIdentifier"], profile["PayloadIdentifier"])
        self.assertEqual(self.code(self.url("/setup/office.mobileconfig?address=a@other.example", "setup", "http")), "404")

    def test_the_authority_to_trust(self):
        der = self.box.scratch / "office.crt"
        self.curl(self.url("/setup/office.crt", "setup", "http"), "--output", der)
        self.assertEqual(ssl.DER_cert_to_PEM_cert(der.read_bytes()).split(), self.box.ca.read_text().split())

    def test_clients_to_come(self):
        said = json.loads(self.curl(self.url("/.well-known/user-agent-configuration.json", "ua-auto-config")))
        self.assertEqual(said["protocols"]["imap"], {"host": "mail.office.lan"})
        self.assertEqual(said["authentication"], {"password": True})
        # The draft has the digest of those octets in the DNS.
        whole = self.curl(self.url("/.well-known/user-agent-configuration.json", "ua-auto-config"))
        record = client_ok(["dig", "@127.0.0.1", "-p", str(self.box.port("dns")), "+short", "TXT", "_ua-auto-config.office.lan"]).stdout
        digest = base64.b64encode(hashlib.sha256(whole.encode()).digest()).decode()
        self.assertEqual(record.decode().strip(), f'"v=UAAC1; a=sha256; d={digest}"')

    def test_every_name_that_clients_try_is_answered_and_in_the_certificate(self):
        for name in ("mail", "imap", "smtp", "pop", "autoconfig", "autodiscover", "setup", "ua-auto-config"):
            answered = client_ok(["dig", "@127.0.0.1", "-p", str(self.box.port("dns")), "+short", f"{name}.office.lan"]).stdout
            self.assertEqual(answered, b"127.0.0.1\n", name)
            client_ok(["curl", "--silent", "--show-error", "--cacert", self.box.ca, "--output", "/dev/null", "--resolve",
                       f"{name}.office.lan:{self.box.port('https')}:127.0.0.1", self.url("/", name)])

    def test_the_page_for_people(self):
        page = self.curl(self.url("/?address=alice@office.lan", "setup", "http"), "--header", "Accept-Language: de-AT,de;q=0.9,en;q=0.5")
        self.assertIn('<html lang="de">', page)
        self.assertIn("/setup/office.mobileconfig?address=alice@office.lan", page)
        self.assertIn(f"<td>{self.box.port('imaps')}</td>", page)
        der = ssl.PEM_cert_to_DER_cert(self.box.ca.read_text())
        self.assertIn(":".join(f"{octet:02X}" for octet in hashlib.sha256(der).digest()), page)
        self.assertIn('<html lang="fr">', self.curl(self.url("/?lang=fr", "setup", "http")))
        self.assertEqual(self.code(self.url("/style.css", "setup", "http")), "200")
        self.assertEqual(self.curl(self.url("/setup/office.pem", "setup", "http")).split(), self.box.ca.read_text().split())

    def test_only_who_trusts_the_box_sees_that(self):
        picture = ElementTree.fromstring(self.curl(self.url("/setup/trusted.svg?lang=es")))
        self.assertEqual(picture.findtext("{http://www.w3.org/2000/svg}title"), "Sí")
        self.assertEqual(self.code(self.url("/setup/trusted.svg", "setup", "http")), "404")


if __name__ == "__main__":
    unittest.main()
