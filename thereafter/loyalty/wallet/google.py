"""The card as a loyalty object for Google Wallet, in a signed link. Pure: facts and a key in, a link out.

The link carries the class and the object, so that nothing is asked of Google beforehand. Formats: Google's "Loyalty
cards" and "Issuing passes with the web"; the signature is RS256 of RFC 7515 (JWS) over RFC 7519 (JWT).
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from thereafter.loyalty.wallet.card import Card

SAVE = "https://pay.google.com/gp/v/save/"
_SAFE = re.compile(r"[^A-Za-z0-9._-]")


class BadKey(ValueError):
    """What was given cannot sign; the text says why."""


@dataclass(frozen=True)
class Account:
    """The merchant's issuer of passes, and the service account that signs for it; `key` is PEM."""

    issuer: str
    email: str
    key: str


def account(issuer: str, given: bytes) -> Account:
    """From the number of the issuer and the service account's key file (JSON). Raises `BadKey`."""
    if not issuer.strip().isdecimal():
        raise BadKey("The issuer's ID is a number; the Google Pay and Wallet console shows it.")
    try:
        told = json.loads(given)
        email, key = str(told["client_email"]), str(told["private_key"])
    except (ValueError, KeyError, TypeError):
        raise BadKey("This is not the key file of a service account. Give the JSON file as Google made it.") from None
    _private(key)
    return Account(issuer.strip(), email, key)


def _private(key: str) -> RSAPrivateKey:
    try:
        found = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("The key in the file cannot be read. Make a new one for the service account.") from None
    if not isinstance(found, RSAPrivateKey):
        raise BadKey("The key in the file is not an RSA key. Make a new one for the service account.")
    return found


def save_link(card: Card, by: Account, *, origin: str, now: datetime) -> str:
    """Opens Google Wallet with the card. `origin` is the site whose page shows the link."""
    claims = {
        "iss": by.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [origin],
        "payload": {"loyaltyClasses": [class_of(card, by)], "loyaltyObjects": [object_of(card, by)]},
    }
    return SAVE + signed(claims, by.key)


def signed(claims: Mapping[str, Any], key: str) -> str:
    """A JSON Web Token by RS256."""
    head = _text(json.dumps({"alg": "RS256", "typ": "JWT"}, separators=(",", ":")).encode())
    body = _text(json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode())
    signature = _private(key).sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}.{body}.{_text(signature)}"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def class_of(card: Card, by: Account) -> dict[str, Any]:
    """What all cards of the programme share. Google shows no card without a logo."""
    return {
        "id": f"{by.issuer}.{_SAFE.sub('_', card.serial.rsplit('-', 1)[0])}",
        "issuerName": card.shop,
        "programName": card.programme[:20],
        "reviewStatus": "UNDER_REVIEW",
        "hexBackgroundColor": card.colour,
        **({"programLogo": {"sourceUri": {"uri": card.logo_url}}} if card.logo_url else {}),
    }


def object_of(card: Card, by: Account) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": f"{by.issuer}.{_SAFE.sub('_', card.serial)}",
        "classId": class_of(card, by)["id"],
        "state": "ACTIVE",
        "accountId": card.number,
        "barcode": {"type": "QR_CODE", "value": card.code, "alternateText": card.number},
        "loyaltyPoints": {"label": card.points_label[:9], "balance": {"int": card.points}},
        "linksModuleData": {"uris": [{"uri": card.page, "description": card.page_label}]},
    }
    if card.member:
        told["accountName"] = card.member[:20]
    if card.tier:
        told["secondaryLoyaltyPoints"] = {"label": card.tier_label[:9], "balance": {"string": card.tier[:7]}}
    return told
