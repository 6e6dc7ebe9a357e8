"""The image's scripts in a place of their own, with programs beside them that note how they are called."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from box import REPO

OVERLAY = REPO / "rootfs/overlay"
# Each notes its name, its words and, where these tell of it, what it is given; and says what the test wants it to.
PROGRAM = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >>"$NOTES"
case " $* " in *stdin*|*tpm2*|*passphrase*) sed 's/$/|/' >>"$NOTES" ;; esac
for call in "$name $1" "$name"; do
    cat "$SAYS/$call" 2>/dev/null
    if [ -e "$SAYS/$call.fails" ]; then cat "$SAYS/$call.fails" >&2; exit 1; fi
done
"""


class ImageScripts(unittest.TestCase):
    """`programs`: what is beside the scripts. `places`: where in `scratch` is what is elsewhere in a box."""

    programs, places = (), {}

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.notes = self.scratch / "notes"
        for directory in ("programs", "says"):
            (self.scratch / directory).mkdir()
        for name in self.programs:
            self.install(name, PROGRAM)

    def install(self, name, text):
        program = self.scratch / "programs" / name
        program.write_text(text)
        program.chmod(0o755)

    def install_script(self, path):
        places = {"/usr/lib/postern": "programs", **self.places}
        text = re.sub(rf"(?<!\w)({'|'.join(places)})\b", lambda found: str(self.scratch / places[found[1]]), (OVERLAY / path).read_text())
        self.install(Path(path).name, text)

    def say(self, call, text, fails=False):
        """From now on: to a program, or to it with that first word; on standard error if it is to fail."""
        (self.scratch / "says" / (f"{call}.fails" if fails else call)).write_text(text)

    def play(self, *words, fails=False):
        """What a script says; how it called others is called() then."""
        self.notes.write_text("")
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": f"{self.scratch}/programs:{os.environ['PATH']}", "NOTES": str(self.notes),
                                   "SAYS": str(self.scratch / "says")})
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stdout

    def called(self):
        return self.notes.read_text().splitlines()
