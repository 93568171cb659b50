"""Letters through providers' own interfaces, spoken to a real server over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from thereafter.messaging.channels import email, registry
from thereafter.messaging.channels.letters import Account, Answer, Letter, Verdict
from thereafter.messaging.channels.provider_list import PROVIDERS
from thereafter.messaging.tests.servers import Service, listening


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        yield heard


def letter(to: str = "ana@example.com", key: int = 7, **fields: Any) -> Letter:
    given = {
        "key": key,
        "to": to,
        "sender_name": 'Stride, "Co" & Söhne',
        "sender": "shop@stride.example",
        "reply_to": "help@stride.example",
        "subject": "Größe 38 ist da",
        "html": "<p>Olá</p>",
        "text": "Olá",
        "message_id": f"<{key}@stride.example>",
        "headers": {"List-Unsubscribe": "<https://stride.example/u/1>"},
    }
    return Letter(**{**given, **fields})


def account(service: Service, provider: str, **fields: str) -> Account:
    wanted = {field.name: "x" for field in PROVIDERS[provider].fields if field.required}
    return Account.of("email", provider, {**wanted, "api_url": f"{service.address}/", **fields})


def send(service: Service, provider: str, *letters: Letter) -> list[Verdict]:
    return list(registry.opened(account(service, provider)).deliver(letters))


def body(service: Service, at: int = 0) -> Any:
    return json.loads(service.calls[at].body)


ANSWERS = {
    "brevo": {"messageId": "<id@smtp-relay>"},
    "mailersend": {},
    "mailgun": {"id": "<id@mailgun>", "message": "Queued. Thank you."},
    "mailjet": {
        "Messages": [{"Status": "success", "To": [{"Email": "ana@example.com", "MessageID": 45}], "Cc": [], "Bcc": []}]
    },
    "mailtrap": {"success": True, "message_ids": ["id-1"]},
    "mandrill": [{"email": "ana@example.com", "status": "queued", "_id": "abc"}],
    "postmark": {"To": "ana@example.com", "MessageID": "b7bc2f4a", "ErrorCode": 0, "Message": "OK"},
    "resend": {"id": "49a3999c"},
    "sendgrid": "",
    "sparkpost": {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "116687874849"}},
    "unisender_go": {"status": "success", "job_id": "1ZymBc", "emails": ["ana@example.com"]},
}


@pytest.mark.parametrize("provider", ANSWERS)
def test_each_provider_takes_a_letter(service: Service, provider: str) -> None:
    service.answers = [(202 if provider in {"sendgrid", "mailersend"} else 200, json.dumps(ANSWERS[provider]).encode())]
    service.headers = {"X-Message-Id": "mailersend-id", "Content-Type": "text/html"}
    (verdict,) = send(service, provider, letter())
    assert verdict.answer == Answer.ACCEPTED
    (call,) = service.calls
    # Its body is JSON with escapes, or a form; the address and our number are in it.
    assert b"ana@example.com" in call.body.replace(b"%40", b"@")
    if provider not in {"mailersend"}:
        assert b"thereafter" in call.body


@pytest.mark.parametrize(
    ("provider", "name"),
    [("postmark", "b7bc2f4a"), ("resend", "49a3999c"), ("brevo", "<id@smtp-relay>"), ("mandrill", "abc")],
)
def test_the_name_that_a_provider_gives_a_letter_is_kept(service: Service, provider: str, name: str) -> None:
    service.answers = [(200, json.dumps(ANSWERS[provider]).encode())]
    assert send(service, provider, letter())[0].provider_id == name


def test_what_a_letter_says_arrives_whole(service: Service) -> None:
    service.answers = [(200, json.dumps(ANSWERS["postmark"]).encode())]
    send(service, "postmark", letter())
    told = body(service)
    assert told["Subject"] == "Größe 38 ist da"
    assert (told["HtmlBody"], told["TextBody"]) == ("<p>Olá</p>", "Olá")
    assert "shop@stride.example" in told["From"]
    assert told["ReplyTo"] == "help@stride.example"
    assert {"Name": "List-Unsubscribe", "Value": "<https://stride.example/u/1>"} in told["Headers"]
    assert told["Metadata"] == {"thereafter": "7"}
    assert (told["TrackOpens"], told["TrackLinks"]) == (False, "None")


def test_many_letters_are_one_call_and_each_has_its_own_answer(service: Service) -> None:
    told = [
        {"To": "a@example.com", "MessageID": "m1", "ErrorCode": 0, "Message": "OK"},
        {
            "ErrorCode": 406,
            "Message": "You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses: "
            "b@example.com.\nInactive recipients are ones that have generated a hard bounce.",
        },
        {"To": "c@example.com", "MessageID": "m3", "ErrorCode": 0, "Message": "OK"},
    ]
    service.answers = [(200, json.dumps(told).encode())]
    letters = [letter(f"{name}@example.com", key, html=f"<p>{key}</p>") for key, name in enumerate("abc")]
    verdicts = send(service, "postmark", *letters)
    assert [one.answer for one in verdicts] == [Answer.ACCEPTED, Answer.REFUSED, Answer.ACCEPTED]
    assert (verdicts[0].provider_id, verdicts[2].provider_id, verdicts[1].bounced) == ("m1", "m3", True)
    (call,) = service.calls
    assert call.path == "/email/batch"
    assert [one["HtmlBody"] for one in json.loads(call.body)] == ["<p>0</p>", "<p>1</p>", "<p>2</p>"]


def test_a_batch_that_is_refused_as_a_whole_goes_letter_by_letter(service: Service) -> None:
    service.answers = [
        (422, b'{"name": "validation_error", "message": "Invalid `to` field"}'),
        (200, b'{"id": "one"}'),
        (422, b'{"name": "validation_error", "message": "Invalid `to` field"}'),
    ]
    verdicts = send(service, "resend", letter("a@example.com", 1), letter("b@example.com", 2))
    assert sorted(one.answer for one in verdicts) == [Answer.ACCEPTED, Answer.REFUSED]
    assert [call.path for call in service.calls] == ["/emails/batch", "/emails", "/emails"]


def test_the_same_letters_carry_the_same_key_however_often_they_go(service: Service) -> None:
    service.answers = [(503, b"{}"), (503, b"{}"), (503, b"{}")]
    for _ in range(2):
        send(service, "resend", letter(key=1))
    send(service, "resend", letter(key=2))
    keys = [call.headers["idempotency-key"] for call in service.calls]
    assert keys[0] == keys[1] != keys[2]


def test_brevo_is_told_the_key_in_the_letter(service: Service) -> None:
    service.answers = [(201, json.dumps(ANSWERS["brevo"]).encode())]
    send(service, "brevo", letter())
    assert len(body(service)["headers"]["idempotencyKey"]) == 36


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (401, Answer.LATER),
        (402, Answer.LATER),
        (403, Answer.LATER),
        (422, Answer.REFUSED),
        (429, Answer.LATER),
        (500, Answer.LATER),
    ],
)
def test_a_wrong_key_makes_letters_wait_and_a_wrong_letter_does_not(
    service: Service, status: int, answer: Answer
) -> None:
    """Nothing is lost because somebody mistyped a key: the letters wait until it is mended."""
    service.answers = [(status, b'{"message": "The reason"}')]
    (verdict,) = send(service, "resend", letter())
    assert verdict.answer == answer
    assert "The reason" in verdict.detail
    (many,) = {one.answer for one in send(service, "resend", letter(), letter(key=8))}
    assert many == answer


def test_a_provider_that_cannot_be_reached_is_tried_later() -> None:
    nowhere = Account.of("email", "postmark", {"server_token": "x", "api_url": "http://127.0.0.1:9/"})
    for letters in ([letter()], [letter(), letter(key=8)]):
        assert {one.answer for one in registry.opened(nowhere).deliver(letters)} == {Answer.LATER}


def test_the_installations_setting_may_name_a_provider(service: Service) -> None:
    service.answers = [(200, json.dumps(ANSWERS["resend"]).encode())]
    channel = email.channel(f"resend:?api_key=re_1&api_url={service.address}/")
    assert [one.answer for one in channel.deliver([letter()])] == [Answer.ACCEPTED]
    assert service.calls[0].headers["authorization"] == "Bearer re_1"


def test_an_address_that_is_none_is_refused_and_the_others_go(service: Service) -> None:
    service.answers = [(200, json.dumps(ANSWERS["postmark"]).encode())]
    verdicts = send(service, "postmark", letter("not an address"), letter())
    assert [one.answer for one in verdicts] == [Answer.REFUSED, Answer.ACCEPTED]
