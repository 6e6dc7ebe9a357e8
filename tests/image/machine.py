"""A box that was made of an image: booted in QEMU with no way to the internet, its services in reach, and its serial console at the
socket DIRECTORY/serial, for one at a time."""

import base64
import re
import select
import shlex
import socket
import struct
import subprocess
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
IMAGES = REPO / "build/image"
# Without KVM a boot takes a minute or two, and on a busy machine several times that.
LONGEST = 900
SERVICES = (25, 53, 80, 110, 143, 443, 465, 587, 993, 995)
PASSWORD = "correct horse battery"
# postern.conf, of an office that tests do with.
ANSWERS = f"domain = office.lan\npassword = {PASSWORD}\naccount.alice.password = {PASSWORD}\n"

# What tests look into the box by: a shell that the hypervisor asks for, as systemd lets it (systemd.system-credentials(7)).
# A box of iron has no such thing.
PROBE = {
    "systemd.extra-unit.probe.service": r"""
[Unit]
DefaultDependencies=no
StartLimitIntervalSec=0
[Service]
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/hvc0
ExecStart=/bin/bash -c 'stty raw -echo; echo === ready; while read -r line; do eval "$line" 2>&1 </dev/null; echo "=== $?"; done'
Restart=always
RestartSec=1
""",
    "systemd.unit-dropin.sysinit.target": "[Unit]\nWants=probe.service\n",
}


def settings(board):
    """What board/NAME/board says."""
    said = subprocess.run(["bash", "-c", f"set -a; . {REPO}/board/{board}/board; env -0"], capture_output=True, check=True, env={})
    return dict(pair.split("=", 1) for pair in said.stdout.decode().split("\0") if pair)


def partitions(disk):
    """The octets of each partition, by its name (UEFI 2.10 §5.3.3)."""
    with open(disk, "rb") as octets:
        octets.seek(2 * 512)
        entries = struct.iter_unpack("<32xQQ8x72s", octets.read(128 * 128))
    return {name.decode("utf-16-le").rstrip("\0"): range(first * 512, (last + 1) * 512) for first, last, name in entries if last}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Line:
    """A line that leads into the machine: what it said, and what is said to it."""

    def __init__(self, path):
        self.path = path
        self.socket = None
        self.unread = b""

    def connect(self, machine):
        end = time.monotonic() + 60
        while True:
            try:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.connect(str(self.path))
                return
            except OSError:
                if time.monotonic() > end or machine.process.poll() is not None:
                    raise AssertionError(f"the machine did not start: {machine.said()}")
                time.sleep(0.05)

    def send(self, text):
        self.socket.sendall(text.encode())

    def expect(self, pattern, seconds=LONGEST):
        """Waits until it says that; gives the match."""
        end = time.monotonic() + seconds
        while True:
            match = re.search(pattern.encode(), self.unread, re.S)
            if match:
                self.unread = self.unread[match.end():]
                return match
            if not select.select([self.socket], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError(f"it never said {pattern!r}; last: {self.unread[-2000:]!r}")
            octets = self.socket.recv(65536)
            if not octets:
                raise AssertionError(f"the machine ended before it said {pattern!r}; last: {self.unread[-2000:]!r}")
            self.unread += octets


class Machine:
    """Use as a context manager around its life; start() and kill() are its power switch, and the disk outlives them."""

    def __init__(self, board, directory, image=None, extra=(), credentials=PROBE, memory=512, size="2G"):
        self.board, self.directory, self.memory = settings(board), Path(directory), memory
        self.extra, self.credentials = list(extra), credentials
        self.disk = self.directory / "disk"
        self.console = self.directory / "console.log"
        subprocess.run(["cp", "--sparse=always", image or IMAGES / f"postern-{board}.img", self.disk], check=True)
        subprocess.run(["truncate", "--size", size, self.disk], check=True)
        self.ports = {service: free_port() for service in SERVICES}
        self.process = None
        self.drive = ["-drive", f"if=none,id=disk,file={self.disk},format=raw", "-device", "virtio-blk-pci,drive=disk"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def lay_on_boot_partition(self, name, text):
        """While the box is off."""
        file = self.directory / name
        file.write_text(text)
        boot = partitions(self.disk)["boot"].start
        subprocess.run(["mcopy", "-i", f"{self.disk}@@{boot}", str(file), f"::/{name}"], check=True)

    def set_up(self):
        """Answers what a first boot asks."""
        self.run("printf '" + ANSWERS.replace("\n", "\\n") + "' >/run/answers && postern setup --answers /run/answers")

    def start(self):
        # What an earlier life left there.
        for name in ("serial", "probe"):
            (self.directory / name).unlink(missing_ok=True)
        forward = "".join(f",hostfwd=tcp:127.0.0.1:{port}-:{service}" for service, port in self.ports.items())
        forward += f",hostfwd=udp:127.0.0.1:{self.ports[53]}-:53"
        credentials = []
        for name, text in self.credentials.items():
            encoded = base64.b64encode(text.encode()).decode()
            credentials += ["-smbios", f"type=11,value=io.systemd.credential.binary:{name}={encoded}"]
        # Where the machine is busy, a second processor at times gets no ticks, and the kernel hangs.
        words = shlex.split(self.board["vm"]) + [
            "-accel", "tcg,thread=multi", "-smp", "1", "-m", str(self.memory), "-display", "none", "-no-reboot",
            "-nic", f"user,model=virtio-net-pci,restrict=on{forward}",
            "-chardev", f"socket,id=serial,path={self.directory}/serial,server=on,wait=off,logfile={self.console},logappend=on", "-serial", "chardev:serial",
            "-chardev", f"socket,id=probe,path={self.directory}/probe,server=on,wait=off",
            "-device", "virtio-serial-pci", "-device", "virtconsole,chardev=probe",
            *self.drive, *credentials, *self.extra]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=open(self.directory / "qemu.log", "ab"))
        self.probe = Line(self.directory / "probe")
        self.probe.connect(self)
        self.probed = False

    def said(self):
        return (self.directory / "qemu.log").read_text()

    def kill(self):
        """The power goes."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def wait(self, seconds=LONGEST):
        """Until the machine is off, or starts anew."""
        self.process.wait(seconds)
        self.process = None

    def begin(self, command):
        """Has the box do what it may not live to say the end of."""
        if not self.probed:
            # What is said to a machine that does not listen yet is lost.
            self.probe.expect("=== ready\r?\n")
            self.probed = True
        self.probe.send(command + "\n")

    def run(self, command, fails=False, seconds=LONGEST):
        """What a command in the box says."""
        self.begin(command)
        match = self.probe.expect(r"(.*?)=== (\d+)\r?\n", seconds)
        said = match[1].decode(errors="replace").replace("\r\n", "\n")
        if (match[2] != b"0") != fails:
            raise AssertionError(f"{command} ended with {match[2].decode()}: {said}")
        return said

    def wait_until(self, what, command, seconds=LONGEST):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return self.run(command)
            except AssertionError as failure:
                last = failure
                time.sleep(0.5)
        raise AssertionError(f"never happened: {what}; {last}; the console: {self.console.read_text(errors='replace')[-2000:]}")
