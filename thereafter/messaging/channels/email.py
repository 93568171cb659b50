"""E-mail: by SMTP over connections that are kept between letters, or by a provider's own interface."""

import contextlib
import smtplib
import ssl
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from thereafter.commerce.rules.text import wire_email
from thereafter.messaging.channels import providers
from thereafter.messaging.channels.letters import Account, Answer, Channel, Field, Kind, Letter, Provider, Verdict
from thereafter.messaging.channels.mime import as_bytes
from thereafter.messaging.channels.null import Null
from thereafter.messaging.channels.provider_list import PROVIDERS
from thereafter.messaging.rules import bounces

TIMEOUT_SECONDS = 20
IDLE_SECONDS = 20
MOST_CONNECTIONS = 16
# What SMTP answers when it is ready for the letter itself.
_GO_ON = 354


class BadMailAddress(ValueError):
    """The mail setting is none of smtp://, smtps://, a provider's and null:."""


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    user: str
    password: str
    tls: str
    connections: int = 1


def server(url: str) -> Server:
    """smtp://user:password@host:port (STARTTLS when offered; ?tls=always or ?tls=never); smtps:// for TLS at once.
    ?connections=4 sends over four at a time."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadMailAddress(
            f"{parts.scheme or 'This'}: is no mail address; use smtp://host:port, smtps://host, "
            "a provider such as postmark:?server_token=…, or null:"
        )
    asked = dict(parse_qsl(parts.query))
    tls = "from_start" if parts.scheme == "smtps" else asked.get("tls", "if_offered")
    port = parts.port or (465 if tls == "from_start" else 587 if parts.username else 25)
    connections = _connections(asked.get("connections", ""))
    return Server(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls, connections)


def _connections(text: str) -> int:
    return max(1, min(int(text), MOST_CONNECTIONS)) if text.isdecimal() and len(text) <= 2 else 1  # noqa: PLR2004 digits


@lru_cache(maxsize=64)
def channel(url: str) -> Channel:
    """The channel of a setting: null:, smtp://…, smtps://… or a provider with its keys, `resend:?api_key=…`."""
    if url.startswith("null:"):
        return Null()
    parts = urlsplit(url)
    if parts.scheme in PROVIDERS:
        return providers.opened(Account.of("email", parts.scheme, dict(parse_qsl(parts.query))))
    return Smtp(server(url))


def _opened(account: Account) -> Channel:
    if account.provider == "url":
        return channel(account.get("url"))
    return _smtp(account) if account.provider in _BY_SMTP else providers.opened(account)


@lru_cache(maxsize=64)
def _smtp(account: Account) -> "Smtp":
    port, tls = account.get("port"), account.get("tls") or "if_offered"
    return Smtp(
        Server(
            _BY_SMTP[account.provider].format(**{"host": "", "region": "", **dict(account.fields)}),
            int(port) if port.isdecimal() else (465 if tls == "from_start" else 587),
            account.get("user"),
            account.get("password"),
            tls,
            _connections(account.get("connections")),
        )
    )


class Smtp:
    """Each thread keeps a connection of its own; one that went stale is opened again before anything was said on it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.together = 20 * server.connections
        self._mine = threading.local()
        self._opened: weakref.WeakSet[smtplib.SMTP] = weakref.WeakSet()
        self._threads = (
            ThreadPoolExecutor(server.connections, thread_name_prefix="smtp") if server.connections > 1 else None
        )

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return self._threads.map(self._deliver, letters) if self._threads else map(self._deliver, letters)

    def _deliver(self, letter: Letter) -> Verdict:
        try:
            verdict = self._hand_over(self._connection(), letter)
            self._mine.used = time.monotonic()
        except smtplib.SMTPResponseException as refused:
            return self._given_up(_verdict(refused.smtp_code, refused.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            return self._given_up(Verdict(Answer.LATER, f"The mail server could not be reached: {error}"[:250]))
        except ValueError as error:
            # A sender outside ASCII, say; it must not keep the letters beside it from going.
            return self._given_up(Verdict(Answer.REFUSED, f"The letter cannot be put on the wire: {error}"[:250]))
        return verdict

    def _hand_over(self, connection: smtplib.SMTP, letter: Letter) -> Verdict:
        """Raises `SMTPResponseException` for what is not about the receiver."""
        body = as_bytes(letter)
        sender, receiver, ready = _envelope(connection, letter)
        refused = sender if sender[0] not in _FINE else receiver if receiver[0] not in _FINE else ready
        if ready[0] == _GO_ON and refused is not ready:
            # It asks for a letter without having taken the envelope: an empty one ends the dialogue (RFC 2920).
            connection.send(b".\r\n")
            connection.getreply()
        if refused is receiver:
            connection.rset()
            return _verdict(*receiver, of_address=True)
        if refused is sender or ready[0] != _GO_ON:
            raise smtplib.SMTPResponseException(*refused)
        connection.send(_quoted(body))
        code, said = connection.getreply()
        if code not in _FINE:
            raise smtplib.SMTPResponseException(code, said)
        return Verdict(Answer.ACCEPTED, provider_id=_given_id(self.server.host, said))

    def _connection(self) -> smtplib.SMTP:
        kept: smtplib.SMTP | None = getattr(self._mine, "connection", None)
        if kept and (time.monotonic() - self._mine.used < IDLE_SECONDS or _is_alive(kept)):
            return kept
        self._mine.connection, self._mine.used = _open(self.server), time.monotonic()
        opened: smtplib.SMTP = self._mine.connection
        self._opened.add(opened)
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

    def close_all(self) -> None:
        """Of every thread; nothing can be sent by it any more."""
        for connection in list(self._opened):
            connection.close()
        if self._threads:
            self._threads.shutdown()


Reply = tuple[int, bytes]
_FINE = (250, 251)


def _envelope(connection: smtplib.SMTP, letter: Letter) -> tuple[Reply, Reply, Reply]:
    """What is answered to MAIL, RCPT and DATA: said in one go where the server can take that (RFC 2920)."""
    connection.ehlo_or_helo_if_needed()
    said = [
        f"MAIL FROM:{smtplib.quoteaddr(letter.sender)}",
        f"RCPT TO:{smtplib.quoteaddr(wire_email(letter.to))}",
        "DATA",
    ]
    if any("\r" in line or "\n" in line for line in said):
        raise ValueError("an address holds a line break")
    if connection.has_extn("pipelining"):
        connection.send("".join(f"{line}\r\n" for line in said).encode("ascii"))
        return connection.getreply(), connection.getreply(), connection.getreply()
    unsaid = (0, b"")
    sender = _said(connection, said[0])
    receiver = _said(connection, said[1]) if sender[0] in _FINE else unsaid
    return sender, receiver, _said(connection, said[2]) if receiver[0] in _FINE else unsaid


def _said(connection: smtplib.SMTP, line: str) -> Reply:
    connection.send(f"{line}\r\n".encode("ascii"))
    return connection.getreply()


def _quoted(body: bytes) -> bytes:
    """A line that begins with a full stop gets another one, and one alone ends the letter."""
    dotted = b"." + body if body.startswith(b".") else body
    dotted = dotted.replace(b"\r\n.", b"\r\n..")
    return dotted + (b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n")


def _given_id(host: str, said: bytes) -> str:
    """Amazon's servers say under which name its news will speak of the letter; others' words mean nothing to us."""
    if not (host.startswith("email-smtp.") and host.endswith(".amazonaws.com")):
        return ""
    words = said.decode("ascii", "replace").split()
    return words[-1][:120] if len(words) > 1 else ""


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


def _verdict(code: int, text: bytes | str, *, of_address: bool = False) -> Verdict:
    """5xx is for ever, anything else may pass."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    answer = Answer.REFUSED if code >= 500 else Answer.LATER  # noqa: PLR2004 SMTP: 5xx stays
    return Verdict(answer, f"{code} {words}"[:250], bounced=of_address and bounces.is_for_ever(code, words))


_SERVER = (
    Field("user", "User name", required=False),
    Field("password", "Password", secret=True, required=False),
    Field("connections", "Connections at a time", "1 unless your provider asks for more.", required=False, default="1"),
)
# By the provider, where its mail server stands.
_BY_SMTP = {"smtp": "{host}", "amazon_ses": "email-smtp.{region}.amazonaws.com"}
KIND = Kind(
    "email",
    "E-mail",
    "mail",
    "an e-mail address",
    _opened,
    providers=(
        Provider(
            "smtp",
            "A mail server (SMTP)",
            (
                Field("host", "Host", "Such as mail.yourshop.com."),
                Field("port", "Port", "587, or 465 for TLS from the start.", required=False, default="587"),
                *_SERVER,
            ),
            "Your own mail server, or any provider's SMTP access.",
        ),
        Provider(
            "amazon_ses",
            "Amazon SES",
            (
                Field("region", "Region", "Such as eu-central-1.", default="eu-central-1"),
                Field("user", "SMTP user name", "SES, SMTP settings, Create SMTP credentials."),
                Field("password", "SMTP password", secret=True),
                _SERVER[-1],
            ),
            "Sent over SES's mail servers; deliveries, bounces and complaints come back through SNS.",
        ),
        *PROVIDERS.values(),
    ),
)
