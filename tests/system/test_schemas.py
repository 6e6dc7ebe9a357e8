"""What mail clients ask for to set themselves up, against schemas of what their makers' documents say (schemas/)."""

import re
import unittest
import urllib.request

from box import REPO, Box, client_ok, run_client
from test_autoconfig import REQUEST

SCHEMAS = REPO / "tests/system/schemas"
EXCHANGE = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
PERSON = "address=alice@office.lan"


def refusal(document, schema):
    """What xmllint says against it; nothing: it is valid."""
    kind = {".rng": "--relaxng", ".sch": "--schematron"}[(SCHEMAS / schema).suffix]
    done = run_client(["xmllint", "--nonet", "--noout", kind, SCHEMAS / schema, "-"], input=document)
    return done.stderr.decode() if done.returncode else ""


class Schemas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Box())

    def get(self, path, asked=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.box.port('http')}{path}", asked and asked.encode()) as answer:
            return answer.read()

    def check(self, document, *schemas, wrong):
        """That it is valid, and that each of the replacements in `wrong` is noticed by one of the schemas."""
        for schema in schemas:
            self.assertEqual(refusal(document, schema), "", document.decode())
        for right, instead in wrong.items():
            self.assertIn(right.encode(), document)
            changed = document.replace(right.encode(), instead.encode(), 1)
            said = [refusal(changed, schema) for schema in schemas]
            self.assertTrue(any(said), f"{instead!r} for {right!r} was not noticed")
            self.assertNotIn("parser error", "".join(said))

    def test_thunderbirds_document(self):
        wrong = {"<port>": "<Port>1</Port><port>", 'type="smtp"': 'type="imap"', "SSL": "TLS", 'version="1.1"': 'version="1"',
                 "password-cleartext": "plain", "<domain>office.lan</domain>": "", "http://setup": "setup"}
        for path in ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=alice@office.lan"):
            self.check(self.get(path), "autoconfig.rng", wrong=wrong)

    def test_outlooks_document(self):
        answer = self.get("/autodiscover/autodiscover.xml", REQUEST.format("alice@office.lan"))
        self.check(answer, "autodiscover.rng", wrong={
            "outlook/responseschema/2006a": "outlook/responseschema/2006", "<SPA>off</SPA>": "", "<SSL>on": "<SSL>true",
            "<Type>SMTP": "<Type>IMAP", "<Type>IMAP": "<Type>imap", "<Action>settings": "<Action>redirectUrl",
            "<User>": "<User><EMail/>", "<Port>": "<Port>70000"})

    def test_what_outlook_is_told_when_there_is_nothing_for_it(self):
        wrong = {"<Error>": "<Error><Extra/>", "<DebugData/>": "", "<ErrorCode>": "<ErrorCode>1",
                 "<Response>": '<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">'}
        of_exchange = REQUEST.replace("http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a", EXCHANGE)
        for asked, code in ((REQUEST.format("alice@other.example"), 600), ("nonsense", 600), (of_exchange.format("alice@office.lan"), 601)):
            answer = self.get("/autodiscover/autodiscover.xml", asked)
            self.assertIn(f"<ErrorCode>{code}</ErrorCode>", answer.decode())
            self.check(answer, "autodiscover.rng", wrong=wrong)

    def test_apples_profile(self):
        of_all = {"<integer>1<": "<integer>2<", "<key>PayloadUUID": "<key>PayloadUuid", "<false/>": "<string>no</string>",
                  "<string>Configuration": "<string>Profile", "<key>PayloadOrganization": "<key>PayloadDisplayName",
                  "<key>PayloadContent</key><data>": "<key>PayloadCertificate</key><data>"}
        of_account = {"EmailTypeIMAP": "IMAP", "<key>IncomingMailServerHostName": "<key>OutgoingMailServerHostName",
                      "<key>IncomingMailServerUseSSL</key><true/>": "", "<key>OutgoingMailServerUseSSL</key><true/>": "",
                      "<integer>": "<integer>x", "<key>EmailAddress</key>": "<key>IncomingPassword</key>"}
        self.check(self.get("/setup/office.mobileconfig"), "apple_profile.rng", "apple_profile.sch", wrong=of_all)
        profile = self.get(f"/setup/office.mobileconfig?{PERSON}")
        *_, authority, account = re.findall("<key>PayloadUUID</key><string>(.*)</string>", profile.decode())
        self.check(profile, "apple_profile.rng", "apple_profile.sch", wrong=of_all | of_account | {account: authority})

    def test_while_the_authority_changes_apples_profile_has_both(self):
        with Box() as self.box:
            self.box.command("authority", "renew")
            profile = self.get(f"/setup/office.mobileconfig?{PERSON}")
            _, first, second, _ = re.findall("<key>PayloadUUID</key><string>(.*)</string>", profile.decode())
            self.assertEqual(profile.count(b"<string>com.apple.security.root</string>"), 2)
            self.check(profile, "apple_profile.rng", "apple_profile.sch", wrong={second: first})

    def test_where_there_is_nothing_to_trust_apples_profile_is_for_the_account_alone(self):
        with Box() as self.box:
            self.box.stop()
            tls = self.box.directory / "tls"
            client_ok(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                       "/CN=mail.office.lan", "-addext", "subjectAltName=DNS:mail.office.lan", "-days", "30", "-keyout", tls / "own.key",
                       "-out", tls / "own.crt"])
            self.box.start()
            profile = self.get(f"/setup/office.mobileconfig?{PERSON}")
            self.assertNotIn(b"<data>", profile)
            self.check(profile, "apple_profile.rng", "apple_profile.sch", wrong={"<integer>1<": "<integer>2<"})


if __name__ == "__main__":
    unittest.main()
