"""Text messages: what fits, what is sent, what the answers mean."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from thereafter.messaging.channels import sms
from thereafter.messaging.channels.letters import Answer
from thereafter.messaging.channels.sms import Account
from thereafter.messaging.tests.servers import Service, listening

LINK = "https://help.stride.example/tracking/f/abcdefghij-_AB1234567 STOP to end"


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        yield heard


def account(service: Service, sender: str = "+4930123456") -> Account:
    return Account("AC123", "secret", sender, service.address)


def test_a_message_is_posted_as_the_interface_wants_it(service: Service) -> None:
    assert sms.send(account(service), "+49170123456", "Stride: it is here").answer == Answer.ACCEPTED
    (call,) = service.calls
    assert call.path == "/2010-04-01/Accounts/AC123/Messages.json"
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"AC123:secret").decode()
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    told = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    assert told == {"To": "+49170123456", "From": "+4930123456", "Body": "Stride: it is here"}


def test_a_messaging_service_sends_instead_of_a_number(service: Service) -> None:
    sms.send(account(service, "MG987"), "+49170123456", "Hi")
    assert b"MessagingServiceSid=MG987" in service.calls[0].body


def told(code: int) -> bytes:
    return json.dumps({"code": code, "message": "The reason"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (201, b"{}", Answer.ACCEPTED),
        (400, told(21610), Answer.GONE),
        (400, told(21211), Answer.REFUSED),
        (401, told(20003), Answer.REFUSED),
        (429, told(20429), Answer.LATER),
        (503, b"<html>", Answer.LATER),
        (400, b"[]", Answer.REFUSED),
        (302, b"", Answer.REFUSED),
    ],
)
def test_the_answer_says_what_to_do(service: Service, status: int, body: bytes, answer: Answer) -> None:
    service.answers = [(status, body)]
    assert sms.send(account(service), "+49170123456", "Hi").answer == answer


def test_a_service_that_cannot_be_reached_is_tried_later() -> None:
    nowhere = Account("AC1", "x", "+49", "http://127.0.0.1:9")
    assert sms.send(nowhere, "+49170123456", "Hi").answer == Answer.LATER


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Größe: für Zoë", "Größe: für Zoe"),
        ("Não é amanhã…", "Nao é amanha..."),
        ("“Está” – ¡ya! 5 €", '"Esta" - ¡ya! 5 €'),
        ("Paket 📦", "Paket ?"),
    ],
)
def test_letters_that_phones_lack_are_written_plain(text: str, plain: str) -> None:
    assert sms.as_gsm(text) == plain


def test_brackets_and_the_euro_take_two_places() -> None:
    assert sms.places("a€[") == 5


@pytest.mark.parametrize("shop", ["S", "Stride & Co", "The Long Name of a Shop for Shoes", "Größenwahn [Ω] €€€€€€"])
@pytest.mark.parametrize("text", ["Here", "Your parcel may come later than planned", "x" * 300, "€" * 200])
def test_every_message_is_one_segment_and_keeps_its_link(shop: str, text: str) -> None:
    whole = sms.one_segment(shop, text, LINK)
    assert sms.places(whole) <= sms.SEGMENT
    assert whole.endswith(LINK)
    assert sms.as_gsm(whole) == whole
