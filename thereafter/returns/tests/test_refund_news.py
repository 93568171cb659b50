"""What Stripe tells of refunds by itself: signed, once, and also weeks later."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from thereafter.commerce.webhooks import SOURCES, Call, Envelope
from thereafter.kit import clock, tokens
from thereafter.returns.actions import paying_by_hand
from thereafter.returns.actions.paying_by_hand import CannotPay
from thereafter.returns.models import Grant, GrantShare, ShareTry
from thereafter.returns.paying import pay_due
from thereafter.returns.tests.pay_server import Bank, pay_server
from thereafter.returns.tests.test_paying import NOW, granted, paid_by, with_stripe
from thereafter.returns.tests.test_paying import now as fresh
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox
from thereafter.timeline.models import Inbound
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
SECRET = "whsec_1"


@pytest.fixture
def bank() -> Iterator[Bank]:
    with pay_server() as server:
        yield server


@pytest.fixture
def store() -> Store:
    return make_store()


def news(status: str, topic: str = "refund.updated", **refund: Any) -> bytes:
    told = {"id": "re_1", "object": "refund", "status": status, **refund}
    return json.dumps({"id": f"evt_{status}", "type": topic, "data": {"object": told}}).encode()


def read(body: bytes, secret: str = SECRET, age: int = 0) -> Envelope | None:
    """As Stripe signs: over the time and the body."""
    stamp = str(int(time.time()) - age)
    signature = tokens.hmac_sha256(secret, f"{stamp}.{body.decode()}".encode()).hex()
    call = Call({"stripe-signature": f"t={stamp},v1={signature}"}, body, clock.now())
    return SOURCES["stripe"]([SECRET], call)


def hear(store: Store, body: bytes) -> None:
    envelope = read(body)
    assert envelope
    inbox.put([inbox.Received(store.pk, envelope.room, "stripe", envelope.topic, envelope.key, body.decode())], NOW)
    with clock.at(NOW):
        run_until_idle()


def under_way(bank: Bank, store: Store) -> GrantShare:
    with_stripe(bank, store)
    bank.becomes = "pending"
    share = granted(paid_by(store, "pi_1"))
    pay_due(NOW)
    assert (fresh(share).state, fresh(share).provider_ref) == ("sent", "re_1")
    return share


def test_only_what_stripe_signed_lately_is_taken() -> None:
    assert read(news("succeeded"))
    assert read(news("succeeded"), secret="whsec_2") is None
    assert read(news("succeeded"), age=600) is None
    assert SOURCES["stripe"]([SECRET], Call({}, news("succeeded"), NOW)) is None
    assert read(b"[]") == read(news("succeeded", topic="charge.updated")) == Envelope("ping", "", "")


def test_a_bank_that_took_it_settles_it_once(bank: Bank, store: Store) -> None:
    share = under_way(bank, store)
    hear(store, news("succeeded"))
    hear(store, news("succeeded", topic="charge.refund.updated"))
    assert (fresh(share).state, fresh(share).due_at) == ("settled", None)
    assert Grant.objects.get().settled_at


def test_a_bank_that_sends_it_back_later_makes_it_owed_again(bank: Bank, store: Store) -> None:
    share = under_way(bank, store)
    hear(store, news("succeeded"))
    hear(store, news("failed", topic="refund.failed", failure_reason="lost_or_stolen_card"))
    found = fresh(share)
    assert (found.state, found.error, found.turn) == ("failed", "The card was lost or stolen.", 1)
    assert Grant.objects.get().settled_at is None
    hear(store, news("succeeded", topic="refund.created"))
    assert fresh(share).state == "failed", "what is told of the lost one no longer counts"


def test_one_that_was_given_up_and_went_out_all_the_same_is_not_owed_any_more(bank: Bank, store: Store) -> None:
    share, by = under_way(bank, store), make_staff(store)
    paying_by_hand.stop(share, by=by, now=NOW)
    hear(store, news("succeeded"))
    assert fresh(share).state == "settled"
    with pytest.raises(CannotPay):
        paying_by_hand.to_credit(share, agreed=True, by=by, now=NOW)


def test_one_that_went_out_after_it_was_given_another_way_is_noted(bank: Bank, store: Store) -> None:
    share, by = under_way(bank, store), make_staff(store)
    paying_by_hand.stop(share, by=by, now=NOW)
    paying_by_hand.to_credit(fresh(share), agreed=True, by=by, now=NOW)
    hear(store, news("succeeded"))
    hear(store, news("succeeded", topic="refund.created"))
    tries = ShareTry.objects.of(store).filter(share_id=share.pk, became="settled")
    assert "given another way" in tries.get().said


def test_one_that_our_answer_was_lost_of_is_known_by_our_key(bank: Bank, store: Store) -> None:
    with_stripe(bank, store)
    share, bank.loses_answers = granted(paid_by(store, "pi_1")), 1
    pay_due(NOW)
    hear(store, news("succeeded", metadata={"thereafter_key": share.key}))
    assert (fresh(share).state, fresh(share).provider_ref) == ("settled", "re_1")


def test_what_is_not_ours_or_cannot_be_read_breaks_nothing(store: Store) -> None:
    hear(store, news("succeeded", metadata={"thereafter_key": "thereafter-1-99999999999999999999-0"}))
    hear(store, b'{"id": "evt_x", "type": "refund.updated", "data": "nothing"}')
    assert set(Inbound.objects.values_list("state", flat=True)) <= {"done"}
