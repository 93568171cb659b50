"""JSON-LD in mails: it parses, says what mailboxes ask for, and no text of the shop's can end its element."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from thereafter.commerce.documents import Address, Line
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import NUMBER, make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
ADDRESS = Address(name="John Runner", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE")


def store_with(**fields: str) -> Store:
    made = make_store(country="DE", shop_url="https://stride.example", **fields)
    install_recipes(made, NOW)
    return made


def mail(store: Store, template: str) -> str:
    return render_again(Message.objects.of(store).select_related("version").get(template=template)).html


def documents(html: str) -> list[dict[str, Any]]:
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    told: list[dict[str, Any]] = json.loads(script)
    return told


def test_a_mailbox_learns_of_the_delivery() -> None:
    store = store_with()
    make_parcel(store, number="1001", shipping_address=ADDRESS)
    (told,) = documents(mail(store, "shipped"))
    assert (told["@context"], told["@type"]) == ("http://schema.org", "ParcelDelivery")
    assert told["deliveryAddress"] == {
        "@type": "PostalAddress",
        "name": "John Runner",
        "streetAddress": "Elm Street 5",
        "addressLocality": "Berlin",
        "postalCode": "10115",
        "addressCountry": "DE",
    }
    first, last = (datetime.fromisoformat(told[f"expectedArrival{end}"]) for end in ("From", "Until"))
    assert NOW < first < last
    assert last.utcoffset() is not None
    assert (told["carrier"]["name"], told["trackingNumber"]) == ("DHL", NUMBER)
    assert told["trackingUrl"].startswith("https://")
    order = told["partOfOrder"]
    assert (order["orderNumber"], order["merchant"]["name"]) == ("1001", "Stride & Co")


def test_every_mail_of_the_delivery_has_it() -> None:
    store = store_with()
    make_parcel(store, number="1001", shipping_address=ADDRESS)
    for hour, status in ((13, "out_for_delivery"), (15, "delivered")):
        at = NOW.replace(hour=hour)
        scan(store, scan_doc(status, at), now=at)
        with clock.at(at):
            run_until_idle()
    assert documents(mail(store, "out_for_delivery"))[0]["deliveryStatus"]["name"] == "Out for delivery"
    assert documents(mail(store, "delivered"))[0]["partOfOrder"]["orderStatus"].endswith("OrderDelivered")


def test_no_title_can_end_the_element() -> None:
    store = store_with(name='</script><b>Shop & "Sons"</b>')
    wicked = Line(external_id="1", title="</ScRiPt><img src=x> {{ x }} \u2028", quantity=1, unit_price="1")
    make_parcel(store, number="1001", lines=(wicked,), shipping_address=ADDRESS)
    html = mail(store, "shipped")
    (told,) = documents(html)
    assert told["partOfOrder"]["merchant"]["name"] == store.name
    assert "<img src=x>" not in html
    assert html.lower().count("<script") == html.lower().count("</script") == 1


def test_a_mail_without_a_parcel_has_none() -> None:
    store = store_with()
    make_parcel(store, number="1001")
    assert "ParcelDelivery" not in mail(store, "order_confirmation")


def test_the_text_of_the_mail_has_no_code() -> None:
    store = store_with()
    make_parcel(store, number="1001")
    message = Message.objects.of(store).select_related("version").get(template="shipped")
    assert "schema.org" not in render_again(message).text
