"""What of Mozilla's remote protocol Marionette it takes to have Thunderbird do something, and to look at it."""

import json
import struct
import zlib

from box import wait_until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what refers to one (WebDriver §12.1)


class Marionette:
    """On a connection to a Thunderbird that was started with --marionette and -remote-allow-system-access: scripts run with all
    that Thunderbird itself may do, in its windows. Use as a context manager."""

    def __init__(self, connection):
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.last = 0
        self.read()  # who it is
        self.command("WebDriver:NewSession", capabilities={"alwaysMatch": {"unhandledPromptBehavior": "ignore"}})
        self.command("Marionette:SetContext", value="chrome")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.connection.close()

    def read(self):
        size = b""
        while (octet := self.stream.read(1)) != b":":
            if not octet:
                raise EOFError("Thunderbird is gone")
            size += octet
        return json.loads(self.stream.read(int(size)))

    def command(self, name, **parameters):
        self.last += 1
        octets = json.dumps([0, self.last, name, parameters]).encode()
        self.connection.sendall(b"%d:%s" % (len(octets), octets))
        _, _, error, result = self.read()
        if error:
            raise AssertionError(f"{name}: {error['error']}: {error['message']}")
        return result

    def run(self, script, *arguments):
        """Gives what the script returns, awaited."""
        return self.command("WebDriver:ExecuteScript", script=script, args=arguments, sandbox="system", newSandbox=False)["value"]

    def wait(self, what, script, *arguments, seconds=120):
        """Until the script returns something, which it gives."""
        return wait_until(what, lambda: self.run(script, *arguments), seconds)

    def go_to(self, page):
        """To the window that shows this page, once it is there. It is not waited for to get the keyboard: that is given by
        window managers, and there is none."""
        def find():
            for handle in self.command("WebDriver:GetWindowHandles"):
                self.command("WebDriver:SwitchToWindow", handle=handle, focus=False)
                if self.run("return location.href === arguments[0] && document.readyState === 'complete'", page):
                    return True
            return False

        wait_until(page, find, seconds=120)

    def element(self, selector, within="document"):
        """Once it is there. `within`: a document or an element, in JavaScript."""
        return self.wait(selector, f"return ({within})?.querySelector(arguments[0])", selector)

    def click(self, selector, **where):
        self.command("WebDriver:ElementClick", id=self.element(selector, **where)[ELEMENT])

    def type(self, selector, text, **where):
        self.command("WebDriver:ElementSendKeys", id=self.element(selector, **where)[ELEMENT], text=text)

    def clear(self, selector, **where):
        self.command("WebDriver:ElementClear", id=self.element(selector, **where)[ELEMENT])


def png_of_screen(xwd):
    """The picture that Xvfb keeps of its screen (X11/XWDFile.h), of 32 bits a pixel, as PNG."""
    header = struct.unpack_from(">25I", xwd)
    header_size, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
    pixels = memoryview(xwd)[header_size + 12 * colours:]
    rows = bytearray()
    for y in range(height):
        blue_first = pixels[y * line:y * line + 4 * width].tobytes()
        row = bytearray(3 * width)
        row[0::3], row[1::3], row[2::3] = blue_first[2::4], blue_first[1::4], blue_first[0::4]
        rows += b"\0" + row

    def chunk(kind, octets):
        return struct.pack(">I", len(octets)) + kind + octets + struct.pack(">I", zlib.crc32(kind + octets))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
