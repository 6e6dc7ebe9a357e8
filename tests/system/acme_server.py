"""A public authority that speaks ACME (pebble), and the zone in the internet by which names are proven (knot), on loopback."""

import base64
import contextlib
import json
import os
import ssl
import subprocess
import urllib.request

from box import client_ok, wait_until
from real_name_servers import free_port, running

KEY_NAME = "postern-key"
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def key_of(octet):
    return base64.b64encode(bytes([octet]) * 32).decode()


@contextlib.contextmanager
def zone(directory, name, key):
    """A name server that lets its zone be changed by who has the key; gives its port."""
    directory.mkdir()
    port = free_port()
    (directory / f"{name}.zone").write_text(f"@ 3600 SOA ns hostmaster 1 3600 600 86400 60\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n")
    (directory / "knot.conf").write_text(f"""
server:
    rundir: {directory}
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {directory}
key:
  - id: {KEY_NAME}
    algorithm: hmac-sha256
    secret: {key}
acl:
  - id: update
    key: {KEY_NAME}
    action: update
zone:
  - domain: {name}
    file: {directory}/{name}.zone
    acl: update
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
""")
    with running(directory, ["/usr/sbin/knotd", "-c", directory / "knot.conf"], port, name, "SOA"):
        yield port


class Authority:
    """Its certificates last for `validity` seconds; it looks names up at that name server."""

    def __init__(self, directory, dns_port, validity=90 * 24 * 3600):
        directory.mkdir()
        self.directory, self.dns_port, self.validity = directory, dns_port, validity
        self.port, self.management = free_port(), free_port()
        self.process = None
        client_ok(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                   "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "30", "-keyout",
                   directory / "web.key", "-out", directory / "web.crt"])
        (directory / "config.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(directory / "web.crt"), "privateKey": str(directory / "web.key"), "httpPort": free_port(),
            "tlsPort": free_port(), "ocspResponderURL": "", "externalAccountBindingRequired": False,
            "certificateValidityPeriod": validity}}))

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}/dir"

    def __enter__(self):
        environment = {"PATH": "/usr/bin", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(["pebble", "-config", self.directory / "config.json", "-dnsserver",
                                             f"127.0.0.1:{self.dns_port}"], stdout=log, stderr=log, env=environment)
        wait_until("pebble to serve", self.root)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def root(self):
        """What devices trust that trust it; another one whenever it starts."""
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{self.management}/roots/0",
                                        context=ssl.create_default_context(cafile=str(self.directory / "web.crt"))) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def log(self):
        return (self.directory / "log").read_text()


def take_system_authorities(directory):
    """From now on this process, and what it starts, trusts whom the file says that this returns; nobody else does."""
    bundle = directory / "system-authorities.crt"
    bundle.touch()
    os.unshare(os.CLONE_NEWNS)
    client_ok(["mount", "--make-rprivate", "/"])
    client_ok(["mount", "--bind", bundle, SYSTEM_AUTHORITIES])
    return bundle
