"""An IMAP client that believes nothing: it keeps what the server told it of one mailbox, and fails as soon as something
told does not go with what was told before (RFC 3501 §7, RFC 7162)."""

import asyncio
import re

NUMBERED = re.compile(rb"\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)\b *", re.I)
VANISHED = re.compile(rb"\* VANISHED (\(EARLIER\) )?([\d:,]+)\r\n", re.I)
CODE = re.compile(rb"\[(UIDVALIDITY|HIGHESTMODSEQ|MODIFIED) ([\d:,]+)\]", re.I)
TOKEN = re.compile(rb' *(?:([()])|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n|([^\s()"{]+))')


class Broken(AssertionError):
    """The server said what it must not."""


def numbers(text):
    """Those of a sequence set without "*"."""
    for part in text.decode().split(","):
        first, _, last = part.partition(":")
        yield from range(int(first), int(last or first) + 1)


def items(text):
    """A parenthesised list as nested Python lists of octets."""
    stack, at = [[]], 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            break
        at = found.end()
        bracket, quoted, literal, atom = found.groups()
        if bracket == b"(":
            stack.append([])
        elif bracket == b")":
            done = stack.pop()
            stack[-1].append(done)
        elif literal is not None:
            stack[-1].append(text[at:at + int(literal)])
            at += int(literal)
        else:
            stack[-1].append(atom if atom is not None else quoted)
    return stack[0][0]


class Message:
    def __init__(self):
        self.uid = self.flags = None
        self.modseq = 0

    def __repr__(self):
        return f"<{self.uid} {sorted(self.flags or ())} {self.modseq}>"


class MailboxView:
    """What the client knows of the mailbox that is selected."""

    def __init__(self):
        self.messages = []
        self.validity = self.modseq = 0

    def exists(self, count):
        if count < len(self.messages):
            raise Broken(f"{count} EXISTS after {len(self.messages)}")
        self.messages += [Message() for _ in range(count - len(self.messages))]

    def expunge(self, number):
        if not 1 <= number <= len(self.messages):
            raise Broken(f"EXPUNGE of {number} in {len(self.messages)}")
        del self.messages[number - 1]

    def vanished(self, uids, earlier):
        for uid in sorted(uids):
            known = [i for i, message in enumerate(self.messages) if message.uid == uid]
            # One that arrived and was never asked for: it lies among them, in the order of UIDs.
            unknown = [i for i, message in enumerate(self.messages) if message.uid is None
                       and all(other.uid is None or other.uid < uid for other in self.messages[:i])
                       and all(other.uid is None or other.uid > uid for other in self.messages[i:])]
            if known or (unknown and not earlier):
                del self.messages[(known or unknown)[0]]
            elif not earlier:
                raise Broken(f"VANISHED {uid}, which was not there")

    def fetched(self, number, pairs):
        if not 1 <= number <= len(self.messages):
            raise Broken(f"FETCH of {number} in {len(self.messages)}")
        message = self.messages[number - 1]
        told = dict(zip((name.upper() if isinstance(name, bytes) else "" for name in pairs[::2]), pairs[1::2]))
        if b"UID" in told:
            uid = int(told[b"UID"])
            before = [other.uid for other in self.messages[:number - 1] if other.uid]
            after = [other.uid for other in self.messages[number:] if other.uid]
            if message.uid not in (None, uid) or (before and before[-1] >= uid) or (after and after[0] <= uid):
                raise Broken(f"message {number} is UID {message.uid}, and now {uid}")
            message.uid = uid
        if b"FLAGS" in told:
            message.flags = frozenset(flag.lower() for flag in told[b"FLAGS"]) - {b"\\recent"}
        if b"MODSEQ" in told:
            modseq = int(told[b"MODSEQ"][0])
            if modseq < message.modseq:
                raise Broken(f"message {number} has MODSEQ {modseq} after {message.modseq}")
            message.modseq = modseq

    def incomplete(self):
        return [number for number, message in enumerate(self.messages, 1) if message.uid is None or message.flags is None]


class Client:
    """One connection after the other to the same mailbox. `mode` is what it ENABLEs: "", "CONDSTORE" or "QRESYNC"."""

    def __init__(self, port, user, password, mailbox, mode):
        self.port, self.user, self.password, self.mailbox, self.mode = port, user, password, mailbox, mode
        self.view = MailboxView()
        self.tag = 0
        self.said = []  # the last responses, for who has to find out

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        await self.response()
        await self.command(f"LOGIN {self.user} {self.password}")
        if self.mode:
            await self.command(f"ENABLE {self.mode}")
        await self.select()

    def hang_up(self):
        self.writer.transport.abort()

    async def response(self):
        """One, with its literals."""
        whole = b""
        while True:
            line = await self.reader.readuntil(b"\r\n")
            whole += line
            literal = re.search(rb"\{(\d+)\}\r\n$", line)
            if not literal:
                break
            whole += await self.reader.readexactly(int(literal[1]))
        if whole.startswith(b"* BYE") or whole.startswith(b"* BAD"):
            raise Broken(whole)
        self.said = [*self.said[-60:], whole[:300]]
        return whole

    async def select(self):
        view, self.view = self.view, MailboxView()
        resync = self.mode == "QRESYNC" and view.validity and not view.incomplete()
        if resync:
            known = ",".join(str(message.uid) for message in view.messages)
            self.tag += 1
            self.send(f"SELECT {self.mailbox} (QRESYNC ({view.validity} {view.modseq}{' ' + known if known else ''}))")
            # Numbers are those of the mailbox as it is now, so what vanished goes first.
            responses = await self.until_tagged()
            if not any(b"UIDVALIDITY %d]" % view.validity in response for response in responses):
                raise Broken("another UIDVALIDITY")
            self.view = view
            for response in sorted(responses, key=lambda response: b"(EARLIER)" not in response):
                self.take(response, "SELECT")
            return
        await self.command(f"SELECT {self.mailbox}{' (CONDSTORE)' if self.mode == 'CONDSTORE' else ''}")

    def send(self, text):
        self.said = [*self.said[-60:], f"C: {text[:200]}".encode()]
        self.writer.write(f"{self.tag} {text}\r\n".encode())

    async def until_tagged(self):
        responses = []
        while True:
            response = await self.response()
            responses.append(response)
            if response.startswith(b"%d " % self.tag):
                if not response.startswith(b"%d OK" % self.tag):
                    raise Broken(response)
                return responses

    async def command(self, text, then=None):
        """Its responses, each taken in as it comes. `then` is what follows a "+"."""
        self.tag += 1
        words = text.split()
        verb = words[0].upper()
        self.send(text)
        responses = []
        while True:
            response = await self.response()
            if response.startswith(b"+"):
                await then()
                continue
            responses.append(response)
            self.take(response, verb)
            if response.startswith(b"%d " % self.tag):
                # A message that was meant may be gone (RFC 5530 EXPUNGEISSUED), or have changed.
                if not re.match(rb"\d+ OK|\d+ NO \[EXPUNGEISSUED\]", response):
                    raise Broken(response)
                return responses

    def take(self, response, verb):
        for name, value in CODE.findall(response):
            if name.upper() == b"UIDVALIDITY":
                self.view.validity = int(value)
            elif name.upper() == b"HIGHESTMODSEQ":
                if int(value) < self.view.modseq:
                    raise Broken(f"HIGHESTMODSEQ {value} after {self.view.modseq}")
                self.view.modseq = int(value)
        if gone := VANISHED.match(response):
            if self.mode != "QRESYNC" or (verb in ("FETCH", "STORE", "SEARCH") and not gone[1]):
                raise Broken(f"{response} in {verb}")
            self.view.vanished(set(numbers(gone[2])), earlier=bool(gone[1]))
        elif found := NUMBERED.match(response):
            number, kind = int(found[1]), found[2].upper()
            if kind == b"EXISTS":
                self.view.exists(number)
            elif kind == b"EXPUNGE":
                if self.mode == "QRESYNC" or verb in ("FETCH", "STORE", "SEARCH"):
                    raise Broken(f"{response} in {verb}")
                self.view.expunge(number)
            elif kind == b"FETCH":
                self.view.fetched(number, items(response[found.end():]))

    # What it may do

    async def fill(self):
        """Asks for what it was not told."""
        if missing := self.view.incomplete():
            await self.command(f"FETCH {missing[0]}:{missing[-1]} (UID FLAGS)")

    async def append(self, octets, flags):
        async def message():
            self.writer.write(octets + b"\r\n")
        await self.command(f"APPEND {self.mailbox} ({flags}) {{{len(octets)}}}", message)

    async def idle(self, seconds):
        async def done():
            await asyncio.sleep(seconds)
            self.writer.write(b"DONE\r\n")
        await self.command("IDLE", done)

    async def store(self, chosen, sign, flags, by_uid, silent, unchanged_since=None):
        names = [str(message.uid if by_uid else self.view.messages.index(message) + 1) for message in chosen]
        condition = f" (UNCHANGEDSINCE {unchanged_since})" if unchanged_since is not None else ""
        meant = {message.uid: message for message in chosen}
        responses = await self.command(f"{'UID ' if by_uid else ''}STORE {','.join(names)}{condition} "
                                       f"{sign}FLAGS{'.SILENT' if silent else ''} ({' '.join(flags)})")
        if not silent:
            return
        # What nobody says: those that were not MODIFIED have the flags now.
        if modified := re.search(rb"\[MODIFIED ([\d:,]+)\]", responses[-1]):
            refused = set(numbers(modified[1]))
            meant = {uid: message for (uid, message), name in zip(meant.items(), names) if int(name) not in refused}
        change = frozenset(flag.lower().encode() for flag in flags)
        told = {int(found[1]) for response in responses if (found := NUMBERED.match(response))
                and found[2].upper() == b"FETCH" and b"FLAGS" in response}
        for number, message in enumerate(self.view.messages, 1):
            # Where the server told the flags within the command, it told those after the change.
            if message.uid in meant and message.flags is not None and number not in told:
                message.flags = (change if sign == "" else message.flags | change if sign == "+" else message.flags - change)
