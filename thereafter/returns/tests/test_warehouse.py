"""The warehouse's pages: from the scanner to the money."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns.actions import deciding, parcels, policies, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, Photo, Remark, ReturnParcel, UnannouncedParcel
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="US")


@pytest.fixture
def by(store: Store) -> Staff:
    return make_staff(store, role="warehouse")


@pytest.fixture
def browser(by: Staff) -> Client:
    return signed_in(by)


def pays_after_inspection(store: Store) -> None:
    owner = make_staff(store, email="boss@stride.example")
    document = ready_policies.document("classic_30", "EUR")
    document["release"] = {"refund": "inspected"}
    policies.save_draft(store, document, by=owner, now=visits.PLACED)
    policies.publish(store, by=owner, now=visits.PLACED)


def on_its_way(store: Store, *wishes: Wish) -> Case:
    wishes = wishes or (Wish(line="1", reason="changed_mind", method="own_carrier", note="Too tight at the toes"),)
    return ask_for_one(delivered_order(store, shipping_address=visits.in_america()), *wishes)


def page(store: Store, name: str, *args: object) -> str:
    return reverse(f"returns_console:{name}", args=[store.slug, *args])


def parcel_page(case: Case) -> str:
    return page(case.store, "receive_parcel", visits.parcel(case).pk)


def scan(browser: Client, store: Store, code: str) -> str:
    """Where a code leads; the text of the page when it leads nowhere else."""
    answer = browser.get(page(store, "warehouse"), {"code": code})
    return answer.headers["Location"] if answer.status_code == 302 else answer.content.decode()


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]  # the test client's answer


def test_the_warehouse_begins_at_the_scanner(store: Store, browser: Client) -> None:
    assert browser.get(f"/console/{store.slug}/").headers["Location"] == page(store, "warehouse")
    assert "autofocus" in said(browser.get(page(store, "warehouse")))


def test_each_code_leads_to_the_parcel(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    parcel = visits.parcel(case)
    parcels.name_number(parcel, carrier="UPS", number="1Z999AA10123456784", now=ASKED)
    for code in (parcel.code, parcel.code.lower(), "1z999aa1 0123456784", f"THR1:{parcel.code}:AAAA:BBBB"):
        assert scan(browser, store, code) == parcel_page(case)
    for code in (case.number, case.number.lower(), case.order.number, f"#{case.order.number}"):
        assert browser.get(scan(browser, store, code)).headers["Location"] == parcel_page(case)


def test_the_page_shows_what_is_expected_and_what_the_shopper_said(store: Store, browser: Client) -> None:
    text = said(browser.get(parcel_page(on_its_way(store))))
    for words in ("Trail Runner 2", "TR2-42", "I do not need it any more", "Too tight at the toes", "It is here"):
        assert words in text


def test_all_is_here_in_one_tap_and_the_first_item_is_to_be_inspected(store: Store, browser: Client) -> None:
    case = on_its_way(store, Wish(line="2", quantity=3, reason="changed_mind", method="own_carrier"))
    assert "All 3 here" in said(browser.get(parcel_page(case)))
    answer = browser.post(parcel_page(case), {"action": "all"})
    assert [unit.state for unit in visits.units(case)] == ["received"] * 3
    assert answer.headers["Location"] == page(store, "inspect_unit", visits.units(case)[0].pk)
    assert visits.parcel(case).state == "delivered"
    assert again(case).handed_in_at


def test_received_releases_what_waits_for_it(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    browser.post(parcel_page(case), {"action": "all"})
    assert [share.amount_minor for share in visits.shares(case)] == [8990]


def test_one_is_here_and_one_is_missing(store: Store, browser: Client) -> None:
    case = on_its_way(store, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    first, second = visits.units(case)
    browser.post(parcel_page(case), {"action": "receive", f"unit-{first.pk}": "received", f"unit-{second.pk}": "missing"})
    assert [unit.state for unit in visits.units(case)] == ["received", "missing"]
    assert "not in the parcel" in again(case).review


def test_saying_nothing_is_not_saying_that_it_is_missing(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    answer = browser.post(parcel_page(case), {"action": "receive"}, follow=True)
    assert "Say of each item" in said(answer)
    assert visits.units(case)[0].state == "expected"


def test_a_parcel_scanned_twice_says_who_took_it_in(store: Store, browser: Client, by: Staff) -> None:
    case = on_its_way(store)
    with clock.at(ASKED):
        browser.post(parcel_page(case), {"action": "all"})
    text = said(browser.get(parcel_page(case)))
    assert "was opened before" in text
    assert by.name in text
    assert page(store, "inspect_unit", visits.units(case)[0].pk) in text
    browser.post(parcel_page(case), {"action": "all"})
    assert len(visits.shares(case)) == 1


def test_an_empty_parcel_is_put_before_support(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    browser.post(parcel_page(case), {"action": "empty"})
    assert visits.units(case)[0].state == "missing"
    assert "empty" in again(case).review
    assert not visits.shares(case)


def test_of_an_empty_parcel_the_items_may_be_in_the_next_one(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    parcels.make([case], now=ASKED)
    first = ReturnParcel.objects.of(store).filter(links__case=case).earliest("pk")
    browser.post(page(store, "receive_parcel", first.pk), {"action": "empty"})
    assert visits.units(case)[0].state == "expected"
    assert "was empty" in Remark.objects.of(store).get(case=case).text


def test_other_goods_in_the_parcel_are_written_down(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    browser.post(parcel_page(case), {"action": "extra", "what": "a left sandal"})
    assert "a left sandal" in again(case).review
    answer = browser.post(parcel_page(case), {"action": "extra", "what": " "}, follow=True)
    assert "Say what was in the parcel" in said(answer)


@pytest.mark.parametrize("how", ["cancelled", "expired"])
def test_goods_of_a_case_that_was_over_are_taken_in_for_support(store: Store, browser: Client, how: str) -> None:
    case = on_its_way(store)
    deciding.cancel(case, by=None, now=ASKED) if how == "cancelled" else deciding.expire(case, now=ASKED)
    text = said(browser.get(parcel_page(case)))
    assert "Take it in" in text
    assert "It is here" not in text
    browser.post(parcel_page(case), {"action": "wake"})
    assert again(case).state == "open"
    assert "came all the same" in again(case).review
    browser.post(parcel_page(case), {"action": "all"})
    assert visits.units(case)[0].state == "received"


def test_several_cases_in_one_parcel_are_taken_in_together(store: Store, browser: Client) -> None:
    order = delivered_order(store, shipping_address=visits.in_america())
    wishes = (
        Wish(line="1", reason="changed_mind", outcome="refund", method="own_carrier"),
        Wish(line="2", quantity=1, reason="changed_mind", outcome="store_credit", method="own_carrier"),
    )
    first, second = visits.ask(order, *wishes)
    parcels.join(visits.parcel(first), second, now=ASKED)
    text = said(browser.get(parcel_page(first)))
    assert first.number in text
    assert second.number in text
    browser.post(parcel_page(first), {"action": "all"})
    assert [visits.units(case)[0].state for case in (first, second)] == ["received", "received"]


def test_an_unknown_code_shows_a_way_on(store: Store, browser: Client) -> None:
    text = scan(browser, store, "NOBODY")
    assert "is no code" in text
    assert "Take it in all the same" in text
    assert "code=NOBODY" in text


def test_a_name_finds_the_returns_of_the_shopper(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    text = scan(browser, store, case.customer.name or case.customer.email)
    assert page(store, "receive_case", case.pk) in text


def test_a_parcel_nobody_announced_is_taken_in_and_found_to_be_somebodys(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    browser.post(page(store, "unannounced"), {"text": "Running shoes in a bag", "code": "XY1", "shelf": "A3"})
    parcel = UnannouncedParcel.objects.of(store).get()
    whose = page(store, "unannounced_one", parcel.pk)
    assert "Running shoes" in said(browser.get(page(store, "unannounced")))
    assert case.number in said(browser.get(whose, {"q": case.number}))
    answer = browser.post(whose, {"action": "match", "case": case.pk})
    assert answer.headers["Location"] == page(store, "receive_case", case.pk)
    assert "Came unannounced" in Remark.objects.of(store).get(case=case).text
    assert "Somebody saw to this" in said(browser.post(whose, {"action": "match", "case": case.pk}, follow=True))


def test_support_opens_a_return_for_a_parcel_nobody_announced(store: Store, browser: Client) -> None:
    order = delivered_order(store, shipping_address=visits.in_america())
    browser.post(page(store, "unannounced"), {"text": "Running shoes in a bag"})
    whose = page(store, "unannounced_one", UnannouncedParcel.objects.of(store).get().pk)
    line = order.lines.get(external_id="1")
    wish = {"action": "open", "order": order.pk, f"line-{line.pk}": "1"}
    assert "your role may not" in said(browser.get(whose, {"q": order.number}))
    browser.post(whose, wish)
    assert not Case.objects.of(store).exists()
    with clock.at(ASKED):
        signed_in(make_staff(store, role="support", email="help@stride.example")).post(whose, wish)
    assert Case.objects.of(store).get().units.count() == 1


def test_nothing_is_taken_in_without_a_word_and_a_file_that_is_no_photo_is_said(store: Store, browser: Client) -> None:
    assert "Write down what is in the parcel" in said(browser.post(page(store, "unannounced"), {"text": " "}))
    assert not UnannouncedParcel.objects.of(store).exists()


def test_what_the_carrier_delivered_and_nobody_opened_is_on_a_list(store: Store, browser: Client) -> None:
    case = on_its_way(store)
    parcels.told(visits.parcel(case), "delivered", now=ASKED)
    with clock.at(ASKED + timedelta(hours=2)):
        assert case.number not in said(browser.get(page(store, "not_found")))
    with clock.at(ASKED + timedelta(days=2)):
        assert case.number in said(browser.get(page(store, "not_found")))
        browser.post(page(store, "not_found"), {"parcel": visits.parcel(case).pk, "action": "ask"})
        assert "was asked" in said(browser.get(page(store, "not_found")))
        browser.post(page(store, "not_found"), {"parcel": visits.parcel(case).pk, "action": "not_here"})
        assert case.number not in said(browser.get(page(store, "not_found")))
    assert "does not have it" in again(case).review
    browser.post(parcel_page(case), {"action": "all"})
    assert visits.units(case)[0].state == "received"


def received(store: Store, browser: Client, *wishes: Wish) -> Case:
    case = on_its_way(store, *wishes)
    browser.post(parcel_page(case), {"action": "all"})
    return again(case)


def test_an_inspected_item_is_paid_and_goes_where_it_usually_goes(store: Store, browser: Client) -> None:
    pays_after_inspection(store)
    case = received(store, browser)
    (unit,) = visits.units(case)
    assert not visits.shares(case)
    answer = browser.post(page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new"}, follow=True)
    assert f"{case.number} is released" in said(answer)
    assert visits.units(case)[0].state == "restock"
    assert [share.amount_minor for share in visits.shares(case)] == [8990]


def test_the_next_item_comes_at_once_and_the_last_choice_is_remembered(store: Store, browser: Client) -> None:
    case = received(store, browser, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    first, second = visits.units(case)
    said_first = {"verdict": "accepted", "grade": "opened", "to": "donate"}
    answer = browser.post(page(store, "inspect_unit", first.pk), said_first)
    assert answer.headers["Location"] == page(store, "inspect_unit", second.pk)
    assert 'data-goes="Give away"' in said(browser.get(page(store, "inspect_unit", second.pk)))
    answer = browser.post(page(store, "inspect_unit", second.pk), {"verdict": "accepted", "grade": "opened"})
    assert answer.headers["Location"] == page(store, "warehouse")
    assert visits.units(case)[1].state == "donate"


@pytest.mark.parametrize("amount", ["17.98", "17,98", "20 %", "20%"])
def test_wear_is_kept_back_as_an_amount_or_a_part(store: Store, browser: Client, amount: str) -> None:
    pays_after_inspection(store)
    case = received(store, browser)
    (unit,) = visits.units(case)
    wear = {"verdict": "accepted_with_deduction", "grade": "used", "amount": amount, "note": "Soles"}
    browser.post(page(store, "inspect_unit", unit.pk), wear)
    assert visits.units(case)[0].deduction_minor == 1798
    assert [share.amount_minor for share in visits.shares(case)] == [7192]


def test_what_cannot_be_kept_back_is_said_and_what_was_typed_stays(store: Store, browser: Client) -> None:
    pays_after_inspection(store)
    case = received(store, browser)
    address = page(store, "inspect_unit", visits.units(case)[0].pk)
    wear = {"verdict": "accepted_with_deduction", "grade": "used", "amount": "lots", "note": "Soles are worn"}
    text = said(browser.post(address, wear))
    assert "as an amount such as 12.34" in text
    assert "Soles are worn" in text
    assert visits.units(case)[0].state == "received"


def test_no_deduction_is_offered_where_it_was_paid_already(store: Store, browser: Client) -> None:
    case = received(store, browser)
    text = said(browser.get(page(store, "inspect_unit", visits.units(case)[0].pk)))
    assert "paid out already" in text
    assert "Keep back for wear" not in text


def test_what_was_said_is_changed_by_a_new_step(store: Store, browser: Client) -> None:
    case = received(store, browser)
    (unit,) = visits.units(case)
    browser.post(page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new"})
    before = case.steps.count()
    browser.post(page(store, "change_unit", unit.pk), {"to": "refurbish"})
    assert visits.units(case)[0].state == "refurbish"
    assert case.steps.count() == before + 1
    browser.post(page(store, "change_unit", unit.pk), {"to": "expected"})
    assert visits.units(case)[0].state == "refurbish"


def test_a_stock_label_is_printed_and_leads_back_to_the_item(store: Store, browser: Client) -> None:
    case = received(store, browser)
    (unit,) = visits.units(case)
    label = browser.get(page(store, "stock_label", unit.pk))
    assert label.content.startswith(b"%PDF")
    assert scan(browser, store, f"{case.number}/1") == page(store, "inspect_unit", unit.pk)
    assert "is no code" in scan(browser, store, f"{case.number}/7")


def test_put_away_is_said_of_many_at_once(store: Store, browser: Client) -> None:
    case = received(store, browser, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    for unit in visits.units(case):
        browser.post(page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new"})
    assert said(browser.get(page(store, "put_away"))).count('name="row"') == 2
    browser.post(page(store, "put_away"), {"row": [unit.pk for unit in visits.units(case)], "kind": "restock"})
    assert "Nothing waits" in said(browser.get(page(store, "put_away")))
    browser.post(page(store, "change_unit", visits.units(case)[0].pk), {"to": "recycle"})
    assert said(browser.get(page(store, "put_away"))).count('name="row"') == 1


def test_new_goods_are_sent_several_at_once(store: Store, browser: Client) -> None:
    case = on_its_way(store, Wish(line="1", reason="wrong_item", outcome="replacement", method="own_carrier"))
    browser.post(parcel_page(case), {"action": "all"})
    browser.post(page(store, "inspect_unit", visits.units(case)[0].pk), {"verdict": "accepted", "grade": "new"})
    row = case.goods.get()
    assert row.state == "released"
    sent = {f"goods-{case.pk}": [row.pk], f"carrier-{case.pk}": "UPS", f"number-{case.pk}": "1Z 99"}
    assert "Trail Runner 2" in said(browser.get(page(store, "to_send")))
    browser.post(page(store, "to_send"), sent)
    row.refresh_from_db()
    assert (row.state, row.carrier, row.tracking_number) == ("shipped", "UPS", "1Z99")
    assert "Nothing waits" in said(browser.get(page(store, "to_send")))


def test_a_photo_of_the_item_is_kept_and_one_that_is_none_is_said(store: Store, browser: Client) -> None:
    case = received(store, browser)
    (unit,) = visits.units(case)
    no_photo = visits_file("shoe.jpg", b"not a picture")
    answer = browser.post(
        page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new", "photos": no_photo}, follow=True
    )
    assert "not a photo that we can read" in said(answer)
    assert not Photo.objects.of(store).exists()


def visits_file(name: str, content: bytes) -> object:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def test_what_is_set_aside_stays_in_the_queue(store: Store, browser: Client, by: Staff) -> None:
    case = received(store, browser)
    (unit,) = visits.units(case)
    browser.post(page(store, "inspect_unit", unit.pk), {"verdict": "manual", "note": "Is this ours?"})
    assert visits.units(case)[0].state == "manual"
    assert "Set aside" in said(browser.get(page(store, "inspect_queue")))
    units.inspect(visits.units(case)[0], "accepted", by=by, now=ASKED, grade="new")
