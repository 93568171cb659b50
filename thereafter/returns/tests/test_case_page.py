import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from thereafter.returns.actions import parcels, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, NewGoods, Photo, Remark
from thereafter.returns.tests import visits
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order, in_america
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry

pytestmark = pytest.mark.django_db
POSTAGE = 495
DAMAGED = Wish(line="1", reason="damaged_on_arrival", outcome="replacement", note="The heel is broken.")


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def to_decide(store: Store, *wishes: Wish) -> Case:
    """Somebody has to look first."""
    return ask_for_one(delivered_order(store), *(wishes or (DAMAGED,)), channel="support", review="Look at the photos.")


def test_the_page_says_what_is_next_and_shows_five_machines(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    page = desk.see(f"{case.pk}/")
    assert "Next: The shopper sends 1 item back." in page
    for machine in ("Case", "Parcels", "Items", "Money", "New goods"):
        assert f">{machine}</h2>" in page
    assert visits.parcel(case).code in page
    assert "Shopper sends by" in page


def test_what_had_to_be_paid_by_law_is_red_when_the_day_is_over(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    parcels.handed_in(visits.parcel(case), at="Counter", now=ASKED)
    desk.now = ASKED + timedelta(days=20)
    assert "By law the money had to be paid by" in desk.see(f"{case.pk}/")


def test_a_case_is_approved_once(store: Store, desk: Desk) -> None:
    case = ask_for_one(
        delivered_order(store), Wish(line="1", outcome="store_credit"), channel="support", review="Look at it."
    )
    assert "R1001 is approved." in desk.do(case, "approve")
    assert (again(case).state, again(case).review) == ("open", "")
    assert "cannot become approved" in desk.do(case, "approve")


def test_declining_needs_words_that_the_shopper_reads(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    assert "write the answer that they will read" in desk.do(case, "decline")
    assert again(case).state == "needs_review"
    page = desk.do(case, "decline", ready="Photo needed")
    assert "is declined" in page
    assert again(case).answer.startswith("We could not see the fault")


def test_a_case_is_cancelled_and_reopened_with_a_reason(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    assert "is cancelled" in desk.do(case, "cancel", why="Changed their mind")
    assert "Say why it goes on" in desk.do(case, "reopen")
    assert "goes on" in desk.do(case, "reopen", why="They want it after all")
    assert again(case).state == "open"


def test_what_has_moved_cannot_be_cancelled(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    parcels.handed_in(visits.parcel(case), at="Our shop", now=ASKED)
    assert "on their way back already" in desk.do(again(case), "cancel")


def test_items_are_received_inspected_and_put_somewhere(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    (unit,) = visits.units(case)
    assert "Say of at least one item" in desk.do(case, "receive")
    parcel = visits.parcel(case)
    page = desk.do(case, "receive", parcel=parcel.pk, **{f"found-{unit.pk}": "received"})
    assert "Written down for 1 item" in page
    assert visits.parcel(case).opened_at == ASKED
    assert "Next: Look at 1 item that came." in page
    assert "Choose what you found" in desk.do(case, "inspect", unit=unit.pk)
    page = desk.do(case, "inspect", unit=unit.pk, verdict="accepted", grade="new", to="restock")
    assert "Back in stock" in page
    assert visits.units(case)[0].state == "restock"
    desk.do(case, "dispose", unit=unit.pk, to="donate")
    assert visits.units(case)[0].state == "donate"


def test_a_deduction_that_the_law_forbids_is_refused_in_words(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store), Wish(line="1", reason="faulty_on_arrival", outcome="replacement"))
    (unit,) = visits.units(case)
    desk.do(case, "receive", **{f"found-{unit.pk}": "received"})
    form = {"unit": unit.pk, "verdict": "accepted_with_deduction", "deduction": "10,00", "note": "Worn"}
    assert "Nothing may be kept back here" in desk.do(case, "inspect", **form)


def test_a_missing_item_is_paid_for_when_the_shop_believes_the_shopper(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    (unit,) = visits.units(case)
    desk.do(case, "receive", **{f"found-{unit.pk}": "missing"})
    assert "The parcel was empty" in desk.see(f"{case.pk}/")
    assert "Say why your shop pays" in desk.do(case, "forgive", unit=unit.pk)
    desk.do(case, "forgive", unit=unit.pk, why="A good customer")
    assert visits.units(case)[0].state == "accepted"
    assert sum(share.amount_minor for share in visits.shares(case)) == 8990 - POSTAGE


def test_money_is_released_by_hand_before_the_goods_are_here(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    assert "Released" in desk.do(case, "release")
    assert sum(share.amount_minor for share in visits.shares(case)) == 8990 - POSTAGE
    assert "nothing in this case that still waits" in desk.do(case, "release")


def test_new_goods_are_sent_or_cannot_be_had(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    desk.do(case, "claim", payer="")
    (unit,) = visits.units(case)
    desk.do(case, "receive", **{f"found-{unit.pk}": "received"})
    desk.do(case, "inspect", unit=unit.pk, verdict="accepted")
    new = NewGoods.objects.get(case=case)
    assert new.state == "released"
    assert "Choose what was sent" in desk.do(case, "ship", carrier="dhl", number="JD55")
    assert "can follow them" in desk.do(case, "ship", goods=new.pk, carrier="dhl", number="JD 55")
    new.refresh_from_db()
    assert (new.state, new.tracking_number) == ("shipped", "JD55")
    assert again(case).state == "resolved"


def test_new_goods_that_cannot_be_had_are_paid_back(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    desk.do(case, "claim", payer="shop")
    (unit,) = visits.units(case)
    desk.do(case, "receive", **{f"found-{unit.pk}": "received"})
    desk.do(case, "inspect", unit=unit.pk, verdict="accepted")
    assert "Choose what cannot be had" in desk.do(case, "gone")
    new = NewGoods.objects.get(case=case)
    assert "is paid back instead" in desk.do(case, "gone", goods=new.pk, why="Sold out")
    assert sum(share.amount_minor for share in visits.shares(case)) == 8990


def test_what_was_dearer_is_marked_as_paid_with_how_it_is_known(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    assert "Nothing is to be paid in this case" in desk.do(case, "paid", reference="Cash desk")
    assert "Say how you know" in desk.do(case, "paid")


def test_what_else_was_in_the_parcel_puts_the_case_before_somebody(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    desk.do(case, "extra", what="a left sandal")
    assert "a left sandal" in again(case).review


def test_photos_are_kept_and_open_in_full_size_without_a_script(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "#336699").save(picture, "JPEG")
    page = desk.do(case, "photos", photos=SimpleUploadedFile("heel.jpg", picture.getvalue()))
    assert "1 photo added" in page
    photo = Photo.objects.get(case=case)
    assert f'popovertarget="photo-{photo.pk}"' in page
    assert f'id="photo-{photo.pk}" popover' in page
    assert "Choose at least one photo" in desk.do(case, "photos")


def test_colleagues_note_and_the_shopper_is_answered(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    assert "Write something first" in desk.do(case, "note", text=" ")
    desk.do(case, "note", text="Third time this year")
    page = desk.do(case, "answer", text="We wait for your parcel.")
    assert "Third time this year" in page
    assert "We wait for your parcel." in page
    told = Entry.objects.filter(store_id=store.pk, name="return.answered").get()
    assert told.payload["text"] == "We wait for your parcel."
    assert Remark.objects.filter(case=case, is_internal=True).count() == 1


def test_a_case_is_handed_to_a_colleague_of_this_shop_only(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    other = make_staff(store, role="support", email="sam@stride.example")
    assert f"Now with {other.name}" in desk.do(case, "assign", to=other.pk)
    stranger = make_staff(make_store("outlet", name="Outlet"), email="x@outlet.example")
    assert "Now with nobody" in desk.do(case, "assign", to=stranger.pk)


def test_a_case_is_put_on_the_list_and_taken_off(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    desk.do(case, "review", why="Ask about the address")
    assert "Ask about the address" in desk.see("", view="decide")
    desk.do(case, "review", why="")
    assert again(case).review == ""


def test_a_claim_waits_for_a_yes_or_a_no_and_is_not_seen_to_otherwise(store: Store, desk: Desk) -> None:
    assert "approve or decline it" in desk.do(to_decide(store), "review", why="")


def test_the_sum_adds_up(store: Store, desk: Desk) -> None:
    address = in_america()
    case = ask_for_one(delivered_order(store, shipping_address=address), Wish(line="1", reason="changed_mind"))
    page = desk.see(f"{case.pk}/")
    totals = page.partition('<dl class="totals">')[2].partition("</dl>")[0]
    found = [
        (-1 if "-" in text else 1) * round(float(re.sub(r"[^\d.]", "", text)) * 100)
        for text in re.findall(r"<dd[^>]*>([^<]+)</dd>", totals)
    ]
    assert sum(found[:-1]) == found[-1] > 0


def test_the_decision_is_told_in_sentences(store: Store, desk: Desk) -> None:
    page = desk.see(f"{ask_for_one(delivered_order(store)).pk}/")
    assert "Decided by the policy" in page
    assert "Law:" in page


def test_the_warehouse_receives_but_does_not_decide(store: Store) -> None:
    hands = Desk(store, role="warehouse")
    case = to_decide(store)
    page = hands.see(f"{case.pk}/")
    assert "Accept the claim" not in page
    with pytest.raises(AssertionError):
        hands.do(case, "approve")
    assert again(case).state == "needs_review"


def test_a_case_of_which_nothing_more_comes_is_closed_by_hand(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    found = {unit.pk: "received" for unit in visits.units(case)}
    units.receive(case, found, by=desk.staff, now=ASKED + timedelta(days=3))
    assert "is done" in desk.do(again(case), "finish", why="Settled at the counter")
    assert again(case).state == "resolved"
    assert "cannot become resolved" in desk.do(again(case), "finish")
