"""A letter as it goes over the wire."""

import binascii
import hashlib
from email.header import Header
from email.utils import format_datetime, formataddr

from thereafter.commerce.rules.text import wire_email
from thereafter.kit import clock
from thereafter.messaging.channels.letters import Letter

# What is longer is folded, as encoded words.
_LINE = 66


def as_bytes(letter: Letter) -> bytes:
    """The letter as it goes over the wire: text first, HTML second, in the order in which readers prefer the last.

    Put together by hand: the email package takes several times as long as the rest of a letter, writes a long address
    as encoded words that no mailbox can click (RFC 2369), and loses the quotes round a name with a comma. Raises
    ValueError for what no header can hold.
    """
    headers = {
        "From": formataddr((letter.sender_name, letter.sender)),
        **letter.headers,
        "Message-ID": letter.message_id,
        "Date": format_datetime(clock.now()),
        "To": wire_email(letter.to),
        "Subject": letter.subject,
        **({"Reply-To": letter.reply_to} if letter.reply_to else {}),
        "MIME-Version": "1.0",
    }
    if any(not value.isprintable() for value in headers.values()):
        raise ValueError("a header holds control characters")
    headers["Subject"] = _in_words_of_ascii(letter.subject)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, *_body(letter), ""]).encode("ascii")


def _in_words_of_ascii(subject: str) -> str:
    """As it stands where it may, else as encoded words (RFC 2047)."""
    if subject.isascii() and len(subject) <= _LINE and "=?" not in subject:
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _body(letter: Letter) -> list[str]:
    """The rest of the headers and what they announce; a letter that is text alone has no parts."""
    if not letter.html:
        return _part("plain", letter.text)
    between = f"part-{hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]}"
    return [
        f'Content-Type: multipart/alternative; boundary="{between}"',
        "",
        f"--{between}",
        *_part("plain", letter.text),
        f"--{between}",
        *_part("html", letter.html),
        f"--{between}--",
    ]


def _part(subtype: str, body: str) -> list[str]:
    """Quoted-printable by the C function. Every line that it ends is ended as the wire wants it."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").encode()
    written = binascii.b2a_qp(lines, istext=True).decode("ascii").replace("\n", "\r\n")
    return [
        f'Content-Type: text/{subtype}; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        written,
    ]
