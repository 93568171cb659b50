"""ShipEngine."""

import base64
import json
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thereafter.commerce.webhooks import Call
from thereafter.tracking.carriers import shipengine
from thereafter.tracking.tests.adapters.shapes import body, parsed, scans, statuses

NOW = datetime(2026, 3, 6, 20, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def call(raw: bytes, stamp: datetime = NOW) -> Call:
    said = stamp.isoformat()
    signature = KEY.sign(said.encode() + b"." + raw, padding.PKCS1v15(), SHA256())
    named = {"x-shipengine-timestamp": said, "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode()}
    return Call(named, raw, NOW)


def jwks() -> str:
    numbers = KEY.public_key().public_numbers()
    parts = {"n": numbers.n, "e": numbers.e}
    coded = {
        k: base64.urlsafe_b64encode(v.to_bytes(-(-v.bit_length() // 8), "big")).rstrip(b"=") for k, v in parts.items()
    }
    return json.dumps({"keys": [{"kty": "RSA", "kid": "1", **{k: v.decode() for k, v in coded.items()}}]})


def test_the_offset_is_found_between_the_two_clocks() -> None:
    told = scans(parsed("shipengine", "push_delivered"))
    assert [scan.occurred_at[-6:] for scan in told] == ["-06:00", "-07:00", "-08:00", "-08:00"]
    assert told[-1].occurred_at == "2026-03-06T13:32:00-08:00"


def test_the_carrier_is_named_by_the_address_of_the_resource() -> None:
    doc = parsed("shipengine", "push_customs")
    assert doc.carrier == "dhl"
    assert statuses(doc) == ["picked_up", "exception", "in_transit"]


def test_a_detail_that_is_not_mapped_there_shows_the_carriers_own_code() -> None:
    known, unknown = scans(parsed("shipengine", "push_unknown_code"))
    assert (unknown.status, unknown.code) == ("", "Q9")
    assert known.status == "in_transit"


def test_who_signed_is_proof() -> None:
    doc = parsed("shipengine", "push_delivered")
    assert doc.proof
    assert doc.proof.signed_by == "R GOMEZ"


def test_the_signature_is_checked_with_their_public_key() -> None:
    raw = body("shipengine", "push_delivered").encode()
    for secret in (PEM, jwks()):
        assert shipengine.verify(["nonsense", secret], call(raw))
        assert not shipengine.verify([secret], call(raw)._replace(body=raw + b" "))
        assert not shipengine.verify([secret], call(raw, NOW - timedelta(minutes=6)))
    assert not shipengine.verify(["", "{}", '{"keys": [{"kty": "RSA"}]}', "-----BEGIN PUBLIC KEY-----"], call(raw))
