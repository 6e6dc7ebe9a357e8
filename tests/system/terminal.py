"""A terminal in which a program runs, with somebody at its keys and eyes on its screen (tmux)."""

import os
import subprocess
from pathlib import Path

from box import wait_until

SCREENS = Path(__file__).resolve().parent / "screens"


class Terminal:
    """Use as a context manager; leaving it ends the program."""

    def __init__(self, command, columns, rows, kind="vt100", language="C.UTF-8", environment=None):
        self.name = f"postern-{os.getpid()}-{id(self)}"
        words = ["env", f"TERM={kind}", f"LANG={language}", *(f"{key}={value}" for key, value in (environment or {}).items()),
                 *map(str, command)]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, "--", *words)
        self._tmux("set-option", "remain-on-exit", "on")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tmux("kill-server")

    def _tmux(self, *arguments):
        # By a locale of its own, lest tmux takes what it is given for something else than UTF-8.
        return subprocess.run(["tmux", "-u", "-L", self.name, *map(str, arguments)], check=True, capture_output=True,
                              text=True, env={**os.environ, "LANG": "C.UTF-8"}, timeout=60).stdout

    def press(self, *keys):
        self._tmux("send-keys", *keys)

    def type(self, text):
        self._tmux("send-keys", "-l", text)

    def enter(self, text):
        self.type(text)
        self.press("Enter")

    def screen(self):
        return "\n".join(line.rstrip() for line in self._tmux("capture-pane", "-p").splitlines()).rstrip("\n") + "\n"

    def shows(self, text):
        try:
            wait_until(f"{text!r} on the screen", lambda: text in self.screen())
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def is_like(self, name):
        """Waits for the very screen that is kept under that name; POSTERN_WRITE_SCREENS=1 keeps the one that is there."""
        path = SCREENS / f"{name}.txt"
        if os.environ.get("POSTERN_WRITE_SCREENS"):
            before = None
            while before != (now := self.screen()):
                before = now
                subprocess.run(["sleep", "0.5"], check=True)
            path.parent.mkdir(exist_ok=True)
            path.write_text(now)
        try:
            wait_until(f"the screen {name}", lambda: self.screen() == path.read_text())
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None
