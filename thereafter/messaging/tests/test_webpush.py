"""Web Push: the vector of RFC 8291, a receiving side written anew, a real service over HTTP."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thereafter.messaging.channels import webpush
from thereafter.messaging.channels.letters import Answer
from thereafter.messaging.channels.webpush import BadSubscription, Browser, Sender
from thereafter.messaging.tests.servers import Service, listening

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
CURVE = ec.SECP256R1()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def private(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw(scalar), "big"), CURVE)


# RFC 8291, section 5 and appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
AS_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
UA_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
UA_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
BROWSER = Browser("https://fcm.googleapis.com/fcm/send/abc", raw(UA_PUBLIC), raw(AUTH))
SENDER = Sender(webpush.key_of(b"secret"), "mailto:help@stride.example")


def mac(key: bytes, data: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(data)
    return made.finalize()


def opened(sealed: bytes, own: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """The receiving side, from the text of the RFCs and with other primitives than the sending one: HKDF by hand,
    GCM by the cipher interface."""
    salt, size, length = sealed[:16], int.from_bytes(sealed[16:20], "big"), sealed[20]
    theirs, record = sealed[21 : 21 + length], sealed[21 + length :]
    assert (size, length) == (4096, 65)
    assert len(record) <= size
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    mine = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    material = mac(mac(auth, shared), b"WebPush: info\x00" + mine + theirs + b"\x01")
    pseudo = mac(salt, material)
    key = mac(pseudo, b"Content-Encoding: aes128gcm\x00\x01")[:16]
    nonce = mac(pseudo, b"Content-Encoding: nonce\x00\x01")[:12]
    cipher = Cipher(algorithms.AES(key), modes.GCM(nonce, record[-16:])).decryptor()
    padded = cipher.update(record[:-16]) + cipher.finalize()
    body, _, after = padded.rpartition(b"\x02")
    assert not after.strip(b"\x00")
    return body


def test_the_example_of_the_standard_comes_out_to_the_octet() -> None:
    assert webpush.encrypt(BROWSER, PLAIN, private=private(AS_PRIVATE), salt=raw(SALT)) == raw(SEALED)
    assert opened(raw(SEALED), private(UA_PRIVATE), raw(AUTH)) == PLAIN


@pytest.mark.parametrize("length", [0, 1, 100, webpush.LONGEST])
def test_what_is_sent_can_be_read_by_the_browser_alone(length: int) -> None:
    body = bytes(range(256)) * 16
    sealed = [webpush.encrypt(BROWSER, body[:length]) for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert [opened(one, private(UA_PRIVATE), raw(AUTH)) for one in sealed] == [body[:length]] * 2
    assert max(map(len, sealed)) <= 4096


def test_too_long_a_notification_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="3994"):
        webpush.encrypt(BROWSER, b"x" * (webpush.LONGEST + 1))


def test_the_signature_names_the_service_and_holds() -> None:
    said = webpush.authorization(BROWSER.endpoint, SENDER, NOW)
    token, _, key = said.removeprefix("vapid t=").partition(", k=")
    head, claims, signature = token.split(".")
    assert json.loads(raw(head)) == {"typ": "JWT", "alg": "ES256"}
    told = json.loads(raw(claims))
    assert (told["aud"], told["sub"]) == ("https://fcm.googleapis.com", "mailto:help@stride.example")
    assert 0 < told["exp"] - NOW.timestamp() <= 86_400
    assert key == webpush.public_key(SENDER.private)
    point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, raw(key))
    r, s = raw(signature)[:32], raw(signature)[32:]
    pair = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    point.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        point.verify(pair, f"{head}.{claims}x".encode(), ec.ECDSA(hashes.SHA256()))


def test_the_key_is_the_same_for_an_installation_and_another_for_another() -> None:
    keys = [webpush.public_key(webpush.key_of(secret)) for secret in (b"one", b"one", b"two")]
    assert keys[0] == keys[1] != keys[2]
    assert len(raw(keys[0])) == 65


def given(endpoint: str = BROWSER.endpoint, key: str = UA_PUBLIC, auth: str = AUTH) -> str:
    return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": key, "auth": auth}})


def test_a_browsers_subscription_is_read() -> None:
    assert webpush.read(given()) == BROWSER


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "[]",
        "{}",
        given(key="BAAA"),
        given(auth="AAAA"),
        given(endpoint="http://fcm.googleapis.com/x"),
        given(endpoint="https://169.254.169.254/latest"),
        given(endpoint="https://evilfcm.googleapis.com.example/x"),
        given(endpoint="https://notfcm.googleapis.com/x"),
        given(endpoint="https://fcm.googleapis.com@evil.example/x"),
        given(endpoint="https://fcm.googleapis.com:22/x"),
        given(endpoint="https://["),
        # Read as a host of Apple by one library, as 127.0.0.1 by the one that calls it.
        given(endpoint="https://127.0.0.1\\.push.apple.com/x"),
        given(endpoint="https://127.0.0.1\\@web.push.apple.com/x"),
        given(endpoint="https://web.push.apple.com/x\r\ny: z"),
        "[" * 2_000,
    ],
)
def test_we_call_nobody_but_a_push_service(wrong: str) -> None:
    with pytest.raises(BadSubscription):
        webpush.read(wrong)


def test_the_services_of_all_browsers_are_known() -> None:
    hosts = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "db5p.notify.windows.com")
    assert all(webpush.is_service(f"https://{host}/x") for host in hosts)


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        yield heard


def test_a_service_gets_what_the_browser_can_read(service: Service) -> None:
    browser = webpush.read(given(f"{service.address}/send/1"), ("127.0.0.1",))
    assert webpush.send(browser, PLAIN, SENDER, topic="p1", now=NOW).answer == Answer.ACCEPTED
    (call,) = service.calls
    assert opened(call.body, private(UA_PRIVATE), raw(AUTH)) == PLAIN
    assert (call.path, call.headers["content-encoding"]) == ("/send/1", "aes128gcm")
    assert (call.headers["ttl"], call.headers["topic"]) == ("86400", "p1")
    assert call.headers["authorization"].startswith("vapid t=")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer.ACCEPTED),
        (202, Answer.ACCEPTED),
        (404, Answer.GONE),
        (410, Answer.GONE),
        (429, Answer.LATER),
        (500, Answer.LATER),
        (503, Answer.LATER),
        (400, Answer.REFUSED),
        (403, Answer.REFUSED),
        (413, Answer.REFUSED),
        (302, Answer.REFUSED),
    ],
)
def test_the_answer_of_the_service_says_what_to_do(service: Service, status: int, answer: Answer) -> None:
    service.answers = [(status, b"")]
    browser = Browser(f"{service.address}/send/1", BROWSER.key, BROWSER.auth)
    assert webpush.send(browser, PLAIN, SENDER, topic="p1", now=NOW).answer == answer
    assert len(service.calls) == 1


def test_a_service_that_cannot_be_reached_is_tried_later() -> None:
    browser = Browser("http://127.0.0.1:9/none", BROWSER.key, BROWSER.auth)
    assert webpush.send(browser, PLAIN, SENDER, topic="p1", now=NOW).answer == Answer.LATER
