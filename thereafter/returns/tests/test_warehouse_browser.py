"""The warehouse and a counter in a real browser: a scanner's keys, a phone's width, readable for everyone."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.documents import Payment
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns.actions import parcels, points, policies, unannounced
from thereafter.returns.actions.opening import Wish
from thereafter.returns.actions.unannounced import Described
from thereafter.returns.labels import phone
from thereafter.returns.models import Case, DropOffPoint, Photo
from thereafter.returns.points import counter_token
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import again
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=900)


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store(country="US")


@pytest.fixture
def by(store: Store) -> Staff:
    return make_staff(store, role="warehouse")


def pays_after_inspection(store: Store) -> None:
    owner = make_staff(store, email="boss@stride.example")
    document = ready_policies.document("classic_30", "EUR")
    document["release"] = {"refund": "inspected"}
    policies.save_draft(store, document, by=owner, now=clock.now())
    policies.publish(store, by=owner, now=clock.now())


def on_its_way(store: Store, *wishes: Wish, number: str = "1001") -> Case:
    """Of these days, because the server's clock cannot be set."""
    wishes = wishes or (Wish(line="1", reason="changed_mind", method="own_carrier", note="Too tight at the toes"),)
    now = clock.now()
    order = make_order(
        store,
        number=number,
        lines=(visits.SHOES, visits.SOCKS),
        placed_at=now - timedelta(days=3),
        status="fulfilled",
        shipping_address=visits.in_america(),
        payments=[Payment(external_id="card", kind="card", amount="116.90")],
    )
    (case,) = visits.ask(order, *wishes, now=now, source=f"visit-{number}")
    return case


def sign_in(page: Page, live_server: LiveServer, staff: Staff) -> None:
    session = signed_in(staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def choose(page: Page, words: str) -> None:
    """By its label, as fingers do; the button itself lies hidden behind it."""
    page.locator("label", has_text=words).click()


def good(page: Page, name: str) -> None:
    """For everyone, and on a phone; what fades in is there first."""
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], f"{name} is {width} wide on a phone"
    page.set_viewport_size(size or DESK)


def photo(tmp_path: Path) -> Path:
    made = io.BytesIO()
    Image.new("RGB", (600, 400), "#b05a2c").save(made, "JPEG")
    (tmp_path / "shoe.jpg").write_bytes(made.getvalue())
    return tmp_path / "shoe.jpg"


def test_from_the_scanner_to_the_money(
    live_server: LiveServer, browser_page: Page, store: Store, by: Staff, tmp_path: Path
) -> None:
    pays_after_inspection(store)
    case = on_its_way(store)
    sign_in(browser_page, live_server, by)
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(f"{live_server.url}/console/{store.slug}/")
    # A scanner is a keyboard that ends with Enter; the field has the focus.
    browser_page.keyboard.type(visits.parcel(case).code)
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_text("Too tight at the toes")).to_be_visible()
    good(browser_page, "receive")
    browser_page.get_by_role("button", name="It is here").click()
    browser_page.wait_for_url("**/warehouse/units/**")
    good(browser_page, "inspect")
    choose(browser_page, "Used, shows wear")
    expect(browser_page.locator("[data-usual]")).to_have_text("As usual: Sell as second choice")
    expect(browser_page.locator("#amount")).to_be_hidden()
    choose(browser_page, "Accept for less")
    browser_page.locator("#amount").fill("20 %")
    browser_page.locator("#note").fill("The soles are worn")
    browser_page.locator("#photos").set_input_files(photo(tmp_path))
    browser_page.get_by_role("button", name="Done, next item").click()
    browser_page.wait_for_url("**/returns/warehouse/")
    expect(browser_page.get_by_text("is released")).to_be_visible()
    assert [share.amount_minor for share in visits.shares(case)] == [7192]
    assert visits.units(case)[0].state == "resale"
    assert Photo.objects.of(store).get(taken_by="warehouse").unit == visits.units(case)[0]


def test_it_all_goes_without_scripts(live_server: LiveServer, browser_page: Page, store: Store, by: Staff) -> None:
    case = on_its_way(store)
    context = browser_page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # it has one
    page = context.new_page()
    sign_in(page, live_server, by)
    page.goto(f"{live_server.url}/console/{store.slug}/returns/warehouse/")
    page.locator("#code").fill(case.number)
    page.locator("#code").press("Enter")
    received = page.locator(f"input[name=unit-{visits.units(case)[0].pk}][value=received]")
    page.locator("label", has=received).click()
    page.get_by_role("button", name="Keep what is ticked").click()
    page.get_by_role("button", name="Done, next item").click()
    page.wait_for_url("**/returns/warehouse/")
    assert visits.units(case)[0].state == "restock"
    context.close()


def test_every_page_of_the_warehouse_is_readable(
    live_server: LiveServer, browser_page: Page, store: Store, by: Staff
) -> None:
    here = f"{live_server.url}/console/{store.slug}/returns/warehouse/"
    again_sent = on_its_way(store, Wish(line="1", reason="wrong_item", outcome="replacement", method="own_carrier"))
    lost = on_its_way(store, number="1002")
    parcels.told(visits.parcel(lost), "delivered", now=clock.now() - timedelta(days=3))
    came = unannounced.take_in(store, Described(text="Shoes in a bag", shelf="A3"), None, by=by, now=clock.now())
    sign_in(browser_page, live_server, by)
    browser_page.set_viewport_size(DESK)
    browser_page.goto(f"{here}parcels/{visits.parcel(again_sent).pk}/")
    browser_page.get_by_role("button", name="It is here").click()
    for path in (
        "",
        "inspect/",
        "not-found/",
        "unannounced/?new",
        f"unannounced/{came.pk}/?q=1001",
        "?code=nobody",
        "?code=John",
    ):
        browser_page.goto(here + path)
        good(browser_page, path)
    unit = visits.units(again_sent)[0]
    browser_page.goto(f"{here}units/{unit.pk}/")
    browser_page.get_by_role("button", name="Done, next item").click()
    browser_page.wait_for_url("**/returns/warehouse/")
    for path in ("put-away/", "send/", f"units/{unit.pk}/", f"parcels/{visits.parcel(again_sent).pk}/"):
        browser_page.goto(here + path)
        good(browser_page, path)
    browser_page.goto(f"{here}put-away/")
    browser_page.locator("[data-check-all]").check()
    browser_page.get_by_role("button", name="Put away").click()
    expect(browser_page.get_by_text("1 item is put away.")).to_be_visible()


def counter(store: Store) -> DropOffPoint:
    made = DropOffPoint(
        store=store, name="Corner shop", kind="partner", address="High St 1", city="Portland", postcode="97201"
    )
    made.country, made.is_counter = "US", True
    points.save(made, by=make_staff(store, email="boss@stride.example"), now=clock.now())
    return made


def at_counter(live_server: LiveServer, point: DropOffPoint) -> str:
    return f"{live_server.url}/s/{point.store.slug}/returns/counter/{counter_token(point)}/"


def test_a_counter_takes_a_parcel_in(live_server: LiveServer, browser_page: Page, store: Store) -> None:
    case, point = on_its_way(store), counter(store)
    browser_page.set_viewport_size(PHONE)
    browser_page.goto(at_counter(live_server, point))
    good(browser_page, "counter")
    browser_page.keyboard.type(phone.make(phone.counter_key(store), visits.parcel(case).code))
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_text("From John")).to_be_visible()
    good(browser_page, "in hand")
    browser_page.get_by_label("Number of the bag").fill("B17")
    browser_page.get_by_role("button", name="Take it in").click()
    expect(browser_page.get_by_role("heading", name="Taken in", exact=True)).to_be_visible()
    good(browser_page, "taken")
    assert visits.parcel(case).bag == "B17"
    browser_page.locator("#code").fill(visits.parcel(case).code)
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("alert")).to_contain_text("taken already")
    good(browser_page, "taken before")


def test_without_a_line_scans_are_kept_and_told_later(
    live_server: LiveServer, browser_page: Page, store: Store
) -> None:
    case, point = on_its_way(store), counter(store)
    code = phone.make(phone.counter_key(store), visits.parcel(case).code)
    browser_page.goto(at_counter(live_server, point))
    browser_page.context.set_offline(True)
    browser_page.locator("#code").fill(code[:-4] + "AAAA")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("[data-offline]")).to_contain_text("no code of this shop")
    browser_page.locator("#code").fill(code)
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("[data-offline]")).to_contain_text("told to the shop later")
    expect(browser_page.locator("[data-offline]")).to_contain_text(visits.parcel(case).code)
    assert again(case).handed_in_at is None
    browser_page.context.set_offline(False)
    expect(browser_page.locator("[data-offline]")).to_contain_text("Told to the shop.")
    assert visits.parcel(case).state == "dropped_off"
    assert browser_page.evaluate("localStorage.getItem(`counter:${location.pathname}`)") == "[]"
