"""Clients that work while the daemon dies: each has accounts of its own, knows what they must hold after each of its
operations, and marks that in the recorder's log (record.h) if there is one. What they know is written as state.h says."""

import copy
import hashlib
import imaplib
import os
import poplib
import random
import re
import smtplib
import struct
import subprocess
import threading

from box import DOMAIN, PORTS, program

SCALE = int(os.environ.get("POSTERN_CRASH_SCALE", "1"))  # so many times the kills, operations and images
SEED = int(os.environ.get("POSTERN_CRASH_SEED", "1"))  # of all chance
PASSWORD = "known to all"
SETTINGS = {"login.allow_plaintext": "yes", "login.iterations": "4096"}  # what is tested is not the processor
MAILBOXES = ("Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash")
FLAGS = ("\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen", "k1", "k2", "k3")
SIZES = (200, 2_000, 2_000, 2_000, 20_000, 20_000, 300_000)  # the last is more than the daemon keeps in memory
MARK = 11  # Kind::mark
POWER_WENT = (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.abort, poplib.error_proto)


def size_and_digest(octets):
    return f"{len(octets)} {hashlib.sha256(octets).hexdigest()[:8]}"


def as_text(lines):
    return "".join(line + "\n" for line in sorted(lines))


def read_state(directory):
    """{owner: lines} of a data directory that no daemon has open."""
    lines = subprocess.run(program("tests/crash_replay", "state", directory), check=True, capture_output=True,
                           text=True).stdout.splitlines()
    owner_of = {line: re.split("[./ ]", line)[0] for line in lines}
    return {owner: as_text(line for line in lines if owner_of[line] == owner) for owner in owner_of.values()}


class Log:
    """The recorder's log, for marks."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def mark(self, owner, text):
        path, data = owner.encode(), text.encode()
        os.write(self.file, struct.pack("=IIQQ", MARK, len(path), 0, len(data)) + path + data)


class Mailbox:
    def __init__(self):
        self.next = 1
        self.rows = {}  # {uid: (flags, description)}

    def add(self, flags, description):
        self.rows[self.next] = (frozenset(flags), description)
        self.next += 1


class Client(threading.Thread):
    """Works until it is told to stop, or until the power goes. What it knows outlives it: the next one goes on from there."""

    def __init__(self, box, owner, seed, log=None, known=None):
        super().__init__()
        self.box, self.owner, self.log = box, owner, log
        self.random = random.Random(seed)
        self.known = known  # of its part of the store; None: nothing is there yet
        self.doubtful = None  # the same, should the operation that is under way be done
        self.done = 0
        self.stopping = False
        self.doomed = False  # the power is about to go
        self.failure = None

    def run(self):
        try:
            self.connect()
            while not self.stopping:
                self.work()
        except Exception as error:
            if not (self.doomed and isinstance(error, POWER_WENT)):
                self.failure = error
                raise

    def change(self, after, act):
        """Does something that makes what is known `after`."""
        self.doubtful = after
        act()
        self.settle(after)

    def settle(self, known):
        self.known, self.doubtful = known, None
        self.done += 1
        if self.log:
            self.log.mark(self.owner, self.text(known))

    def settle_as(self, found):
        """After a power cut: what was known must be there, or what the operation that was under way made of it."""
        for state in (self.doubtful, self.known):
            if state is not None and self.text(state) == found:
                return self.settle(state)
        known, found = (set(text.splitlines()) for text in (self.text(self.known), found))
        raise AssertionError(f"{self.owner} misses {sorted(known - found)} and finds {sorted(found - known)}")


class User(Client):
    """Owns the accounts OWNER.a, where it works, and OWNER.b, which only receives."""

    def __init__(self, box, owner, seed, log=None, known=None):
        super().__init__(box, owner, seed, log, known or {"accounts": {}, "queue": []})
        self.login = f"{owner}.a"
        self.count = 0

    @staticmethod
    def text(known):
        lines = list(known["queue"])
        for login, mailboxes in known["accounts"].items():
            lines.append(f"{login} account")
            for name, mailbox in mailboxes.items():
                lines.append(f"{login}/{name} next {mailbox.next}")
                for uid, (flags, description) in mailbox.rows.items():
                    lines.append(f"{login}/{name} {uid} " + "".join(flag + " " for flag in sorted(flags)) + description)
        return as_text(lines)

    def make_accounts(self):
        if self.log:
            self.log.mark(self.owner, "")
        for login in (f"{self.owner}.a", f"{self.owner}.b"):
            after = copy.deepcopy(self.known)
            after["accounts"][login] = {name: Mailbox() for name in MAILBOXES}
            self.change(after, lambda: self.box.command("account", "add", login, "--password-stdin", input=PASSWORD))

    def connect(self):
        self.imap = imaplib.IMAP4("127.0.0.1", self.box.port("imap"), timeout=60)
        self.imap.login(self.login, PASSWORD)
        self.selected = None
        self.intake = smtplib.SMTP("127.0.0.1", self.box.port("smtp"), timeout=60)
        self.submission = smtplib.SMTP("127.0.0.1", self.box.port("submission"), timeout=60)
        self.submission.login(self.login, PASSWORD)

    def work(self):
        after = copy.deepcopy(self.known)
        mailboxes = after["accounts"][self.login]
        name = self.random.choice(list(mailboxes))
        if len(mailboxes[name].rows) > 12:
            return self.empty(after, name)
        self.random.choices((self.send, self.submit, self.append, self.flag, self.copy, self.move, self.expunge, self.name,
                             self.fetch_by_pop3),
                            (4, 1, 4, 4, 2, 2, 1, 1, 2))[0](after, name)

    def message(self):
        self.count += 1
        size = self.random.choice(SIZES)
        line = f"{self.owner} {self.count} {self.random.random()}"
        return (f"From: {self.login}@{DOMAIN}\r\nSubject: {line}\r\n\r\n" + (line + "\r\n") * (size // len(line) + 1)).encode()

    def ok(self, answer):
        if answer[0] != "OK":
            raise AssertionError(answer)

    def select(self, name):
        """The mailbox, as it is now: a session sees what SMTP delivered when it next asks."""
        self.ok(self.imap.noop() if self.selected == name else self.imap.select(name))
        self.selected = name

    def some(self, mailbox):
        return sorted(uid for uid in mailbox.rows if self.random.random() < 0.4)

    def send(self, after, _name):
        recipients = self.random.choice(([f"{self.owner}.a"], [f"{self.owner}.a", f"{self.owner}.b"]))
        message = self.message()
        for login in recipients:
            after["accounts"][login]["INBOX"].add((), size_and_digest(message))
        self.change(after, lambda: self.intake.sendmail("x@far.example", [f"{login}@{DOMAIN}" for login in recipients], message))

    def submit(self, after, _name):
        message = self.message()
        sender, recipient = f"{self.login}@{DOMAIN}", f"d{self.count}@far.example"
        after["queue"].append(f"{sender} queue {recipient} {size_and_digest(message)}")
        after["accounts"][f"{self.owner}.b"]["INBOX"].add((), size_and_digest(message))
        self.change(after, lambda: self.submission.sendmail(sender, [recipient, f"{self.owner}.b@{DOMAIN}"], message))

    def append(self, after, name):
        message = self.message()
        flags = self.random.sample(FLAGS, self.random.randrange(3))
        after["accounts"][self.login][name].add(flags, size_and_digest(message))
        self.change(after, lambda: self.ok(self.imap.append(name, f"({' '.join(flags)})", None, message)))

    def flag(self, after, name):
        mailbox = after["accounts"][self.login][name]
        uids = self.some(mailbox)
        if not uids:
            return
        sign, flags = self.random.choice("+-"), set(self.random.sample(FLAGS, 2))
        for uid in uids:
            before, description = mailbox.rows[uid]
            mailbox.rows[uid] = (before | flags if sign == "+" else before - flags, description)
        self.select(name)
        self.change(after, lambda: self.ok(self.imap.uid("STORE", ",".join(map(str, uids)), f"{sign}FLAGS.SILENT",
                                                         f"({' '.join(flags)})")))

    def copy(self, after, name, command="COPY"):
        mailboxes = after["accounts"][self.login]
        uids = self.some(mailboxes[name])
        if not uids:
            return
        target = self.random.choice([other for other in mailboxes if other != name])
        for uid in uids:
            mailboxes[target].add(*mailboxes[name].rows[uid])
            if command == "MOVE":
                del mailboxes[name].rows[uid]
        self.select(name)
        self.change(after, lambda: self.ok(self.imap.uid(command, ",".join(map(str, uids)), target)))

    def move(self, after, name):
        self.copy(after, name, "MOVE")

    def expunge(self, after, name):
        mailbox = after["accounts"][self.login][name]
        mailbox.rows = {uid: row for uid, row in mailbox.rows.items() if "\\Deleted" not in row[0]}
        self.select(name)
        self.change(after, lambda: self.ok(self.imap.expunge()))

    def empty(self, after, name):
        mailbox = after["accounts"][self.login][name]
        for uid, (flags, description) in mailbox.rows.items():
            mailbox.rows[uid] = (flags | {"\\Deleted"}, description)
        self.select(name)
        self.change(copy.deepcopy(after), lambda: self.ok(self.imap.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")))
        self.expunge(after, name)

    def fetch_by_pop3(self, after, _name):
        """What it deletes is gone, and what it retrieved seen, once QUIT is answered; before that nothing is changed."""
        mailbox = after["accounts"][self.login]["INBOX"]
        maildrop = poplib.POP3("127.0.0.1", self.box.port("pop3"), timeout=60)
        maildrop.user(self.login)
        maildrop.pass_(PASSWORD)
        for number, uid in enumerate(sorted(mailbox.rows), 1):
            flags, description = mailbox.rows[uid]
            if self.random.random() < 0.5:
                maildrop.retr(number)
                mailbox.rows[uid] = (flags | {"\\Seen"}, description)
            if self.random.random() < 0.4:
                maildrop.dele(number)
                del mailbox.rows[uid]
        self.change(after, maildrop.quit)

    def name(self, after, _name):
        mailboxes = after["accounts"][self.login]
        name, other = f"box{self.random.randrange(3)}", f"old{self.random.randrange(100)}"
        if self.selected:
            self.ok(self.imap.unselect())
            self.selected = None
        if name not in mailboxes:
            mailboxes[name] = Mailbox()
            self.change(after, lambda: self.ok(self.imap.create(name)))
        elif other in mailboxes or self.random.random() < 0.5:
            del mailboxes[name]
            self.change(after, lambda: self.ok(self.imap.delete(name)))
        else:
            mailboxes[other] = mailboxes.pop(name)
            self.change(after, lambda: self.ok(self.imap.rename(name, other)))


class Administrator(Client):
    """Owns the accounts and aliases that begin with OWNER."""

    def __init__(self, box, owner, seed, log=None, known=None):
        super().__init__(box, owner, seed, log, known or {})

    @staticmethod
    def text(known):
        lines = []
        for name, targets in known.items():
            if targets is None:
                lines += [f"{name} account", *(f"{name}/{mailbox} next 1" for mailbox in MAILBOXES)]
            else:
                lines.append(f"{name} alias {' '.join(targets)}")
        return as_text(lines)

    def connect(self):
        pass

    def work(self):
        after = dict(self.known)
        name = f"{self.owner}.{self.random.randrange(4)}"
        kind = self.random.choice(("account", "alias"))
        if kind == "alias":
            name += f"@{DOMAIN}"
        arguments = [name]
        if name in after and self.random.random() < 0.5:
            del after[name]
            command = "remove"
        elif kind == "alias":
            after[name] = [f"x{self.random.randrange(100)}@far.example" for _ in range(2)]
            arguments += after[name]
            command = "add"
        elif name not in after:
            after[name] = None
            arguments.append("--password-stdin")
            command = "add"
        else:
            return
        self.change(after, lambda: self.administer(kind, command, *arguments))

    def administer(self, *arguments):
        done = self.box.run(*arguments, input=PASSWORD)
        if done.returncode != 0:
            raise ConnectionError(f"postern {arguments}: {done.stderr}")


class Office:
    """A box and the clients that work in it."""

    def __init__(self, box, users, log=None):
        self.box, self.log = box, log
        self.seed = 0
        self.clients = [User(box, f"c{number}", SEED, log) for number in range(users)]
        for client in self.clients:
            client.make_accounts()
        self.clients.append(Administrator(box, "adm", SEED, log))

    def work(self, operations):
        """Starts everybody, and returns in the midst of it once so many operations were acknowledged."""
        self.seed += 1
        self.clients = [type(client)(self.box, client.owner, f"{SEED} {client.owner} {self.seed}", self.log, client.known)
                        for client in self.clients]
        for client in self.clients:
            client.start()
        while sum(client.done for client in self.clients) < operations and all(client.is_alive() for client in self.clients):
            threading.Event().wait(0.0005)

    def join(self):
        for client in self.clients:
            client.join()
        for client in self.clients:
            if client.failure:
                raise client.failure

    def stop(self):
        """Everybody finishes what is under way."""
        for client in self.clients:
            client.stopping = True
        self.join()

    def kill(self):
        """In the midst of whatever is under way. Then each must find what it knows of, or what that was to become."""
        for client in self.clients:
            client.doomed = True
        self.box.process.kill()
        self.box.process.wait()
        self.join()
        self.box.check_offline()
        found = read_state(self.box.directory)
        for client in self.clients:
            client.settle_as(found.get(client.owner, ""))


def mark_keys(log, directory):
    """The office's keys are known once the daemon is ready: who trusts them must not be asked to do so again."""
    log.mark("tls", as_text(f"tls.{path.name} {size_and_digest(path.read_bytes())}" for path in (directory / "tls").iterdir()))
