"""The page of a partner's counter, for who has its secret link."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from thereafter.kit import clock
from thereafter.returns.actions import deciding, handing_in, points
from thereafter.returns.actions.opening import Wish
from thereafter.returns.labels import phone
from thereafter.returns.models import Case, DropOffPoint, Photo, ReturnParcel
from thereafter.returns.points import counter_token
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.storefront import counter as page
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store(country="US")


@pytest.fixture
def point(store: Store) -> DropOffPoint:
    return make_point(store)


def make_point(store: Store, name: str = "Corner shop") -> DropOffPoint:
    made = DropOffPoint(
        store=store, name=name, kind="partner", address="High St 1", city="Portland", postcode="97201", country="US"
    )
    made.is_counter = True
    points.save(made, by=make_staff(store, email=f"{name.partition(' ')[0]}@stride.example"), now=visits.PLACED)
    return made


def on_its_way(store: Store) -> Case:
    wish = Wish(line="1", reason="changed_mind", method="own_carrier")
    return ask_for_one(delivered_order(store, shipping_address=visits.in_america()), wish)


def address(point: DropOffPoint, name: str = "counter") -> str:
    return reverse(f"returns_storefront:{name}", args=[point.store.slug, counter_token(point)])


def shown(case: Case) -> str:
    """The code on the shopper's phone."""
    return phone.make(phone.counter_key(case.store_id), visits.parcel(case).code)


def look(client: Client, point: DropOffPoint, code: str) -> str:
    return client.get(address(point), {"code": code}).content.decode()


def tell(client: Client, point: DropOffPoint, *scans: dict[str, str]) -> list[dict[str, object]]:
    answer = client.post(address(point, "counter_scans"), json.dumps(scans), content_type="application/json")
    told: list[dict[str, object]] = answer.json()["told"]
    return told


def test_a_code_shows_what_should_be_in_hand_and_nothing_else_of_the_shopper(
    client: Client, store: Store, point: DropOffPoint
) -> None:
    case = on_its_way(store)
    text = look(client, point, shown(case))
    assert "Trail Runner 2" in text
    assert "From John" in text
    for secret in ("Runner,", "john@example.com", "97201", "John Runner", "89.90", case.order.number):
        assert secret not in text
    assert visits.parcel(case).handed_in_at is None


def test_what_is_taken_is_told_and_listed(client: Client, store: Store, point: DropOffPoint) -> None:
    case = on_its_way(store)
    with clock.at(ASKED):
        answer = client.post(address(point), {"code": shown(case), "bag": "b 17"}, follow=True)
    parcel = visits.parcel(case)
    assert (parcel.state, parcel.counter, parcel.bag, parcel.handed_in_to) == (
        "dropped_off",
        "Corner shop",
        "B17",
        point,
    )
    assert again(case).handed_in_at == ASKED
    text = answer.content.decode()
    assert "Taken in" in text
    assert parcel.code in text


def test_the_letters_beneath_the_code_do_as_well(client: Client, store: Store, point: DropOffPoint) -> None:
    case = on_its_way(store)
    code = visits.parcel(case).code
    client.post(address(point), {"code": f" {code[:5].lower()} {code[5:]}"})
    assert visits.parcel(case).state == "dropped_off"


def test_the_second_scan_says_when_and_where_it_was_taken(client: Client, store: Store, point: DropOffPoint) -> None:
    case, other = on_its_way(store), make_point(store, "Other shop")
    client.post(address(point), {"code": shown(case)})
    text = look(client, other, shown(case))
    assert "taken already" in text
    assert "Corner shop" in text
    client.post(address(other), {"code": shown(case)})
    assert visits.parcel(case).counter == "Corner shop"


def test_what_cannot_be_taken_is_said(client: Client, store: Store, point: DropOffPoint) -> None:
    case = on_its_way(store)
    forged = shown(case)[:-4] + "AAAA"
    assert "no code of this shop" in look(client, point, forged)
    assert "No parcel has this code" in look(client, point, "ABCDEFGHJK")
    deciding.expire(case, now=ASKED)
    assert "time to send this return is over" in look(client, point, shown(case))
    client.post(address(point), {"code": shown(case)})
    assert visits.parcel(case).handed_in_at is None


def test_what_was_cancelled_is_not_taken(client: Client, store: Store, point: DropOffPoint) -> None:
    case = on_its_way(store)
    deciding.cancel(case, by=None, now=ASKED)
    assert "was cancelled" in look(client, point, shown(case))


def test_the_code_of_another_shop_is_not_taken(client: Client, store: Store, point: DropOffPoint) -> None:
    theirs = make_store("outlet", country="US")
    case = on_its_way(theirs)
    assert "no code of this shop" in look(client, point, shown(case))
    assert "No parcel has this code" in look(client, point, visits.parcel(case).code)


def test_a_link_that_was_replaced_opens_nothing(client: Client, store: Store, point: DropOffPoint) -> None:
    old = address(point)
    points.renew_link(point, by=make_staff(store), now=ASKED)
    assert client.get(old).status_code == 410
    assert "Ask the shop for the new link" in client.get(old).content.decode()
    assert client.post(old, {"code": "X"}).status_code == 410
    assert client.get(address(point)).status_code == 200


def test_codes_are_not_guessed_for_long(
    client: Client, store: Store, point: DropOffPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "WRONG_CODES", 2)
    with clock.at(ASKED):
        assert ["a lot of tries" in look(client, point, "ABCDEFGHJK") for _ in range(3)] == [False, False, True]


def test_scans_without_a_line_are_told_later_and_count_once(client: Client, store: Store, point: DropOffPoint) -> None:
    case = on_its_way(store)
    scan = {"code": shown(case), "bag": "7", "at": ASKED.isoformat()}
    with clock.at(ASKED + timedelta(hours=5)):
        assert tell(client, point, scan)[0]["taken"]
        assert tell(client, point, scan)[0]["taken"]
    assert visits.parcel(case).handed_in_at == ASKED
    assert case.steps.filter(machine="parcel", became="dropped_off").count() == 1


def test_the_scans_of_an_outage_count_as_one_try(
    client: Client, store: Store, point: DropOffPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "SCANS", 1)
    case = on_its_way(store)
    with clock.at(ASKED):
        told = tell(client, point, {"code": "ABCDEFGHJK"}, {"code": shown(case)})
        assert [one["taken"] for one in told] == [False, True]
        assert tell(client, point, {"code": shown(case)}) == []


def test_guessing_ends_in_a_list_too_and_what_is_left_is_told_again(
    client: Client, store: Store, point: DropOffPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "WRONG_CODES", 1)
    case = on_its_way(store)
    scans = [{"code": "ABCDEFGHJK"}, {"code": "ABCDEFGHJL"}, {"code": shown(case)}]
    with clock.at(ASKED):
        assert [one["code"] for one in tell(client, point, *scans)] == ["ABCDEFGHJK"]
        assert visits.parcel(case).handed_in_at is None
    with clock.at(ASKED + timedelta(minutes=15)):
        assert [one["taken"] for one in tell(client, point, *scans[1:])] == [False, True]


def test_what_somebody_takes_at_the_same_moment_is_told_again(
    client: Client, store: Store, point: DropOffPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, take = on_its_way(store), handing_in.take

    def taken_first(*args: Any, **kwargs: Any) -> bool:
        take(*args, **kwargs)
        raise CannotGo("It was taken.")

    monkeypatch.setattr(handing_in, "take", taken_first)
    assert tell(client, point, {"code": shown(case)}) == []
    assert tell(client, point, {"code": shown(case)})[0]["taken"]


def test_what_is_still_being_prepared_is_told_again(client: Client, store: Store, point: DropOffPoint) -> None:
    case = on_its_way(store)
    ReturnParcel.objects.of(store).update(state="label_requested")
    assert tell(client, point, {"code": shown(case)}) == []
    ReturnParcel.objects.of(store).update(state="created")
    assert tell(client, point, {"code": shown(case)})[0]["taken"]


@pytest.mark.parametrize("at", ["2031-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2026-03-12", "soon", ""])
def test_a_clock_that_cannot_be_right_is_not_believed(
    client: Client, store: Store, point: DropOffPoint, at: str
) -> None:
    case = on_its_way(store)
    with clock.at(ASKED):
        tell(client, point, {"code": shown(case), "at": at})
    assert visits.parcel(case).handed_in_at == ASKED


def test_what_is_at_the_counter_already_is_taken_though_it_is_over(
    client: Client, store: Store, point: DropOffPoint
) -> None:
    case = on_its_way(store)
    deciding.expire(case, now=ASKED)
    assert tell(client, point, {"code": shown(case)})[0]["taken"]
    assert again(case).state == "open"
    assert "came all the same" in again(case).review


@pytest.mark.parametrize("body", ["", "{", "7", '{"code": "X"}', "[7]", "[[]]"])
def test_nonsense_is_refused(client: Client, point: DropOffPoint, body: str) -> None:
    answer = client.post(address(point, "counter_scans"), body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, {"told": []})


def test_a_photo_goes_along_and_one_that_is_none_stops_nothing(
    client: Client, store: Store, point: DropOffPoint
) -> None:
    case = on_its_way(store)
    client.post(address(point), {"code": shown(case), "photos": SimpleUploadedFile("a.jpg", b"none")})
    assert visits.parcel(case).state == "dropped_off"
    assert not Photo.objects.of(store).exists()


def test_the_giver_of_a_present_is_not_named(client: Client, store: Store, point: DropOffPoint) -> None:
    order = delivered_order(store, shipping_address=visits.in_america())
    wish = Wish(line="1", reason="changed_mind", outcome="store_credit", method="own_carrier")
    (case,) = visits.ask(order, wish, is_gift=True, email="friend@example.com")
    assert "John" not in look(client, point, shown(case))


def test_the_page_stands_on_the_home_screen(client: Client, point: DropOffPoint) -> None:
    named = client.get(address(point, "counter_manifest")).json()
    # The token says its second too, which may be the next one by now.
    assert named["start_url"].split(":")[0] == address(point).split(":")[0]
    assert client.get(named["start_url"]).status_code == 200
    assert b"<svg" in client.get(address(point, "counter_icon")).content
    worker = client.get(address(point, "counter_worker"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert b"addEventListener" in worker.content
