"""Power cuts at every sync and at random, replayed from what the daemon, or the store alone, wrote and synced."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import box as boxes
from box import Box
from clients import SCALE, SEED, SETTINGS, Log, Office, mark_keys


def recorder(log, directory):
    """The environment of a program that is recorded."""
    return {"LD_PRELOAD": str(boxes.program("tests/libcrash_recorder.so")[-1]), "POSTERN_CRASH_LOG": str(log),
            "POSTERN_CRASH_DIRECTORY": str(directory)}


def crash_replay(*arguments):
    return subprocess.run(boxes.program("tests/crash_replay", *arguments), capture_output=True, text=True,
                          errors="replace", timeout=600)


@contextlib.contextmanager
def scratch():
    directory = Path(tempfile.mkdtemp(prefix="postern-", dir="/dev/shm"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


class Replayed(unittest.TestCase):
    """What all recordings must stand."""

    def assert_proven(self, log, work, client, *options):
        """Nothing is lost, wherever the power goes; unless a sync is taken out, all of a kind or one that this client
        relies upon: then it must show."""
        done = crash_replay("check", log, work, f"random={300 * SCALE}", f"seed={SEED}", *options)
        print(done.stdout, end="")
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)
        for without in ("sync", "sync_data", "write_through", f"sync_data:{client}", f"write_through:{client}"):
            done = crash_replay("check", log, work, "random=0", "failures=1", f"without={without}", *options)
            failed = re.search(r", (\d+) failed$", done.stdout)
            self.assertTrue(failed and int(failed[1]) > 0, f"without {without}: {done.stdout[-1000:]}{done.stderr}")


class Commits(Replayed):
    def test_every_commit_of_the_store_stays(self):
        with scratch() as place:
            log, recorded = place / "log", place / "recorded"
            recorded.mkdir()
            subprocess.run(boxes.program("tests/crash_commits", recorded / "new/data", log, 200 * SCALE, SEED), check=True,
                           env={**os.environ, **recorder(log, recorded)})
            done = crash_replay("compare", log, recorded)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assert_proven(log, place / "work", "t1", "data=new/data")


class Daemon(Replayed):
    def test_everything_that_the_daemon_acknowledged_stays(self):
        with scratch() as place, Box(accounts=(), settings=SETTINGS) as box:
            log = place / "log"
            box.stop()
            shutil.rmtree(box.directory)  # from the beginning, and recorded
            box.directory.mkdir()
            box.environment = recorder(log, box.directory)
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
            done = crash_replay("compare", log, box.directory)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assert_proven(log, place / "work", "c1")


if __name__ == "__main__":
    unittest.main()
