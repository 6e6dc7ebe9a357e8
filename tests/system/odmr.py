"""A provider's on-demand mail relay (RFC 2645) for system tests, on loopback: it keeps mail until it was taken. After ATRN it is
a client, Python's smtplib, on the connection on which it was asked."""

import base64
import smtplib
import socket
import socketserver
import ssl
import threading


class Customer(smtplib.SMTP):
    """On a connection that is there already."""

    def __init__(self, connection):
        self.connection = connection
        super().__init__("customer", local_hostname="odmr.example.net", timeout=60)

    def _get_socket(self, host, port, timeout):
        return self.connection


class Odmr:
    """Use as a context manager. `cut_after`: octets of mail after which a connection is cut; None: never."""

    def __init__(self, certificates, login, password, domains):
        self.certificates, self.domains = certificates, domains
        self.plain = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        self.lock = threading.Lock()  # one customer at a time
        self.mail = []  # of each: recipients and octets
        self.asked = 0
        self.cut_after = None

    def __enter__(self):
        odmr = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with odmr.lock:
                    try:
                        odmr.serve(self)
                    except (OSError, smtplib.SMTPException):
                        pass  # it went away

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler):
        connection, lines = handler.request, handler.rfile
        connection.settimeout(60)
        secure = logged_in = False

        def say(line):
            connection.sendall(line.encode() + b"\r\n")

        say("220 odmr.example.net on-demand mail relay server ready")
        while line := lines.readline():
            verb, _, argument = line.decode().strip().partition(" ")
            if verb == "EHLO":
                say("250-odmr.example.net\r\n" + ("250-AUTH PLAIN\r\n" if secure else "250-STARTTLS\r\n") + "250 ATRN")
            elif verb == "STARTTLS" and not secure:
                say("220 go ahead")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificates / "relay.crt", self.certificates / "relay.key")
                connection = context.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
                secure = True
            elif verb == "AUTH" and secure:
                logged_in = argument == f"PLAIN {self.plain}"
                say("235 now authenticated" if logged_in else "535 wrong login or password")
            elif verb == "ATRN" and not logged_in:
                say("530 Authentication required")
            elif verb == "ATRN":
                self.asked += 1
                if argument not in self.domains:
                    say("450 ATRN request refused")
                elif not self.mail:
                    say("453 You have no mail")
                else:
                    say("250 OK now reversing the connection")
                    return self.bring(connection)
            elif verb == "QUIT":
                return say("221 goodbye")
            else:
                say("502 not implemented")

    def bring(self, connection):
        customer = Customer(connection)
        left = self.cut_after
        while self.mail:
            recipients, octets = self.mail[0]
            if left is not None and len(octets) > left:
                customer.ehlo()
                customer.mail("carol@example.org")
                for recipient in recipients:
                    customer.rcpt(recipient)
                customer.docmd("DATA")
                customer.send(octets[:left])
                connection.shutdown(socket.SHUT_RDWR)
                return
            customer.sendmail("carol@example.org", recipients, octets)
            self.mail.pop(0)
            if left is not None:
                left -= len(octets)
        customer.quit()
