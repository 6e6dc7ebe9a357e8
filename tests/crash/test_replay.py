"""Power cuts at every sync and at random, replayed from what the daemon, or the store alone, wrote and synced."""

import contextlib
import itertools
import json
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import box as boxes
from box import Box
from clients import SCALE, SEED, SETTINGS, Log, Office, mark_keys, read_state

ANSWERS = "domain = office.lan\npassword = known to all\naccount.alice.password = known to all\nlogin.iterations = 4096\n"


def recorder(log, directory):
    """The environment of a program that is recorded."""
    return {"LD_PRELOAD": str(boxes.program("tests/libcrash_recorder.so")[-1]), "POSTERN_CRASH_LOG": str(log),
            "POSTERN_CRASH_DIRECTORY": str(directory)}


def crash_replay(*arguments):
    return subprocess.run(boxes.program("tests/crash_replay", *arguments), capture_output=True, text=True,
                          errors="replace", timeout=600)


def options():
    return f"random={300 * SCALE}", f"seed={SEED}"


@contextlib.contextmanager
def scratch():
    directory = Path(tempfile.mkdtemp(prefix="postern-", dir="/dev/shm"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


class Replayed(unittest.TestCase):
    """What all recordings must stand."""

    def assert_whole(self, log, directory):
        done = crash_replay("compare", log, directory)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_safe(self, log, work, *more):
        """Nothing is lost, wherever the power goes. Gives the number of images."""
        done = crash_replay("check", log, work, *more)
        tally = re.search(r" (\d+) passed, 0 failed$", done.stdout)
        self.assertTrue(tally, done.stdout[-4000:] + done.stderr)
        return int(tally[1])

    def assert_proven(self, log, work, client, *more):
        """The same; and when a sync is taken out, all of a kind or one that this client relies upon, then it shows."""
        images = self.assert_safe(log, work, *options(), *more)
        for without in ("sync", "sync_data", f"sync_data:{client}"):
            done = crash_replay("check", log, work, "random=0", "failures=1", f"without={without}", *more)
            self.assertRegex(done.stdout, r", [1-9]\d* failed$", f"without {without}: {done.stderr}")
        return images


class Commits(Replayed):
    def commit(self, log, recorded, commits, data="", **more):
        return subprocess.run(boxes.program("tests/crash_commits", recorded / data, log, commits, SEED),
                              env={**os.environ, **recorder(log, recorded), **more}).returncode

    def test_every_commit_of_the_store_stays(self):
        with scratch() as place:
            log, recorded = place / "log", place / "recorded"
            recorded.mkdir()
            self.assertEqual(self.commit(log, recorded, 200 * SCALE, "new/data"), 0)
            self.assert_whole(log, recorded)
            self.assert_proven(log, place / "work", "t1", "data=new/data")

    def test_a_first_start_that_was_killed_and_the_power_cut_later(self):
        with scratch() as place:
            for names in itertools.count(1):
                log, recorded = place / f"log{names}", place / f"recorded{names}"
                recorded.mkdir()
                if self.commit(log, recorded, 0, POSTERN_CRASH_NAMES=str(names)) == 0:
                    break  # there are no more names to make
                self.assertEqual(self.commit(log, recorded, 3), 0)
                self.assert_safe(log, place / "work", "random=20")
            self.assertGreater(names, 3)


class Daemon(Replayed):
    def record(self, box, log, **more):
        """From the beginning."""
        if box.process.poll() is None:
            box.stop()
        shutil.rmtree(box.directory)
        box.directory.mkdir()
        log.unlink(missing_ok=True)
        box.environment = {**recorder(log, box.directory), **more}

    def test_everything_that_the_daemon_acknowledged_stays(self):
        with scratch() as place, Box(accounts=(), settings=SETTINGS) as box:
            log = place / "log"
            self.record(box, log)
            box.start()
            marks = Log(log)
            mark_keys(marks, box.directory)
            for name, value in SETTINGS.items():
                box.command("settings", "set", name, value)
            office = Office(box, 3, marks)
            office.work(80 * SCALE)
            office.stop()
            box.restart()
            office.work(40 * SCALE)
            office.kill()
            box.start()
            office.work(40 * SCALE)
            office.stop()
            box.stop()
            self.assert_whole(log, box.directory)
            images = self.assert_proven(log, place / "work", "c1")
            box.environment = {}
            for image in {*range(0, 60, 10), *random.Random(SEED).sample(range(images), 6 * SCALE)}:
                self.start_from(log, image, box)

    def start_from(self, log, image, box):
        """The daemon itself, with what a cut leaves."""
        shutil.rmtree(box.directory)
        done = crash_replay("build", log, image, box.directory, *options())
        self.assertEqual(done.returncode, 0, done.stderr)
        box.start()
        box.command("check")
        box.stop()
        box.check_offline()

    def test_a_first_start_that_was_killed_and_the_power_cut_later(self):
        with scratch() as place, Box(accounts=()) as box:
            log = place / "log"
            for names in itertools.count(1):
                self.record(box, log, POSTERN_CRASH_NAMES=str(names))
                with contextlib.suppress(RuntimeError):
                    box.start()
                    break  # there are no more names to make
                box.environment = recorder(log, box.directory)
                box.start()
                marks = Log(log)
                mark_keys(marks, box.directory)
                Office(box, 1, marks)
                box.stop()
                self.assert_safe(log, place / "work", "random=0")
            self.assertGreater(names, 5)

    def set_up(self, box):
        """As `postern setup --answers` asks; comes back as soon as it is answered."""
        request = {"command": "setup", "arguments": {"answers": ANSWERS}}
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(box.directory / "control.sock"))
            client.sendall(json.dumps(request).encode() + b"\n")
            self.assertTrue(json.loads(client.makefile().readline())["ok"])

    def test_an_office_is_made_whole_or_not_at_all(self):
        with scratch() as place, Box(accounts=()) as box:
            box.stop()
            box.domain = None
            known = None
            for log in (place / "rehearsal", place / "log"):
                self.record(box, log)
                box.start()
                marks = Log(log)
                if known:
                    for owner in known:
                        marks.mark(owner, "")
                self.set_up(box)
                if known:
                    for owner, lines in known.items():
                        marks.mark(owner, lines)
                self.assertEqual(box.process.stdout.readline(), b"ready\n")
                mark_keys(marks, box.directory)
                box.stop()
                known = {owner: lines for owner, lines in read_state(box.directory).items() if owner in ("admin", "alice")}
                self.assertEqual(len(known), 2)
            self.assert_whole(log, box.directory)
            self.assert_proven(log, place / "work", "admin")
            box.environment = {}
            box.domain = boxes.DOMAIN


if __name__ == "__main__":
    unittest.main()
