"""The door for webhooks: signed calls are kept once, everything else leaves nothing behind."""

import asyncio
import base64
import hmac
import json
from collections.abc import Coroutine, MutableMapping, Sequence
from typing import Any

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.payloads import shopify_order, shopify_refund
from thereafter.config.intake import MOST_BYTES, Intake
from thereafter.events.orders import OrderPlaced, OrderRefunded
from thereafter.stores import actions
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, make_store
from thereafter.timeline import inbox
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "shpss_0123456789"
Answer = tuple[int, dict[str, Any]]


@pytest.fixture
def store() -> Store:
    store = make_store()
    actions.connect(store, "shopify", now=OPENED, secret=SECRET)
    return store


def signed(body: bytes, *, topic: str = "orders/create", secret: str = SECRET, delivery: str = "") -> dict[str, str]:
    signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    headers = {"x-shopify-hmac-sha256": signature, "x-shopify-topic": topic}
    return headers | ({"x-shopify-webhook-id": delivery} if delivery else {})


def post_all(calls: Sequence[tuple[str, bytes, dict[str, str]]]) -> list[Answer]:
    """Posts all calls at the same moment."""
    intake = Intake()

    async def run() -> list[Answer]:
        try:
            return await asyncio.gather(*(_post(intake, *call) for call in calls))
        finally:
            await asyncio.to_thread(intake.close)

    return asyncio.run(run())


def _post(intake: Intake, path: str, body: bytes, headers: dict[str, str]) -> Coroutine[Any, Any, Answer]:
    sent: list[MutableMapping[str, Any]] = []
    parts = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def run() -> Answer:
        head = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await intake({"type": "http", "method": "POST", "path": path, "headers": head}, receive, send)
        return sent[0]["status"], json.loads(sent[1]["body"])

    return run()


def post(body: bytes, headers: dict[str, str], path: str = "/hooks/stride/shopify") -> Answer:
    return post_all([(path, body, headers)])[0]


def order_body(**fields: Any) -> bytes:
    return json.dumps(shopify_order(**fields)).encode()


def test_a_signed_order_is_kept_and_becomes_an_order(store: Store) -> None:
    body = order_body()
    assert post(body, signed(body)) == (202, {"status": "accepted"})
    run_until_idle()
    assert Order.objects.of(store).get().number == "#1001"
    assert Inbound.objects.of(store).get().state == Inbound.State.DONE


def test_the_same_webhook_many_times_at_once_is_one_order(store: Store) -> None:
    body = order_body()
    answers = post_all([("/hooks/stride/shopify", body, signed(body, delivery="d1"))] * 20)
    assert sorted(status for status, _ in answers) == [200] * 19 + [202]
    assert post(body, signed(body, delivery="d1")) == (200, {"status": "duplicate"})
    run_until_idle()
    assert_recorded(OrderPlaced)


@pytest.mark.parametrize(
    ("path", "secret"),
    [("/hooks/stride/shopify", "wrong"), ("/hooks/nobody/shopify", SECRET), ("/hooks/stride/woocommerce", SECRET),
     ("/hooks/stride/nothing", SECRET)],
)  # fmt: skip
def test_who_does_not_sign_leaves_nothing_and_learns_nothing(store: Store, path: str, secret: str) -> None:
    body = order_body()
    status, answer = post(body, signed(body, secret=secret), path)
    assert status == 401
    assert "signed" in answer["error"]
    assert not Inbound.objects.exists()


def test_an_unsigned_call_is_refused(store: Store) -> None:
    assert post(order_body(), {"x-shopify-topic": "orders/create"})[0] == 401
    assert post(order_body(), {"x-shopify-hmac-sha256": "\xff\xfe"})[0] == 401
    assert not Inbound.objects.exists()


def test_after_a_rotation_both_secrets_are_good(store: Store) -> None:
    actions.connect(store, "shopify", now=OPENED, secret="new-secret")
    body = order_body()
    assert post(body, signed(body))[0] == 202
    assert post(b'{"other": 1}', signed(b'{"other": 1}', secret="new-secret"))[0] == 202


def test_five_megabytes_are_too_long(store: Store) -> None:
    body = b'{"note": "' + b"x" * 5_000_000 + b'"}'
    status, answer = post(body, signed(body))
    assert (status, str(MOST_BYTES) in answer["error"]) == (413, True)
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"a": "\x00"}', b"{", b"", b"[" * 100_000])
def test_a_signed_body_that_is_no_json_is_a_dead_letter(store: Store, body: bytes) -> None:
    status, answer = post(body, signed(body))
    assert status == 400
    assert answer["error"].startswith("bad_json: ")
    (kept,) = inbox.refused(store)
    assert kept.reason == answer["error"]


def test_html_and_escaped_nul_in_a_name_stay_text(store: Store) -> None:
    customer = {
        "id": 1,
        "email": "eve@example.com",
        "first_name": "<script>\u0000alert(1)</script>",
        "last_name": "Eve",
    }
    body = order_body(customer=customer)
    assert post(body, signed(body))[0] == 202
    run_until_idle()
    assert Order.objects.of(store).get().customer.name == "<script>alert(1)</script> Eve"


def test_a_refund_before_its_order_waits_for_it(store: Store) -> None:
    refund = json.dumps(shopify_refund()).encode()
    post(refund, signed(refund, topic="refunds/create"))
    run_until_idle()
    assert Inbound.objects.of(store).get().state == Inbound.State.KEPT
    body = order_body()
    post(body, signed(body))
    run_until_idle()
    assert_recorded(OrderRefunded, amount_minor=8091)
    assert not Inbound.objects.of(store).exclude(state=Inbound.State.DONE).exists()


def test_an_update_before_the_creation_is_the_order(store: Store) -> None:
    newer = order_body(note="ring twice", updated_at="2026-03-03T12:00:00+01:00")
    older = order_body()
    post_all([("/hooks/stride/shopify", newer, signed(newer, topic="orders/updated"))])
    run_until_idle()
    post(older, signed(older))
    run_until_idle()
    assert Order.objects.of(store).get().note == "ring twice"
    assert_recorded(OrderPlaced)


def test_a_bad_order_is_refused_and_the_others_go_in(store: Store) -> None:
    bodies = [order_body(number=1), order_body(number=2, currency="EURO"), order_body(number=3, total_price="1.00")]
    post_all([("/hooks/stride/shopify", body, signed(body)) for body in bodies])
    run_until_idle()
    assert Order.objects.of(store).count() == 1
    assert sorted(row.reason.split(":")[0] for row in inbox.refused(store)) == ["totals_differ", "unknown_currency"]


def test_woocommerce_may_knock_before_it_signs(store: Store) -> None:
    actions.connect(store, "woocommerce", now=OPENED, secret="s")
    assert post(b"webhook_id=12", {}, "/hooks/stride/woocommerce")[0] == 200
    assert not Inbound.objects.exists()


def test_when_the_database_does_not_take_it_the_sender_is_asked_to_try_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("down")

    monkeypatch.setattr(inbox, "put", fail)
    body = order_body()
    assert post(body, signed(body))[0] == 503


def test_one_poisoned_call_does_not_hold_up_its_group(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real_put = inbox.put

    def put(received: Sequence[inbox.Received], now: Any) -> Any:
        if any("poison" in call.body for call in received):
            raise RuntimeError("poisoned")
        return real_put(received, now)

    monkeypatch.setattr(inbox, "put", put)
    bodies = [order_body(number=1), order_body(number=2, note="poison"), order_body(number=3)]
    answers = post_all([("/hooks/stride/shopify", body, signed(body)) for body in bodies])
    assert sorted(status for status, _ in answers) == [202, 202, 503]
