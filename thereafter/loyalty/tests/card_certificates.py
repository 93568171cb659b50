"""Certificates for tests of cards, and OpenSSL to check what was signed with them."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
Pair = tuple[x509.Certificate, rsa.RSAPrivateKey]
Subject = dict[x509.ObjectIdentifier, str]


def certificate(subject: Subject, by: Pair | None = None, *, days: int = 365) -> Pair:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    builder = x509.CertificateBuilder(
        issuer_name=by[0].subject if by else name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW - timedelta(days=30),
        not_valid_after=NOW + timedelta(days=days),
    ).add_extension(x509.BasicConstraints(ca=len(subject) == 1, path_length=None), critical=True)
    return builder.sign(by[1] if by else key, hashes.SHA256()), key


def common_name(pass_type: str) -> Subject:
    return {NameOID.USER_ID: pass_type, NameOID.ORGANIZATIONAL_UNIT_NAME: "TEAM123456", NameOID.COMMON_NAME: "P"}


ROOT = certificate({NameOID.COMMON_NAME: "Root of tests"})
MIDDLE = certificate({NameOID.COMMON_NAME: "Relations of tests"}, ROOT)
PASS = certificate(common_name("pass.example.club"), MIDDLE)


def pem(one: Pair) -> bytes:
    return one[0].public_bytes(Encoding.PEM)


def p12(one: Pair, password: bytes = b"word") -> bytes:
    return pkcs12.serialize_key_and_certificates(b"pass", one[1], one[0], None, BestAvailableEncryption(password))


def verifies(folder: Path, packed: dict[str, bytes], ca: bytes) -> bool:
    """Asks OpenSSL about a detached signature and its chain at that time."""
    for name, body in (*((name, packed[name]) for name in ("manifest.json", "signature")), ("ca.pem", ca)):
        (folder / name).write_bytes(body)
    signed = ["-inform", "DER", "-in", "signature", "-content", "manifest.json", "-CAfile", "ca.pem"]
    more = ["-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"]
    command = ["openssl", "smime", "-verify", "-binary", *signed, *more]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
