"""Passes for Apple Wallet: a ZIP of the pass, its pictures, their digests and a detached signature (PKCS #7).

Pure: certificates and facts in, bytes out. Formats: Apple's "Wallet Passes" and "PassKit Package Format Reference".
"""

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import NameOID

MEDIA_TYPE = "application/vnd.apple.pkpass"
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BadCertificate(ValueError):
    """What was given cannot sign passes; the text says why."""


@dataclass(frozen=True)
class Signer:
    """A merchant's certificate for passes, the one of Apple that signed it, and its key; all PEM."""

    certificate: str
    issuer: str
    key: str

    @property
    def pass_type(self) -> str:
        return _named(x509.load_pem_x509_certificate(self.certificate.encode()), NameOID.USER_ID)

    @property
    def team(self) -> str:
        return _named(x509.load_pem_x509_certificate(self.certificate.encode()), NameOID.ORGANIZATIONAL_UNIT_NAME)

    @property
    def expires_at(self) -> datetime:
        return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc


def signer(given: bytes, password: str, issuer: bytes) -> Signer:
    """From a .p12 as Keychain exports it (or PEM of certificate and key) and Apple's intermediate certificate.

    Raises `BadCertificate`.
    """
    certificate, key = _certificate_and_key(given, password)
    above = _certificate(issuer, "Apple's intermediate certificate")
    try:
        certificate.verify_directly_issued_by(above)
    except Exception:  # what the library raises depends on what is wrong
        raise BadCertificate("The certificate was not signed by this intermediate certificate of Apple.") from None
    if certificate.public_key() != key.public_key():
        raise BadCertificate("The key does not belong to the certificate.")
    made = Signer(
        _pem(certificate), _pem(above), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )
    if not made.pass_type.startswith("pass.") or not made.team:
        raise BadCertificate("This is no certificate for passes: its subject names no pass type (pass.…) and team.")
    return made


def _certificate_and_key(given: bytes, password: str) -> tuple[x509.Certificate, RSAPrivateKey]:
    secret = password.encode() or None
    try:
        if b"-----BEGIN" in given:
            certificate: Any = x509.load_pem_x509_certificate(given)
            key: Any = load_pem_private_key(_block(given, b"PRIVATE KEY"), secret)
        else:
            key, certificate, _ = pkcs12.load_key_and_certificates(given, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadCertificate(f"The file or its password is not right: {error}"[:200]) from None
    if certificate is None or not isinstance(key, RSAPrivateKey):
        raise BadCertificate("The file holds no certificate with its key. Export both together.")
    return certificate, key


def _block(given: bytes, kind: bytes) -> bytes:
    """The part of a PEM file that ends in these words."""
    start = next((at for at in _begins(given) if kind in given[at : at + 60].split(b"\n")[0]), None)
    if start is None:
        raise ValueError("there is no private key in it")
    return given[start:]


def _begins(given: bytes) -> list[int]:
    found, at = [], given.find(b"-----BEGIN")
    while at >= 0:
        found.append(at)
        at = given.find(b"-----BEGIN", at + 1)
    return found


def _certificate(given: bytes, what: str) -> x509.Certificate:
    try:
        return (x509.load_pem_x509_certificate if b"-----BEGIN" in given else x509.load_der_x509_certificate)(given)
    except ValueError:
        raise BadCertificate(f"{what} cannot be read: give the .cer or .pem file.") from None


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _named(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def field(key: str, label: str, value: str) -> dict[str, str]:
    return {"key": key, "label": label, "value": value}


def package(about: Mapping[str, Any], pictures: Mapping[str, bytes], by: Signer) -> bytes:
    """The .pkpass of a pass that `signed_by` began."""
    files = {"pass.json": json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode(), **pictures}
    files["manifest.json"] = json.dumps(digests(files)).encode()
    files["signature"] = signature(files["manifest.json"], by)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), body)
    return packed.getvalue()


def signed_by(signer: Signer, *, serial: str, shop: str, description: str, colours: tuple[str, str]) -> dict[str, Any]:
    """What every pass says; `colours` are those of the ground and of what stands on it, #rrggbb."""
    ground, text = colours
    return {
        "formatVersion": 1,
        "passTypeIdentifier": signer.pass_type,
        "teamIdentifier": signer.team,
        "serialNumber": serial,
        "organizationName": shop,
        "description": description,
        "logoText": shop,
        "backgroundColor": _rgb(ground),
        "foregroundColor": _rgb(text),
        "labelColor": _rgb(text),
    }


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-1, as the format demands; what protects the pass is the signature over them."""
    return {name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in files.items()}


def signature(manifest: bytes, by: Signer) -> bytes:
    certificate = x509.load_pem_x509_certificate(by.certificate.encode())
    key = load_pem_private_key(by.key.encode(), None)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(certificate, key, hashes.SHA256())  # type: ignore[arg-type]  # RSA, as `signer` saw
    builder = builder.add_certificate(x509.load_pem_x509_certificate(by.issuer.encode()))
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def _rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*octets(colour))


def octets(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))


Dot = Callable[[int, int, int], bool]


def icons(dot: Dot, colour: str, on_colour: str) -> dict[str, bytes]:
    """The icon in the sizes Apple asks for; `dot(size, x, y)` says which are drawn."""
    return {f"icon{name}.png": picture(29 * times, dot, colour, on_colour) for name, times in _SIZES}


_SIZES = (("", 1), ("@2x", 2), ("@3x", 3))


def picture(size: int, dot: Dot, colour: str, on_colour: str) -> bytes:
    """A square PNG in two colours."""
    ground, drawn = octets(colour), octets(on_colour)
    rows = b"".join(b"\0" + b"".join(drawn if dot(size, x, y) else ground for x in range(size)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
