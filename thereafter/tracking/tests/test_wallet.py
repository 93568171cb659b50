"""The pass for Apple Wallet, checked as Apple's devices do: digests, then signature, then chain."""

import hashlib
import io
import json
import struct
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.tracking import passes
from thereafter.tracking.models import WalletKey
from thereafter.tracking.passes import BadCertificate
from thereafter.tracking.tests.makers import make_parcel

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
Pair = tuple[x509.Certificate, rsa.RSAPrivateKey]


def certificate(subject: dict[x509.ObjectIdentifier, str], by: Pair | None = None, *, days: int = 365) -> Pair:
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


ROOT = certificate({NameOID.COMMON_NAME: "Root of tests"})
MIDDLE = certificate({NameOID.COMMON_NAME: "Relations of tests"}, ROOT)
OURS = {
    NameOID.USER_ID: "pass.example.stride",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "TEAM123456",
    NameOID.COMMON_NAME: "P",
}
PASS = certificate(OURS, MIDDLE)


def pem(one: Pair) -> bytes:
    return one[0].public_bytes(Encoding.PEM)


def p12(one: Pair, password: bytes = b"word") -> bytes:
    return pkcs12.serialize_key_and_certificates(b"pass", one[1], one[0], None, BestAvailableEncryption(password))


SIGNER = passes.signer(p12(PASS), "word", pem(MIDDLE))
DELIVERY = passes.Delivery(
    serial="order-1",
    shop="Stride & Co",
    description="Delivery from Stride & Co",
    colour="#1f5f4f",
    on_colour="#ffffff",
    primary=passes.field("arrival", "Arriving", "Thursday 5 March"),
    relevant=NOW,
)


def files(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def verifies(folder: Path, packed: dict[str, bytes], ca: bytes) -> bool:
    """Asks OpenSSL, who knows nothing of how we signed, about a detached signature and its chain at that time."""
    for name, body in {
        "manifest.json": packed["manifest.json"],
        "signature": packed["signature"],
        "ca.pem": ca,
    }.items():
        (folder / name).write_bytes(body)
    command = [
        "openssl",
        "smime",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "signature",
        "-content",
        "manifest.json",
    ]
    more = ["-CAfile", "ca.pem", "-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"]
    done = subprocess.run([*command, *more], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


def test_the_signature_holds_for_the_manifest_and_leads_to_the_root(tmp_path: Path) -> None:
    packed = files(passes.package(DELIVERY, SIGNER))
    assert verifies(tmp_path, packed, pem(ROOT))
    altered = packed | {"manifest.json": packed["manifest.json"].replace(b"pass.json", b"Pass.json")}
    assert not verifies(tmp_path, altered, pem(ROOT))
    assert not verifies(tmp_path, packed, pem(certificate({NameOID.COMMON_NAME: "Other root"})))


def test_the_manifest_names_every_file_by_its_digest() -> None:
    packed = files(passes.package(DELIVERY, SIGNER))
    told = json.loads(packed["manifest.json"])
    rest = {name: body for name, body in packed.items() if name not in {"manifest.json", "signature"}}
    assert told == {name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in rest.items()}
    assert {"pass.json", "icon.png", "icon@2x.png"} <= set(rest)


def test_the_pass_is_of_its_team_and_has_what_apple_asks_for() -> None:
    told = json.loads(files(passes.package(DELIVERY, SIGNER))["pass.json"])
    assert (told["passTypeIdentifier"], told["teamIdentifier"]) == ("pass.example.stride", "TEAM123456")
    assert (told["formatVersion"], told["serialNumber"], told["organizationName"]) == (1, "order-1", "Stride & Co")
    assert told["generic"]["primaryFields"][0]["value"] == "Thursday 5 March"
    assert told["backgroundColor"] == "rgb(31, 95, 79)"


@pytest.mark.parametrize("size", [29, 58, 87])
def test_the_icon_is_a_picture_of_its_size(size: int) -> None:
    body = passes.icon(size, "#1f5f4f", "#ffffff")
    assert body[:8] == b"\x89PNG\r\n\x1a\n"
    at, kinds, data = 8, [], b""
    while at < len(body):
        (length,), kind = struct.unpack(">I", body[at : at + 4]), body[at + 4 : at + 8]
        chunk = body[at + 8 : at + 8 + length]
        assert struct.unpack(">I", body[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + chunk)
        kinds.append(kind)
        data += chunk if kind == b"IDAT" else b""
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert len(zlib.decompress(data)) == size * (3 * size + 1)


def test_a_key_in_pem_is_taken_too() -> None:
    key = PASS[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for given in (pem(PASS) + key, key + pem(PASS)):
        assert passes.signer(given, "", pem(MIDDLE)).pass_type == "pass.example.stride"


@pytest.mark.parametrize(
    ("given", "password", "issuer", "why"),
    [
        (p12(PASS), "wrong", pem(MIDDLE), "password"),
        (b"nonsense", "", pem(MIDDLE), "not right"),
        (p12(PASS), "word", pem(ROOT), "not signed by"),
        (p12(PASS), "word", b"nonsense", "intermediate"),
        (pem(PASS), "", pem(MIDDLE), "private key"),
        (
            p12(certificate({NameOID.COMMON_NAME: "Plain", NameOID.USER_ID: "x"}, MIDDLE)),
            "word",
            pem(MIDDLE),
            "pass type",
        ),
    ],
)
def test_what_cannot_sign_is_refused_with_a_reason(given: bytes, password: str, issuer: bytes, why: str) -> None:
    with pytest.raises(BadCertificate, match=why):
        passes.signer(given, password, issuer)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


def upload(store: Store, given: bytes, password: str = "word", role: str = "owner") -> int:
    sent = {
        "certificate": SimpleUploadedFile("pass.p12", given),
        "password": password,
        "issuer": SimpleUploadedFile("AppleWWDRCAG4.pem", pem(MIDDLE)),
    }
    with clock.at(NOW):
        return (
            signed_in(make_staff(store, role)).post(f"/console/{store.slug}/parcels/sharing/wallet/", sent).status_code
        )


def test_a_merchant_uploads_the_certificate_and_shoppers_get_the_button(store: Store, tmp_path: Path) -> None:
    order = make_parcel(store, number="1001").order
    path = f"/s/stride/tracking/o/{order_token(order)}"
    with clock.at(NOW):
        assert Client().get(f"{path}/delivery.pkpass").status_code == 404
        assert "Apple Wallet" not in Client().get(f"{path}/follow/").content.decode()
    assert upload(store, p12(PASS)) == 302
    assert "PRIVATE" not in WalletKey.objects.get().sealed_key
    with clock.at(NOW):
        assert "Apple Wallet" in Client().get(f"{path}/follow/").content.decode()
        answer = Client().get(f"{path}/delivery.pkpass")
    assert answer["Content-Type"] == "application/vnd.apple.pkpass"
    assert verifies(tmp_path, files(answer.content), pem(ROOT))


def test_a_certificate_that_ran_out_is_refused(store: Store) -> None:
    assert upload(store, p12(certificate(OURS, MIDDLE, days=-1))) == 200
    assert not WalletKey.objects.exists()


def test_only_the_owner_gives_a_certificate(store: Store) -> None:
    assert upload(store, p12(PASS), role="support") == 403
    assert not WalletKey.objects.exists()
