"""A counter without a line, in a real browser: nothing that was scanned is lost."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.returns.labels import phone
from thereafter.returns.models import Case
from thereafter.returns.storefront import counter as counter_page
from thereafter.returns.tests import visits
from thereafter.returns.tests.test_warehouse_browser import at_counter, counter, on_its_way, store  # noqa: F401  # a fixture
from thereafter.stores.models import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
OFFLINE = "[data-offline]"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
CAMERA = """
globalThis.BarcodeDetector = class { async detect() { return [{ rawValue: "CODE" }]; } };
navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream(5);
HTMLMediaElement.prototype.play = async () => {};
"""


@pytest.fixture
def case(store: Store) -> Case:  # noqa: F811  # the fixture
    return on_its_way(store)


@pytest.fixture
def at_work(live_server: LiveServer, browser_page: Page, case: Case) -> Page:
    """The page of a counter, with a clock that can be put forward."""
    browser_page.clock.install()
    browser_page.goto(at_counter(live_server, counter(case.store)))
    return browser_page


def code(case: Case) -> str:
    return phone.make(phone.counter_key(case.store), visits.parcel(case).code)


def scan_without_a_line(page: Page, text: str) -> None:
    page.context.set_offline(True)
    page.locator("#code").fill(text)
    page.keyboard.press("Enter")


def test_what_the_shop_refuses_for_now_is_told_later(
    at_work: Page, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_without_a_line(at_work, code(case))
    expect(at_work.locator(OFFLINE)).to_contain_text("told to the shop later")
    monkeypatch.setattr(counter_page, "SCANS", 0)
    tries: list[str] = []
    at_work.on("response", lambda one: tries.append(one.url) if one.url.endswith("/scans") else None)
    with at_work.expect_response("**/scans"):
        at_work.context.set_offline(False)
    at_work.wait_for_timeout(500)
    expect(at_work.locator(OFFLINE)).to_contain_text(f"Not told to the shop yet: {visits.parcel(case).code}")
    assert len(tries) == 1
    monkeypatch.undo()
    at_work.clock.fast_forward(60_000)
    expect(at_work.locator(OFFLINE)).to_have_text("Told to the shop.")
    assert visits.parcel(case).state == "dropped_off"


def test_what_the_phone_cannot_keep_is_not_said_to_be_written_down(
    live_server: LiveServer, browser_page: Page, case: Case
) -> None:
    browser_page.add_init_script(FULL)
    browser_page.goto(at_counter(live_server, counter(case.store)))
    scan_without_a_line(browser_page, code(case))
    box = browser_page.locator(OFFLINE)
    expect(box).to_have_text(f"Not told to the shop yet: {visits.parcel(case).code}")
    browser_page.context.set_offline(False)
    expect(box).to_have_text("Told to the shop.")
    assert visits.parcel(case).state == "dropped_off"


def test_without_a_line_the_camera_takes_the_next_one(live_server: LiveServer, browser_page: Page, case: Case) -> None:
    browser_page.add_init_script(CAMERA.replace("CODE", code(case)))
    browser_page.goto(at_counter(live_server, counter(case.store)))
    browser_page.context.set_offline(True)
    button = browser_page.get_by_role("button", name="Scan with the camera")
    for _ in range(2):
        button.click()
        expect(browser_page.locator(OFFLINE)).to_contain_text(visits.parcel(case).code)
        expect(button).to_be_visible()
        expect(browser_page.locator("video")).to_be_hidden()
