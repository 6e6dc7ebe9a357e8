#!/usr/bin/env python3
"""Checks what CMake cannot: which layer may see which outside library (appliance/ARCHITECTURE.md, "Layers")."""

import re
import sys
from pathlib import Path

APPLIANCE = Path(__file__).resolve().parent.parent / "appliance"

# Outside headers, and the layers that may include them.
NET_AND_ABOVE = {"net", "dns", "dhcp", "office", "smtp", "imap", "pop3", "relay", "fetch", "http", "pages", "autoconfig", "self_service", "control", "setup", "app"}
ALLOWED = {
    r"<boost/(asio|beast|system)": NET_AND_ABOVE,
    r"<lmdb(_writes)?\.h>": {"store"},
    r"<mbedtls/|<psa/": {"core", "net"},
    r"<systemd/": {"net", "app"},
    r"<zlib\.h>": {"net"},
    r"<zstd\.h>": {"backup"},
    r"<curses\.h>": {"setup"},
    r"<qrencode\.h>": {"autoconfig"},
}
PURE = {"text", "message", "wire", "policy", "dhcp"}
IMPURE = r"<(fstream|iostream|filesystem|thread|mutex|unistd\.h|sys/[a-z]+\.h)>"

passed = failed = 0
for source in sorted(APPLIANCE.glob("*/*.[ch]*")):
    layer = source.parent.name
    wrong = []
    for line in source.read_text().splitlines():
        if not line.startswith("#include"):
            continue
        for header, layers in ALLOWED.items():
            if re.search(header, line) and layer not in layers:
                wrong.append(f"{line}: not for {layer}")
        if layer in PURE and re.search(IMPURE, line):
            wrong.append(f"{line}: {layer} is pure")
    for what in wrong:
        print(f"{source.relative_to(APPLIANCE)}: {what}")
    passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
