"""What shoppers are told at each step of a case: once, in their language, by the journeys that come along."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.events.returns import ReturnAnswered
from thereafter.messaging.models import Message
from thereafter.returns.actions import credit, deciding, goods, parcels, paying_by_hand, policies, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.actions.steps import about
from thereafter.returns.models import Case, CaseLetter, CreditAccount, NewGoods
from thereafter.returns.rules.claims import CLAIMS
from thereafter.returns.tests import visits
from thereafter.returns.tests.telling import WISH, Outbox, outbox, telling_store, templates, worker
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order, parcel, shares
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff
from thereafter.timeline.log import record

__all__ = ["outbox"]
pytestmark = pytest.mark.django_db
LATER = ASKED + timedelta(days=3)


@pytest.fixture
def store(outbox: Outbox) -> Store:
    return telling_store()


@pytest.fixture
def ines(store: Store) -> Staff:
    return make_staff(store)


def an_order(store: Store, outbox: Outbox, locale: str = "", **fields: Any) -> Order:
    order = delivered_order(store, **fields)
    Customer.objects.filter(pk=order.customer_id).update(locale=locale)
    order.customer.locale = locale
    outbox.taken()
    return order


def asked(order: Order, *wishes: Wish, **asking: Any) -> Case:
    with worker(ASKED):
        return ask_for_one(order, *(wishes or (WISH,)), **asking)


def handed_in(case: Case) -> None:
    with worker(LATER):
        parcels.handed_in(parcel(case), at="DHL Parcel Shop", now=LATER)


def received(case: Case, by: Staff, found: str = "received") -> None:
    with worker(LATER + timedelta(days=1)):
        now = LATER + timedelta(days=1)
        units.receive(again(case), {unit.pk: found for unit in visits.units(case)}, by=by, now=now)


def paid(case: Case, by: Staff) -> None:
    now = LATER + timedelta(days=2)
    with worker(now):
        for number, share in enumerate(shares(case)):
            paying_by_hand.paid_by_hand(share, reference=f"bank-{case.pk}-{number}", by=by, now=now)


def test_a_return_is_told_step_by_step_and_each_step_once(store: Store, outbox: Outbox, ines: Staff) -> None:
    case = asked(an_order(store, outbox))
    approved = outbox.one()
    assert case.number in approved.subject
    assert "Harbour Road 7" in approved.html
    assert "/returns/case/" in approved.html
    handed_in(case)
    assert "DHL Parcel Shop" in outbox.one().html
    received(case, ines)
    assert "has arrived" in outbox.one().subject
    paid(case, ines)
    assert "€84.95" in outbox.one().subject
    assert again(case).state == "resolved"
    with worker(LATER + timedelta(days=9)):
        pass
    assert case.number in outbox.one().subject
    told = ["return_approved", "return_handed_in", "return_received", "return_refunded", "return_resolved"]
    assert templates(store) == told


def looked_at_first(store: Store, by: Staff) -> None:
    """A policy that wants a person to look at everything, and at the goods before money goes out."""
    rules = [{"name": "Look", "if": "true", "then": [{"do": "review", "why": "New customer"}]}]
    document = {"format": 1, "name": "Ours", "window": {"days": 30}, "rules": rules, "release": {"refund": "inspected"}}
    policies.save_draft(store, document, by=by, now=visits.PLACED)
    policies.publish(store, by=by, now=visits.PLACED)


def test_a_request_that_waits_for_a_person_is_told_and_answered(store: Store, outbox: Outbox, ines: Staff) -> None:
    looked_at_first(store, ines)
    case = asked(an_order(store, outbox, shipping_address=visits.in_america()))
    assert templates(store) == ["return_requested"]
    assert "a person at Stride" in outbox.one().html
    with worker(LATER):
        deciding.decline(again(case), answer="It was worn <b>outdoors</b>.\nWe are sorry.", by=ines, now=LATER)
    letter = outbox.one()
    assert "It was worn &lt;b&gt;outdoors&lt;/b&gt;." in letter.html
    assert "<b>outdoors</b>" in letter.text


def test_a_claim_hears_first_that_it_was_heard(store: Store, outbox: Outbox, ines: Staff) -> None:
    looked_at_first(store, ines)
    order = an_order(store, outbox)
    case = asked(order, Wish(line="1", reason="damaged_on_arrival", outcome="replacement"), channel="support")
    assert (case.basis in CLAIMS, templates(store)) == (True, ["return_claim_requested"])
    assert "That should not have happened" in outbox.one().html
    assert again(case).customer.trait("open.claim") is True
    with worker(LATER):
        deciding.approve(again(case), by=ines, now=LATER)
    assert "we put it right" in outbox.one().html


def test_what_is_kept_back_is_told_with_its_reason(store: Store, outbox: Outbox, ines: Staff) -> None:
    looked_at_first(store, ines)
    case = asked(an_order(store, outbox, shipping_address=visits.in_america()))
    with worker(ASKED):
        deciding.approve(again(case), by=ines, now=ASKED)
    handed_in(case)
    received(case, ines)
    outbox.taken()
    (unit,) = visits.units(case)
    now = LATER + timedelta(days=2)
    with worker(now):
        units.inspect(unit, "accepted_with_deduction", deduction_minor=1500, note="Worn outdoors", by=ines, now=now)
    letter = outbox.one()
    assert ("€15.00" in letter.html, "Worn outdoors" in letter.html) == (True, True)
    assert templates(store)[-1] == "return_inspected"


def test_what_somebody_is_told_is_in_their_language(store: Store, outbox: Outbox, ines: Staff) -> None:
    words = {
        "en": "How to send your return",
        "de": "So schickst du deine Rücksendung",
        "fr": "Comment envoyer votre retour",
        "es": "Cómo enviar tu devolución",
        "pt": "Como enviar sua devolução",
    }
    for language, subject in words.items():
        shop = telling_store(f"shop-{language}")
        asked(an_order(shop, outbox, language))
        letter = outbox.one()
        assert letter.subject.startswith(subject)
        assert "{{" not in letter.html + letter.text
        assert ("?lang=" in letter.html) == (language != "en")


def test_a_refund_of_ours_is_told_once_though_the_shop_tells_of_it_too(
    store: Store, outbox: Outbox, ines: Staff
) -> None:
    order = an_order(store, outbox)
    case = asked(order)
    handed_in(case)
    received(case, ines)
    outbox.taken()
    paid(case, ines)
    (share,) = shares(case)
    tell_of_refund(store, order, share.provider_ref, "89.90")
    assert templates(store)[-1] == "return_refunded"
    assert "refunded" not in templates(store)
    tell_of_refund(store, order, "goodwill-of-the-shop", "5.00")
    assert templates(store)[-1] == "refunded"


def tell_of_refund(store: Store, order: Order, name: str, amount: str) -> None:
    now = LATER + timedelta(days=2, hours=1)
    with worker(now):
        doc = RefundDoc(external_id=name, amount=amount, at=now)
        take_refunds(store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=now)


def test_who_returns_a_gift_is_told_and_its_buyer_never(store: Store, outbox: Outbox, ines: Staff) -> None:
    order = an_order(store, outbox)
    before = Message.objects.of(store).count()
    case = asked(order, Wish(line="1", outcome="store_credit"), is_gift=True, email="ana@example.com", locale="de")
    letter = outbox.one()
    assert (letter.to, letter.subject) == ("ana@example.com", f"So schickst du deine Rücksendung {case.number}")
    assert "John" not in letter.html
    assert "89,90" not in letter.html
    handed_in(case)
    received(case, ines)
    letters = outbox.taken()
    assert [letter.to for letter in letters] == ["ana@example.com"] * 3
    assert CreditAccount.objects.get().shown_code in "".join(letter.html for letter in letters)
    assert Message.objects.of(store).count() == before
    assert CaseLetter.objects.of(store).filter(state="sent").count() == 4


def test_store_credit_is_told_with_its_code(store: Store, outbox: Outbox, ines: Staff) -> None:
    order = an_order(store, outbox, shipping_address=visits.in_america())
    with worker(LATER):
        account = credit.issue(order.customer, 2500, "EUR", source="thanks", now=LATER)
    letter = outbox.one()
    assert account.shown_code in letter.html
    assert "€25.00" in letter.subject
    assert templates(store) == ["return_credit"]


def test_an_exchange_that_left_is_told_with_its_number(store: Store, outbox: Outbox, ines: Staff) -> None:
    order = an_order(store, outbox)
    case = asked(order, Wish(line="1", reason="missing_item", outcome="replacement"), channel="support")
    outbox.taken()
    now = LATER + timedelta(days=3)
    with worker(now):
        goods.ship(list(NewGoods.objects.filter(case=case)), carrier="DHL", number="00340", by=ines, now=now)
    assert "00340" in outbox.one().html
    assert templates(store)[-1] == "return_exchange_sent"


def test_what_the_shop_writes_is_told_every_time(store: Store, outbox: Outbox) -> None:
    case = asked(an_order(store, outbox))
    outbox.taken()
    for day, text in enumerate(("Where is the box?", "Thank you!")):
        at = LATER + timedelta(days=day)
        with worker(at):
            record(ReturnAnswered(**about(case, at), text=text))
        assert text in outbox.one().html


def test_who_sent_nothing_is_reminded_and_then_told_that_it_ended(store: Store, outbox: Outbox) -> None:
    order = an_order(store, outbox, shipping_address=visits.in_america())
    case = asked(order)
    outbox.taken()
    for days in (24, 24, 30):
        with worker(ASKED + timedelta(days=days)):
            deciding.expire_due(ASKED + timedelta(days=days))
    assert templates(store) == ["return_approved", "return_reminder", "return_expired"]
    reminder, _ended = outbox.taken()
    assert "Harbour Road 7" in reminder.html
    assert again(case).state == "expired"


def test_a_cancelled_return_is_told(store: Store, outbox: Outbox) -> None:
    case = asked(an_order(store, outbox))
    outbox.taken()
    with worker(LATER):
        deciding.cancel(again(case), by=None, now=LATER)
    assert "is cancelled" in outbox.one().subject


def test_a_claim_of_a_report_is_answered_by_the_report_and_a_lost_parcel_by_us(store: Store, outbox: Outbox) -> None:
    for reason, told in (("missing_item", []), ("lost", ["return_claim_found"])):
        shop = telling_store(f"shop-{len(told)}")
        order = an_order(shop, outbox)
        wish = Wish(line="1", reason=reason, outcome="replacement")
        case = asked(order, wish, channel="watch", review="Look at it")
        assert (bool(case.review), templates(shop)) == (True, told)


def test_the_buyer_of_a_gift_hears_nothing_of_its_exchange(store: Store, outbox: Outbox, ines: Staff) -> None:
    order = an_order(store, outbox)
    before = Message.objects.of(store).count()
    wish = Wish(line="1", reason="missing_item", outcome="replacement")
    case = asked(order, wish, is_gift=True, email="ana@example.com", channel="support")
    now = LATER + timedelta(days=3)
    with worker(now):
        goods.ship(list(NewGoods.objects.filter(case=case)), carrier="DHL", number="00340", by=ines, now=now)
    assert {letter.to for letter in outbox.taken()} == {"ana@example.com"}
    assert Message.objects.of(store).count() == before


def test_a_customer_without_an_address_is_written_to_at_the_one_they_gave(store: Store, outbox: Outbox) -> None:
    order = an_order(store, outbox)
    Customer.objects.filter(pk=order.customer_id).update(email="")
    asked(Order.objects.select_related("store", "customer").get(pk=order.pk), email="john@work.example", locale="fr")
    letter = outbox.one()
    assert (letter.to, letter.subject.startswith("Comment envoyer")) == ("john@work.example", True)
