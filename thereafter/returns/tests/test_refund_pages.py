"""Refunds and store credit in the console, and as the shopper sees them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.commerce.documents import Payment
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock, tokens
from thereafter.returns.actions import credit, granting
from thereafter.returns.models import CreditAccount, CreditNote, Grant, GrantShare, PaymentAccount, RefundRoute
from thereafter.returns.paying import pay_due
from thereafter.returns.refund_links import refund_token
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.tests.pay_server import STRIPE_KEY, pay_server
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
ROOM = "/console/stride"


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store))


def promised(store: Store, tender: str = "till-1", kind: str = "cash", **order: Any) -> Grant:
    bought: Order = make_order(store, payments=[Payment(external_id=tender, kind=kind, amount="89.90")], **order)
    found = granting.grant(
        bought, Request(items=(Wanted(line="1", quantity=1),)), source=f"case:{bought.pk}:1", by=None, now=NOW
    )
    pay_due(NOW)
    return found


def test_what_is_to_be_done_by_hand_is_done_and_noted(store: Store, browser: Client) -> None:
    granted = promised(store)
    page = browser.get(f"{ROOM}/refunds/").content.decode()
    assert "To do by hand" in page
    assert "€89.90" in page
    one = browser.get(f"{ROOM}/refunds/{granted.pk}/").content.decode()
    assert "1 of 1 × Trail Runner 2: 89.90 EUR" in one
    assert "89.90 EUR to cash." in one
    share = GrantShare.objects.get()
    there = f"{ROOM}/refunds/shares/{share.pk}/"
    answer = browser.post(there, {"do": "paid", "reference": ""}, follow=True)
    assert "Say by which reference" in answer.content.decode()
    answer = browser.post(there, {"do": "paid", "reference": "till 9"}, follow=True)
    assert "Noted as paid" in answer.content.decode()
    run_until_idle()
    page = browser.get(f"{ROOM}/refunds/{granted.pk}/").content.decode()
    assert "till 9" in page
    assert "CN-00001" in page
    note = CreditNote.objects.get()
    pdf = browser.get(f"{ROOM}/refunds/notes/{note.pk}.pdf")
    assert pdf.content.startswith(b"%PDF")
    browser.post(f"{ROOM}/refunds/notes/{note.pk}/cancel/", {"why": "Wrong address"})
    assert CreditNote.objects.get(cancels=note).why == "Wrong address"


def test_what_stands_still_may_be_taken_back_or_become_credit(store: Store, browser: Client) -> None:
    first, second = promised(store), promised(store, email="mia@example.com")
    browser.post(f"{ROOM}/refunds/{first.pk}/withdraw/")
    assert Grant.objects.get(pk=first.pk).withdrawn_at
    browser.post(f"{ROOM}/refunds/shares/{second.shares.get().pk}/", {"do": "credit"})
    run_until_idle()
    assert CreditAccount.objects.get().paid_minor == 8990
    for state in ("hand", "failed", "waiting", "settled", "all", "nonsense"):
        assert browser.get(f"{ROOM}/refunds/?state={state}&q=mia").status_code == 200


def test_who_may_only_read_changes_nothing(store: Store) -> None:
    granted = promised(store)
    reader = signed_in(make_staff(store, role="analyst"))
    assert reader.get(f"{ROOM}/refunds/{granted.pk}/").status_code == 200
    share = granted.shares.get()
    assert reader.post(f"{ROOM}/refunds/shares/{share.pk}/", {"do": "paid", "reference": "x"}).status_code == 403
    assert reader.get(f"{ROOM}/refunds/settings/").status_code == 403


def test_stripe_is_tried_before_its_key_is_kept(store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    there = f"{ROOM}/refunds/settings/"
    with pay_server() as bank:
        monkeypatch.setattr("thereafter.returns.payments.stripe_account.address_of", lambda given: bank.host)
        wrong = browser.post(there, {"form": "account", "secret_key": "sk_test_wrong"}).content.decode()
        assert "Stripe refuses our key" in wrong
        assert not PaymentAccount.objects.exists()
        browser.post(there, {"form": "account", "secret_key": STRIPE_KEY, "webhook_secret": "whsec_1"})
        account = PaymentAccount.objects.get()
        assert (account.title, account.is_test, STRIPE_KEY in account.sealed_credentials) == (
            "Key ending in 1234",
            True,
            False,
        )
    page = browser.get(there).content.decode()
    assert "Test mode" in page
    assert STRIPE_KEY not in page
    assert "whsec_1" not in page
    promised(store, "pi_1", "card")
    browser.post(there, {"form": "routes", "route:card": "manual"})
    assert RefundRoute.objects.get().adapter == "manual"
    browser.post(there, {"form": "rate", "currency": "usd", "on": "2026-03-01", "rate": "0.9"})
    assert "USD" in browser.get(there).content.decode()
    browser.post(there, {"form": "forget"})
    assert not PaymentAccount.objects.exists()


def test_a_key_that_cannot_be_tried_is_kept_and_that_is_said(
    store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thereafter.returns.payments.stripe_account.address_of", lambda given: "http://127.0.0.1:9")
    there = f"{ROOM}/refunds/settings/"
    answer = browser.post(there, {"form": "account", "secret_key": STRIPE_KEY}, follow=True)
    assert "could not be tried" in answer.content.decode()
    assert PaymentAccount.objects.get().is_test


def test_credit_is_listed_and_corrected_with_a_reason(store: Store, browser: Client) -> None:
    account = credit.issue(make_order(store).customer, 2000, "EUR", bonus_minor=300, source="gift:1", now=NOW)
    for state in ("open", "empty", "all"):
        assert browser.get(f"{ROOM}/credit/?state={state}").status_code == 200
    assert "John Runner" in browser.get(f"{ROOM}/credit/?q={account.code[-4:]}").content.decode()
    there = f"{ROOM}/credit/{account.pk}/"
    assert account.shown_code in browser.get(there).content.decode()
    assert "worth" not in browser.post(there, {"amount": "-5,00", "why": "Given twice"}, follow=True).content.decode()
    assert CreditAccount.objects.get().balance_minor == 1800
    browser.post(there, {"amount": "-99", "why": "Too much"})
    browser.post(there, {"amount": "lots", "why": "?"})
    assert CreditAccount.objects.get().balance_minor == 1800


def test_the_shopper_sees_how_far_the_money_is_and_opens_the_note(store: Store) -> None:
    granted = promised(store)
    there = f"/s/stride/returns/refund/{refund_token(granted)}"
    assert "on its way back to you" in Client().get(there).content.decode()
    share = granting.send(granted.shares.get(), now=NOW)
    granting.settle(share, provider_ref="till 9", now=NOW)
    run_until_idle()
    page = Client().get(there).content.decode()
    assert "went back to you" in page
    assert "CN-00001" in page
    assert "till 9" not in page
    assert Client().get(f"{there}/1.pdf").content.startswith(b"%PDF")
    assert Client().get(f"{there}/2.pdf").status_code == 404
    assert Client().get(f"{there}x").status_code == 404
    other = make_store("outlet", name="Outlet")
    assert Client().get(there.replace("/stride/", f"/{other.slug}/")).status_code == 404
    assert Client().get(f"/s/stride/returns/refund/{tokens.sign('refund', store.pk, 0)}").status_code == 404


def test_credit_of_a_refund_is_told_with_its_code(store: Store) -> None:
    order = make_order(store, payments=[Payment(external_id="card", kind="card", amount="60.00")])
    granted = granting.grant(order, Request(items=(Wanted(line="1", quantity=1),)), source="a", by=None, now=NOW)
    with clock.at(NOW):
        run_until_idle()
    page = Client().get(f"/s/stride/returns/refund/{refund_token(granted)}").content.decode()
    assert CreditAccount.objects.get().shown_code in page
