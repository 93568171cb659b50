"""What an exchange costs more: paid once on a page of Stripe, whatever is lost on the way, and given back when the
case comes to nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Variant
from thereafter.commerce.tests.makers import make_product
from thereafter.kit import clock
from thereafter.returns import charging, links
from thereafter.returns.actions import charge_errands, deciding, goods, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, CasePayment, NewGoods
from thereafter.returns.tests import visits
from thereafter.returns.tests.checkout_server import Till
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.pay_server import pay_server
from thereafter.returns.tests.test_paying import with_stripe
from thereafter.returns.tests.test_refund_news import read
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
MORE = 12990 - 8990
LATER = ASKED + timedelta(days=2)


@pytest.fixture
def till() -> Iterator[Till]:
    server = Till()
    with pay_server(server):
        yield server


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def case(store: Store) -> Case:
    dear = [VariantDoc(external_id="dear", title="One", sku="UL-1", price="129.90")]
    make_product(store, "ultra", title="Ultra", variants=dear)
    new = Variant.objects.of(store).get(external_id="dear")
    wish = Wish(line="1", reason="size_small", outcome="exchange_product", method="own_carrier", goods=((new.pk, 1),))
    return ask_for_one(delivered_order(store), wish)


class Shopper:
    def __init__(self, case: Case) -> None:
        self.client, self.at = Client(), f"/s/{case.store.slug}/returns/case/{links.case_token(case)}"

    def go(self, path: str = "", now: datetime = ASKED, **form: Any) -> Any:
        with clock.at(now):
            answer = self.client.post(f"{self.at}/{path}") if path == "pay" else self.client.get(f"{self.at}{path}")
            while answer.status_code == 302:
                answer = self.client.get(answer["Location"])
        assert answer.status_code == 200
        return answer

    def see(self, path: str = "", now: datetime = ASKED) -> str:
        return str(self.go(path, now).content.decode())


def payments(case: Case) -> list[str]:
    return list(CasePayment.objects.filter(case=case).order_by("pk").values_list("state", flat=True))


def hear(case: Case, body: bytes, now: datetime = ASKED) -> None:
    envelope = read(body)
    assert envelope
    assert envelope.room
    told = inbox.Received(case.store_id, envelope.room, "stripe", envelope.topic, envelope.key, body.decode())
    inbox.put([told], now)
    work(now)


def work(now: datetime = ASKED) -> None:
    with clock.at(now):
        run_until_idle()
        charging.see_to_due(now)


def cancel(case: Case, now: datetime = ASKED) -> None:
    with clock.at(now):
        deciding.cancel(again(case), by=None, now=now)


def test_the_shopper_is_led_to_a_page_and_pays_once(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    shopper = Shopper(case)
    assert "Pay €40.00" in shopper.see()
    page = shopper.go("pay")
    assert page["Refresh"] == "0; url=https://checkout.stripe.example/cs_1"
    assert "https://checkout.stripe.example/cs_1" in page.content.decode()
    hear(case, till.pay())
    hear(case, till.news("cs_1", "checkout.session.async_payment_succeeded"))
    assert (again(case).charged_at, again(case).charge_ref) == (ASKED, "pi_1")
    assert "Pay €40.00" not in shopper.see()
    assert "Nothing is to be paid" in shopper.see("pay") or "We have your payment" in shopper.see("pay")
    assert (payments(case), till.charged, till.paid) == (["paid"], [("pi_1", MORE)], [])


def test_pressing_twice_leads_to_the_same_page(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    shopper = Shopper(case)
    assert [shopper.go("pay")["Refresh"][-4:] for _ in range(3)] == ["cs_1", "cs_1", "cs_1"]
    assert len(till.sessions) == 1


def test_an_answer_that_was_lost_leads_to_the_page_that_was_made(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    shopper, till.loses_pages = Shopper(case), 1
    assert "cannot be opened now" in shopper.see("pay")
    assert shopper.go("pay", ASKED + timedelta(hours=1))["Refresh"].endswith("cs_1")
    assert len(till.sessions) == 1


def test_without_a_webhook_the_way_back_says_that_it_was_paid(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    shopper = Shopper(case)
    shopper.go("pay")
    assert "Nothing was paid yet" in shopper.see("/paid")
    till.pay()
    assert till.sessions["cs_1"]["success_url"].endswith(f"{shopper.at}/paid")
    assert "We have your payment" in shopper.see("/paid")
    assert again(case).charge_ref == "pi_1"


def test_without_webhook_and_way_back_the_job_finds_the_payment(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    till.pay()
    work()
    assert again(case).charged_at is None
    work(ASKED + timedelta(minutes=11))
    assert again(case).charge_ref == "pi_1"


def test_a_webhook_of_a_page_whose_answer_was_lost_is_known_by_our_key(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    till.loses_pages = 1
    Shopper(case).see("pay")
    hear(case, till.pay())
    assert again(case).charge_ref == "pi_1"


def test_a_page_that_has_ended_is_made_anew(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    shopper = Shopper(case)
    shopper.go("pay")
    till.sessions["cs_1"] |= {"status": "expired", "url": None}
    assert shopper.go("pay", LATER)["Refresh"].endswith("cs_2")
    hear(case, till.news("cs_1", "checkout.session.expired"), LATER)
    hear(case, till.pay("cs_2"), LATER)
    assert payments(case) == ["ended", "paid"]


def test_what_was_paid_by_hand_meanwhile_closes_the_page(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    goods.paid(again(case), reference="Till 7", now=ASKED)
    work()
    assert (till.sessions["cs_1"]["status"], payments(case)) == ("expired", ["ended"])


def test_what_was_paid_twice_all_the_same_goes_back_once(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    news = till.pay()
    goods.paid(again(case), reference="Till 7", now=ASKED)
    hear(case, news)
    work()
    work(LATER)
    assert (payments(case), till.paid) == (["returned"], [("stripe", str(MORE))])
    assert again(case).charge_ref == "Till 7"


@pytest.mark.parametrize("lost", [0, 3])
def test_a_case_that_is_cancelled_after_paying_gets_its_money_back_once(
    till: Till, store: Store, case: Case, lost: int
) -> None:
    with_stripe(till, store)
    shopper = Shopper(case)
    shopper.go("pay")
    hear(case, till.pay())
    till.loses_answers = lost
    cancel(case, LATER)
    for hours in range(8):
        work(LATER + timedelta(hours=hours))
    assert (payments(case), till.paid, again(case).charged_at) == (["returned"], [("stripe", str(MORE))], None)
    assert "paid back on" in shopper.see(now=LATER)


def test_who_pays_after_the_case_was_cancelled_gets_it_back(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    news = till.pay()
    cancel(case, ASKED)
    work()
    hear(case, news)
    work()
    assert (payments(case), till.paid) == (["returned"], [("stripe", str(MORE))])


def test_a_case_that_is_cancelled_before_paying_closes_its_page(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    cancel(case, ASKED)
    work()
    assert (till.sessions["cs_1"]["status"], payments(case), till.charged) == ("expired", ["ended"], [])


def test_goods_that_cannot_be_had_give_the_payment_back(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    hear(case, till.pay())
    with clock.at(ASKED):
        goods.cancel(NewGoods.objects.get(case=case), why="Sold out", by=make_staff(store), now=ASKED)
    work()
    assert (payments(case), till.paid) == (["returned"], [("stripe", str(MORE))])


def test_what_was_sent_stays_paid(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    hear(case, till.pay())
    with clock.at(LATER):
        by = make_staff(store)
        units.receive(again(case), {unit.pk: "received" for unit in visits.units(case)}, by=by, now=LATER)
        goods.ship([NewGoods.objects.get(case=case)], carrier="dhl", number="JD7", by=by, now=LATER)
    work(LATER)
    assert (again(case).state, payments(case), till.paid) == ("resolved", ["paid"], [])


def test_who_sends_something_else_back_gets_the_payment_and_no_goods(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    hear(case, till.pay())
    desk = Desk(store)
    desk.now = LATER
    units.receive(again(case), {unit.pk: "wrong_item" for unit in visits.units(case)}, by=desk.staff, now=LATER)
    assert again(case).released_at is None
    desk.do(again(case), "finish", why="An old shoe came")
    work(LATER)
    assert (again(case).state, payments(case), till.paid) == ("resolved", ["returned"], [("stripe", str(MORE))])


def test_a_refund_that_stripe_refuses_becomes_a_task(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    hear(case, till.pay())
    till.says = [(400, {"error": {"type": "invalid_request_error", "message": "Insufficient funds in your account"}})]
    cancel(case, ASKED)
    work()
    desk, payment = Desk(store), CasePayment.objects.get()
    with clock.at(ASKED):
        page = desk.browser.get(f"/console/{store.slug}/refunds/").content.decode()
        assert "Insufficient funds in your account" in page
        there = f"/console/{store.slug}/refunds/payments/{payment.pk}/"
        assert "Say how it went back" in desk.browser.post(there, {"reference": " "}, follow=True).content.decode()
        assert "tried again now" in desk.browser.post(there, {"do": "again"}, follow=True).content.decode()
    work()
    assert (payments(case), till.paid) == (["returned"], [("stripe", str(MORE))])


def test_without_stripe_a_person_takes_it_and_gives_it_back(store: Store, case: Case) -> None:
    desk = Desk(store)
    assert "tells you how to pay €40.00" in Shopper(case).see()
    assert "Stripe is not connected" in desk.see(f"{case.pk}/")
    assert "Written down as paid" in desk.do(case, "paid", reference="Till 7")
    cancel(case, ASKED)
    work()
    with clock.at(ASKED):
        assert "paid by hand: Till 7" in desk.browser.get(f"/console/{store.slug}/refunds/").content.decode()
    payment = CasePayment.objects.get()
    with pytest.raises(charge_errands.CannotGiveBack, match="by hand"):
        charge_errands.try_again(payment, by=desk.staff, now=ASKED)
    charge_errands.given_back_by_hand(payment, reference="Till 8", by=desk.staff, now=ASKED)
    assert payments(case) == ["returned"]


def test_after_the_end_of_a_case_nothing_can_be_paid(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    cancel(case)
    assert "Nothing is to be paid" in Shopper(case).see("pay")
    assert (till.sessions, payments(case)) == ({}, [])


def test_another_amount_than_was_asked_for_is_for_a_person(till: Till, store: Store, case: Case) -> None:
    with_stripe(till, store)
    Shopper(case).go("pay")
    till.sessions["cs_1"]["amount_total"] = 1
    hear(case, till.pay())
    assert (payments(case), again(case).charged_at) == (["owed"], None)
    assert "Another amount" in CasePayment.objects.get().error


def test_what_an_unknown_page_tells_breaks_nothing(till: Till, store: Store, case: Case) -> None:
    page = {"object": "checkout.session", "id": "cs_9", "status": "complete", "payment_status": "paid"}
    page["metadata"] = {"thereafter_key": f"thereafter-pay-{store.pk}-99999999999999999999"}  # type: ignore[assignment]  # as Stripe nests it
    till.sessions["cs_9"] = page
    hear(case, till.news("cs_9"))
    assert payments(case) == []
