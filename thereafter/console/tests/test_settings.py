"""The shop's settings and its looks."""

import pytest
from django.test import Client

from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
SETTINGS = "/console/stride/settings/"
BRAND = "/console/stride/settings/brand/"
SHOP = {"name": "Stride", "currency": "eur", "locale": "de", "time_zone": "Europe/Berlin"}


def test_settings_are_saved_and_written_down(browser_of_owner: Client, store: Store) -> None:
    assert browser_of_owner.post(SETTINGS, SHOP | {"domain": "Help.Stride.example"}).status_code == 302
    store.refresh_from_db()
    assert (store.name, store.currency, store.locale, store.domain) == ("Stride", "EUR", "de", "help.stride.example")
    assert Audit.objects.of(store).get(verb="settings.change").detail["name"] == ["Stride & Co", "Stride"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("currency", "EURO", "at most 3"),
        ("currency", "QQQ", "ISO 4217"),
        ("time_zone", "Mars/Base", "Select a valid choice"),
        ("domain", "https://help.example", "not a domain"),
        ("domain", "taken.example", "another store"),
        ("country", "Q1", "two letters"),
        ("support_email", "nobody", "valid email"),
        ("shop_url", "javascript:alert(1)", "valid URL"),
    ],
)
def test_a_bad_setting_is_told_and_nothing_is_saved(
    browser_of_owner: Client, store: Store, field: str, value: str, says: str
) -> None:
    make_store("outlet", domain="taken.example")
    page = browser_of_owner.post(SETTINGS, SHOP | {field: value}).content.decode()
    assert says.lower() in page.lower()
    store.refresh_from_db()
    assert store.name == "Stride & Co"


def test_colours_are_saved(browser_of_owner: Client, store: Store) -> None:
    browser_of_owner.post(BRAND, {"brand_colour": "#123456", "accent_colour": "#abcdef"})
    store.refresh_from_db()
    assert (store.brand_colour, store.accent_colour) == ("#123456", "#abcdef")


def test_a_colour_that_is_none_is_refused(browser_of_owner: Client, store: Store) -> None:
    page = browser_of_owner.post(BRAND, {"brand_colour": "red", "accent_colour": "#abcdef"}).content.decode()
    assert "Give the colour as #rrggbb" in page


def test_the_preview_says_whether_a_colour_can_be_read(browser_of_owner: Client, store: Store) -> None:
    page = browser_of_owner.get(
        f"{BRAND}preview/", {"brand_colour": "#ffee00", "accent_colour": "<b>"}
    ).content.decode()
    assert "too faint" in page
    assert "Text on it is black" in page
    assert "<b>" not in page
