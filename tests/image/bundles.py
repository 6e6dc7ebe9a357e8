"""Updates of what was built, under another version; made in seconds, since nobody needs them small."""

import os
import subprocess
from pathlib import Path

from machine import IMAGES

PAYLOAD_ARGUMENTS = ["-quiet", "-no-progress", "-all-root", "-no-xattrs", "-comp", "gzip", "-Xcompression-level", "1",
                     "-action", "uncompressed@subpathname(\"boot\")"]


def update(board, directory, version, replaced=None):
    """Makes an update that calls itself that version, in which some files are others: {path: (mode, text)}."""
    root, keys = IMAGES / board / "root", IMAGES / "test-keys"
    release = (root / "etc/os-release").read_text()
    old = next(line for line in release.splitlines() if line.startswith("VERSION_ID="))
    files = {"etc/os-release": ("644", release.replace(old, f"VERSION_ID={version}")), **(replaced or {})}
    work = Path(directory) / version
    (work / "bundle").mkdir(parents=True)
    pseudo = []
    for number, (path, (mode, text)) in enumerate(files.items()):
        (work / str(number)).write_text(text)
        pseudo += ["-p", f"{path} f {mode} 0 0 cat {work}/{number}"]
    subprocess.run(["mksquashfs", str(root), str(work / "bundle/root.squashfs"), *PAYLOAD_ARGUMENTS, *pseudo,
                    "-e", *files], check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    (work / "bundle/manifest.raucm").write_text(
        f"[update]\ncompatible=postern-{board}\nversion={version}\n\n[bundle]\nformat=verity\n\n[image.root]\nfilename=root.squashfs\n")
    bundle = work / "postern.raucb"
    subprocess.run(["rauc", "bundle", f"--cert={keys}/update.crt", f"--key={keys}/update.key", f"--keyring={keys}/update.crt",
                    "--mksquashfs-args=-noI -noD -noF -noX -all-root -no-xattrs -quiet -no-progress",
                    str(work / "bundle"), str(bundle)], check=True, capture_output=True)
    return bundle


def stick(path, **files):
    """A stick with these files, as QEMU's arguments for it."""
    size = sum(file.stat().st_size for file in files.values()) // 2**20 + 16
    subprocess.run(["truncate", "--size", f"{size}M", str(path)], check=True)
    subprocess.run(["mkfs.vfat", "-n", "STICK", str(path)], check=True, capture_output=True)
    for name, file in files.items():
        subprocess.run(["mcopy", "-i", str(path), str(file), f"::/{name}.raucb"], check=True)
    return ["-device", "qemu-xhci", "-drive", f"if=none,id=stick,format=raw,file={path}", "-device", "usb-storage,drive=stick"]
