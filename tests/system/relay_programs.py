"""Servers that offices deal with, Debian's. Relays: Postfix, Exim and OpenSMTPD, each with a login, TLS, a limit of size, people
that it refuses and people that it puts off; what they take they pass on to a sink. Dovecot, from which mail is fetched. For
box.in_own_network alone, whose ports are all free, and where there is one user only."""

import os
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

from box import REPO, wait_until

CONFIGURATIONS = Path(__file__).resolve().parent / "relays"
HOST = "relay.example"
LOGIN, PASSWORD = "office", "tr0ub4dor"
SMTP, SMTPS = 2025, 2465
IMAP, IMAPS, POP, POPS = 2143, 2993, 2110, 2995
NOBODY = 2999  # where nobody listens
SIZE = 200_000
KEPT = "held.example"  # whose mail leaves by ETRN
REFUSED, DEFERRED = "nobody@example.org", "later@example.org"

# A user who is not root, for programs that want to be nobody else.
OTHER = 1000
AS_OTHER = f"unshare --user --map-user={OTHER} --map-group={OTHER}"
# For those that insist on being root and on changing users.
PRETEND_USERS = REPO / "build/dev/tests/libpretend_users.so"
ALL_END_WITH_IT = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def make_certificates(directory):
    """An authority, a certificate for the relay, and another authority, of which nobody knows."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
    for name in ("ca", "other"):
        openssl("req", "-x509", *key, "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign",
                "-keyout", f"{name}.key", "-out", f"{name}.crt")
    openssl("req", "-x509", *key, "-CA", "ca.crt", "-CAkey", "ca.key", "-subj", f"/CN={HOST}", "-addext",
            f"subjectAltName=DNS:{HOST}", "-addext", "basicConstraints=critical,CA:false", "-keyout", "relay.key", "-out", "relay.crt")


@contextmanager
def certified_place():
    """Where certificates lie, and an empty directory for a program that shows them."""
    with tempfile.TemporaryDirectory(prefix="postern-server-", dir="/dev/shm") as directory:
        certificates, place = Path(directory) / "certificates", Path(directory) / "place"
        certificates.mkdir()
        place.mkdir()
        make_certificates(certificates)
        yield certificates, place


class Program:
    """One relay. Use as a context manager. Its files lie in `directory`, its certificate and key in `certificates`."""

    takes_utf8 = True
    etrn = KEPT  # how it is told of that; None: it cannot be
    ports = SMTP, SMTPS

    def __init__(self, directory, certificates, sink):
        self.directory, self.certificates, self.sink = directory, certificates, sink
        self.processes = []

    def __enter__(self):
        try:
            self.start()
            for port in self.ports:
                wait_until(f"{type(self).__name__} at port {port}", lambda: self.listens(port))
        except BaseException:
            self.__exit__("failed")
            raise
        return self

    def __exit__(self, kind, *_):
        for process in self.processes:
            process.kill()  # unshare, and so all in its namespace
            process.wait()
        if kind is not None:
            print(self.read_log()[-6000:])

    def listens(self, port):
        for process in self.processes:
            if process.poll() is not None:
                raise AssertionError(f"{type(self).__name__} ended with {process.returncode}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def let_through(self):
        """From now on nobody is put off."""
        (self.directory / "let-through").touch()

    # For the relays

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)

    def configure(self, name, place="."):
        """With what is between two @ filled in."""
        values = {**globals(), "AT": self.directory, "CERTIFICATES": self.certificates, "SINK": self.sink}
        text = (CONFIGURATIONS / name).read_text()
        self.write(f"{place}/{name}", re.sub("@([A-Z]+)@", lambda match: str(values[match[1]]), text))

    def make_etc(self, name="etc", preload=None, **users):
        """What is to be in /etc, with these users and no others."""
        everybody = {"root": 0, "nobody": 65534, **users}
        self.write(f"{name}/passwd", "".join(f"{user}:x:{number}:{number}::/:/bin/sh\n" for user, number in everybody.items()))
        self.write(f"{name}/group", "".join(f"{user}:x:{number}:\n" for user, number in everybody.items()))
        for file in ("hosts", "ld.so.cache", "nsswitch.conf", "services"):
            shutil.copyfile(f"/etc/{file}", self.directory / name / file)
        if preload:
            self.write(f"{name}/ld.so.preload", f"{preload}\n")

    def run(self, command, etc="etc", before=()):
        """In namespaces of its own, with that in place of /etc."""
        words = " && ".join([f"mount --bind {etc} /etc", *before, f"exec {command}"])
        with open(self.directory / "log", "ab") as log:
            self.processes.append(subprocess.Popen([*ALL_END_WITH_IT, "sh", "-c", words], stdin=subprocess.DEVNULL, stdout=log,
                                                   stderr=log, cwd=self.directory, env={**os.environ, "LC_ALL": "C"}))

    def read_log(self):
        return "".join(path.read_text(errors="replace") for path in sorted(self.directory.glob("*log")))


class Postfix(Program):
    """Its logins are Dovecot's, and it greylists by a policy server (SMTPD_POLICY_README), as most do."""

    def start(self):
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private",
                     "public", "saved", "trace"):
            (self.directory / "spool" / name).mkdir(parents=True)
        (self.directory / "data").mkdir()
        self.greylist()
        users = {"other": OTHER, "others": OTHER + 1}
        self.make_etc("etc-of-dovecot", **users)
        self.configure("dovecot.conf")
        self.run(f"{AS_OTHER} dovecot -F -c {self.directory}/dovecot.conf", etc="etc-of-dovecot")
        wait_until("Dovecot", lambda: (self.directory / "auth").exists())
        self.make_etc(preload=PRETEND_USERS, **users)
        for name in ("main.cf", "master.cf"):
            self.configure(name, "etc/postfix")
        self.run("/usr/lib/postfix/sbin/master -i")

    def greylist(self):
        open_now = self.directory / "let-through"

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                request = {}
                for line in self.rfile:
                    name, _, request[name] = line.decode().rstrip().partition("=")
                    if not name:
                        late = request["recipient"] == DEFERRED and not open_now.exists()
                        self.wfile.write(b"action=%s\n\n" % (b"defer_if_permit 4.2.0 Greylisted" if late else b"dunno"))

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        threading.Thread(target=Server(str(self.directory / "greylist"), Handler).serve_forever, daemon=True).start()

    def connections(self):
        return self.read_log().count(": connect from ")


class Dovecot(Program):
    """No relay, but where a provider has the mail that came for us."""

    ports = IMAP, IMAPS, POP, POPS

    def start(self):
        self.make_etc(other=OTHER, others=OTHER + 1)
        self.configure("provider.conf")
        self.run(f"{AS_OTHER} dovecot -F -c {self.directory}/provider.conf")


class Exim(Program):
    etrn = f"#{KEPT}"

    def start(self):
        self.make_etc(**{"Debian-exim": OTHER, "mail": 8})
        self.configure("exim.conf")
        (self.directory / "spool").mkdir()
        self.run(f"{AS_OTHER} /opt/exim4-daemon-light/usr/sbin/exim4 -C {self.directory}/exim.conf -bdf -q1m")

    def connections(self):
        return self.read_log().count("SMTP connection from ") - self.read_log().count("closed by QUIT")


class OpenSmtpd(Program):
    takes_utf8 = False
    etrn = None

    def start(self):
        self.make_etc(preload=PRETEND_USERS, opensmtpd=0, opensmtpq=0)
        self.write("etc/ssl/certs/ca-certificates.crt", (self.certificates / "ca.crt").read_text())
        self.configure("smtpd.conf", "etc")
        self.write("later", f"{DEFERRED}\n")
        hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, capture_output=True, text=True).stdout.strip()
        self.write("logins", f"{LOGIN} {hashed}\n")
        # What is in a table it reads again when it is told to, from within.
        watch = ("until [ -e let-through ]; do sleep 0.1; done; echo nobody@else.example >later; "
                 "/opt/opensmtpd/usr/sbin/smtpctl update table later")
        self.run("/opt/opensmtpd/usr/sbin/smtpd -d",
                 before=["mount -t tmpfs run /run", "mount -t tmpfs var /var", "ln -s /run /var/run",
                         "mkdir -p /var/spool /var/lib/opensmtpd/empty", f"{{ ({watch}) & }}"])

    def connections(self):
        return self.read_log().count(" smtp connected ")
