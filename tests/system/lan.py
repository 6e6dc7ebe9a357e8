"""An office's network that leads nowhere: the box at one end of a cable and somebody's machine at the other, with no route
to anything else. For scripts that run in a network of their own (box.in_own_network), where the box has its standard ports."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from box import Box

ADDRESS, MACHINE = "192.168.7.1", "192.168.7.2"
# How long a step may take, which is less than anything there waits before it gives up.
LONGEST = 20
PATIENCE = LONGEST + 10


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


class LanBox(Box):
    """As it is after its first start, at all its addresses and its standard ports."""

    def __init__(self, **options):
        super().__init__(**options)
        self.base = 0
        self.listen = "::"


class Machine:
    """Somebody's machine, which has the box for its name server. Use as a context manager, after what runs on it ends."""

    def __init__(self, scratch):
        # What this thread starts is on that machine.
        self.there = ThreadPoolExecutor(1, initializer=os.unshare, initargs=(os.CLONE_NEWNET | os.CLONE_NEWNS,))
        self.resolv_conf = scratch / "resolv.conf"

    def __enter__(self):
        self.do(ip, "link", "add", "name", "far", "type", "veth", "peer", "name", "near", "netns", str(os.getpid()))
        ip("address", "add", f"{ADDRESS}/24", "dev", "near")
        ip("link", "set", "near", "up")
        for words in (["address", "add", f"{MACHINE}/24", "dev", "far"], ["link", "set", "far", "up"], ["link", "set", "lo", "up"]):
            self.do(ip, *words)
        self.resolv_conf.write_text(f"nameserver {ADDRESS}\noptions timeout:{PATIENCE} attempts:1\n")
        self.run("mount", "--bind", self.resolv_conf, "/etc/resolv.conf")
        return self

    def __exit__(self, *_):
        # Now: left to the kernel, the cable would go some time after the last who was on that machine.
        ip("link", "delete", "near")
        self.there.shutdown()

    def do(self, work, *arguments, **options):
        return self.there.submit(work, *arguments, **options).result()

    def run(self, *words, fails=False, input=None, seconds=LONGEST):
        """Runs a program there, which must end in time, and well unless it `fails`; gives what it said."""
        done = self.do(subprocess.run, [str(word) for word in words], input=input, capture_output=True, text=True, timeout=seconds)
        if (done.returncode != 0) != fails:
            raise AssertionError(f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self, *words, **options):
        return self.do(subprocess.Popen, [str(word) for word in words], **options)
