"""What people do for themselves on the box's pages, as a browser does it: by http.client, which knows nothing of Postern."""

import http.client
import imaplib
import poplib
import re
import smtplib
import ssl
import unittest
import urllib.parse
from html.parser import HTMLParser

from box import PASSWORDS, Box, wait_until

NEW = "a new secret & more+"


class Words(HTMLParser):
    """The visible words of a page, its hidden fields, and what it says aloud."""

    def __init__(self, page):
        super().__init__()
        self.words, self.fields, self.aloud, self.role = [], {}, [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.role = attributes.get("role")
        if tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes["name"]] = attributes["value"]

    def handle_data(self, data):
        self.words.append(data.strip())
        if self.role:
            self.aloud.append(data.strip())


class Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self, box, **fields):
        self.box, self.fields, self.cookies = box, fields, {}
        self.origin = f"https://mail.office.lan:{box.port('https')}"

    def ask(self, method, path, form=None, **fields):
        trusted = ssl.create_default_context(cafile=str(self.box.ca))
        connection = http.client.HTTPSConnection("localhost", self.box.port("https"), context=trusted, timeout=60)
        headers = {"Host": f"mail.office.lan:{self.box.port('https')}", **self.fields, **fields}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin, **headers}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        self.page = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        connection.close()
        self.status, self.headers = response.status, response.headers
        return response.status

    def log_in(self, address, password, **fields):
        return self.ask("POST", "/account/log-in", {"address": address, "password": password}, **fields)

    def see(self):
        self.ask("GET", "/account")
        return Words(self.page)

    def change(self, current, new, again=None, token=None, **fields):
        token = token if token is not None else self.see().fields["token"]
        return self.ask("POST", "/account/password",
                        {"token": token, "current": current, "new": new, "again": new if again is None else again}, **fields)


class SelfService(unittest.TestCase):
    def setUp(self):
        self.box = self.enterContext(Box())

    def signed_in(self, name="alice", password=None, **fields):
        browser = Browser(self.box, **fields)
        self.assertEqual(browser.log_in(f"{name}@office.lan", password or PASSWORDS[name]), 303, browser.page)
        return browser

    def imap(self, name="alice", password=None):
        client = imaplib.IMAP4_SSL("localhost", self.box.port("imaps"), ssl_context=ssl.create_default_context(cafile=str(self.box.ca)))
        self.addCleanup(client.sock.close)
        client.login(name, password or PASSWORDS[name])
        return client

    def test_who_signs_in_sees_his_account_and_nobody_elses(self):
        browser = Browser(self.box)
        self.assertNotIn("token", browser.see().fields)
        self.assertEqual(browser.log_in("alice@office.lan", "wrong"), 403)
        self.assertIn("Address or password is wrong.", Words(browser.page).aloud)
        self.assertEqual(browser.cookies, {})
        self.assertEqual(browser.log_in("Alice@Office.LAN", PASSWORDS["alice"]), 303)
        self.assertEqual(browser.headers["Location"], "/account?lang=en")
        self.assertRegex(browser.headers["Set-Cookie"], r"^__Host-account=[0-9a-f]{64}; Path=/; Secure; HttpOnly; SameSite=Lax$")
        self.assertIn("alice@office.lan", browser.see().words)
        self.assertEqual(browser.headers["Cache-Control"], "no-store")
        self.assertIn("default-src 'none'", browser.headers["Content-Security-Policy"])
        self.assertIn("bob@office.lan", self.signed_in("bob").see().words)
        browser.cookies["__Host-account"] = "0" * 64
        self.assertNotIn("token", browser.see().fields)

    def test_nothing_of_it_is_there_in_the_clear(self):
        for path, method in (("/account?lang=de", "GET"), ("/account/log-in", "POST"), ("/account/password", "POST")):
            connection = http.client.HTTPConnection("localhost", self.box.port("http"), timeout=60)
            self.addCleanup(connection.close)
            connection.request(method, path, "", {"Host": "setup.office.lan"})
            response = connection.getresponse()
            self.assertEqual(response.status, 303)
            language = "de" if "lang" in path else "en"
            self.assertEqual(response.headers["Location"],
                             f"https://mail.office.lan:{self.box.port('https')}/account?lang={language}")

    def test_a_password_is_changed_and_what_began_with_the_old_one_ends(self):
        idle = self.imap()
        idle.select()
        pop = poplib.POP3_SSL("localhost", self.box.port("pop3s"), context=ssl.create_default_context(cafile=str(self.box.ca)))
        self.addCleanup(pop.close)
        pop.user("alice")
        pop.pass_(PASSWORDS["alice"])
        smtp = smtplib.SMTP_SSL("localhost", self.box.port("submissions"), context=ssl.create_default_context(cafile=str(self.box.ca)))
        self.addCleanup(smtp.close)
        smtp.login("alice", PASSWORDS["alice"])
        of_bob = self.imap("bob")
        elsewhere, browser = self.signed_in(), self.signed_in()
        self.assertEqual(browser.change(PASSWORDS["alice"], NEW), 303)
        self.assertIn("The password is changed. Your devices ask for the new one now.",
                      Words(browser.ask("GET", browser.headers["Location"]) and browser.page).aloud)
        self.assertEqual(idle.readline(), b"* BYE The password was changed; log in again\r\n")
        self.assertEqual(pop.file.readline(), b"-ERR [AUTH] The password was changed; log in again\r\n")
        self.assertEqual(smtp.getreply(), (421, b"4.7.0 The password was changed, log in again"))
        of_bob.noop()
        self.assertNotIn("token", elsewhere.see().fields)
        self.assertIn("token", browser.see().fields)
        with self.assertRaises(imaplib.IMAP4.error):
            self.imap()
        self.imap(password=NEW)
        self.signed_in(password=NEW)
        log = self.box.read_log()
        self.assertNotIn(NEW, log)
        self.assertRegex(log, r"account_changed change=\"new password\" account=alice by=\"alice address=")

    def test_the_administrators_new_password_ends_them_as_well(self):
        client, browser = self.imap(), self.signed_in()
        self.box.command("account", "password", "alice", "--password-stdin", input=NEW)
        self.assertTrue(client.readline().startswith(b"* BYE "))
        self.assertNotIn("token", browser.see().fields)
        self.box.command("account", "add", "carol", "--password-stdin", input=NEW)
        client = self.imap("carol", NEW)
        self.box.command("account", "remove", "carol")
        self.assertTrue(client.readline().startswith(b"* BYE "))

    def test_a_password_that_cannot_be_is_refused_and_changes_nothing(self):
        browser = self.signed_in()
        for status, said, arguments in (
                (403, "The current password is wrong.", ("wrong", NEW)),
                (422, "The two new passwords are not the same.", (PASSWORDS["alice"], NEW, NEW + "x")),
                (422, "The new password is too short: it has to have at least 8 characters.", (PASSWORDS["alice"], "ééééééé")),
                (422, "The new password holds characters that not every mail program can send.", (PASSWORDS["alice"], "good enough \ue000")),
        ):
            self.assertEqual(browser.change(*arguments), status, said)
            self.assertIn(said, Words(browser.page).aloud)
        self.imap()

    def test_pages_of_others_change_nothing(self):
        browser = self.signed_in()
        for token, fields in (("", {}), ("0" * 64, {}), (None, {"Origin": "https://evil.example"}),
                              (None, {"Sec-Fetch-Site": "cross-site"}), (None, {"Origin": "null"})):
            self.assertEqual(browser.change(PASSWORDS["alice"], NEW, token=token, **fields), 403)
            self.assertEqual(browser.ask("POST", "/account/log-out", {"token": browser.see().fields["token"] if token is None else token}, **fields), 403)
        self.assertIn("token", browser.see().fields)
        stranger = Browser(self.box)
        self.assertEqual(stranger.log_in("alice@office.lan", PASSWORDS["alice"], Origin="https://evil.example"), 403)
        self.assertEqual(stranger.cookies, {})
        self.assertEqual(stranger.ask("POST", "/account/log-in", {}, **{"Content-Type": "text/plain"}), 400)
        self.imap()

    def test_signing_out_ends_the_session(self):
        browser = self.signed_in()
        cookies = dict(browser.cookies)
        self.assertEqual(browser.ask("POST", "/account/log-out", {"token": browser.see().fields["token"]}), 303)
        self.assertEqual(browser.cookies["__Host-account"], "")
        browser.cookies = cookies
        self.assertNotIn("token", browser.see().fields)

    def test_devices_are_shown(self):
        client = self.imap()
        client.xatom("ID", '("name" "Letter <Opener>" "version" "1")')
        self.imap("bob")
        words = self.signed_in().see().words
        self.assertIn("Letter <Opener>, IMAP", words)
        self.assertIn("127.0.0.1", words)
        self.assertIn("now", words)
        devices = self.box.json("account", "devices", "alice")
        self.assertEqual([(each["service"], each["program"], each["sessions"]) for each in devices], [("IMAP", "Letter <Opener>", 1)])
        client.logout()
        wait_until("the session to be over", lambda: self.box.json("account", "devices", "alice")[0]["sessions"] == 0)

    def test_it_is_there_in_every_language(self):
        for language, words in (("de", "Anmelden"), ("fr", "Se connecter"), ("es", "Iniciar sesión"), ("ru", "Войти")):
            browser = Browser(self.box, **{"Accept-Language": language})
            self.assertIn(words, browser.see().words)
            self.assertIn(f'<html lang="{language}">', browser.page)
            browser.log_in("alice", PASSWORDS["alice"])
            self.assertEqual(browser.headers["Location"], f"/account?lang={language}")
            browser.see()
            self.assertIsNone(re.search(r"\{\d\}", browser.page))

    def test_guessing_is_as_slow_as_by_mail(self):
        browser = Browser(self.box)
        for _ in range(3):
            browser.log_in("alice", "wrong")
        self.assertEqual(self.box.read_log().count("login_refused login=alice"), 3)


if __name__ == "__main__":
    unittest.main()
