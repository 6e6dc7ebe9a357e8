"""Mail waits for a link that is cut, and leaves when it is back: cut_link.py, in a network of its own."""

import subprocess
import sys
import unittest
from pathlib import Path

from box import REPO, _build


class Link(unittest.TestCase):
    def test_in_a_network_of_its_own(self):
        script = ("ip link set lo up && exec timeout 400 "
                  f"{sys.executable} {REPO}/tests/system/main.py --preset {Path(_build).name} {REPO}/tests/system/cut_link.py")
        done = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "sh", "-c", script], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("4 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
