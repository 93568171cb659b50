"""The demo's own mail server: takes what the shop sends by real SMTP and keeps it to be read in the browser."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from thereafter.kit import clock

FOLDER = settings.VAR / "mail"


@dataclass(frozen=True)
class Mail:
    name: str
    sender: str
    to: str
    subject: str
    arrived_at: datetime
    html: str
    text: str
    headers: list[tuple[str, str]]


class Keeper:
    """What aiosmtpd calls when a message has arrived whole."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        FOLDER.mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%d-%H%M%S-%f}.eml"
        (FOLDER / name).write_bytes(envelope.original_content or b"")
        return "250 Kept for the browser"


def serve(port: int) -> Controller:
    """Starts the mail server on this machine only; `.stop()` ends it."""
    controller = Controller(Keeper(), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


def mails(to: str = "") -> list[Mail]:
    """The newest hundred mails, newest first, of one recipient if asked."""
    names = sorted((path.name for path in FOLDER.glob("*.eml")), reverse=True)
    found = (mail for name in names if (mail := read(name)) and (not to or to in mail.to))
    return [mail for mail, _ in zip(found, range(100), strict=False)]


def read(name: str) -> Mail | None:
    """One mail by its file's name; None for a name that is none of ours."""
    path = FOLDER / Path(name).name
    if path.suffix != ".eml" or not path.is_file():
        return None
    message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Mail(
        name=path.name,
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        arrived_at=datetime.strptime(path.stem, "%Y%m%d-%H%M%S-%f").replace(tzinfo=clock.now().tzinfo),
        html=_part(message, "html"),
        text=_part(message, "plain"),
        headers=[(key, str(value)) for key, value in message.items()],
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
