"""The membership card in the wallets of phones, checked by those who know nothing of how we signed."""

import base64
import io
import json
import secrets
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.models import CardKey, Member
from thereafter.loyalty.tests.card_certificates import (
    MIDDLE,
    NOW,
    PASS,
    ROOT,
    certificate,
    common_name,
    p12,
    pem,
    verifies,
)
from thereafter.loyalty.tests.visitors import visitor
from thereafter.loyalty.wallet import google
from thereafter.loyalty.wallet.card import spaced
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

SERVICE = rsa.generate_private_key(65537, 2048)
SERVICE_PEM = SERVICE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
KEY_FILE = json.dumps({"client_email": "cards@stride.example", "private_key": SERVICE_PEM}).encode()


@pytest.fixture
def order(db: None) -> Order:
    with clock.at(NOW):
        order = make_order(make_store(), number="1001", placed_at=NOW)
        run_until_idle()
    return order


def upload(store: Store, wallet: str, files: dict[str, object], role: str = "owner") -> tuple[int, str]:
    with clock.at(NOW):
        staff = make_staff(store, role, email=f"{secrets.token_hex(4)}@stride.example")
        answer = signed_in(staff).post(f"/console/{store.slug}/loyalty/pages/{wallet}/", files)
    return answer.status_code, answer.content.decode()


def apple_files(given: bytes = p12(PASS), password: str = "word") -> dict[str, object]:
    return {
        "apple-certificate": SimpleUploadedFile("pass.p12", given),
        "apple-password": password,
        "apple-issuer": SimpleUploadedFile("g4.pem", pem(MIDDLE)),
    }


def google_files(key: bytes = KEY_FILE, issuer: str = "3388000000012345678") -> dict[str, object]:
    return {"google-issuer": issuer, "google-key": SimpleUploadedFile("key.json", key)}


def files(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_without_a_key_there_is_no_button_and_no_pass(order: Order) -> None:
    client = visitor(order.customer)
    with clock.at(NOW):
        shown = client.get("/s/stride/rewards/card/").content.decode()
        assert "Wallet" not in shown
        assert client.get("/s/stride/rewards/card/apple.pkpass").status_code == 404
        assert client.get("/s/stride/rewards/card/google/").status_code == 404


def test_the_card_shows_its_code_and_its_number(order: Order) -> None:
    client, member = visitor(order.customer), Member.objects.get()
    with clock.at(NOW):
        assert spaced(member.card_code) in client.get("/s/stride/rewards/card/").content.decode()
        drawn = client.get("/s/stride/rewards/card/code.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<?xml") or b"<svg" in drawn.content[:200]
    assert Client().get("/s/stride/rewards/card/code.svg").status_code == 302


def test_the_apple_pass_is_signed_and_leads_to_the_root(order: Order, tmp_path: Path) -> None:
    assert upload(order.store, "apple", apple_files())[0] == 302
    assert "PRIVATE" not in CardKey.objects.get().sealed_key
    with clock.at(NOW):
        client = visitor(order.customer)
        assert "Apple Wallet" in client.get("/s/stride/rewards/card/").content.decode()
        answer = client.get("/s/stride/rewards/card/apple.pkpass")
    assert answer["Content-Type"] == "application/vnd.apple.pkpass"
    packed = files(answer.content)
    assert verifies(tmp_path, packed, pem(ROOT))
    altered = packed | {"manifest.json": packed["manifest.json"].replace(b"pass.json", b"Pass.json")}
    assert not verifies(tmp_path, altered, pem(ROOT))
    told = json.loads(packed["pass.json"])
    member = Member.objects.get()
    assert told["barcodes"][0]["message"] == member.card_code
    assert told["storeCard"]["primaryFields"][0]["value"] == 89


def test_a_certificate_that_ran_out_or_is_none_is_refused(order: Order) -> None:
    old = certificate(common_name("pass.example.club"), MIDDLE, days=-1)
    status, shown = upload(order.store, "apple", apple_files(p12(old)))
    assert (status, "ran out" in shown) == (422, True)
    status, shown = upload(order.store, "apple", apple_files(b"nonsense"))
    assert (status, "not right" in shown) == (422, True)
    assert not CardKey.objects.exists()


def test_the_google_link_is_a_token_that_the_service_account_signed(order: Order) -> None:
    assert upload(order.store, "google", google_files())[0] == 302
    with clock.at(NOW):
        answer = visitor(order.customer).get("/s/stride/rewards/card/google/")
    there = urlsplit(answer["Location"])
    assert f"{there.scheme}://{there.netloc}" == "https://pay.google.com"
    head, body, signature = there.path.rsplit("/", 1)[-1].split(".")
    SERVICE.public_key().verify(_raw(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        SERVICE.public_key().verify(_raw(signature), f"{head}.{body}x".encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(_raw(head)) == {"alg": "RS256", "typ": "JWT"}
    claims = json.loads(_raw(body))
    assert (claims["iss"], claims["aud"], claims["typ"]) == ("cards@stride.example", "google", "savetowallet")
    (card,) = claims["payload"]["loyaltyObjects"]
    assert card["barcode"]["value"] == Member.objects.get().card_code
    assert card["loyaltyPoints"]["balance"] == {"int": 89}
    assert card["classId"] == claims["payload"]["loyaltyClasses"][0]["id"]
    assert card["id"].startswith("3388000000012345678.")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize(
    ("issuer", "key", "why"),
    [
        ("my shop", KEY_FILE, "is a number"),
        ("123", b"{}", "not the key file"),
        ("123", json.dumps({"client_email": "a", "private_key": "b"}).encode(), "cannot be read"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_with_a_reason(issuer: str, key: bytes, why: str) -> None:
    with pytest.raises(google.BadKey, match=why):
        google.account(issuer, key)


def test_only_who_may_change_settings_gives_keys(order: Order) -> None:
    assert upload(order.store, "google", google_files(), role="support")[0] == 403
    assert not CardKey.objects.exists()


def test_a_key_that_is_removed_takes_the_button_along(order: Order) -> None:
    upload(order.store, "google", google_files())
    with clock.at(NOW):
        staff = make_staff(order.store, email="second@stride.example")
        client = signed_in(staff)
        shown = client.get("/console/stride/loyalty/pages/").content.decode()
        assert "3388000000012345678, cards@stride.example" in shown
        assert "PRIVATE KEY" not in shown
        client.post("/console/stride/loyalty/pages/google/remove/")
    assert not CardKey.objects.exists()
