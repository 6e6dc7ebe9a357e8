"""curl, fetchmail, getmail and mutt: programs that fetch by POP3, each as its users set it up."""

import unittest

import samples
from box import PASSWORDS, Box, client_ok, run_client, terminal_ok
from test_imaplib import imap

# Without quotes in it: each program quotes in its own way.
PASSWORD = "correct horse battery"


class Pop3Clients(unittest.TestCase):
    def setUp(self):
        self.box = Box().__enter__()
        self.addCleanup(lambda: self.box.__exit__(None, None, None))
        self.assertEqual(PASSWORDS["alice"], PASSWORD)
        self.home = self.box.scratch / "home"
        self.home.mkdir()
        client = imap(self.box)
        for number in range(3):
            client.append("INBOX", "", None, samples.plain(subject=f"number {number}", message_id=f"<{number}@x>"))
        client.logout()
        self.environment = {"HOME": str(self.home), "TERM": "xterm", "LANG": "C.UTF-8"}

    def left(self):
        client = imap(self.box)
        count = int(client.select("INBOX")[1][0])
        client.logout()
        return count

    def got(self):
        """How often each message was delivered."""
        octets = (self.home / "got").read_bytes()
        return [octets.count(b"Subject: number %d" % number) for number in range(3)]

    def test_curl_by_stls_and_by_tls(self):
        login = ["curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", self.box.ca, "--user", f"alice:{PASSWORD}"]
        for url in (f"pop3://localhost:{self.box.port('pop3')}/", f"pop3s://localhost:{self.box.port('pop3s')}/"):
            self.assertEqual(len(client_ok([*login, url]).stdout.splitlines()), 3)
            self.assertEqual(client_ok([*login, url + "2"]).stdout, samples.plain(subject="number 1", message_id="<1@x>"))
            self.assertEqual(len(client_ok([*login, "--request", "UIDL", url]).stdout.splitlines()), 3)
            self.assertNotEqual(run_client([*login, url + "4"]).returncode, 0)
        for mechanism in ("PLAIN", "LOGIN"):
            client_ok([*login, "--login-options", f"AUTH={mechanism}", url])
        client_ok([*login, "--request", "DELE", "--head", url + "1"])
        self.assertEqual(self.left(), 2)

    def test_curl_sends_no_password_in_the_clear(self):
        url = f"pop3://localhost:{self.box.port('pop3')}/"
        self.assertNotEqual(run_client(["curl", "--silent", "--user", f"alice:{PASSWORD}", url]).returncode, 0)

    def fetchmail(self, options):
        config = self.home / "fetchmailrc"
        config.write_text(f'''poll localhost service {self.box.port("pop3s")} protocol pop3 uidl
  user "alice" password "{PASSWORD}" ssl sslproto "auto" sslcertck sslcertfile "{self.box.ca}"
  mda "cat >> {self.home}/got" {options}
''')
        config.chmod(0o700)
        return run_client(["fetchmail", "--fetchmailrc", config, "--pidfile", self.home / "pid", "--idfile", self.home / "ids",
                           "--nosyslog", "-v"], environment=self.environment)

    def test_fetchmail_takes_each_message_once_and_may_leave_it(self):
        for expected in (0, 1):  # 1: no new mail
            done = self.fetchmail("keep")
            self.assertEqual(done.returncode, expected, done.stdout.decode() + done.stderr.decode())
            self.assertEqual(self.got(), [1, 1, 1])
        self.assertEqual(self.left(), 3)
        self.assertEqual(self.fetchmail("fetchall nokeep").returncode, 0)
        self.assertEqual(self.left(), 0)

    def getmail(self, delete):
        config, got = self.home / "getmailrc", self.home / "got"
        script = self.home / "deliver"
        script.write_text('#!/bin/sh\nexec cat >>"$1"\n')
        script.chmod(0o700)
        config.write_text(f"""[retriever]
type = SimplePOP3SSLRetriever
server = localhost
port = {self.box.port("pop3s")}
username = alice
password = {PASSWORD}
ca_certs = {self.box.ca}
[destination]
type = MDA_external
path = {script}
arguments = ("{got}",)
allow_root_commands = true
[options]
read_all = false
delete = {delete}
""")
        client_ok(["getmail", "--getmaildir", self.home, "--rcfile", config], environment=self.environment)
        return self.got()

    def test_getmail_takes_each_message_once_and_may_leave_it(self):
        for _ in range(2):
            self.assertEqual(self.getmail("false"), [1, 1, 1])
        self.assertEqual(self.left(), 3)
        self.assertEqual(self.getmail("true"), [1, 1, 1])
        self.assertEqual(self.left(), 0)

    def test_mutt_reads_and_deletes(self):
        config = self.home / "muttrc"
        config.write_text(f"""
set folder="{self.home}" spoolfile="pops://alice@localhost:{self.box.port('pop3s')}/" pop_pass="{PASSWORD}"
set certificate_file="{self.box.ca}" ssl_force_tls=yes pop_delete=yes quit=yes delete=yes header_cache="" message_cachedir=""
set charset=utf-8 wait_key=no confirmappend=no record="" timeout=5 pop_authenticators="user"
push "<delete-pattern>~s number.1<enter><quit>"
""")
        terminal_ok(["mutt", "-n", "-F", config], self.environment)
        self.assertEqual(self.left(), 2)


if __name__ == "__main__":
    unittest.main()
