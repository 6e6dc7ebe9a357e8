"""What the image does when its reset button is pressed, with an evtest(1) and other programs that a test plays."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from box import REPO, wait_until

SCRIPT = REPO / "rootfs/overlay/usr/lib/postern/reset-button"
NOTES_ITS_CALL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$NOTES"
"""
PLAYS_WHAT_IT_IS_GIVEN = """#!/bin/sh
exec cat "$EVENTS"
"""
EVENT = "Event: time 1767607200.123456, type 1 (EV_KEY), code 408 (KEY_RESTART), value {}\n"
DOWN, UP, REPEATED = (EVENT.format(value) for value in (1, 0, 2))
SYNCHRONISED = "Event: time 1767607200.123456, -------------- SYN_REPORT ------------\n"
OTHERS = EVENT.format(1).replace("408 (KEY_RESTART)", "28 (KEY_ENTER)")
NEVER = 3600


class ResetButton(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        self.notes = self.scratch / "notes"
        self.notes.touch()
        for name in ("postern", "systemctl", "show-light", "evtest"):
            program = self.scratch / name
            program.write_text(PLAYS_WHAT_IT_IS_GIVEN if name == "evtest" else NOTES_ITS_CALL)
            program.chmod(0o755)
        os.mkfifo(self.scratch / "events")

    def begin(self, short, long):
        """The script, with other limits, if there is need of any."""
        text = SCRIPT.read_text().replace("/usr/lib/postern", str(self.scratch))
        self.assertIn("short=5 long=10", text)
        script = self.scratch / "reset-button"
        script.write_text(text.replace("short=5 long=10", f"short={short} long={long}"))
        process = subprocess.Popen(["bash", script, "event0"], stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "PATH": f"{self.scratch}:{os.environ['PATH']}", "NOTES": str(self.notes),
                                        "EVENTS": str(self.scratch / "events")})
        self.addCleanup(process.communicate)
        self.events = self.enterContext(open(self.scratch / "events", "w"))
        return process

    def happens(self, *events):
        self.events.write("".join(event + SYNCHRONISED for event in events))
        self.events.flush()

    def called(self):
        return self.notes.read_text().splitlines()

    def ends(self, process):
        self.events.close()
        said, _ = process.communicate(timeout=60)
        return said

    def test_a_press_restarts_the_box(self):
        process = self.begin(short=NEVER, long=NEVER)
        self.happens(OTHERS, DOWN, REPEATED, UP)
        self.ends(process)
        self.assertEqual(self.called(), ["systemctl reboot"])

    def test_held_for_long_it_resets_access_and_says_so_by_the_light(self):
        process = self.begin(short=0, long=0)
        self.happens(DOWN, REPEATED)
        wait_until("the reset", lambda: "postern box reset access" in self.called())
        self.happens(REPEATED, UP)
        self.assertIn("held", self.ends(process))
        self.assertEqual(self.called(), ["show-light hold", "postern box reset access", "show-light let-go", "show-light now"])

    def test_between_the_two_nothing_is_done(self):
        process = self.begin(short=0, long=NEVER)
        self.happens(DOWN)
        wait_until("the light to hurry", lambda: self.called() == ["show-light hold"])
        self.happens(UP)
        self.assertIn("nothing is done", self.ends(process))
        self.assertEqual(self.called(), ["show-light hold", "show-light now"])

    def test_what_cannot_be_done_is_said_by_the_light(self):
        (self.scratch / "postern").write_text("#!/bin/sh\nexit 1\n")
        process = self.begin(short=0, long=0)
        self.happens(DOWN, UP)
        self.ends(process)
        self.assertEqual(self.called(), ["show-light hold", "show-light trouble", "show-light now"])

    def test_a_keyboard_that_is_unplugged_does_nothing(self):
        process = self.begin(short=0, long=NEVER)
        self.happens(DOWN, REPEATED)
        self.ends(process)
        self.assertEqual(self.called(), ["show-light hold", "show-light now"])


if __name__ == "__main__":
    unittest.main()
