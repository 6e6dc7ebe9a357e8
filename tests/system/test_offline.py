"""With no route to anywhere: the office's mail is served all the same, and nothing waits for a name or a time-out."""

import subprocess
import sys
import unittest
from pathlib import Path

from box import REPO, _build


class Offline(unittest.TestCase):
    def test_the_round_trip_needs_no_network_but_loopback(self):
        script = ("ip link set lo up && exec timeout 120 "
                  f"{sys.executable} {REPO}/tests/system/main.py --preset {Path(_build).name} {REPO}/tests/system/test_round_trip.py")
        done = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "sh", "-c", script], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
