"""What a mail system adds to Debian's smallest system: Essential packages, apt, and what those need."""

import re
import subprocess
from pathlib import Path


def packages(root="/"):
    """Name: (is essential, KiB, what it needs) of each native package that is installed in a root."""
    fields = ["Package", "Architecture", "Essential", "Installed-Size", "Depends", "Pre-Depends", "Provides"]
    native = (Path(root) / "var/lib/dpkg/arch-native").read_text().strip()
    told = subprocess.run(["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "\t".join(f"${{{f}}}" for f in fields) + "\n"],
                          check=True, capture_output=True, text=True).stdout
    known, provided = {}, {}
    for line in told.splitlines():
        name, architecture, essential, size, depends, before, provides = line.split("\t")
        if architecture in (native, "all"):
            alternatives = [re.findall(r"(?:^|\|)\s*([a-z0-9.+-]+)", need) for need in f"{depends},{before}".split(",")]
            known[name] = (essential == "yes", int(size or 0), alternatives)
            for virtual in re.findall(r"(?:^|,)\s*([a-z0-9.+-]+)", provides):
                provided[virtual] = name
    return known, provided


def closure(known, provided, wanted):
    """These packages, and all that they need."""
    found, waiting = set(), list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for alternatives in known[name][2]:
                there = [provided.get(one, one) for one in alternatives if provided.get(one, one) in known]
                waiting += there[:1]
    return found


def added_packages(wanted, root="/"):
    """Of the wanted packages and what they need: how many the smallest system has not, and their size in KiB."""
    known, provided = packages(root)
    base = closure(known, provided, ["apt", *(name for name, package in known.items() if package[0])])
    added = closure(known, provided, wanted) - base
    return len(added), sum(known[name][1] for name in added)


def libraries(program):
    """The packages of the shared libraries that a program loads."""
    loaded = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    files = {str(Path(path).resolve()) for path in re.findall(r"(/\S+) \(0x", loaded)}
    owners = subprocess.run(["dpkg-query", "-S", *files], check=True, capture_output=True, text=True).stdout
    return {line.split(":")[0] for line in owners.splitlines()}


def stripped_size(program, place):
    """In KiB, without debugging symbols, as it is shipped."""
    out = Path(place) / "stripped"
    subprocess.run(["strip", "-o", out, program], check=True)
    size = out.stat().st_size
    out.unlink()
    return size / 1024
