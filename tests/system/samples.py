"""Messages to send through Postern: as clients make them, and as they should not. All from fixed seeds."""

import random
from email.message import EmailMessage
from email.policy import SMTP

CRLF = "\r\n"


def plain(subject="Hello", text="Dear Alice,\r\n\r\nthis is a test.\r\n", sender="bob@office.lan", recipient="alice@office.lan",
          message_id="<plain@client.example>"):
    return (f"From: Bob <{sender}>\r\nTo: {recipient}\r\nSubject: {subject}\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\n"
            f"Message-ID: {message_id}\r\n\r\n{text}").encode()


def with_attachment(seed, octets=40_000):
    """A scanner's mail: a text, an HTML alternative and a PDF."""
    source = random.Random(seed)
    message = EmailMessage(policy=SMTP)
    message["From"] = "Büro <bob@office.lan>"
    message["To"] = "alice@office.lan"
    message["Subject"] = "Angebot für Größe 42 – наше предложение"
    message["Message-ID"] = f"<attachment-{seed}@client.example>"
    message["Date"] = "Mon, 05 Jan 2026 10:00:00 +0100"
    message.set_content("Grüße aus dem Büro\n.\n..two dots\n. \nlast line\n")
    message.add_alternative("<p>Grüße aus dem <b>Büro</b></p>", subtype="html")
    message.add_attachment(source.randbytes(octets), maintype="application", subtype="pdf", filename="Größe 42.pdf")
    message.set_boundary(f"=_outer_{seed}")
    for number, part in enumerate(message.walk()):
        if part.is_multipart() and part is not message:
            part.set_boundary(f"=_inner_{seed}_{number}")
    return message.as_bytes()


def dotted():
    """Lines that begin with dots, and nothing but dots."""
    return plain(subject="Dots", text=".\r\n..\r\n...\r\n.x\r\n\r\n.\r\nend\r\n", message_id="<dots@client.example>")


def eight_bit():
    return plain(subject="Latin", text="", message_id="<latin@client.example>") + "Zürich, naïve, café\r\n".encode("latin-1")


def without_final_newline_in_parts():
    """A multipart whose parts end without a line of their own, and an epilogue."""
    return (b"From: bob@office.lan\r\nTo: alice@office.lan\r\nMessage-ID: <edges@client.example>\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\nfirst\r\n--b\r\n"
            b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nbody\r\n--b\r\n\r\n--b--\r\nepilogue\r\n")


def broken_mime():
    """Claims to be multipart and is not; a header line without colon; a boundary that never comes."""
    return (b"From: bob@office.lan\r\nthis line is no field\r\nMessage-ID: <broken@client.example>\r\n"
            b"Content-Type: multipart/mixed; boundary=\"never\"\r\n\r\n--other\r\n\r\nstill the body\r\n")


def long_lines():
    return plain(subject="Long", text="x" * 990 + CRLF + "y" * 998 + CRLF, message_id="<long@client.example>")


def large(octets=3_000_000):
    """Goes past what the daemon keeps in memory, in lines that differ."""
    source = random.Random(99)
    lines = []
    left = octets
    while left > 0:
        line = source.randbytes(36).hex() + CRLF
        lines.append(line)
        left -= len(line)
    return plain(subject="Large", text="".join(lines), message_id="<large@client.example>")


def all_of_them():
    return {
        "plain": plain(),
        "attachment": with_attachment(1),
        "dotted": dotted(),
        "eight_bit": eight_bit(),
        "edges": without_final_newline_in_parts(),
        "broken": broken_mime(),
        "long_lines": long_lines(),
        "large": large(),
    }
