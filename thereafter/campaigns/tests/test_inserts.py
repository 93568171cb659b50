"""Slips in parcels: who reads what, one code per order, and that they can be printed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.campaigns.actions import inserts
from thereafter.campaigns.printing import CannotPrint, set_slips
from thereafter.campaigns.rules.inserts import InsertPlan, Words
from thereafter.commerce.documents import Person
from thereafter.commerce.models import Coupon
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>'


@pytest.fixture
def store() -> Store:
    return make_store(shop_url="https://stride.example")


def test_a_slip_speaks_to_its_reader_by_name_and_in_their_language(store: Store) -> None:
    person = Person(email="jana@example.com", name="Jana Müller", locale="de-AT")
    order = make_order(store, customer=person)
    (slip,) = inserts.slips(store, InsertPlan(), [order], PLACED)
    assert (slip["language"], slip["greeting"], slip["order_heading"]) == ("de", "Hallo Jana,", "Deine Bestellung")
    own = InsertPlan(words={"de": Words(note="Danke, {name}! Dein {shop} zu {order}.")})
    (slip,) = inserts.slips(store, own, [order], PLACED)
    assert slip["note"] == f"Danke, Jana! Dein Stride & Co zu {order.number}."


def test_an_order_gets_one_code_however_often_it_is_printed(store: Store) -> None:
    make_pool(store, "Thanks", prefix="THX", minimum_minor=5000)
    orders = [make_order(store, number=str(at)) for at in (1, 2)]
    plan = InsertPlan(pool="thanks")
    first = [slip["coupon"]["code"] for slip in inserts.slips(store, plan, orders, PLACED)]
    again = [slip["coupon"]["code"] for slip in inserts.slips(store, plan, orders[::-1], PLACED)]
    assert first == again[::-1]
    assert Coupon.objects.count() == 2
    worth = inserts.slips(store, plan, orders, PLACED)[0]["coupon"]["worth"]
    assert worth == "10% off your next order. From €50.00."


@pytest.mark.parametrize("kind", ["a6", "a5", "label"])
def test_every_format_is_a_page_of_its_size(store: Store, kind: str) -> None:
    plan = InsertPlan(format=kind)  # type: ignore[arg-type]  # one of the three
    slips = inserts.slips(store, plan, [make_order(store), make_order(store)], PLACED)
    body = set_slips(store, plan, slips)
    assert body.startswith(b"%PDF")
    assert body.count(b"/Type /Page\n") + body.count(b"/Type/Page/") + body.count(b"/Type /Page ") >= 0
    picture = set_slips(store, plan, slips, kind="png")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    wanted = {"a6": 105 / 148, "a5": 148 / 210, "label": 100 / 150}[kind]
    assert width / height == pytest.approx(wanted, abs=0.01)


def test_signs_of_markup_in_names_and_notes_stay_signs(store: Store) -> None:
    person = Person(email="x@example.com", name='#panic("x") *bold* $a$')
    plan = InsertPlan(words={"en": Words(note='#read("/etc/passwd") [x] \\ {name}')})
    (slip,) = inserts.slips(store, plan, [make_order(store, customer=person)], PLACED)
    assert set_slips(store, plan, [slip]).startswith(b"%PDF")


def test_words_that_do_not_fit_are_told(store: Store) -> None:
    plan = InsertPlan(words={"en": Words(note="word " * 400)})
    (slip,) = inserts.slips(store, plan, [make_order(store)], PLACED)
    with pytest.raises(CannotPrint, match="shorten the note"):
        set_slips(store, plan, [slip])


def test_a_warehouse_program_fetches_slips_by_the_api(store: Store) -> None:
    order = make_order(store, number="#1001")
    make_order(store, number="1002", cancelled_at=PLACED)
    _, token = stores.make_api_key(store, name="Warehouse", scopes=["orders:read"], now=PLACED)
    client = Client(headers={"authorization": f"Bearer {token}"})
    with clock.at(PLACED):
        one = client.get("/api/v1/orders/1001/insert.pdf")
        day = client.get("/api/v1/inserts.pdf?on=2026-03-03")
        none = client.get("/api/v1/inserts.pdf?on=2026-03-04")
    assert (one.status_code, one.headers["Content-Type"]) == (200, "application/pdf")
    assert (day.status_code, none.status_code) == (200, 404)
    assert client.get("/api/v1/orders/9999/insert.pdf").status_code == 404
    assert order.number


def test_the_warehouse_prints_and_does_not_change_the_words(store: Store) -> None:
    order = make_order(store)
    browser = signed_in(make_staff(store, role="warehouse"))
    assert browser.get(f"/console/stride/inserts/?on={PLACED.date()}").status_code == 200
    printed = browser.post(f"/console/stride/inserts/{order.pk}/")
    assert printed.headers["Content-Type"] == "application/pdf"
    assert browser.post("/console/stride/inserts/print/", {"on": str(PLACED.date())}).content.startswith(b"%PDF")
    assert browser.get("/console/stride/inserts/settings/").status_code == 403
    assert b"Print insert" in browser.get(f"/console/stride/orders/{order.pk}/").content


def settings(**changed: object) -> dict[str, object]:
    given: dict[str, object] = {"format": "a6", "pool": "", "shows_order": "on"}
    for code in ("en", "de", "fr", "es", "pt"):
        given |= {f"greeting_{code}": "", f"note_{code}": "", f"returns_{code}": ""}
    return given | changed


def test_the_settings_take_a_logo_and_refuse_what_cannot_be_printed(store: Store) -> None:
    browser = signed_in(make_staff(store, role="marketer"))
    page = "/console/stride/inserts/settings/"
    fine = browser.post(page, settings(note_de="Danke!", logo=SimpleUploadedFile("l.svg", LOGO)))
    assert fine.status_code == 302
    kept = inserts.plan_of(store)
    assert (kept.logo_kind, kept.words) == ("svg", {"de": Words(note="Danke!")})
    assert browser.get("/console/stride/inserts/sample.pdf?as=png").content.startswith(b"\x89PNG")
    broken = browser.post(page, settings(logo=SimpleUploadedFile("l.svg", b"<svg broken")))
    assert b"cannot be set" in broken.content
    assert inserts.plan_of(store) == kept
    assert b"no SVG" in browser.post(page, settings(logo=SimpleUploadedFile("l.exe", b"MZ..."))).content
    browser.post(page, settings(drop_logo="on"))
    assert inserts.plan_of(store).logo == ""
