"""E-mail by SMTP, over a connection that is kept between letters."""

import binascii
import contextlib
import smtplib
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from thereafter.kit import clock
from thereafter.messaging.channels.letters import ACCEPTED, Answer, Channel, Letter, Verdict
from thereafter.messaging.channels.null import Null

TIMEOUT_SECONDS = 20
IDLE_SECONDS = 20


class BadMailAddress(ValueError):
    """The mail setting is none of smtp://, smtps:// and null:."""


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    user: str
    password: str
    tls: str


def server(url: str) -> Server:
    """smtp://user:password@host:port (STARTTLS when offered; ?tls=always or ?tls=never); smtps:// for TLS at once."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadMailAddress(
            f"{parts.scheme or 'This'}: is no mail address; use smtp://host:port, smtps://host or null:"
        )
    tls = "from_start" if parts.scheme == "smtps" else dict(parse_qsl(parts.query)).get("tls", "if_offered")
    port = parts.port or (465 if tls == "from_start" else 587 if parts.username else 25)
    return Server(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls)


@lru_cache(maxsize=8)
def channel(url: str) -> Channel:
    return Null() if url.startswith("null:") else Smtp(server(url))


class Smtp:
    """Each thread keeps a connection of its own; one that went stale is opened again before anything was said on it."""

    together = 20

    def __init__(self, server: Server) -> None:
        self.server = server
        self._mine = threading.local()

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        for letter in letters:
            yield self._deliver(letter)

    def _deliver(self, letter: Letter) -> Verdict:
        try:
            connection = self._connection()
            connection.sendmail(letter.sender, [letter.to], as_bytes(letter))
            self._mine.used = time.monotonic()
        except smtplib.SMTPRecipientsRefused as refused:
            return _verdict(*next(iter(refused.recipients.values())))
        except smtplib.SMTPResponseException as refused:
            return self._given_up(_verdict(refused.smtp_code, refused.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            return self._given_up(Verdict(Answer.LATER, f"The mail server could not be reached: {error}"[:250]))
        except ValueError as error:
            # A sender outside ASCII, say; it must not keep the letters beside it from going.
            return self._given_up(Verdict(Answer.REFUSED, f"The letter cannot be put on the wire: {error}"[:250]))
        return ACCEPTED

    def _connection(self) -> smtplib.SMTP:
        kept: smtplib.SMTP | None = getattr(self._mine, "connection", None)
        if kept and (time.monotonic() - self._mine.used < IDLE_SECONDS or _is_alive(kept)):
            return kept
        self._mine.connection, self._mine.used = _open(self.server), time.monotonic()
        opened: smtplib.SMTP = self._mine.connection
        return opened

    def _given_up(self, verdict: Verdict) -> Verdict:
        """After an error the state of the dialogue is unknown: the next letter gets a fresh connection."""
        self.close()
        return verdict

    def close(self) -> None:
        kept: smtplib.SMTP | None = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if kept:
            kept.close()


def _open(server: Server) -> smtplib.SMTP:
    if server.tls == "from_start":
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        connection.ehlo()
        if server.tls == "always" or (server.tls == "if_offered" and connection.has_extn("starttls")):
            connection.starttls(context=ssl.create_default_context())
    if server.user:
        connection.login(server.user, server.password)
    return connection


def _is_alive(connection: smtplib.SMTP) -> bool:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        return connection.noop()[0] == 250  # noqa: PLR2004 SMTP's "fine"
    return False


def _verdict(code: int, text: bytes | str) -> Verdict:
    """5xx is for ever, anything else may pass."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Verdict(Answer.REFUSED if code >= 500 else Answer.LATER, f"{code} {words}"[:250])  # noqa: PLR2004


def as_bytes(letter: Letter) -> bytes:
    """The letter as it goes over the wire: text first, HTML second, in the order in which readers prefer the last."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(clock.now())
    message["To"] = letter.to
    message["Subject"] = letter.subject
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["MIME-Version"] = "1.0"
    message.set_type("multipart/alternative")
    message.set_payload([_part("plain", letter.text), _part("html", letter.html)])
    headers = {"From": formataddr((letter.sender_name, letter.sender)), **letter.headers}
    return _as_they_are(headers) + message.as_bytes()


def _as_they_are(headers: Mapping[str, str]) -> bytes:
    """Past the email package, which writes a long address as encoded words that no mailbox can click (RFC 2369), and
    loses the quotes round a name with a comma. Raises ValueError for what no header can hold."""
    if any(not value.isprintable() for value in headers.values()):
        raise ValueError("a header holds control characters")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def _part(subtype: str, body: str) -> Message:
    """Quoted-printable by the C function: the email package's own encoder is twenty times slower."""
    part = MIMENonMultipart("text", subtype, charset="utf-8", policy=SMTP_POLICY)
    part["Content-Transfer-Encoding"] = "quoted-printable"
    lines = body.replace("\r\n", "\n").replace("\r", "\n").encode()
    part.set_payload(binascii.b2a_qp(lines, istext=True).decode("ascii"))
    return part
