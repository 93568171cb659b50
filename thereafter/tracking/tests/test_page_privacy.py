"""What a link gives away, what takes more than the link, and what a number alone tells."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.storefront import rules
from thereafter.storefront.links import account_token, order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.tracking.models import Parcel
from thereafter.tracking.tests import pages
from thereafter.tracking.tests.makers import parcel_of

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(country="DE")


def get(path: str, client: Client | None = None) -> tuple[int, str]:
    with clock.at(NOW):
        response = (client or Client()).get(path)
    assert response.headers["X-Robots-Tag"] == "noindex"
    return response.status_code, response.content.decode()


def prove(order: Order, proof: str) -> tuple[int, str]:
    with clock.at(NOW):
        response = Client().post(proof_of(order), {"proof": proof})
    return response.status_code, response.content.decode()


def proof_of(order: Order) -> str:
    return f"/s/stride/tracking/o/{order_token(order)}/proof/"


def by_number(number: str, slug: str = "stride") -> tuple[int, str]:
    return get(f"/s/{slug}/tracking/number/?number={number}")


def test_the_orders_link_shows_that_it_came_but_not_who_has_it(store: Store) -> None:
    _, page = get(f"/s/stride/o/{order_token(pages.delivered(store, NOW))}")
    assert "Left with a neighbour" in page
    assert "/proof/" in page
    assert not [word for word in ("MILLER", "Miller", "photos.example") if word in page]


def test_the_orders_link_does_not_show_the_pickup_code(store: Store) -> None:
    _, page = get(f"/s/stride/o/{order_token(pages.pickup(store, NOW))}")
    assert "Show the pickup code" in page
    assert "4711" not in page


@pytest.mark.parametrize("proof", ["john@example.com", " 10115 "])
def test_the_proof_is_shown_to_who_knows_mail_or_postcode(store: Store, proof: str) -> None:
    status, page = prove(pages.delivered(store, NOW), proof)
    assert status == 200
    assert "MILLER" in page
    assert "https://photos.example/1.jpg" in page
    assert "Neighbour Miller, no. 7" in page


def test_the_pickup_code_is_shown_to_the_buyer(store: Store) -> None:
    assert "4711" in prove(pages.pickup(store, NOW), "10115")[1]


def test_the_link_alone_and_a_wrong_answer_show_nothing(store: Store) -> None:
    order = pages.delivered(store, NOW)
    for status, page in (get(proof_of(order)), prove(order, "jane@example.com"), prove(order, "")):
        assert status in {200, 404}
        assert "MILLER" not in page


def test_who_is_signed_in_as_the_buyer_is_not_asked_again(store: Store) -> None:
    order = pages.delivered(store, NOW)
    client = Client()
    with clock.at(NOW):
        client.get(f"/s/stride/account/link/{account_token(order.customer)}")
    assert "MILLER" in get(proof_of(order), client)[1]
    other = pages.place(store, NOW, email="jane@example.com")
    client = Client()
    with clock.at(NOW):
        client.get(f"/s/stride/account/link/{account_token(other.customer)}")
    assert "MILLER" not in get(proof_of(order), client)[1]


def test_tries_at_the_proof_are_counted_for_each_order(store: Store) -> None:
    order = pages.delivered(store, NOW)
    answers = [prove(order, f"1{at:04}")[0] for at in range(rules.FOR_ORDER)]
    assert set(answers) == {404}
    assert prove(order, "10115")[0] == 429


def test_tries_at_the_proof_end_for_the_day(store: Store) -> None:
    order = pages.delivered(store, NOW)
    answers = []
    for at in range(14):
        with clock.at(NOW + timedelta(minutes=11 * at)):
            answers.append(Client().post(proof_of(order), {"proof": f"1{at:04}"}).status_code)
    assert answers == [404] * 12 + [429] * 2


def test_the_proof_of_another_store_is_not_there(store: Store) -> None:
    make_store("nord")
    with clock.at(NOW):
        assert Client().get(proof_of(pages.delivered(store, NOW)).replace("stride", "nord", 1)).status_code == 404


def test_a_number_tells_how_far_the_parcel_is_and_nothing_of_whose(store: Store) -> None:
    order = pages.delivered(store, NOW)
    number = parcel_of(order).tracking_number
    status, page = by_number(number.lower())
    assert status == 200
    assert "Delivered on Friday 6 March" in page
    # Whoever asks knows this number; it may end like the order's.
    page = page.replace(number, "")
    assert "Leipzig" in page
    private = (
        "MILLER",
        "Miller",
        "John",
        "Tempo Racer",
        "10115",
        "neighbour",
        "/proof/",
        "/o/",
        "Sorted in",
        order.number,
    )
    assert not [word for word in private if word in page]
    assert "/s/stride/look-up/" in page


def test_a_number_does_not_lead_to_the_postcode_in_the_shops_own_address(store: Store) -> None:
    order = pages.delivered(store, NOW)
    Parcel.objects.update(tracking_url="https://jouw.postnl.nl/track-and-trace/3S1-NL-10115")
    _, page = by_number(parcel_of(order).tracking_number)
    assert "10115" not in page
    assert "https://www.dhl.com/" in page


def test_a_number_finds_a_parcel_at_its_second_carrier(store: Store) -> None:
    pages.three_parcels(store, NOW)
    assert "DHL hands over to Correos" in by_number("PQ4F6P0704104480181750T")[1]


def test_a_number_of_another_store_is_as_unknown_as_any(store: Store) -> None:
    order = pages.delivered(store, NOW)
    make_store("nord")
    number = parcel_of(order).tracking_number
    known, unknown = by_number(number, "nord"), by_number("X" * len(number), "nord")
    assert known[0] == unknown[0] == 404
    assert known[1].replace(number, "").count("We know of no parcel") == unknown[1].count("We know of no parcel") == 1


def test_a_number_that_was_used_before_shows_the_newest_parcel_only(store: Store) -> None:
    for days, status in ((200, "delivered"), (3, "in_transit")):
        at = NOW - timedelta(days=days)
        order = pages.place(store, at, days=2)
        pages.hand_over(order, at, days=1, carrier="usps", tracking_number="9400100000000000000000")
        pages.tell(store, at, "9400100000000000000000", pages.went(1, status, place=f"Town {status}"), carrier="usps")
    _, page = by_number("9400 1000 0000 0000 0000 00")
    assert "Delivered on" not in page
    assert "On the way" in page


def test_tries_of_numbers_are_counted(store: Store) -> None:
    assert {by_number(f"N{at}")[0] for at in range(rules.FROM_ADDRESS)} == {404}
    assert by_number("N99")[0] == 429


def test_the_page_of_numbers_asks_before_anything_is_given(store: Store) -> None:
    status, page = get("/s/stride/tracking/number/")
    assert status == 200
    assert 'name="number"' in page
    assert by_number("")[0] == 200
    assert by_number("---")[0] == 404
