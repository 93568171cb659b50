"""What providers post, shaped as their public documentation shows it; ids and addresses are those of the test."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TO = "john@example.com"
PHONE_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile"
LINK = "https://stride.example/shoes"
CALLED = "http://127.0.0.1:8000"
svix_key = base64.b64encode(b"0123456789abcdef01234567").decode()
ecdsa = ec.generate_private_key(ec.SECP256R1())


def sendgrid_key(private: ec.EllipticCurvePrivateKey) -> str:
    """As SendGrid shows it to who turned on the signed event webhook."""
    return base64.b64encode(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def basic(secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"thereafter:{secret}".encode()).decode()}


def as_json(document: Any, **headers: str) -> tuple[bytes, dict[str, str]]:
    return json.dumps(document).encode(), {"content-type": "application/json", **headers}


@dataclass(frozen=True)
class Sample:
    """`secret` is what the merchant typed in, or what we made. Each maker gives a body and its headers."""

    secret: str
    events: Mapping[str, Callable[[str, int], tuple[bytes, dict[str, str]]]]
