"""mutt: sends through the submission port, reads over IMAP, deletes and saves, driven by its own commands."""

import unittest

import samples
from box import PASSWORDS, Box, client_ok, terminal_ok
from test_imaplib import imap


class Mutt(unittest.TestCase):
    def setUp(self):
        self.box = Box().__enter__()
        self.addCleanup(lambda: self.box.__exit__(None, None, None))
        self.home = self.box.scratch / "home"
        self.home.mkdir()

    def mutt(self, account, *arguments, commands=(), input=b"", mechanism="plain"):
        password = PASSWORDS[account].replace("\\", "\\\\").replace('"', '\\"')
        config = self.home / f"muttrc-{account}"
        config.write_text(f"""
set folder="imaps://localhost:{self.box.port('imaps')}/" spoolfile="+INBOX" record="+Sent"
set imap_user="{account}" imap_pass="{password}" smtp_pass="{password}"
set smtp_url="smtps://{account}@localhost:{self.box.port('submissions')}/"
set from="{account}@office.lan" realname="{account}" certificate_file="{self.box.ca}"
set imap_authenticators="{mechanism}" smtp_authenticators="{mechanism}"
set ssl_force_tls=yes abort_nosubject=no quit=yes delete=yes confirmappend=no confirmcreate=no
set header_cache="" message_cachedir="" charset=utf-8 wait_key=no
set sendmail_wait=0 timeout=5
""" + "".join(f"{command}\n" for command in commands))
        command = ["mutt", "-n", "-F", config, *arguments]
        environment = {"HOME": str(self.home), "TERM": "xterm", "LANG": "C.UTF-8"}
        if commands:  # its screen needs a terminal
            return terminal_ok(command, environment)
        return client_ok(command, input=input, directory=self.home, environment=environment)

    def test_sends_and_files_a_copy(self):
        attachment = self.home / "report.bin"
        attachment.write_bytes(bytes(range(256)) * 40)
        self.mutt("bob", "-s", "Grüße", "-a", str(attachment), "--", "alice@office.lan", input="Schöne Grüße\n.\n".encode())
        reader = imap(self.box)
        reader.select("INBOX")
        body = reader.fetch("1", "(BODY.PEEK[TEXT])")[1][0][1]
        self.assertIn(b"report.bin", body)
        reader.logout()
        sent = imap(self.box, "bob")
        self.assertEqual(sent.select("Sent")[1], [b"1"])
        sent.logout()

    def test_logs_in_by_scram(self):
        self.mutt("bob", "-s", "by SCRAM", "--", "alice@office.lan", input=b"text\n", mechanism="scram-sha-256")
        log = self.box.read_log()  # once to send, once to file the copy
        self.assertGreaterEqual(log.count("login_accepted login=bob address=127.0.0.1 mechanism=SCRAM-SHA-256"), 2)
        self.assertNotIn("mechanism=PLAIN", log)
        sent = imap(self.box, "bob")
        self.assertEqual(sent.select("Sent")[1], [b"1"])
        sent.logout()

    def test_reads_deletes_and_saves(self):
        client = imap(self.box)
        for number in range(4):
            client.append("INBOX", "", None, samples.plain(subject=f"number {number}", message_id=f"<{number}@x>"))
        self.mutt("alice", commands=[
            r'push "<delete-pattern>~s number.1<enter><tag-pattern>~s number.2<enter><tag-prefix><save-message><kill-line>=Archive<enter>'
            r'<flag-message><quit>"'])
        client.select("INBOX")
        left = client.search(None, "ALL")[1][0].split()
        self.assertEqual(len(left), 2)
        self.assertEqual(client.select("Archive")[1], [b"1"])
        client.logout()


if __name__ == "__main__":
    unittest.main()
