"""Mail goes to other software and comes from it: Dovecot reads and writes the Maildir, Python's mailbox module the mbox."""

import base64
import imaplib
import mailbox
import re
import unittest

import samples
from box import Box
from relay_programs import AS_OTHER, OTHER
from test_imaplib import imap

# Names that are hard: levels, letters outside ASCII, "&".
NAMES = ["Archive/2026", "Entwürfe & Co", "Projekte/Straße/日本"]
CONFIGURATION = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {at}/run
state_dir = {at}/run
log_path = {at}/dovecot.log
mail_driver = maildir
mail_path = {mail}
mail_home = {at}
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = {uid}
first_valid_gid = {uid}
"""


def dovecot(box, mail):
    """Dovecot's IMAP on that Maildir, for us alone, as somebody who is not root: root is refused."""
    at = box.scratch / "dovecot"
    at.mkdir(exist_ok=True)
    (at / "conf").write_text(CONFIGURATION.format(at=at, mail=mail, uid=OTHER))
    return imaplib.IMAP4_stream(f"{AS_OTHER} env HOME={at} USER=other /usr/lib/dovecot/imap -k -c {at}/conf")


def utf7(name):
    """Modified UTF-7 (RFC 3501 section 5.1.3)."""
    encoded = ""
    for part in re.findall(r"[ -~]+|[^ -~]+", name):
        if " " <= part[0] <= "~":
            encoded += part.replace("&", "&-")
        else:
            encoded += "&" + base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return encoded


def messages(client, name, separator="/"):
    """Of a mailbox, in their order: flags, date, text."""
    status, answer = client.select(f'"{utf7(name).replace("/", separator)}"', readonly=True)
    if status != "OK":
        raise AssertionError(f"{name}: {answer}")
    if answer == [b"0"]:
        return []
    status, rows = client.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    assert status == "OK", rows
    found = []
    for row in rows:
        if not isinstance(row, tuple):
            continue
        flags = set(re.search(rb"FLAGS \(([^)]*)\)", row[0]).group(1).split()) - {rb"\Recent"}
        found.append((flags, imaplib.Internaldate2tuple(row[0]), row[1]))
    return found


class Migration(unittest.TestCase):
    def fill(self, client):
        for name in NAMES:
            self.assertEqual(client.create(f'"{utf7(name)}"')[0], "OK")
        client.subscribe(f'"{utf7(NAMES[1])}"')
        for number, (flags, name) in enumerate([
                ("", "INBOX"), ("\\Seen", "INBOX"), ("\\Answered \\Flagged $Work", "INBOX"),
                ("\\Draft \\Seen", NAMES[0]), ("\\Deleted $Work $Later", NAMES[1]), ("\\Seen", NAMES[2])]):
            text = f"number {number}\r\n\r\nFrom here on\r\n>From there\r\nFrom MAILER-DAEMON Mon Jan  5 10:00:00 2026\r\nend\r\n"
            status, answer = client.append(f'"{utf7(name)}"', f"({flags})", imaplib.Time2Internaldate(1_700_000_000 + 3600 * number),
                                           samples.plain(subject=f"letter {number}", text=text, message_id=f"<{number}@migration>"))
            self.assertEqual(status, "OK", answer)

    def test_dovecot_reads_what_is_exported_and_we_read_what_dovecot_has(self):
        with Box() as box:
            ours = imap(box)
            self.fill(ours)
            mail = box.scratch / "mail"
            report = box.json("export", "alice", mail)
            self.assertEqual(report["messages"], 6)
            client = dovecot(box, mail)
            for name in ["INBOX", *NAMES]:
                self.assertEqual(messages(client, name, "."), messages(ours, name))
            listed = b" ".join(client.lsub()[1])
            self.assertIn(utf7(NAMES[1]).encode(), listed)
            self.assertNotIn(utf7(NAMES[2]).replace("/", ".").encode(), listed)

            # Now Dovecot changes some, with keywords of its own, and leaves its own files there.
            client.select("INBOX")
            client.store("1", "+FLAGS", "(\\Seen $Fresh)")
            client.create("Neu.Sub")
            client.append("Neu.Sub", "(\\Flagged)", imaplib.Time2Internaldate(1_600_000_000),
                          samples.plain(subject="of Dovecot", text="hello", message_id="<dovecot@migration>"))
            theirs = {name: messages(client, name, ".") for name in ["INBOX", *NAMES, "Neu/Sub"]}
            client.logout()
            brought = box.json("import", "bob", mail)
            self.assertEqual((brought["imported"], brought["already_there"]), (7, 0))
            bobs = imap(box, "bob")
            for name, there in theirs.items():
                self.assertEqual(messages(bobs, name), there)
            again = box.json("import", "bob", mail)
            self.assertEqual((again["imported"], again["already_there"]), (0, 7))
            self.assertEqual(len(messages(bobs, "INBOX")), 3)

            # All of it into one mailbox, and what is refused is refused before anything is written.
            box.command("import", "bob", mail, "--into", "Old mail")
            self.assertEqual(len(messages(bobs, "Old mail")), 7)
            for arguments, reason in [(("export", "alice", mail), "not empty"),
                                      (("export", "nobody", box.scratch / "x"), "nobody"),
                                      (("export", "alice", box.scratch / "x", "--format", "pst"), "no format"),
                                      (("export", "alice", box.scratch / "x", "--mailbox", "None"), "no mailbox None"),
                                      (("import", "nobody", mail), "nobody"),
                                      (("import", "bob", box.scratch / "none"), "there is no")]:
                done = box.run(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(reason, done.stderr)
            ours.logout()
            bobs.logout()

    def test_a_mailbox_goes_out_as_mbox_and_comes_back(self):
        with Box() as box:
            ours = imap(box)
            self.fill(ours)
            directory = box.scratch / "mboxes"
            self.assertEqual(box.json("export", "alice", directory, "--format", "mbox")["messages"], 6)
            theirs = mailbox.mbox(directory / "INBOX.mbox", create=False)
            self.assertEqual([message["Subject"] for message in theirs], ["letter 0", "letter 1", "letter 2"])
            self.assertEqual([sorted(message.get_flags()) for message in theirs], [["O"], ["O", "R"], ["A", "F", "O"]])
            self.assertEqual(theirs[2]["X-Keywords"], "$Work")
            self.assertIn(">From here on\n>>From there\n", theirs[0].get_payload())
            self.assertEqual(theirs[1].get_from(), "MAILER-DAEMON Tue Nov 14 23:13:20 2023")
            box.json("import", "bob", directory)
            bobs = imap(box, "bob")
            for name in ["INBOX", *NAMES]:
                self.assertEqual(messages(bobs, name), messages(ours, name))
            self.assertEqual(box.json("import", "bob", directory)["imported"], 0)

            # And one that somebody else wrote.
            other = mailbox.mbox(box.scratch / "other")
            message = mailbox.mboxMessage(samples.plain(subject="of Python", text="From us\r\nto you\r\n", message_id="<p@migration>"))
            message.set_flags("RAD")
            other.add(message)
            other.flush()
            box.command("import", "bob", box.scratch / "other", "--into", "Python")
            (flags, _, text), = messages(bobs, "Python")
            self.assertEqual(flags, {rb"\Seen", rb"\Answered", rb"\Deleted"})
            self.assertIn(b"\r\nFrom us\r\nto you\r\n", text)
            self.assertEqual(box.run("import", "bob", box.ca).returncode, 1)  # a file of another kind
            ours.logout()
            bobs.logout()

    def test_a_large_mailbox_is_brought_in_batches_and_goes_out_while_the_box_sleeps(self):
        with Box() as box:
            mail = mailbox.Maildir(box.scratch / "mail")
            mail.lock()
            for number in range(300):
                mail.add(mailbox.MaildirMessage(samples.plain(subject=f"letter {number}", text="x" * (200 if number % 50 else 600_000),
                                                              message_id=f"<{number}@large>")))
            mail.close()
            self.assertEqual(box.json("import", "alice", box.scratch / "mail")["imported"], 300)
            box.stop()
            self.assertEqual(box.json("export", "alice", box.scratch / "out")["messages"], 300)
            self.assertEqual(box.run("import", "alice", box.scratch / "out").returncode, 3)
            box.start()
            again = box.json("import", "alice", box.scratch / "out")
            self.assertEqual((again["imported"], again["already_there"]), (0, 300))


if __name__ == "__main__":
    unittest.main()
