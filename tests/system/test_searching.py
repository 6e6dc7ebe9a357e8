"""Searches of a large mailbox over real sockets: nobody works for a client that is gone, the daemon does not wait for a
search to stop, and a client is told how far it is (RFC 9585); and what imaplib sees of searches that are kept up to date
(RFC 5267) and of several mailboxes searched at once (RFC 7377)."""

import contextlib
import imaplib
import unittest
from pathlib import Path

from box import Box, wait_until
from test_imaplib import imap

MESSAGES = 3_200  # found by doubling
TEXT = b"".join(b"Every evening the elderly engineers exchange excellent examples, number %d.\r\n" % n for n in range(1_000))
# Each of so many short strings is looked for in every octet, and is nowhere: minutes of work.
STRINGS = [b"%c%c%d" % (first, second, digit) for first in b"en" for second in b"abcdefghijklmnopqrst" for digit in range(10)]
ENDLESS = b"SEARCH " + b" ".join(b"NOT BODY " + string for string in STRINGS) + b"\r\n"

imaplib.Commands.update({name: ("AUTH", "SELECTED") for name in ("ESEARCH", "CANCELUPDATE")})


def large_mailbox(box):
    client = imap(box)
    for number in range(MESSAGES >> 5):
        status, answer = client.append("INBOX", None, None, b"Subject: number %d\r\n\r\n" % number + TEXT)
        assert status == "OK", answer
    client.select("INBOX")
    for _ in range(5):
        assert client.copy("1:*", "INBOX")[0] == "OK"
        client.noop()
    assert client.select("INBOX")[1] == [b"%d" % MESSAGES]
    return client


def begin_endless_search(client):
    """Returns once the client was told that the search is under way, and then that it is further: it goes on."""
    client.send(b"endless " + ENDLESS)
    reports = []
    while len(reports) < 2 or reports[-1] == reports[0]:
        line = client.readline()
        assert line, "the daemon closed"
        if line.startswith(b'* OK [INPROGRESS ("endless" '):
            reports.append([int(number) for number in line.split(b")")[0].split()[4:]])
    assert all(goal == MESSAGES and 0 < done < goal for done, goal in reports) and reports == sorted(reports), reports


def sockets(box):
    """How many the daemon holds."""
    count = 0
    for fd in Path(f"/proc/{box.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            count += str(fd.readlink()).startswith("socket:")
    return count


def ticks(box):
    """The processor time that each of the daemon's threads took."""
    return {task.name: (task / "stat").read_text().rpartition(")")[2].split()[11:13]
            for task in Path(f"/proc/{box.process.pid}/task").iterdir()}


class LongSearch(unittest.TestCase):
    def test_ends_with_its_client(self):
        with Box(settings={"imap.progress_interval": "1s"}) as box:
            client = large_mailbox(box)
            others = sockets(box) - 1
            begin_endless_search(client)
            self.assertEqual(sockets(box), others + 1)
            client.shutdown()
            wait_until("the session ends", lambda: sockets(box) == others)
            # And no thread works on: all of them rest over several looks.
            calm = []

            def rests():
                calm.append(ticks(box))
                return len(calm) > 25 and all(look == calm[-1] for look in calm[-25:])

            wait_until("the readers rest", rests)
            again = imap(box)
            self.assertEqual(again.select("INBOX")[1], [b"%d" % MESSAGES])
            again.logout()

    def test_does_not_keep_the_daemon_from_stopping(self):
        with Box(settings={"imap.progress_interval": "1s"}) as box:
            client = large_mailbox(box)
            begin_endless_search(client)
            box.stop()  # which waits for a minute, and not for minutes
            rest = b"".join(iter(client.readline, b""))
            self.assertTrue(rest.endswith(b"* BYE The server is stopping\r\n"), rest)
            self.assertNotIn(b"* SEARCH", rest)


class KeptUpToDate(unittest.TestCase):
    def test_results_follow_what_another_client_does(self):
        with Box() as box:
            client, other = imap(box), imap(box)
            for subject in (b"delta", b"alpha"):
                client.append("INBOX", None, None, b"Subject: " + subject + b"\r\n\r\n")
            client.select("INBOX")
            other.select("INBOX")
            status, _ = client.uid("SORT", "RETURN (UPDATE ALL)", "(SUBJECT)", "UTF-8", "UNDELETED")
            self.assertEqual(status, "OK")
            (first,) = client.response("ESEARCH")[1]
            tag = first.split(b'"')[1]
            self.assertTrue(first.endswith(b"UID ALL 2,1"), first)
            other.append("INBOX", None, None, b"Subject: charlie\r\n\r\n")
            client.noop()
            self.assertEqual(client.response("ESEARCH")[1], [b'(TAG "%s") UID ADDTO (2 3)' % tag])
            other.noop()
            other.store("2:3", "+FLAGS.SILENT", r"(\Deleted)")
            other.expunge()
            client.noop()
            self.assertEqual(client.response("ESEARCH")[1], [b'(TAG "%s") UID REMOVEFROM (1 2:3)' % tag])
            self.assertEqual(client.xatom("CANCELUPDATE", '"%s"' % tag.decode())[0], "OK")
            other.store("1", "+FLAGS.SILENT", r"(\Deleted)")
            client.noop()
            self.assertEqual(client.response("ESEARCH")[1], [None])
            client.logout()
            other.logout()


class SeveralMailboxes(unittest.TestCase):
    def test_one_command_searches_them(self):
        with Box() as box:
            client = imap(box)
            self.assertIn("MULTISEARCH", client.capabilities + tuple(client.capability()[1][0].decode().split()))
            for name in ("a", "a/b", "c"):
                client.create(name)
                client.append(name, None, None, b"Subject: in %s\r\n\r\nneedle\r\n" % name.encode())
            self.assertEqual(client.xatom("ESEARCH", "IN", "(subtree a inboxes)", "BODY", "needle")[0], "OK")
            found = client.response("ESEARCH")[1]
            self.assertEqual([line.split()[3] for line in found], [b"a", b"a/b"])
            self.assertTrue(all(line.endswith(b"UID ALL 1") for line in found), found)
            client.logout()


if __name__ == "__main__":
    unittest.main()
