"""SIGKILL under load, again and again: everything that was acknowledged is there, once and whole, nothing else but what
was under way, and the store's check passes."""

import random
import unittest

from box import Box
from clients import SCALE, SEED, SETTINGS, Office

KILLS = 60 * SCALE
USERS = 5


class Kills(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        with Box(accounts=(), settings=SETTINGS) as box:
            office = Office(box, USERS)
            for kill in range(KILLS):
                # Not a time but a state: the kill comes when enough is under way, at a random place in it.
                office.work(random.Random(f"{SEED} {kill}").randrange(5, 80))
                office.kill()
                box.start()


if __name__ == "__main__":
    unittest.main()
