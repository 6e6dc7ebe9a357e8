"""A browser on the office's network walks through the pages for people (node/walk.js). Run by test_browser.py, in a network
of its own. Screenshots stay in build/test-logs/screenshots, for people to look at."""

import json
import tempfile
import unittest
from pathlib import Path

from box import PASSWORDS, REPO
from lan import LanBox, Machine

SCREENSHOTS = REPO / "build/test-logs/screenshots/browser"


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(cls.enterClassContext(tempfile.TemporaryDirectory(dir="/dev/shm")))
        cls.machine = cls.enterClassContext(Machine(cls.scratch))
        cls.box = cls.enterClassContext(LanBox())
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def home(self, trusts):
        """Of somebody who took the page's step already, or not yet; where both NSS and Chromium look."""
        home = Path(self.enterContext(tempfile.TemporaryDirectory(dir=self.scratch)))
        if trusts:
            self.machine.run("curl", "--silent", "--show-error", "--output", home / "office.crt", "http://setup.office.lan/setup/office.crt")
            database = home / ".pki/nssdb"
            database.mkdir(parents=True)
            self.machine.run("certutil", "-d", f"sql:{database}", "-N", "--empty-password")
            self.machine.run("certutil", "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", "office", "-i", home / "office.crt")
        return home

    def walk(self, name, trusts=False, **more):
        home = self.home(trusts)
        given = {"walk": name, "trusts": trusts, "screenshots": str(SCREENSHOTS), **more}
        told = self.machine.run("env", f"HOME={home}", f"TMPDIR={home}", f"NODE_PATH={REPO}/build/node/node_modules", "node",
                                REPO / "tests/system/node/walk.js", json.dumps(given), seconds=180)
        if faults := json.loads(told):
            self.fail("\n".join(faults))

    def test_every_page_is_whole_and_for_everybody_at_each_width_and_in_each_language(self):
        self.walk("every_page")
        # A phone's camera is led to the page, too.
        code = self.machine.run("zbarimg", "--quiet", "--raw", SCREENSHOTS / "set-up-of-somebody-desktop-en.png")
        self.assertEqual(code, "http://setup.office.lan/?address=alice@office.lan\n")

    def test_so_it_is_while_the_authority_changes(self):
        self.box.command("authority", "renew")
        self.addCleanup(self.box.command, "authority", "forget")
        self.addCleanup(self.box.command, "authority", "finish")
        self.walk("every_page", when="the authority changes")

    def test_who_trusts_the_box_is_told_so(self):
        self.walk("trust", trusts=True)

    def test_who_does_not_trust_it_yet_is_told_so(self):
        self.walk("trust")

    def test_the_steps_for_the_readers_own_system_are_open(self):
        self.walk("systems")

    def test_an_account_is_looked_after(self):
        self.walk("account", trusts=True, password=PASSWORDS["alice"])

    def test_no_scripts_are_needed(self):
        self.walk("without_scripts")


if __name__ == "__main__":
    unittest.main()
