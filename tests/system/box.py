"""A running Postern for a system test: its own data directory, its own ports on loopback, and a check at its end."""

import contextlib
import fcntl
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
DOMAIN = "office.lan"
PASSWORDS = {"alice": "correct horse battery", "bob": "staple & \"quotes\" \\ok"}
PORTS = {"smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995,
         "http": 80, "https": 443, "dns": 53}

# What the sanitizers of the presets asan and tsan say of a fault.
FAULT = re.compile(r"ERROR: \w+Sanitizer|: runtime error: |WARNING: ThreadSanitizer")

_build = REPO / "build" / "dev"
_emulator = []


def use_preset(name):
    global _build, _emulator
    _build = REPO / "build" / name
    _emulator = ["qemu-aarch64"] if name == "arm64" else []


def is_sanitized():
    """Whether a sanitizer is in the programs: then memory says nothing, since what is freed is kept for a while."""
    return _build.name in ("asan", "tsan", "fuzz")


def program(name, *arguments):
    """The command that runs one of ours."""
    return [*_emulator, _build / name, *map(str, arguments)]


def refuse_faults(log):
    """Fails the test if a sanitizer reported something there."""
    if found := FAULT.search(log):
        raise AssertionError(f"a sanitizer found a fault\n{log[found.start():][:8000]}")


def take_port_base():
    """A base at which every service's port is free, and a file: as long as that is open, no other test here takes these
    ports, also where a box is down for a moment."""
    bases = list(range(10000, 31000, 1000))  # below the ports that clients are given
    random.shuffle(bases)
    for base in bases:
        with contextlib.ExitStack() as stack:
            lock = stack.enter_context(open(f"/dev/shm/postern-ports-{base}", "w"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with contextlib.ExitStack() as probes:
                    for port in PORTS.values():
                        probe = probes.enter_context(socket.socket())
                        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                        probe.bind(("127.0.0.1", base + port))
                    datagrams = probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    datagrams.bind(("127.0.0.1", base + PORTS["dns"]))
            except OSError:
                continue
            stack.pop_all()
            return base, lock
    raise RuntimeError("no free ports")


class Box:
    """One daemon. Use as a context manager; leaving it stops the daemon and checks the store offline."""

    def __init__(self, accounts=("alice", "bob"), settings=None):
        self.scratch = Path(tempfile.mkdtemp(prefix="postern-", dir="/dev/shm"))  # for the test's own files as well
        self.directory = self.scratch / "data"
        self.directory.mkdir()
        self.base, self.ports_taken = take_port_base()
        self.settings = settings or {}
        self.accounts = accounts
        self.environment = {}  # of the daemon, beside our own
        self.listen = "127.0.0.1"
        self.domain = DOMAIN  # None: the office is there already, or the box waits for it
        self.process = None
        self.log = None

    # Life

    def __enter__(self):
        try:
            self.start_where_ports_are_free()
            for name, value in self.settings.items():
                self.command("settings", "set", name, value)
            for name in self.accounts:
                self.command("account", "add", name, "--password-stdin", input=PASSWORDS[name])
        except BaseException:
            self.kill()
            self.ports_taken.close()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if self.process and self.process.poll() is None:
                self.stop()
            if kind is None:
                self.check_offline()
        finally:
            self.kill()
            self.ports_taken.close()
            log = self.read_log()
            if kind is not None:
                print(log[-4000:])
            shutil.rmtree(self.scratch, ignore_errors=True)
        refuse_faults(log)

    def start_where_ports_are_free(self):
        """Between looking for free ports and taking them, another test may have been quicker."""
        for _ in range(5):
            try:
                return self.start()
            except RuntimeError as error:
                if "in use" not in str(error):
                    raise
                self.ports_taken.close()
                self.base, self.ports_taken = take_port_base()
        raise RuntimeError("no free ports")

    def start(self):
        self.log = open(self.scratch / "log", "ab")
        self.process = subprocess.Popen(
            program("posternd", "--data", self.directory, "--listen", self.listen, "--port-base", self.base,
                    *(["--domain", self.domain] if self.domain else [])),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, env={**os.environ, **self.environment})
        line = self.process.stdout.readline()
        if line != b"ready\n":
            self.process.wait()
            raise RuntimeError(f"posternd said {line!r} instead of ready\n{self.read_log()}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        if status != 0:
            raise AssertionError(f"posternd ended with {status}\n{self.read_log()}")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        if self.log:
            self.log.close()

    def restart(self):
        self.stop()
        self.start()

    def read_log(self):
        return (self.scratch / "log").read_text(errors="replace")

    # The administrator

    def run(self, *arguments, input=None):
        """Runs `postern`; gives the finished process, whatever its exit code."""
        done = subprocess.run(program("postern", "--data", self.directory, *arguments), input=input,
                              capture_output=True, text=True, timeout=120)
        refuse_faults(done.stderr)
        return done

    def begin(self, *arguments):
        """Starts `postern`, and does not wait for it."""
        return subprocess.Popen(program("postern", "--data", self.directory, *arguments), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def command(self, *arguments, input=None):
        """Runs `postern`, which must succeed; gives its standard output."""
        done = self.run(*arguments, input=input)
        if done.returncode != 0:
            raise AssertionError(f"postern {arguments} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.command(*arguments, "--json"))

    def check_offline(self):
        done = self.run("check")
        if done.returncode != 0:
            raise AssertionError(f"postern check found: {done.stdout}{done.stderr}")

    # Where things are

    def port(self, service):
        return self.base + PORTS[service]

    @property
    def ca(self):
        return self.directory / "tls" / "ca.crt"


def in_own_network(script, seconds):
    """Runs a script of system tests where there is no network but loopback, and where it may mount what it likes; gives the
    finished process."""
    words = (f"ip link set lo up && exec timeout {seconds} "
             f"{sys.executable} {REPO}/tests/system/main.py --preset {_build.name} {REPO}/tests/system/{script}")
    return subprocess.run(["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", words], capture_output=True, text=True)


def wait_until(what, condition, seconds=60):
    """Waits for something that comes by itself; fails only when it does not come at all."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


def run_client(arguments, input=None, directory=None, environment=None):
    """Runs a mail client; gives the finished process."""
    return subprocess.run([str(argument) for argument in arguments], input=input, capture_output=True, timeout=300,
                          cwd=directory, env={**os.environ, **(environment or {})})


def terminal_ok(arguments, environment, rows=24, columns=80, seconds=120):
    """Runs a client that needs a terminal, which is there but where nobody types; gives what it drew."""
    process, terminal = pty.fork()
    if process == 0:
        # Before the client is there: what it does first is easily upset by a size that changes (SIGWINCH).
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execvpe(str(arguments[0]), [str(argument) for argument in arguments], {**os.environ, **environment})
    drawn = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            octets = os.read(terminal, 4096)
        except OSError:  # the client closed its side
            octets = b""
        drawn += octets
        if not octets:
            break
    else:
        os.kill(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os.close(terminal)
    if status != 0:
        raise AssertionError(f"{arguments[0]} ended with {status}\n{drawn[-3000:]!r}")
    return drawn


def client_ok(arguments, **options):
    """The same, and the client must succeed."""
    done = run_client(arguments, **options)
    if done.returncode != 0:
        raise AssertionError(f"{arguments[0]} ended with {done.returncode}\n{done.stdout.decode(errors='replace')}"
                             f"\n{done.stderr.decode(errors='replace')}")
    return done
