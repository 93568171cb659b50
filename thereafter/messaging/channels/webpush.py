"""Notifications of the browser: Web Push (RFC 8030), encrypted by RFC 8291 and signed by RFC 8292.

The services are those of browser makers; a browser names its own, so any other host is refused before we call it.
"""

import base64
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import urllib3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thereafter.messaging.channels.letters import Answer, Verdict, by_status

# A browser's endpoint is at one of these hosts or below it.
SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com")
# What every service takes: 4096 octets with 16 of salt, 4 of size, 66 of key and 17 of the cipher.
LONGEST = 3993
KEPT_FOR = timedelta(days=1)
SIGNED_FOR = timedelta(hours=12)
_RECORD = 4096
_AUTH = 16
# Without what one reader of addresses takes for a part of the host and another for its end (a backslash, a space).
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:-]+(?:[/?][!-\[\]-~]*)?")
_CURVE = ec.SECP256R1()
_pool = urllib3.PoolManager(maxsize=4, retries=False, timeout=urllib3.Timeout(connect=5, read=10))


class BadSubscription(ValueError):
    """Not what a browser gives for its push subscription, or of a service we do not know."""


@dataclass(frozen=True)
class Browser:
    """Where a browser is reached, and the keys that only it can read with."""

    endpoint: str
    key: bytes
    auth: bytes


@dataclass(frozen=True)
class Sender:
    """Who sends: our key, and whom a service writes to when something is wrong (mailto: or https:)."""

    private: ec.EllipticCurvePrivateKey
    contact: str


def read(text: str, more_hosts: Sequence[str] = ()) -> Browser:
    """What `PushSubscription.toJSON()` gives; raises `BadSubscription`."""
    try:
        given = json.loads(text)
        keys = given["keys"]
        browser = Browser(str(given["endpoint"]), _bytes(keys["p256dh"]), _bytes(keys["auth"]))
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, browser.key)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadSubscription("This is not a push subscription.") from None
    if len(browser.auth) != _AUTH or not is_service(browser.endpoint, more_hosts):
        raise BadSubscription("This push subscription is of a service we do not know.")
    return browser


def is_service(endpoint: str, more_hosts: Sequence[str] = ()) -> bool:
    """Whether we may call the address; `more_hosts` are allowed besides, without TLS too (for tests and rehearsals)."""
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return False
    if host in more_hosts:
        return True
    known = any(host == service or host.endswith(f".{service}") for service in SERVICES)
    return known and parts.scheme == "https" and port in {None, 443} and bool(_PLAIN.fullmatch(endpoint))


def key_of(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The installation's own key, always the same for the same secret: browsers tie a subscription to it."""
    seed = HKDF(hashes.SHA256(), 48, None, b"thereafter.webpush").derive(secret)
    return ec.derive_private_key(int.from_bytes(seed, "big") % (_CURVE.group_order - 1) + 1, _CURVE)


def public_key(private: ec.EllipticCurvePrivateKey) -> str:
    """As a browser wants it for `applicationServerKey`."""
    return _text(_point(private))


def send(browser: Browser, body: bytes, sender: Sender, *, topic: str, now: datetime) -> Verdict:
    """Hands a notification to the browser's service. `topic` (URL-safe, at most 32) replaces an older one unread."""
    headers = {
        "Authorization": authorization(browser.endpoint, sender, now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(KEPT_FOR.total_seconds())),
        "Urgency": "normal",
        "Topic": topic,
    }
    try:
        answer = _pool.request("POST", browser.endpoint, body=encrypt(browser, body), headers=headers, redirect=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return Verdict(Answer.LATER, f"The push service could not be reached: {error}"[:250])
    return _verdict(answer.status, answer.data)


def _verdict(status: int, body: bytes) -> Verdict:
    """404 and 410 say that the browser does not want any more; 429 and 5xx pass."""
    said = f"{status} {body[:200].decode('utf-8', 'replace')}".strip()
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return Verdict(Answer.GONE, said)
    return by_status(status, said)


def encrypt(
    browser: Browser, body: bytes, *, private: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """RFC 8291: one record of aes128gcm (RFC 8188). Key and salt are new each time unless a test gives them.

    Raises ValueError when the body is longer than every service takes.
    """
    if len(body) > LONGEST:
        raise ValueError(f"a notification may have {LONGEST} octets, this one has {len(body)}")
    private, salt = private or ec.generate_private_key(_CURVE), salt or os.urandom(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, browser.key)
    ours = _point(private)
    shared = private.exchange(ec.ECDH(), theirs)
    material = _derive(shared, browser.auth, b"WebPush: info\0" + browser.key + ours, 32)
    key = _derive(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(material, salt, b"Content-Encoding: nonce\0", 12)
    # The octet 2 ends the last record.
    sealed = AESGCM(key).encrypt(nonce, body + b"\x02", None)
    return salt + _RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


def authorization(endpoint: str, sender: Sender, now: datetime) -> str:
    """RFC 8292: a JWT for the service's origin, and the key that it is signed with."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": sender.contact,
    }
    said = ".".join(_text(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(sender.private.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    signature = _text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={said}.{signature}, k={public_key(sender.private)}"


def _derive(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
