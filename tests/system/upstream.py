"""A relay for system tests, on loopback: it takes mail, remembers all of it, and misbehaves on demand."""

import email
import socketserver
import ssl
import threading
from dataclasses import dataclass, field


@dataclass
class Received:
    mail: str
    recipients: list
    content: bytes
    message_id: str = ""

    def __post_init__(self):
        self.message_id = email.message_from_bytes(self.content)["Message-ID"] or ""


@dataclass
class Upstream:
    """Use as a context manager. What may be changed at any time: `offers`, `answers`, `cut_after`."""

    offers: list = field(default_factory=lambda: ["PIPELINING", "SIZE 50000000", "8BITMIME", "CHUNKING", "SMTPUTF8", "DSN"])
    # From what a command begins with ("CONTENT": the end of a message) to a reply, or a function of the command that
    # gives a reply or None for the usual one.
    answers: dict = field(default_factory=dict)
    # Ends a connection once so many octets were received, or so many replies said, on it.
    cut_after: int = None
    cut_after_replies: int = None
    certificate: tuple = None  # files: certificate and key, for STARTTLS
    address: str = "127.0.0.1"

    def __enter__(self):
        self.lock = threading.Lock()
        self.received = []
        self.commands = []
        self.connections = 0
        self.open = set()
        self.listen()
        return self

    def __exit__(self, *_):
        self.close()

    def listen(self, port=0):
        upstream = self

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            request_queue_size = 128  # a relay may come with many messages at once
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request, client_address):
                pass  # a client that went away

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with upstream.lock:
                    upstream.connections += 1
                    upstream.open.add(self.request)
                try:
                    Session(upstream, self.request).run()
                finally:
                    with upstream.lock:
                        upstream.open.discard(self.request)

        self.server = Server((self.address, port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        """As if the link were gone: nobody listens, and what was connected is cut."""
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(2)
                except OSError:
                    pass

    def reopen(self):
        self.listen(self.port)

    def ids(self):
        with self.lock:
            return [one.message_id for one in self.received]


class Cut(Exception):
    pass


class Session:
    def __init__(self, upstream, connection):
        self.upstream = upstream
        self.connection = connection
        self.buffer = b""
        self.octets = 0
        self.replies = 0
        self.mail = None
        self.recipients = []
        self.content = b""

    def run(self):
        try:
            self.say("CONNECT", "220 relay.example ESMTP")
            while (line := self.line()) is not None:
                self.command(line.decode("utf-8", "replace"))
        except (Cut, OSError):
            pass
        finally:
            self.connection.close()

    # Octets

    def fill(self):
        limit = self.upstream.cut_after
        most = 65536 if limit is None else min(65536, limit - self.octets)
        if most <= 0:
            raise Cut
        octets = self.connection.recv(most)
        self.octets += len(octets)
        self.buffer += octets
        return bool(octets)

    def line(self):
        while b"\r\n" not in self.buffer:
            if not self.fill():
                return None
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise Cut
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    # Replies

    def reply_to(self, command, usual):
        for beginning, answer in list(self.upstream.answers.items()):
            if command.startswith(beginning):
                return (answer(command) if callable(answer) else answer) or usual
        return usual

    def say(self, command, usual):
        reply = self.reply_to(command, usual)
        limit = self.upstream.cut_after_replies
        if limit is not None and self.replies >= limit:
            raise Cut
        self.replies += 1
        self.connection.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise Cut
        return reply

    # Commands

    def command(self, line):
        with self.upstream.lock:
            self.upstream.commands.append(line)
        verb = line.split(" ")[0].upper()
        if verb == "EHLO":
            offers = list(self.upstream.offers)
            if self.upstream.certificate and not isinstance(self.connection, ssl.SSLSocket):
                offers.append("STARTTLS")
            self.say(line, "\r\n".join(f"250-{one}" for one in ["relay.example", *offers]) + "\r\n250 HELP")
        elif verb == "STARTTLS":
            self.say(line, "220 Go ahead")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.upstream.certificate)
            self.connection = context.wrap_socket(self.connection, server_side=True)
        elif verb == "MAIL":
            nested = self.mail is not None  # RFC 5321 §4.1.4
            if self.say(line, "503 5.5.1 Nested MAIL" if nested else "250 2.1.0 Ok").startswith("2"):
                self.mail, self.recipients, self.content = line, [], b""
        elif verb == "RCPT":
            usual = "250 2.1.5 Ok" if self.mail else "503 5.5.1 MAIL first"
            if self.say(line, usual).startswith("2"):
                self.recipients.append(line)
        elif verb == "DATA":
            if not self.recipients:
                self.say(line, "554 5.5.1 No valid recipients")
            elif self.say(line, "354 Go ahead").startswith("3"):
                lines = []
                while (one := self.line()) != b".":
                    if one is None:
                        raise Cut
                    lines.append(one[1:] if one.startswith(b".") else one)
                self.content = b"".join(one + b"\r\n" for one in lines)
                self.end()
        elif verb == "BDAT":
            words = line.split(" ")
            self.content += self.exactly(int(words[1]))
            if words[-1].upper() == "LAST":
                self.end()
            else:
                self.say(line, "250 2.0.0 Ok")
        elif verb == "QUIT":
            self.say(line, "221 2.0.0 Bye")
            raise Cut
        elif verb == "AUTH":
            self.say(line, "235 2.7.0 Welcome")
        else:
            if verb == "RSET":
                self.mail = None
            self.say(line, "250 2.0.0 Ok")

    def end(self):
        """What is taken is remembered before the reply is said: a cut in between makes a duplicate."""
        message = Received(self.mail or "", self.recipients, self.content)
        usual = "250 2.0.0 Ok: queued" if self.recipients else "503 5.5.1 No valid recipients"
        reply = self.reply_to("CONTENT " + message.message_id, usual)
        if reply.startswith("2") and self.recipients:
            with self.upstream.lock:
                self.upstream.received.append(message)
        if self.recipients:
            self.mail = None
        self.say("CONTENT " + message.message_id, reply)
