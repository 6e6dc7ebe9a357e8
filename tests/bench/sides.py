"""The mail servers that are measured, as processes: how each is started, found, weighed and stopped."""

import contextlib
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
PASSWORD = "bench-password"
TICK = os.sysconf("SC_CLK_TCK")


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise RuntimeError(f"never happened: {what}")
        time.sleep(0.05)
    return value


def free_port_base():
    """At which the ports of a side are free: below those that connections get."""
    for _ in range(200):
        base = random.randrange(10000, 31000)
        with contextlib.ExitStack() as stack, suppress(OSError):
            for port in (25, 110, 143, 993):
                probe = stack.enter_context(socket.socket())
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", base + port))
            return base
    raise RuntimeError("no free ports")


class Side:
    """A server in a directory of its own, on loopback. A context manager; what it wrote stays until the next start(fresh=True)."""

    def __init__(self, name, place):
        self.name = name
        self.directory = Path(place) / name
        self.base = free_port_base()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, fresh=True, preload=None):
        if fresh:
            shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log = open(REPO / "build/bench" / f"{self.name}.log", "wb" if fresh else "ab")
        self.run(preload)
        try:
            for port in (25, 110, 143, 993):
                wait_for(f"{self.name} listens at {self.base + port}", lambda port=port: self.answers(port))
            if fresh:
                self.add_accounts()
        except BaseException:
            self.stop()
            raise

    def answers(self, port):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended; see {self.log.name}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.base + port), timeout=5):
            return True

    def add_accounts(self):
        pass

    def smtp(self):
        return [f"port={self.base + 25}", "from=sender@client.example", "to=alice@office.lan"]

    def imap(self, tls=False):
        return [f"imap={self.base + (993 if tls else 143)}", f"imaps={int(tls)}", "user=alice", f"password={PASSWORD}"]

    def pop3(self):
        return [f"pop3={self.base + 110}", "user=alice", f"password={PASSWORD}"]

    # What it uses

    def processes(self):
        raise NotImplementedError

    def each(self, file):
        """The text of /proc/PID/file of each of its processes that is still there."""
        for process in self.processes():
            with suppress(OSError):
                yield Path(f"/proc/{process}/{file}").read_text()

    def cpu_seconds(self):
        """Of all its processes, with those that ended and were waited for."""
        return sum(sum(map(int, text.rpartition(")")[2].split()[11:15])) for text in self.each("stat")) / TICK

    def octets_given(self):
        """That it gave to the file system to write, of all its processes, before any journal."""
        return sum(int(line.split()[1]) for text in self.each("io") for line in text.splitlines() if line.startswith("write_bytes"))

    def memory(self):
        """KiB by kind, shared pages divided among those who share them."""
        sums = {"Pss": 0, "Pss_Anon": 0, "Pss_File": 0}
        for text in self.each("smaps_rollup"):
            for line in text.splitlines()[1:]:
                key, value = line.split()[:2]
                if key[:-1] in sums:
                    sums[key[:-1]] += int(value)
        return sums


class Postern(Side):
    def __init__(self, place, build):
        super().__init__("postern", place)
        self.build = Path(build)

    def run(self, preload):
        environment = {**os.environ, **({"LD_PRELOAD": str(preload)} if preload else {})}
        self.process = subprocess.Popen(
            [self.build / "posternd", f"--data={self.directory}", "--listen=127.0.0.1", f"--port-base={self.base}",
             "--domain=office.lan", "--set=login.allow_plaintext=yes",
             "--set=connection.total=10000", "--set=connection.per_address=10000"],  # all of the load comes from one
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment, preexec_fn=die_with_parent)

    def command(self, *arguments, **more):
        """What `postern` says to it."""
        return subprocess.run([self.build / "postern", "--data", self.directory, *map(str, arguments)], text=True, check=True,
                              stdout=subprocess.PIPE, stderr=self.log, **more).stdout

    def add_accounts(self):
        for account in ("alice", "bob"):
            self.command("account", "add", account, "--password-stdin", input=PASSWORD)

    def processes(self):
        return [self.process.pid]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Peer(Side):
    """Postfix and Dovecot; peer/start says how. storage: maildir, sdbox or mdbox."""

    def __init__(self, place, storage="maildir", login="shipped", concurrency=4):
        super().__init__(f"peer-{storage}" + ("-tuned" if login == "tuned" else ""), place)
        self.arguments = [self.directory, str(self.base), storage, login, str(concurrency), PASSWORD]

    def run(self, preload):
        self.process = subprocess.Popen(
            [REPO / "tests/bench/peer/start", *self.arguments, *([preload] if preload else [])],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=die_with_parent)

    def processes(self):
        """All that live in its process namespace, but for the shell that waits there."""
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            space = os.readlink(f"/proc/{children[0]}/ns/pid")
        except (OSError, IndexError):
            return []
        inside = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and entry.name != children[0] and os.readlink(entry / "ns/pid") == space:
                    inside.append(int(entry.name))
        return inside

    def stop(self):
        self.process.kill()  # the namespace's first process goes with it, and all the others with that one
        self.process.wait()
        time.sleep(0.5)
        self.log.close()
