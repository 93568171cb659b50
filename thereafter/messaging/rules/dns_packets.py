"""Questions to a name server and its answers, as bytes (RFC 1035, with the larger packets of RFC 6891)."""

import struct
from typing import NamedTuple

MX, TXT, CNAME = 15, 16, 5
_OPT, _IN, _PAYLOAD = 41, 1, 4096
_RECURSE, _TRUNCATED, _REPLY = 0x0100, 0x0200, 0x8000
_HEADER = struct.Struct("!HHHHHH")
NXDOMAIN = 3
_POINTER, _MOST_JUMPS = 0xC0, 32


class BadPacket(ValueError):
    """Not an answer that can be read."""


class Question(NamedTuple):
    name: str
    kind: int


class Answer(NamedTuple):
    """`records` are texts, or "preference host" of an MX; empty when the name has none."""

    number: int
    question: Question
    truncated: bool
    failed: bool
    records: tuple[str, ...]


def ask(number: int, question: Question) -> bytes:
    """A question that asks for recursion; raises `BadPacket` for a name that cannot be one."""
    header = _HEADER.pack(number, _RECURSE, 1, 0, 0, 1)
    option = b"\0" + struct.pack("!HHIH", _OPT, _PAYLOAD, 0, 0)
    return header + _packed(question.name) + struct.pack("!HH", question.kind, _IN) + option


def _packed(name: str) -> bytes:
    try:
        labels = [label.encode("idna" if not label.isascii() else "ascii") for label in name.strip(".").split(".")]
    except UnicodeError as error:
        raise BadPacket(f"{name} is no domain name") from error
    if any(not label or len(label) > 63 for label in labels) or sum(map(len, labels)) + len(labels) > 253:  # noqa: PLR2004  RFC 1035, 2.3.4
        raise BadPacket(f"{name} is no domain name")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read(packet: bytes) -> Answer:
    """An answer taken apart; raises `BadPacket`."""
    try:
        number, flags, asked, answered, _, _ = _HEADER.unpack_from(packet)
        if not flags & _REPLY or asked != 1:
            raise BadPacket("not an answer to one question")
        name, at = _name(packet, _HEADER.size)
        kind, _class = struct.unpack_from("!HH", packet, at)
        at += 4
        records = []
        for _ in range(answered):
            record, at = _record(packet, at, kind)
            records += [record] if record is not None else []
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadPacket(str(error)) from error
    code = flags & 0x000F
    return Answer(number, Question(name, kind), bool(flags & _TRUNCATED), code not in {0, NXDOMAIN}, tuple(records))


def _record(packet: bytes, at: int, wanted: int) -> tuple[str | None, int]:
    """One record; None when it is of another kind, such as the CNAME on the way to the text."""
    _, at = _name(packet, at)
    kind, _class, _ttl, length = struct.unpack_from("!HHIH", packet, at)
    at += 10
    end = at + length
    if end > len(packet):
        raise BadPacket("a record is cut off")
    if kind != wanted:
        return None, end
    if kind == TXT:
        return _text(packet[at:end]), end
    (preference,) = struct.unpack_from("!H", packet, at)
    host, _ = _name(packet, at + 2)
    return f"{preference} {host or '.'}", end


def _text(data: bytes) -> str:
    """The strings of a text record, joined as SPF and DKIM want it."""
    parts, at = [], 0
    while at < len(data):
        length = data[at]
        parts.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(parts).decode("utf-8", "replace")


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; pointers lead back, and only so often."""
    labels, end, jumps = [], 0, 0
    while packet[at]:
        length = packet[at]
        if length & _POINTER == _POINTER:
            end, jumps = end or at + 2, jumps + 1
            if jumps > _MOST_JUMPS:
                raise BadPacket("a name points in circles")
            at = ((length & 0x3F) << 8) | packet[at + 1]
            continue
        labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels).lower(), end or at + 1
