"""What words of carriers mean, and who carriers are."""

import pytest

from thereafter.tracking.carriers.names import carrier_code, country_of
from thereafter.tracking.carriers.phrases import meaning_of


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Delivered", "delivered"),
        ("Your parcel has been delivered.", "delivered"),
        ("Die Sendung wurde erfolgreich zugestellt.", "delivered"),
        ("Colis livré au destinataire", "delivered"),
        ("Objeto entregue ao destinatário", "delivered"),
        ("Uw pakket is bezorgd", "delivered"),
        ("Delivered to a neighbour", "delivered"),
        ("Delivered to parcel shop", "available_for_pickup"),
        ("Out for Delivery", "out_for_delivery"),
        ("En cours de livraison", "out_for_delivery"),
        ("Delivery attempted: nobody at home", "attempted"),
        ("Returned to sender", "returned"),
        ("Delivered to sender", "returned"),
        ("Being returned", "returning"),
        ("Held by customs", "exception"),
        ("Released by customs", "in_transit"),
        ("The parcel was damaged", "exception"),
        ("Arrived at sorting center", "in_transit"),
        ("Shipping label created", "label_created"),
    ],
)
def test_certain_words_say_where_a_parcel_is(said: str, status: str) -> None:
    assert meaning_of(said).status == status


@pytest.mark.parametrize(
    "said",
    [
        "Will be delivered tomorrow",
        "Expected to be delivered by Friday",
        "Delivered to the local depot",
        "Delivered to carrier",
        "Your parcel is not out for delivery",
        "La livraison sera effectuée demain",
        "Ihre Sendung wird morgen zugestellt",
        "Se espera entregar mañana",
        "The parcel dreams",
        "",
        "if delivered, sign here",
    ],
)
def test_a_promise_a_denial_or_a_riddle_says_nothing(said: str) -> None:
    assert meaning_of(said).status == ""


def test_bad_weather_delays_and_says_no_status() -> None:
    meaning = meaning_of("Severe weather conditions have delayed delivery")
    assert (meaning.status, meaning.delayed) == ("", True)


@pytest.mark.parametrize(
    ("said", "code"),
    [("dhl-germany", "dhl_parcel_de"), ("DHLExpress", "dhl"), ("stamps_com", "usps"), ("brazil-correios", "correios"),
     ("canada-post", "canada_post"), ("UPS®", "ups"), ("China  Post", "China Post"), ("", "")],
)  # fmt: skip
def test_carriers_are_known_by_all_their_names(said: str, code: str) -> None:
    assert carrier_code(said) == code


def test_countries_are_known_by_two_letters_and_by_three() -> None:
    assert [country_of(said) for said in ("DEU", "us", "Germany", "", "XXQ")] == ["DE", "US", "", "", ""]
