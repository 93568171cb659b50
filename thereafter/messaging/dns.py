"""Asking the system's name server: all questions at once over UDP, within a few seconds, once more where none came."""

import secrets
import select
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from thereafter.messaging.rules.dns_packets import BadPacket, Question, ask, read

Server = tuple[str, int]
SECONDS = 3.0
_LARGEST, _TRIES = 65_535, 2


def system_server() -> Server:
    """The first name server that the system uses."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [parts[1] for line in lines if (parts := line.split())[:1] == ["nameserver"] and len(parts) > 1]
    return (named[0] if named else "127.0.0.1", 53)


def look_up(
    questions: Iterable[Question], *, server: Server | None = None, seconds: float = SECONDS
) -> dict[Question, tuple[str, ...] | None]:
    """The records by question; () when there are none, None when nobody answered in time."""
    there = server or system_server()
    found: dict[Question, tuple[str, ...] | None] = dict.fromkeys(questions)
    family = socket.AF_INET6 if ":" in there[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            # Connected, so that only this server's answers come in.
            udp.connect(there)
            for _ in range(_TRIES):
                _round(udp, there, found, time.monotonic() + seconds / _TRIES)
    except OSError:
        # No network, or no such server: what was not answered stays None.
        pass
    return found


def _round(udp: socket.socket, there: Server, found: dict[Question, tuple[str, ...] | None], deadline: float) -> None:
    open_questions: dict[int, Question] = {}
    for question in [one for one, records in found.items() if records is None]:
        number = secrets.randbelow(1 << 16)
        try:
            udp.send(ask(number, question))
        except BadPacket:
            found[question] = ()
            continue
        open_questions[number] = question
    while open_questions and (left := deadline - time.monotonic()) > 0:
        if not select.select([udp], [], [], left)[0]:
            return
        try:
            answer = read(udp.recv(_LARGEST))
        except BadPacket:
            continue
        question = open_questions.get(answer.number, Question("", 0))
        if answer.question != Question(question.name.lower().strip("."), question.kind):
            continue
        del open_questions[answer.number]
        if not answer.failed:
            found[question] = _whole(question, there, deadline) if answer.truncated else answer.records


def _whole(question: Question, there: Server, deadline: float) -> tuple[str, ...] | None:
    """What does not fit into a packet is asked for over TCP."""
    left = max(deadline - time.monotonic(), 0.1)
    try:
        with socket.create_connection(there, timeout=left) as tcp:
            packet = ask(secrets.randbelow(1 << 16), question)
            tcp.sendall(len(packet).to_bytes(2, "big") + packet)
            length = int.from_bytes(_exactly(tcp, 2), "big")
            return read(_exactly(tcp, length)).records
    except (OSError, BadPacket):
        return None


def _exactly(tcp: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = tcp.recv(length - len(data))
        if not part:
            raise OSError("the name server hung up")
        data += part
    return data
