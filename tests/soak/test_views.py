"""Many sessions at one mailbox, each doing whatever comes to its mind. Each checks all that it is told against what it
was told before (mailbox_view.py); in the end all must know the same: which messages there are, under which numbers, with
which flags and mod-sequences. POSTERN_SOAK_COMMANDS=200000 makes it many minutes, POSTERN_SOAK_SEED another run."""

import asyncio
import os
import random
import unittest

from box import PASSWORDS, Box
from mailbox_view import Broken, Client

COMMANDS = int(os.environ.get("POSTERN_SOAK_COMMANDS", "12000")) // 3
SEED = int(os.environ.get("POSTERN_SOAK_SEED", "1"))
MODES = ("", "", "", "CONDSTORE", "CONDSTORE", "QRESYNC", "QRESYNC", "QRESYNC")
FLAGS = ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$Forwarded", "work")
MOST_MESSAGES = 120
MESSAGE = b"From: a@office.lan\r\nSubject: %d\r\n\r\n" + b"text\r\n" * 20


class Person:
    """Who sits before a client."""

    def __init__(self, client, chance):
        self.client, self.chance = client, chance

    def some(self, most=6):
        messages = [message for message in self.client.view.messages if message.uid]
        return self.chance.sample(messages, min(len(messages), self.chance.randint(1, most)))

    def flags(self):
        return self.chance.sample(FLAGS, self.chance.randint(0, 3))

    def uids(self, messages):
        return ",".join(str(message.uid) for message in messages)

    async def act(self):
        client, chance, view = self.client, self.chance, self.client.view
        chosen = self.some()
        names = ",".join(str(view.messages.index(message) + 1) for message in chosen)
        many = len(view.messages) > MOST_MESSAGES
        what = chance.choices(("append", "store", "fetch", "search", "expunge", "copy", "move", "noop", "idle", "select",
                               "reconnect"), (1 if many else 12, 30, 20, 8, 10 if many else 3, 0 if many else 2, 3, 6, 4, 1, 1))[0]
        if what == "append":
            await client.append(MESSAGE % chance.randint(1, 99), " ".join(self.flags()))
        elif what == "noop" or not chosen:
            await client.command(chance.choice(("NOOP", "CHECK")))
        elif what == "store":
            conditional = client.mode and chance.random() < 0.3
            await client.store(chosen, chance.choice(("+", "-", "")), self.flags(), chance.random() < 0.5,
                               chance.random() < 0.5, max(message.modseq for message in chosen) if conditional else None)
        elif what == "fetch":
            fetched = chance.choice(("FLAGS", "(UID FLAGS)", "(UID BODY.PEEK[HEADER])", "BODY[TEXT]", "RFC822.SIZE"))
            await client.command(f"UID FETCH {self.uids(chosen)} {fetched}" if chance.random() < 0.5
                                 else f"FETCH {names} {fetched}")
        elif what == "search":
            await client.command(chance.choice(("", "UID ")) + "SEARCH " +
                                 chance.choice(("ALL", "UNSEEN", f"UID {self.uids(chosen)} DELETED", f"{names} KEYWORD work")))
        elif what == "expunge":
            await client.command("EXPUNGE" if chance.random() < 0.3 else f"UID EXPUNGE {self.uids(chosen)}")
        elif what == "copy":
            await client.command(f"UID COPY {self.uids(chosen[:3])} {client.mailbox}")
        elif what == "move":
            await client.command(f"UID MOVE {self.uids(chosen[:2])} Other")
        elif what == "idle":
            await client.idle(chance.random() / 50)
        elif what == "select":
            await client.command("UNSELECT")
            await client.select()
        else:
            client.hang_up()
            await client.connect()
        await client.fill()

    async def work(self, commands):
        await self.client.connect()
        await self.client.fill()
        for _ in range(commands):
            await self.act()


class Views(unittest.TestCase):
    async def run_all(self, box):
        def client(mode):
            return Client(box.port("imap"), "alice", f'"{PASSWORDS["alice"]}"', "Common", mode)

        first = client("")
        first.mailbox = "INBOX"
        await first.connect()
        await first.command("CREATE Common")
        await first.command("CREATE Other")
        people = [Person(client(mode), random.Random(f"{SEED} {number}")) for number, mode in enumerate(MODES)]
        work = [asyncio.create_task(person.work(COMMANDS // len(MODES))) for person in people]
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_EXCEPTION)
        for person, task in zip(people, work):
            if task in done and task.exception():
                said = b"\n".join(person.client.said).decode(errors="replace")
                raise Broken(f"{person.client.mode or 'plain'}: {task.exception()!r}\n{said}")

        truth = client("QRESYNC")
        await truth.connect()
        await truth.command("FETCH 1:* (UID FLAGS MODSEQ)")
        self.assertGreater(len(truth.view.messages), 10)
        for person in people:
            seen = person.client
            await seen.command("NOOP")
            await seen.fill()
            for number, (mine, real) in enumerate(zip(seen.view.messages, truth.view.messages, strict=True), 1):
                about = f"{seen.mode or 'plain'}, message {number}: {mine} and {real}"
                self.assertEqual((mine.uid, mine.flags), (real.uid, real.flags), about)
                if seen.mode and mine.modseq:
                    self.assertEqual(mine.modseq, real.modseq, about)

    def test_everybody_sees_the_same(self):
        with Box(accounts=("alice",), settings={"login.allow_plaintext": "yes", "login.iterations": "4096"}) as box:
            asyncio.run(self.run_all(box))


if __name__ == "__main__":
    unittest.main()
