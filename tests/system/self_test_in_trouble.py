"""Services that the box cannot reach itself, one after the other, and a full disk: each fails its own steps of `postern
self-test`, and no others; that there is no network fails none. Run by test_self_test.py, in a network of its own, where it may mount what it likes."""

import contextlib
import subprocess
import unittest

from box import Box
from test_self_test import tried


def rule(*words):
    subprocess.run(["ip", "rule", *words], check=True)


class UnreachableServices(unittest.TestCase):
    def test_each_fails_its_own_step_alone(self):
        # What is for the box itself is looked up after what we forbid.
        rule("add", "pref", "10", "lookup", "local")
        rule("delete", "pref", "0", "lookup", "local")
        with Box() as box:
            self.assertEqual(tried(box)[0], [])
            for service, protocol, step in (("smtp", "tcp", "smtp"), ("imaps", "tcp", "imap"), ("pop3s", "tcp", "pop3"),
                                            ("dns", "udp", "dns-udp"), ("dns", "tcp", "dns-tcp"), ("http", "tcp", "http")):
                with self.subTest(step):
                    forbidden = ("pref", "5", "ipproto", protocol, "dport", str(box.port(service)), "unreachable")
                    rule("add", *forbidden)
                    failed, says, done = tried(box)
                    rule("delete", *forbidden)
                    self.assertEqual(failed, [step], says)
                    self.assertIn(f"the self-test failed: {step} ", done.stderr)


class NoAddress(unittest.TestCase):
    def test_a_box_that_is_connected_to_nothing_works_as_well(self):
        box = Box()
        box.listen = "::"
        with box:
            self.assertEqual(tried(box)[0], [])


class FullDisk(unittest.TestCase):
    def test_it_is_what_the_test_says(self):
        box = Box(accounts=["alice"])
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", box.directory], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", box.directory])
        with box:
            filler = box.directory / "filler"
            with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            failed, says, _ = tried(box)
            self.assertEqual(failed, ["mailbox", "smtp", "imap", "pop3"], says)
            self.assertIn("full", says["mailbox"])
            filler.unlink()
            self.assertEqual(tried(box)[0], [])


if __name__ == "__main__":
    unittest.main()
