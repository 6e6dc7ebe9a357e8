"""What an image is made of, board by board, where that can be told without booting it: its partitions, what the boot loader finds,
and that the same inputs give the same octets."""

import hashlib
import os
import re
import struct
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

from machine import IMAGES, REPO, partitions, settings

SECTOR = 512
BOARDS = [path.name for path in sorted((REPO / "board").iterdir()) if (IMAGES / f"postern-{path.name}.img").exists()]


class Image:
    def __init__(self, board):
        self.path = IMAGES / f"postern-{board}.img"
        self.file = open(self.path, "rb")
        self.partitions = partitions(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def read(self, offset, size):
        self.file.seek(offset)
        return self.file.read(size)

    def boot_file(self, name):
        return subprocess.run(["mcopy", "-i", f"{self.path}@@{self.partitions['boot'].start}", f"::/{name}", "-"],
                              check=True, capture_output=True).stdout

    def squashfs_size(self):
        start = self.partitions["slot-a"].start
        assert self.read(start, 4) == b"hsqs"
        return struct.unpack("<Q", self.read(start + 40, 8))[0]


def each_image(test):
    def run(self):
        self.assertTrue(BOARDS, "tools/image makes them")
        for board in BOARDS:
            with self.subTest(board), Image(board) as image:
                test(self, board, settings(board), image)
    return run


def by_u_boot(test):
    @each_image
    def run(self, board, said, image):
        if said["boot"] == "u-boot":
            test(self, board, said, image)
    return unittest.skipUnless(any(settings(board)["boot"] == "u-boot" for board in BOARDS), "no image with U-Boot was made")(run)


class Boards(unittest.TestCase):
    @each_image
    def test_there_are_two_slots_of_one_size_and_room_for_updates(self, board, said, image):
        self.assertEqual(list(image.partitions), ["boot", "slot-a", "slot-b"])
        self.assertEqual(len(image.partitions["slot-a"]), len(image.partitions["slot-b"]))
        self.assertLess((IMAGES / board / "root.squashfs").stat().st_size, len(image.partitions["slot-a"]) * 3 // 4)
        self.assertTrue(image.squashfs_size())

    @by_u_boot
    def test_u_boot_finds_kernel_initrd_and_device_tree_behind_the_file_system(self, board, said, image):
        at = image.partitions["slot-a"].start + (image.squashfs_size() + 4095) // 4096 * 4096
        kernel, initrd, tree = struct.unpack("<III", image.read(at, 12))
        at += SECTOR
        unpacked = zlib.decompressobj(wbits=31).decompress(image.read(at, kernel * SECTOR))
        # Linux, Documentation/arch/arm64/booting.rst: the magic of an image.
        self.assertEqual(unpacked[56:60], b"ARM\x64")
        at += kernel * SECTOR
        self.assertEqual(image.read(at, 6), b"\xfd7zXZ\0")
        at += initrd * SECTOR
        if "device_tree" in said:
            self.assertEqual(image.read(at, 4), b"\xd0\x0d\xfe\xed")
        else:
            self.assertEqual(tree, 0)

    @by_u_boot
    def test_u_boot_is_stopped_by_no_key(self, board, said, image):
        environment = image.boot_file("uboot.env")
        self.assertEqual(len(environment), int(said["environment_size"], 16))
        self.assertEqual(struct.unpack("<I", environment[:4])[0], zlib.crc32(environment[4:]))
        values = environment[4:].rstrip(b"\0").split(b"\0")
        self.assertIn(b"bootdelay=-2", values)
        self.assertTrue(any(value.startswith(b"scriptaddr=") for value in values))

    @by_u_boot
    def test_u_boot_has_its_script_and_counters_that_it_believes(self, board, said, image):
        script = image.boot_file("boot.scr")
        self.assertIn(said["kernel_arguments"].encode(), script)
        self.assertIn(f"setexpr kernel {said['memory']} + ".encode(), script)
        counters = image.boot_file("slots.env")
        self.assertEqual(len(counters), SECTOR)
        self.assertEqual(struct.unpack("<I", counters[:4])[0], zlib.crc32(counters[4:]))
        self.assertEqual(counters[4:].rstrip(b"\0").split(b"\0"), [b"BOOT_ORDER=A", b"BOOT_A_LEFT=3", b"BOOT_B_LEFT=3"])

    @by_u_boot
    def test_a_loader_outside_the_partitions_is_where_the_chip_looks(self, board, said, image):
        if "loader" not in said:
            return
        offset = int(said["loader_offset"].removesuffix("K")) * 1024
        # The chip's own header of what it loads first (eGON).
        self.assertEqual(image.read(offset + 4, 8), b"eGON.BT0")
        table_end = (2 + 32) * SECTOR
        self.assertGreaterEqual(offset, table_end)
        debian = next(IMAGES.glob(f"root-{board}-*[0-9a-f]"))
        loader = (debian / said["loader"]).read_bytes()
        self.assertEqual(image.read(offset, len(loader)), loader)
        self.assertLessEqual(offset + len(loader), image.partitions["boot"].start)

    def test_a_raspberry_pi_finds_its_firmware_by_an_mbr_as_well(self):
        if "rpi" not in BOARDS:
            self.skipTest("no image for it was made")
        with Image("rpi") as image:
            entry = image.read(446, 16)
            self.assertEqual(entry[4], 0x0C)
            self.assertEqual(struct.unpack("<I", entry[8:12])[0] * SECTOR, image.partitions["boot"].start)
            config = dict(line.split("=", 1) for line in image.boot_file("config.txt").decode().splitlines() if "=" in line and line[0] != "#")
            self.assertEqual((config["arm_64bit"], config["upstream_kernel"]), ("1", "1"))
            for name in (config["kernel"], "bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat", "bcm2837-rpi-3-b.dtb",
                         "bcm2711-rpi-4-b.dtb", "bcm2712-rpi-5-b.dtb"):
                self.assertTrue(image.boot_file(name), name)

    def test_a_raspberry_pis_buttons_and_display_are_at_its_pins(self):
        if "rpi" not in BOARDS:
            self.skipTest("no image for it was made")
        pins = {"reset-button/restart": (17, 408), "display-keys/up": (5, 256), "display-keys/down": (6, 257),
                "display-keys/enter": (13, 258), "display-keys/escape": (19, 259)}
        with Image("rpi") as image, tempfile.TemporaryDirectory() as scratch:
            config = image.boot_file("config.txt").decode()
            for model, tree, overlay, chip in (("pi3", "bcm2837-rpi-3-b", "postern-front", "gpio"), ("pi4", "bcm2711-rpi-4-b", "postern-front", "gpio"),
                                               ("pi5", "bcm2712-rpi-5-b", "postern-front-pi5", "rp1_gpio")):
                self.assertIn(f"[{model}]\ndtoverlay={overlay}\n", config)
                for name in (f"{tree}.dtb", f"overlays/{overlay}.dtbo"):
                    (Path(scratch) / Path(name).name).write_bytes(image.boot_file(name))
                # As its firmware does.
                subprocess.run(["fdtoverlay", "-i", f"{tree}.dtb", "-o", "whole.dtb", f"{overlay}.dtbo"], cwd=scratch, check=True)

                def told(node, name, kind="u"):
                    return subprocess.run(["fdtget", "-t", kind, "whole.dtb", node, name], cwd=scratch, check=True, capture_output=True, text=True).stdout.split()
                # The display's, /dev/i2c-1.
                self.assertEqual(told(told("/aliases", "i2c1", "s")[0], "status", "s"), ["okay"])
                phandle, = told(told("/__symbols__", chip, "s")[0], "phandle")
                for node, (pin, code) in pins.items():
                    self.assertEqual(told(f"/{node}", "gpios"), [phandle, str(pin), "17"])
                    self.assertEqual(told(f"/{node}", "linux,code"), [str(code)])

    def test_the_same_inputs_give_the_same_octets(self):
        board = os.environ.get("POSTERN_BOARD", "pc")
        root = next(IMAGES.glob(f"root-{board}-*[0-9a-f]"))
        architecture = settings(board)["architecture"]
        programs = REPO / "build" / ("release" if architecture == "amd64" else f"release-{architecture}")
        release = (IMAGES / board / "root/etc/os-release").read_text()
        version = re.search("^VERSION_ID=(.*)$", release, re.M)[1]
        with Image(board) as image:
            made, = struct.unpack("<I", image.read(image.partitions["slot-a"].start + 8, 4))
        with tempfile.TemporaryDirectory() as again:
            subprocess.run([str(REPO / "rootfs/assemble"), board, str(root), str(programs), str(IMAGES / "test-keys"), again, version],
                           check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(made)})
            self.assertEqual(digest(Path(again) / f"postern-{board}.img"), digest(IMAGES / f"postern-{board}.img"))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    unittest.main()
