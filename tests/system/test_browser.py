"""The pages for people in a browser, as phones and desktops show them, in each language, and for WCAG 2.2."""

import unittest

from box import in_own_network


class Browser(unittest.TestCase):
    def test_a_browser_on_the_office_network_walks_through_the_pages(self):
        done = in_own_network("browser_on_lan.py", seconds=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
