"""Giving money back through providers: whatever is lost on the way, it goes once; whatever fails has a way on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.actions.shop_access import set_access
from thereafter.commerce.connectors.shop_systems import SYSTEMS
from thereafter.commerce.documents import Payment, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.returns.actions import accounts, granting, paying_by_hand
from thereafter.returns.actions.paying_by_hand import CannotPay
from thereafter.returns.models import CreditAccount, Grant, GrantShare, PaymentAccount
from thereafter.returns.paying import pay_due
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Account
from thereafter.returns.rules.money.fees import Terms
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.tests.pay_server import KEY, SECRET, STRIPE_KEY, TOKEN, Bank, pay_server, sale
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def bank() -> Iterator[Bank]:
    with pay_server() as server:
        yield server


@pytest.fixture
def store() -> Store:
    return make_store()


def paid_by(store: Store, name: str, kind: str = "card", source: str = "api") -> Order:
    return make_order(store, payments=[Payment(external_id=name, kind=kind, amount="89.90")], source=source)


def granted(order: Order, *, basis: str = "voluntary") -> GrantShare:
    request = Request(items=(Wanted(line="1", quantity=1),), terms=Terms(basis=basis))  # type: ignore[arg-type]  # one of the names
    return granting.grant(order, request, source=f"case:{order.pk}:1", by=None, now=NOW).shares.get()


def with_stripe(bank: Bank, store: Store, key: str = STRIPE_KEY) -> None:
    kept = {"secret_key": key, "webhook_secret": "whsec_1", "address": bank.host}
    accounts.set_account(store, "stripe", kept, Account("Key ending in 1234", True), by=None, now=NOW)


def with_shop(bank: Bank, store: Store, source: str) -> None:
    given = {"shop": bank.host, "token": TOKEN, "key": KEY, "secret": SECRET}
    set_access(store, SYSTEMS[source], given, by=None, now=NOW)


def now(share: GrantShare) -> GrantShare:
    return GrantShare.objects.select_related("grant__order__store").get(pk=share.pk)


def of(bank: Bank, store: Store, provider: str) -> GrantShare:
    """A share that this provider is to give back."""
    if provider == "stripe":
        with_stripe(bank, store)
        return granted(paid_by(store, "pi_1"))
    with_shop(bank, store, provider)
    bank.transactions = [sale("7", "60.00"), sale("8", "29.90")] if provider == "shopify" else []
    return granted(paid_by(store, "order", source=provider))


PAID = {
    "stripe": [("stripe", "8990")],
    "shopify": [("shopify", "60.00"), ("shopify", "29.90")],
    "woocommerce": [("woocommerce", "89.90")],
}


@pytest.mark.parametrize("provider", PAID)
def test_a_provider_gives_back_what_was_promised(bank: Bank, store: Store, provider: str) -> None:
    share = of(bank, store, provider)
    pay_due(NOW)
    assert (now(share).state, now(share).adapter, bank.paid) == ("settled", provider, PAID[provider])
    assert now(share).provider_ref in bank.refunds
    assert Grant.objects.get().settled_at == NOW


@pytest.mark.parametrize("provider", PAID)
def test_an_answer_that_was_lost_does_not_pay_twice(bank: Bank, store: Store, provider: str) -> None:
    share, bank.loses_answers = of(bank, store, provider), 1
    pay_due(NOW)
    assert now(share).state == "sent"
    pay_due(NOW + timedelta(hours=1))
    assert (now(share).state, bank.paid) == ("settled", PAID[provider])


@pytest.mark.parametrize("provider", PAID)
def test_who_dies_between_the_network_and_the_writing_does_not_pay_twice(
    bank: Bank, store: Store, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = of(bank, store, provider)
    with monkeypatch.context() as patch:
        patch.setattr("thereafter.returns.actions.paying.settle", lambda report, at: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            pay_due(NOW)
    bank.keys.clear() if provider == "stripe" else None  # Stripe forgets keys after a day
    assert pay_due(NOW + timedelta(minutes=1)) == 0, "the lease holds"
    pay_due(NOW + timedelta(minutes=6))
    assert (now(share).state, bank.paid) == ("settled", PAID[provider])


def test_a_provider_that_has_no_time_is_asked_again_later_and_later_and_then_given_up(bank: Bank, store: Store) -> None:
    share = of(bank, store, "stripe")
    bank.says = [(503, {"error": {"message": "try later"}})] * 8
    moment = NOW
    for _ in range(8):
        pay_due(moment)
        due = now(share).due_at
        assert due is None or due > moment
        moment = due or moment
    found = now(share)
    assert (found.state, found.due_at, found.turn, found.attempts) == ("failed", None, 0, 8)
    assert "Given up after 8 tries" in found.error
    paying_by_hand.again(found, by=make_staff(store), now=moment)
    pay_due(moment)
    assert (now(share).state, bank.paid) == ("settled", PAID["stripe"])


def test_a_refusal_stops_and_a_colleague_may_try_again_with_a_new_key(bank: Bank, store: Store) -> None:
    share = of(bank, store, "stripe")
    bank.says = [(400, {"error": {"type": "invalid_request_error", "message": "The card has been closed."}})]
    first = share.key
    pay_due(NOW)
    found = now(share)
    assert (found.state, found.error, found.due_at) == ("failed", "The card has been closed.", None)
    assert pay_due(NOW + timedelta(days=2)) == 0, "it waits for a person"
    paying_by_hand.again(found, by=make_staff(store), now=NOW)
    pay_due(NOW)
    assert (now(share).state, now(share).key != first, bank.paid) == ("settled", True, PAID["stripe"])
    assert list(found.tries.order_by("pk").values_list("became", flat=True)) == [
        "sent",
        "failed",
        "again",
        "sent",
        "settled",
    ]


def test_what_a_provider_refuses_becomes_credit_or_is_paid_by_hand(bank: Bank, store: Store) -> None:
    owner, refusal = make_staff(store), (400, {"error": {"message": "No."}})
    first = of(bank, store, "stripe")
    bank.says = [refusal]
    pay_due(NOW)
    paying_by_hand.to_credit(first, agreed=False, by=owner, now=NOW)
    pay_due(NOW)
    assert (now(first).state, CreditAccount.objects.get().paid_minor) == ("rerouted", 8990)
    second, bank.says = granted(paid_by(store, "pi_2")), [refusal]
    pay_due(NOW)
    with pytest.raises(CannotPay, match="reference"):
        paying_by_hand.paid_by_hand(second, reference=" ", by=owner, now=NOW)
    paying_by_hand.paid_by_hand(second, reference="SEPA 4711", by=owner, now=NOW)
    assert (now(second).state, now(second).provider_ref) == ("settled", "SEPA 4711")
    assert Entry.objects.filter(name="refund.settled").count() == 2
    assert bank.paid == []


def test_after_a_withdrawal_credit_needs_the_shoppers_yes(store: Store) -> None:
    share = granted(paid_by(store, "cash", "cash"), basis="withdrawal")
    pay_due(NOW)
    owner = make_staff(store)
    with pytest.raises(CannotPay, match="expressly agreed"):
        paying_by_hand.to_credit(share, agreed=False, by=owner, now=NOW)
    paying_by_hand.to_credit(share, agreed=True, by=owner, now=NOW)
    pay_due(NOW)
    assert (now(share).state, CreditAccount.objects.get().paid_minor) == ("rerouted", 8990)


def test_what_nobody_can_give_back_is_a_task(store: Store) -> None:
    share = granted(paid_by(store, "till-1", "cash"))
    pay_due(NOW)
    assert (now(share).state, now(share).adapter, now(share).due_at) == ("granted", "manual", None)
    paying_by_hand.paid_by_hand(share, reference="till 9", by=make_staff(store), now=NOW)
    assert now(share).state == "settled"


def test_a_refused_key_rests_the_account_and_a_new_one_lets_refunds_go_on(bank: Bank, store: Store) -> None:
    with_stripe(bank, store, key="sk_test_wrong")
    share, other = granted(paid_by(store, "pi_1")), granted(paid_by(store, "pi_2"))
    pay_due(NOW)
    assert "refuses our key" in PaymentAccount.objects.get().error
    assert (now(share).state, now(other).state, now(other).due_at) == ("sent", "granted", NOW + timedelta(hours=6))
    with_stripe(bank, store)
    pay_due(NOW)
    assert {now(share).state, now(other).state} == {"settled"}
    assert len(bank.paid) == 2


def test_a_bank_that_takes_its_time_is_asked_again(bank: Bank, store: Store) -> None:
    share = of(bank, store, "stripe")
    bank.becomes = "pending"
    pay_due(NOW)
    assert (now(share).state, now(share).provider_ref) == ("sent", "re_1")
    bank.refunds["re_1"]["status"] = "succeeded"
    assert pay_due(NOW + timedelta(hours=1)) == 0
    pay_due(NOW + timedelta(hours=7))
    assert (now(share).state, bank.paid) == ("settled", PAID["stripe"])


def test_the_shop_that_tells_of_our_refund_settles_it(bank: Bank, store: Store) -> None:
    share = of(bank, store, "woocommerce")
    bank.loses_answers = 1
    pay_due(NOW)
    order, key = share.grant.order, share.key
    told = RefundDoc(external_id="9000", amount="89.90", at=NOW, reason=f"Refund of 1001 ({key})")
    with clock.at(NOW):
        take_refunds(store, [RefundOfOrder(order=order.external_id, refund=told)], source=order.source, now=NOW)
        run_until_idle()
    assert (now(share).state, now(share).provider_ref) == ("settled", "9000")
    assert pay_due(NOW + timedelta(hours=1)) == 0
    assert bank.paid == PAID["woocommerce"]


@pytest.mark.parametrize(
    ("tender", "source", "connected", "chosen", "expected"),
    [
        ("store_credit", "shopify", {"shopify"}, "", "store_credit"),
        ("pi_1", "shopify", {"shopify", "stripe"}, "", "stripe"),
        ("pi_1", "shopify", {"shopify", "stripe"}, "shopify", "shopify"),
        ("order", "shopify", {"stripe", "shopify"}, "stripe", "shopify"),
        ("order", "woocommerce", {"shopify"}, "", "manual"),
        ("order", "shopify", {"shopify"}, "manual", "manual"),
        ("order", "api", {"stripe"}, "store_credit", "store_credit"),
        ("original", "api", set(), "", "manual"),
    ],
)
def test_who_gives_a_share_back(tender: str, source: str, connected: set[str], chosen: str, expected: str) -> None:
    found = registry.choose(tender=tender, kind="card", source=source, connected=connected, chosen=chosen)
    assert found == expected
