"""The warehouse's pages from inspection on: how it came, what it is worth, where it goes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.returns.actions import units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Photo
from thereafter.returns.tests import visits
from thereafter.returns.tests.goods_in import on_its_way, page, parcel_page, pays_after_inspection, received, said, scan
from thereafter.returns.tests.visits import ASKED
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


def test_an_inspected_item_is_paid_and_goes_where_it_usually_goes(store: Store, desk: Client) -> None:
    pays_after_inspection(store)
    case = received(store, desk)
    (unit,) = visits.units(case)
    assert not visits.shares(case)
    answer = desk.post(page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new"}, follow=True)
    assert f"{case.number} is released" in said(answer)
    assert visits.units(case)[0].state == "restock"
    assert [share.amount_minor for share in visits.shares(case)] == [8990]


def test_the_next_item_comes_at_once_and_the_last_choice_is_remembered(store: Store, desk: Client) -> None:
    case = received(store, desk, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    first, second = visits.units(case)
    said_first = {"verdict": "accepted", "grade": "opened", "to": "donate"}
    answer = desk.post(page(store, "inspect_unit", first.pk), said_first)
    assert answer.headers["Location"] == page(store, "inspect_unit", second.pk)
    assert 'data-goes="Give away"' in said(desk.get(page(store, "inspect_unit", second.pk)))
    answer = desk.post(page(store, "inspect_unit", second.pk), {"verdict": "accepted", "grade": "opened"})
    assert answer.headers["Location"] == page(store, "warehouse")
    assert visits.units(case)[1].state == "donate"


@pytest.mark.parametrize("amount", ["17.98", "17,98", "20 %", "20%"])
def test_wear_is_kept_back_as_an_amount_or_a_part(store: Store, desk: Client, amount: str) -> None:
    pays_after_inspection(store)
    case = received(store, desk)
    (unit,) = visits.units(case)
    wear = {"verdict": "accepted_with_deduction", "grade": "used", "amount": amount, "note": "Soles"}
    desk.post(page(store, "inspect_unit", unit.pk), wear)
    assert visits.units(case)[0].deduction_minor == 1798
    assert [share.amount_minor for share in visits.shares(case)] == [7192]


def test_what_cannot_be_kept_back_is_said_and_what_was_typed_stays(store: Store, desk: Client) -> None:
    pays_after_inspection(store)
    case = received(store, desk)
    address = page(store, "inspect_unit", visits.units(case)[0].pk)
    wear = {"verdict": "accepted_with_deduction", "grade": "used", "amount": "lots", "note": "Soles are worn"}
    text = said(desk.post(address, wear))
    assert "as an amount such as 12.34" in text
    assert "Soles are worn" in text
    assert visits.units(case)[0].state == "received"


def test_no_deduction_is_offered_where_it_was_paid_already(store: Store, desk: Client) -> None:
    case = received(store, desk)
    text = said(desk.get(page(store, "inspect_unit", visits.units(case)[0].pk)))
    assert "paid out already" in text
    assert "Keep back for wear" not in text


def test_what_was_said_is_changed_by_a_new_step(store: Store, desk: Client) -> None:
    case = received(store, desk)
    (unit,) = visits.units(case)
    desk.post(page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new"})
    before = case.steps.count()
    desk.post(page(store, "change_unit", unit.pk), {"to": "refurbish"})
    assert visits.units(case)[0].state == "refurbish"
    assert case.steps.count() == before + 1
    desk.post(page(store, "change_unit", unit.pk), {"to": "expected"})
    assert visits.units(case)[0].state == "refurbish"


def test_a_stock_label_is_printed_and_leads_back_to_the_item(store: Store, desk: Client) -> None:
    case = received(store, desk)
    (unit,) = visits.units(case)
    label = desk.get(page(store, "stock_label", unit.pk))
    assert label.content.startswith(b"%PDF")
    assert scan(desk, store, f"{case.number}/1") == page(store, "inspect_unit", unit.pk)
    assert "is no code" in scan(desk, store, f"{case.number}/7")


def test_put_away_is_said_of_many_at_once(store: Store, desk: Client) -> None:
    case = received(store, desk, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    for unit in visits.units(case):
        desk.post(page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new"})
    assert said(desk.get(page(store, "put_away"))).count('name="row"') == 2
    desk.post(page(store, "put_away"), {"row": [unit.pk for unit in visits.units(case)], "kind": "restock"})
    assert "Nothing waits" in said(desk.get(page(store, "put_away")))
    desk.post(page(store, "change_unit", visits.units(case)[0].pk), {"to": "recycle"})
    assert said(desk.get(page(store, "put_away"))).count('name="row"') == 1


def test_new_goods_are_sent_several_at_once(store: Store, desk: Client) -> None:
    case = on_its_way(store, Wish(line="1", reason="wrong_item", outcome="replacement", method="own_carrier"))
    desk.post(parcel_page(case), {"action": "all"})
    desk.post(page(store, "inspect_unit", visits.units(case)[0].pk), {"verdict": "accepted", "grade": "new"})
    row = case.goods.get()
    assert row.state == "released"
    sent = {f"goods-{case.pk}": [row.pk], f"carrier-{case.pk}": "UPS", f"number-{case.pk}": "1Z 99"}
    assert "Trail Runner 2" in said(desk.get(page(store, "to_send")))
    desk.post(page(store, "to_send"), sent)
    row.refresh_from_db()
    assert (row.state, row.carrier, row.tracking_number) == ("shipped", "UPS", "1Z99")
    assert "Nothing waits" in said(desk.get(page(store, "to_send")))


def test_a_photo_of_the_item_is_kept_and_one_that_is_none_is_said(store: Store, desk: Client) -> None:
    case = received(store, desk)
    (unit,) = visits.units(case)
    no_photo = SimpleUploadedFile("shoe.jpg", b"not a picture")
    answer = desk.post(
        page(store, "inspect_unit", unit.pk), {"verdict": "accepted", "grade": "new", "photos": no_photo}, follow=True
    )
    assert "not a photo that we can read" in said(answer)
    assert not Photo.objects.of(store).exists()


def test_what_is_set_aside_stays_in_the_queue(store: Store, desk: Client, by: Staff) -> None:
    case = received(store, desk)
    (unit,) = visits.units(case)
    desk.post(page(store, "inspect_unit", unit.pk), {"verdict": "manual", "note": "Is this ours?"})
    assert visits.units(case)[0].state == "manual"
    assert "Set aside" in said(desk.get(page(store, "inspect_queue")))
    units.inspect(visits.units(case)[0], "accepted", by=by, now=ASKED, grade="new")
