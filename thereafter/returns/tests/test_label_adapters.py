"""What EasyPost, Shippo and Karrio are asked, and what is made of their answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from thereafter.returns.labels.adapter import BadAccount, NotNow, ParcelToSend, Refused
from thereafter.returns.labels.registry import ADAPTERS
from thereafter.returns.tests.label_server import KEY, PDF, Seller, selling

ALL = sorted(ADAPTERS)
HOME = {
    "name": "John Runner",
    "line1": "1 Elm St",
    "postcode": "97201",
    "city": "Portland",
    "region": "OR",
    "country": "US",
}
SHOP = {"name": "Returns", "line1": "400 Dock Rd", "postcode": "89502", "city": "Reno", "region": "NV", "country": "US"}


@pytest.fixture
def seller() -> Iterator[Seller]:
    with selling() as one:
        yield one


def to_send(**more: Any) -> ParcelToSend:
    about: dict[str, Any] = {
        "reference": "thereafter-1-K7MPQ3XW9D",
        "code": "K7MPQ3XW9D",
        "orders": "1001",
        "sender": HOME,
        "receiver": SHOP,
    }
    return ParcelToSend(**about | more)


def credentials(seller: Seller, key: str = KEY) -> dict[str, str]:
    return {"api_key": key, "host": seller.host}


def prepared(seller: Seller, code: str, **more: Any) -> ParcelToSend:
    parcel = to_send(**more)
    return parcel.named(ADAPTERS[code].prepare(credentials(seller), parcel))


@pytest.mark.parametrize("code", ALL)
def test_the_cheapest_label_is_bought_and_fetched(seller: Seller, code: str) -> None:
    label = ADAPTERS[code].buy(credentials(seller), prepared(seller, code))
    assert (label.content, label.content_type) == (PDF, "application/pdf")
    assert (label.cost_minor, label.currency, label.carrier.upper()) == (645, "USD", "USPS")
    assert label.tracking_number.startswith("94001")
    assert len(seller.bought) == 1


@pytest.mark.parametrize("code", ALL)
def test_a_purchase_whose_answer_was_lost_is_found_and_not_made_again(seller: Seller, code: str) -> None:
    parcel = prepared(seller, code)
    seller.loses_answers = 1
    with pytest.raises(NotNow):
        ADAPTERS[code].buy(credentials(seller), parcel)
    assert ADAPTERS[code].buy(credentials(seller), parcel).content == PDF
    assert len(seller.bought) == 1


@pytest.mark.parametrize("code", ALL)
def test_the_service_that_the_shop_prefers_is_taken_or_nothing(seller: Seller, code: str) -> None:
    parcel = prepared(seller, code, service="ups ground")
    ADAPTERS[code].buy(credentials(seller), parcel)
    assert "rate_dear" in str(seller.asked[-1] if code == "karrio" else seller.asked)
    with pytest.raises(Refused, match="does not offer “Pigeon”"):
        ADAPTERS[code].buy(credentials(seller), prepared(seller, code, service="Pigeon"))


@pytest.mark.parametrize("code", ALL)
def test_a_wrong_key_is_said_as_such(seller: Seller, code: str) -> None:
    with pytest.raises(BadAccount, match="does not accept the account"):
        ADAPTERS[code].prepare(credentials(seller, "other"), to_send())


@pytest.mark.parametrize("code", ALL)
def test_a_refusal_is_told_in_their_words_and_overload_is_for_later(seller: Seller, code: str) -> None:
    adapter = ADAPTERS[code]
    seller.says = [(422, {"error": {"code": "ADDRESS", "message": "Address not found.", "errors": []}}), (429, {})]
    with pytest.raises(Refused, match="Address not found"):
        adapter.prepare(credentials(seller), to_send())
    with pytest.raises(NotNow):
        adapter.prepare(credentials(seller), to_send())
    seller.says = [(200, b"<html>")]
    with pytest.raises(NotNow):
        adapter.prepare(credentials(seller), to_send())


@pytest.mark.parametrize("code", ALL)
def test_no_rate_at_all_is_a_refusal(seller: Seller, code: str) -> None:
    seller.rates = []
    with pytest.raises(Refused, match="offers no way"):
        ADAPTERS[code].buy(credentials(seller), prepared(seller, code))
    assert not seller.bought


@pytest.mark.parametrize("code", ALL)
def test_an_unused_label_is_given_back(seller: Seller, code: str) -> None:
    label = ADAPTERS[code].buy(credentials(seller), prepared(seller, code))
    ADAPTERS[code].cancel(credentials(seller), label.ref)
    assert seller.cancelled == [label.ref]


def test_a_seller_that_cannot_be_reached_is_for_later() -> None:
    with pytest.raises(NotNow, match="could not be reached"):
        ADAPTERS["easypost"].prepare({"api_key": KEY, "host": "http://127.0.0.1:9"}, to_send())


def test_easypost_turns_the_addresses_round_itself(seller: Seller) -> None:
    prepared(seller, "easypost", weight_g=1000, length_mm=254)
    shipment = seller.made("/shipments")["shipment"]
    assert shipment["is_return"] is True
    assert (shipment["to_address"]["zip"], shipment["from_address"]["zip"]) == ("97201", "89502")
    assert (shipment["parcel"]["weight"], shipment["parcel"]["length"]) == (35.3, 10.0)
    assert shipment["reference"] == "thereafter-1-K7MPQ3XW9D"
    assert shipment["options"]["label_format"] == "PDF"


def test_shippo_turns_them_round_in_the_states_only(seller: Seller) -> None:
    prepared(seller, "shippo")
    at_home = seller.made("/shipments/")
    assert (at_home["extra"], at_home["address_from"]["zip"]) == ({"is_return": True}, "89502")
    prepared(seller, "shippo", sender=HOME | {"country": "DE", "postcode": "10115"})
    abroad = seller.made("/shipments/")
    assert (abroad["extra"], abroad["address_from"]["zip"]) == ({}, "10115")


def test_karrio_wants_the_address_of_its_server() -> None:
    with pytest.raises(BadAccount, match="address of your Karrio server"):
        ADAPTERS["karrio"].prepare({"api_key": KEY}, to_send())
