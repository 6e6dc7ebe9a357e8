"""Links as an office has them: a narrow one with a long way, and one that is cut and comes back."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sides import REPO, Postern, wait_for

sys.path.append(str(REPO / "tests/system"))

from upstream import Upstream  # noqa: E402


class NarrowLink:
    """Between a box and a relay on loopback, so many octets a second each way, of all connections together, each of them so
    many seconds late. Use as a context manager. What is on its way is bounded, as by a modem's buffer: who sends more has to wait."""

    BUFFER = 16 * 1024  # octets that wait to be sent

    def __init__(self, relay_port, octets_per_second, delay):
        self.relay_port = relay_port
        self.rate = octets_per_second
        self.delay = delay
        self.first = None  # when the first connection came
        self.free = {"up": 0, "down": 0}  # when the line is
        self.ready = threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=asyncio.run, args=(self.serve(),), daemon=True)
        self.thread.start()
        self.ready.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()

    async def serve(self):
        self.loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        server = await asyncio.start_server(self.carry, "127.0.0.1", 0, limit=self.BUFFER)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.over.wait()
        server.close()

    async def carry(self, near_reader, near_writer):
        self.first = self.first or time.monotonic()
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.relay_port, limit=self.BUFFER)
        await asyncio.gather(self.pass_on(near_reader, far_writer, "up"), self.pass_on(far_reader, near_writer, "down"))

    async def pass_on(self, reader, writer, way):
        """At the rate, then with the delay."""
        on_its_way = asyncio.Queue()

        async def arrive():
            while (item := await on_its_way.get()) is not None:
                at, octets = item
                await asyncio.sleep(max(0, at - self.loop.time()))
                writer.write(octets)
                await writer.drain()
            writer.close()

        arriving = asyncio.ensure_future(arrive())
        while octets := await reader.read(1024):
            passed = self.free[way] = max(self.free[way], self.loop.time()) + len(octets) / self.rate
            await asyncio.sleep(max(0, passed - self.loop.time()))
            await on_its_way.put((passed + self.delay, octets))
        await on_its_way.put(None)
        await arriving


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def measure_return(build, place, runs):
    """Milliseconds from when our interface is up until the relay has a message: to be called in a network of its own. There
    the box has one end of a cable, and the relay, in yet another one, has the other."""
    here, there = "192.0.2.1", "192.0.2.2"
    other = ThreadPoolExecutor(1, initializer=os.unshare, initargs=(os.CLONE_NEWNET,))

    def elsewhere(work, *arguments):
        return other.submit(work, *arguments).result()

    ip("link", "set", "lo", "up")
    elsewhere(ip, "link", "add", "name", "far", "type", "veth", "peer", "name", "near", "netns", str(os.getpid()))
    elsewhere(ip, "address", "add", f"{there}/24", "dev", "far")
    elsewhere(ip, "link", "set", "far", "up")
    ip("address", "add", f"{here}/24", "dev", "near")
    relay = elsewhere(Upstream(address=there).__enter__)
    with Postern(place, build) as side:
        side.command("relay", "add", "far", there, "--port", relay.port, "--security", "none")
        side.command("alias", "add", "outside", "carol@example.org")
        for run in range(runs):
            subprocess.run([REPO / "build/dev/tests/load", "intake", f"port={side.base + 25}", "from=sender@client.example",
                            "to=outside@office.lan", "sessions=1", "size=2048", "messages=1", f"first={run}"], check=True,
                           stdout=subprocess.DEVNULL)
            wait_for("a link that is down", lambda: '"down"' in side.command("link", "show", "--json"))
            began = time.monotonic()
            ip("link", "set", "near", "up")
            while len(relay.received) <= run:
                time.sleep(0.001)
            print((time.monotonic() - began) * 1000, flush=True)
            wait_for("the end of the connection", lambda: not relay.open, 120)
            ip("link", "set", "near", "down")
    relay.close()


if __name__ == "__main__":
    measure_return(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
