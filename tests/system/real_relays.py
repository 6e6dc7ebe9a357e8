"""Mail for outside goes through relays as offices have them. Run by test_real_relays.py, in a network of its own."""

import re

from box import DOMAIN, Box, wait_until
from name_server import NameServer
from outgoing import Outgoing, compose
from relay_programs import DEFERRED, HOST, KEPT, LOGIN, NOBODY, PASSWORD, REFUSED, SIZE, SMTP, SMTPS, Exim, OpenSmtpd, Postfix, certified_place
from upstream import Upstream

SECURITIES = {"none": SMTP, "opportunistic": SMTP, "starttls": SMTP, "tls": SMTPS}
MANY = 50
LOCAL_PART = "gr\u00e5"


class Through:
    """What is the same with all of them. The relay stays for all tests, and passes everything on to `upstream`."""

    @classmethod
    def setUpClass(cls):
        cls.certificates, place = cls.enterClassContext(certified_place())
        cls.sink = cls.enterClassContext(Upstream())
        cls.names = cls.enterClassContext(NameServer({HOST: "127.0.0.1", "other.example": "127.0.0.1"}))
        cls.relay = cls.enterClassContext(cls.program(place, cls.certificates, cls.sink.port))

    def open_upstream(self):
        self.sink.received.clear()
        return self.sink

    def name_relay(self):
        self.box.command("settings", "set", "dns.servers", self.names.setting)
        self.add_relay()
        self.log_in()

    def add_relay(self, security="starttls", host=HOST, port=None, authority="ca"):
        self.box.command("relay", "add", "provider", host, "--port", str(port or SECURITIES[security]), "--security", security,
                         *(("--authority", self.certificates / f"{authority}.crt") if authority else ()))

    def log_in(self, password=PASSWORD):
        self.box.command("relay", "login", "provider", LOGIN, "--password-stdin", input=password)

    def send(self, to, content, mail=(), rcpt=()):
        self.submission().sendmail(f"alice@{DOMAIN}", to, content, mail, rcpt)

    def notice(self):
        """The one that alice gets: what it says to people."""
        wait_until("a notice", lambda: self.inbox())
        notices = self.inbox()
        self.assertEqual(len(notices), 1)
        self.assertEqual(notices[0].get_content_type(), "multipart/report")
        self.wait_until_empty()
        return " ".join(next(notices[0].iter_parts()).get_content().split())

    def complaint(self, **relay):
        """What `postern relay test` says is wrong with it."""
        self.add_relay(**relay)
        self.log_in(relay.get("password", PASSWORD))
        tested = self.box.run("relay", "test", "provider")
        self.assertEqual(tested.returncode, 1, tested.stdout)
        return tested.stderr

    def test_mail_passes_with_each_kind_of_security(self):
        for security in SECURITIES:
            with self.subTest(security):
                self.box.command("relay", "remove", "provider")
                self.add_relay(security)
                logs_in = security in ("starttls", "tls")  # as nobody else can have the password then
                if logs_in:
                    self.log_in()
                told = self.box.command("relay", "test", "provider")
                self.assertEqual("TLSv1.3" in told, security != "none")
                self.assertEqual(f"logged in as {LOGIN}" in told, logs_in)
                self.submit(security)
                self.wait_until_empty()
                wait_until("it to arrive", lambda: f"<{security}@test>" in self.sink.ids())
                self.assertTrue(self.sink.received[-1].content.endswith(compose(security)))
        self.assertEqual(self.inbox(), [])

    def test_what_is_wrong_is_told(self):
        self.assertIn("Connection refused", self.complaint(port=NOBODY))
        self.assertIn("no such name", self.complaint(host="nowhere.example"))
        self.assertIn("certificate", self.complaint(authority="other"))
        self.assertIn("certificate", self.complaint(authority=None))
        self.assertIn("other.example", self.complaint(host="other.example"))
        self.assertIn("secure connection", self.complaint(security="tls", port=SMTP))
        self.log_in()
        self.add_relay()
        self.log_in("wrong")
        refused = self.box.run("relay", "test", "provider")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("our login: 535", refused.stderr)
        self.assertNotIn("wrong", self.box.read_log())

    def test_many_messages_go_over_few_connections(self):
        self.box.command("link", "hold")
        smtp = self.submission()
        for number in range(MANY):
            self.submit(number, smtp=smtp, size=5000)
        before = self.relay.connections()
        self.box.command("link", "auto")
        self.wait_until_empty()
        self.wait_for(MANY)
        # A second one where each message has to wait for the one before.
        self.assertLessEqual(self.relay.connections(), before + 2)
        self.assertEqual(set(self.sink.ids()), {f"<{number}@test>" for number in range(MANY)})
        for message in self.sink.received:
            self.assertTrue(message.content.endswith(compose(message.message_id[1:-6], size=5000)))

    def test_a_large_message_passes_to_those_whom_it_takes(self):
        self.submit("large", ["carol@example.org", REFUSED, "dave@example.org"], size=SIZE * 3 // 4)
        self.assertIn(REFUSED, self.notice())
        self.wait_for(1)
        recipients = {one for message in self.sink.received for one in re.findall("<(.*?)>", " ".join(message.recipients))}
        self.assertEqual(recipients, {"carol@example.org", "dave@example.org"})
        for message in self.sink.received:
            self.assertTrue(message.content.endswith(compose("large", size=SIZE * 3 // 4)))

    def test_eight_bit_mail_keeps_its_octets(self):
        content = compose("8bit") + "Gr\u00fc\u00dfe, \u4f60\u597d\r\n.\r\n..\r\n".encode()
        self.send(["carol@example.org"], content, ["BODY=8BITMIME"])
        self.wait_for(1)
        self.assertTrue(self.sink.received[0].content.endswith(content))
        self.wait_until_empty()

    def test_internationalised_addresses_pass_or_come_back(self):
        self.send([f"{LOCAL_PART}@example.org"], compose("utf8", f"{LOCAL_PART}@example.org"), ["SMTPUTF8"])
        if not self.relay.takes_utf8:
            self.assertIn(LOCAL_PART, self.notice())
            self.assertEqual(self.sink.received, [])
            return
        self.wait_for(1)
        self.assertIn(f"<{LOCAL_PART}@example.org>", self.sink.received[0].recipients[0])
        self.assertTrue(self.sink.received[0].content.endswith(compose("utf8", f"{LOCAL_PART}@example.org")))
        self.wait_until_empty()

    def test_what_it_refuses_comes_back_and_others_get_theirs(self):
        self.submit(1, [REFUSED, "carol@example.org"])
        told = self.notice()
        self.assertIn(REFUSED, told)
        self.assertIn("No such person", told)
        self.wait_for(1)
        self.assertEqual(len(self.sink.received[0].recipients), 1)

    def test_what_is_too_large_for_it_comes_back(self):
        self.submit("large", size=SIZE * 2)
        self.assertIn("large", self.notice())
        self.assertEqual(self.sink.received, [])

    def test_a_wish_to_be_notified_is_passed_on(self):
        self.send(["carol@example.org"], compose(1), ["RET=HDRS", "ENVID=QQ314159"], ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;carol@example.org"])
        self.wait_for(1)
        self.assertIn("ENVID=QQ314159", self.sink.received[0].mail)
        self.assertRegex(self.sink.received[0].recipients[0], r"NOTIFY=(SUCCESS,FAILURE|FAILURE,SUCCESS)")
        self.wait_until_empty()
        self.assertEqual(self.inbox(), [])

    def test_whom_it_puts_off_is_tried_again(self):
        self.submit(1, [DEFERRED])
        wait_until("a refusal", lambda: self.box.json("queue", "list")[0]["attempts"] == 1)
        self.assertIn("Greylisted", self.box.json("queue", "list")[0]["last_reply"])
        self.relay.let_through()
        wait_until("it to be taken", lambda: self.retry() or self.box.json("queue", "list") == [])
        self.wait_for(1)
        self.assertEqual(self.sink.ids(), ["<1@test>"])
        self.assertEqual([str(one) for one in self.inbox()], [])

    def test_what_it_keeps_leaves_when_it_is_told_that_somebody_is_there(self):
        """Here it is the server of an ETRN of ours, and the sink who is there."""
        self.box.command("fetch", "etrn", "keeper", HOST, "--port", str(SMTP), "--authority", self.certificates / "ca.crt",
                         "--domains", self.relay.etrn or KEPT)
        if not self.relay.etrn:
            wait_until("a refusal", lambda: "answered ETRN: 5" in self.box.json("fetch", "list")[0]["trouble"])
            return
        self.sink.close()
        self.addCleanup(lambda: self.sink.received.clear())
        self.submit("kept", [f"carol@{KEPT}"])
        self.wait_until_empty()
        self.sink.reopen()
        self.assertIn("it knows ETRN", self.box.command("fetch", "test", "keeper"))
        wait_until("it to leave", lambda: self.box.command("fetch", "test", "keeper") and "<kept@test>" in self.sink.ids())


class ThroughPostfix(Through, Outgoing):
    program = Postfix


class ThroughExim(Through, Outgoing):
    program = Exim


class ThroughOpenSmtpd(Through, Outgoing):
    program = OpenSmtpd
