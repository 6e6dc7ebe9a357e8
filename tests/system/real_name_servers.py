"""Name servers of other makes on loopback, for system tests."""

import contextlib
import re
import socket
import subprocess

from box import client_ok, wait_until


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(directory, command, port, name, kind):
    """Until it answers a question; then it serves until the block ends."""
    with open(directory / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        def is_there():
            if process.poll() is not None:
                raise AssertionError((directory / "log").read_text())
            shown = subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+tries=1", "+time=1", name, kind], capture_output=True, text=True)
            return "status: NOERROR" in shown.stdout

        wait_until(f"{command[0]} to serve", is_there)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def knot(directory, zones):
    """Has the zones, their text by their names, and gives its port."""
    directory.mkdir()
    port = free_port()
    listed = "".join(f"  - domain: {name}\n    file: {directory}/{name}.zone\n" for name in zones)
    for name, text in zones.items():
        (directory / f"{name}.zone").write_text(text)
    (directory / "knot.conf").write_text(
        f"server:\n    rundir: {directory}\n    listen: 127.0.0.1@{port}\n    udp-workers: 1\n    tcp-workers: 1\n"
        f"    background-workers: 1\ndatabase:\n    storage: {directory}\nzone:\n{listed}")
    with running(directory, ["/usr/sbin/knotd", "-c", directory / "knot.conf"], port, next(iter(zones)), "SOA"):
        yield port


@contextlib.contextmanager
def unbound(directory, zones):
    """Looks up what is in these zones at the servers whose ports they have, and gives its own port."""
    directory.mkdir()
    port = free_port()
    stubs = "".join(f"stub-zone:\n    name: {name}\n    stub-addr: 127.0.0.1@{at}\n" for name, at in zones.items())
    (directory / "unbound.conf").write_text(
        f'server:\n    interface: 127.0.0.1@{port}\n    do-not-query-localhost: no\n    do-daemonize: no\n    use-syslog: no\n'
        f'    chroot: ""\n    username: ""\n    directory: "{directory}"\n    pidfile: "{directory}/pid"\n'
        f'    module-config: "iterator"\n    so-rcvbuf: 0\n    num-threads: 1\nremote-control:\n    control-enable: no\n{stubs}')
    with running(directory, ["/usr/sbin/unbound", "-c", directory / "unbound.conf"], port, next(iter(zones)), "SOA"):
        yield port


def sections(port, name, kind, *words):
    """What an answer says, without what servers may do as they like: what is additional, and the order."""
    shown = client_ok(["dig", "@127.0.0.1", "-p", port, "+noadditional", "+tries=1", "+time=20", *words, name, kind]).stdout.decode()
    code = re.search(r"status: (\w+)", shown)[1]
    authoritative = " aa" in re.search(r"flags:([^;]*);", shown)[1]
    lines = sorted(" ".join(line.split()) for line in shown.splitlines() if line and not line.startswith(";"))
    return code, authoritative, lines
