"""The warehouse's pages: from the scanner to the money."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns.actions import deciding, parcels
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, Photo, Remark, ReturnParcel, UnannouncedParcel
from thereafter.returns.tests import visits
from thereafter.returns.tests.goods_in import on_its_way, page, parcel_page, said, scan
from thereafter.returns.tests.visits import ASKED, again, delivered_order
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
def desk(by: Staff) -> Client:
    return signed_in(by)


def test_the_warehouse_begins_at_the_scanner(store: Store, desk: Client) -> None:
    assert desk.get(f"/console/{store.slug}/").headers["Location"] == page(store, "warehouse")
    assert "autofocus" in said(desk.get(page(store, "warehouse")))


def test_each_code_leads_to_the_parcel(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    parcel = visits.parcel(case)
    parcels.name_number(parcel, carrier="UPS", number="1Z999AA10123456784", now=ASKED)
    for code in (parcel.code, parcel.code.lower(), "1z999aa1 0123456784", f"THR1:{parcel.code}:AAAA:BBBB"):
        assert scan(desk, store, code) == parcel_page(case)
    for code in (case.number, case.number.lower(), case.order.number, f"#{case.order.number}"):
        assert desk.get(scan(desk, store, code)).headers["Location"] == parcel_page(case)


def test_the_page_shows_what_is_expected_and_what_the_shopper_said(store: Store, desk: Client) -> None:
    text = said(desk.get(parcel_page(on_its_way(store))))
    for words in ("Trail Runner 2", "TR2-42", "I do not need it any more", "Too tight at the toes", "It is here"):
        assert words in text


def test_all_is_here_in_one_tap_and_the_first_item_is_to_be_inspected(store: Store, desk: Client) -> None:
    case = on_its_way(store, Wish(line="2", quantity=3, reason="changed_mind", method="own_carrier"))
    assert "All 3 here" in said(desk.get(parcel_page(case)))
    answer = desk.post(parcel_page(case), {"action": "all"})
    assert [unit.state for unit in visits.units(case)] == ["received"] * 3
    assert answer.headers["Location"] == page(store, "inspect_unit", visits.units(case)[0].pk)
    assert visits.parcel(case).state == "delivered"
    assert again(case).handed_in_at


def test_received_releases_what_waits_for_it(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    desk.post(parcel_page(case), {"action": "all"})
    assert [share.amount_minor for share in visits.shares(case)] == [8990]


def test_one_is_here_and_one_is_missing(store: Store, desk: Client) -> None:
    case = on_its_way(store, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    first, second = visits.units(case)
    desk.post(parcel_page(case), {"action": "receive", f"unit-{first.pk}": "received", f"unit-{second.pk}": "missing"})
    assert [unit.state for unit in visits.units(case)] == ["received", "missing"]
    assert "not in the parcel" in again(case).review


def test_saying_nothing_is_not_saying_that_it_is_missing(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    answer = desk.post(parcel_page(case), {"action": "receive"}, follow=True)
    assert "Say of each item" in said(answer)
    assert visits.units(case)[0].state == "expected"


def test_a_parcel_scanned_twice_says_who_took_it_in(store: Store, desk: Client, by: Staff) -> None:
    case = on_its_way(store)
    with clock.at(ASKED):
        desk.post(parcel_page(case), {"action": "all"})
    text = said(desk.get(parcel_page(case)))
    assert "was opened before" in text
    assert by.name in text
    assert page(store, "inspect_unit", visits.units(case)[0].pk) in text
    desk.post(parcel_page(case), {"action": "all"})
    assert len(visits.shares(case)) == 1


def test_an_empty_parcel_is_put_before_support(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    desk.post(parcel_page(case), {"action": "empty"})
    assert visits.units(case)[0].state == "missing"
    assert "empty" in again(case).review
    assert not visits.shares(case)


def test_of_an_empty_parcel_the_items_may_be_in_the_next_one(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    parcels.make([case], now=ASKED)
    first = ReturnParcel.objects.of(store).filter(links__case=case).earliest("pk")
    desk.post(page(store, "receive_parcel", first.pk), {"action": "empty"})
    assert visits.units(case)[0].state == "expected"
    assert "was empty" in Remark.objects.of(store).get(case=case).text


def test_other_goods_in_the_parcel_are_written_down(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    desk.post(parcel_page(case), {"action": "extra", "what": "a left sandal"})
    assert "a left sandal" in again(case).review
    answer = desk.post(parcel_page(case), {"action": "extra", "what": " "}, follow=True)
    assert "Say what was in the parcel" in said(answer)


@pytest.mark.parametrize("how", ["cancelled", "expired"])
def test_goods_of_a_case_that_was_over_are_taken_in_for_support(store: Store, desk: Client, how: str) -> None:
    case = on_its_way(store)
    deciding.cancel(case, by=None, now=ASKED) if how == "cancelled" else deciding.expire(case, now=ASKED)
    text = said(desk.get(parcel_page(case)))
    assert "Take it in" in text
    assert "It is here" not in text
    desk.post(parcel_page(case), {"action": "wake"})
    assert again(case).state == "open"
    assert "came all the same" in again(case).review
    desk.post(parcel_page(case), {"action": "all"})
    assert visits.units(case)[0].state == "received"


def test_several_cases_in_one_parcel_are_taken_in_together(store: Store, desk: Client) -> None:
    order = delivered_order(store, shipping_address=visits.in_america())
    wishes = (
        Wish(line="1", reason="changed_mind", outcome="refund", method="own_carrier"),
        Wish(line="2", quantity=1, reason="changed_mind", outcome="store_credit", method="own_carrier"),
    )
    first, second = visits.ask(order, *wishes)
    parcels.join(visits.parcel(first), second, now=ASKED)
    text = said(desk.get(parcel_page(first)))
    assert first.number in text
    assert second.number in text
    desk.post(parcel_page(first), {"action": "all"})
    assert [visits.units(case)[0].state for case in (first, second)] == ["received", "received"]


def test_an_unknown_code_shows_a_way_on(store: Store, desk: Client) -> None:
    text = scan(desk, store, "NOBODY")
    assert "is no code" in text
    assert "Take it in all the same" in text
    assert "code=NOBODY" in text


def test_a_name_finds_the_returns_of_the_shopper(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    text = scan(desk, store, case.customer.name or case.customer.email)
    assert page(store, "receive_case", case.pk) in text


def test_a_parcel_nobody_announced_is_taken_in_and_found_to_be_somebodys(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    desk.post(page(store, "unannounced"), {"text": "Running shoes in a bag", "code": "XY1", "shelf": "A3"})
    parcel = UnannouncedParcel.objects.of(store).get()
    whose = page(store, "unannounced_one", parcel.pk)
    assert "Running shoes" in said(desk.get(page(store, "unannounced")))
    assert case.number in said(desk.get(whose, {"q": case.number}))
    answer = desk.post(whose, {"action": "match", "case": case.pk})
    assert answer.headers["Location"] == page(store, "receive_case", case.pk)
    assert "Came unannounced" in Remark.objects.of(store).get(case=case).text
    assert "Somebody saw to this" in said(desk.post(whose, {"action": "match", "case": case.pk}, follow=True))


def test_support_opens_a_return_for_a_parcel_nobody_announced(store: Store, desk: Client) -> None:
    order = delivered_order(store, shipping_address=visits.in_america())
    desk.post(page(store, "unannounced"), {"text": "Running shoes in a bag"})
    whose = page(store, "unannounced_one", UnannouncedParcel.objects.of(store).get().pk)
    line = order.lines.get(external_id="1")
    wish = {"action": "open", "order": order.pk, f"line-{line.pk}": "1"}
    assert "your role may not" in said(desk.get(whose, {"q": order.number}))
    desk.post(whose, wish)
    assert not Case.objects.of(store).exists()
    with clock.at(ASKED):
        signed_in(make_staff(store, role="support", email="help@stride.example")).post(whose, wish)
    assert Case.objects.of(store).get().units.count() == 1


def test_nothing_is_taken_in_without_a_word(store: Store, desk: Client) -> None:
    assert "Write down what is in the parcel" in said(desk.post(page(store, "unannounced"), {"text": " "}))
    assert not UnannouncedParcel.objects.of(store).exists()


def test_what_the_carrier_delivered_and_nobody_opened_is_on_a_list(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    parcels.told(visits.parcel(case), "delivered", now=ASKED)
    with clock.at(ASKED + timedelta(hours=2)):
        assert case.number not in said(desk.get(page(store, "not_found")))
    with clock.at(ASKED + timedelta(days=2)):
        assert case.number in said(desk.get(page(store, "not_found")))
        desk.post(page(store, "not_found"), {"parcel": visits.parcel(case).pk, "action": "ask"})
        assert "was asked" in said(desk.get(page(store, "not_found")))
        desk.post(page(store, "not_found"), {"parcel": visits.parcel(case).pk, "action": "not_here"})
        assert case.number not in said(desk.get(page(store, "not_found")))
    assert "does not have it" in again(case).review
    desk.post(parcel_page(case), {"action": "all"})
    assert visits.units(case)[0].state == "received"


def test_the_photo_of_a_parcel_nobody_announced_goes_along_to_its_case(store: Store, desk: Client) -> None:
    case, drawn = on_its_way(store), io.BytesIO()
    Image.new("RGB", (60, 40), "#b05a2c").save(drawn, "JPEG")
    photo = SimpleUploadedFile("bag.jpg", drawn.getvalue())
    desk.post(page(store, "unannounced"), {"text": "Shoes", "photo": photo})
    parcel = UnannouncedParcel.objects.of(store).get()
    assert desk.get(page(store, "unannounced_photo", parcel.pk)).headers["Content-Type"] == "image/jpeg"
    desk.post(page(store, "unannounced_one", parcel.pk), {"action": "match", "case": case.pk})
    assert Photo.objects.of(store).get(case=case).width == 60


def test_a_file_that_is_no_photo_is_said_and_what_was_typed_stays(store: Store, desk: Client) -> None:
    text = {"text": "Shoes in a bag", "photo": SimpleUploadedFile("bag.jpg", b"none")}
    answer = said(desk.post(page(store, "unannounced"), text))
    assert "not a photo that we can read" in answer
    assert "Shoes in a bag" in answer
    assert not UnannouncedParcel.objects.of(store).exists()


def test_all_parcels_of_a_counters_bag_are_shown(store: Store, desk: Client) -> None:
    case = on_its_way(store)
    parcels.make([case], now=ASKED)
    ReturnParcel.objects.of(store).update(bag="BAG7")
    assert scan(desk, store, "bag7").count("/warehouse/parcels/") == 2
