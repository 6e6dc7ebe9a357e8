"""A link between a box and a server: it passes everything on, until it is told to cut its connections."""

import contextlib
import selectors
import socket
import threading


class ThinLink:
    """Use as a context manager. `cut_after`: octets from the server after which a connection is cut; None: never."""

    def __init__(self, target):
        self.target = target  # a port on 127.0.0.1
        self.cut_after = None
        self.passed = 0  # octets from the server, on all connections
        self.connections = set()  # that are open
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

    def cut(self):
        for client in list(self.connections):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            self.connections.add(client)
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        try:
            self.pass_on(client)
        finally:
            self.connections.discard(client)

    def pass_on(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self.target)) as server, \
                selectors.DefaultSelector() as ready:
            left = self.cut_after
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    octets = key.fileobj.recv(16384)
                    if key.fileobj is server and left is not None:
                        octets = octets[:left]
                        left -= len(octets)
                    if key.fileobj is server:
                        self.passed += len(octets)
                    key.data.sendall(octets)
                    if not octets or left == 0:
                        return
