"""The builder in a real browser: by keyboard alone, by mouse, with a finger, and readable for everyone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from django.core.cache import cache
from playwright.sync_api import Locator, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions import drafting, publishing
from thereafter.journeys.models import Journey
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHONE, TABLET, DESK = (ViewportSize(width=width, height=900) for width in (360, 768, 1280))


@pytest.fixture
def store() -> Store:
    cache.clear()
    store = make_store()
    publishing.install_recipes(store, clock.now())
    return store


@pytest.fixture
def builder(live_server: LiveServer, browser_page: Page, store: Store) -> Iterator[Page]:
    session = signed_in(make_staff(store)).cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    broken: list[str] = []
    browser_page.on("pageerror", lambda error: broken.append(str(error)))
    browser_page.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
    browser_page.set_viewport_size(DESK)
    browser_page.goto(f"{live_server.url}/console/stride/journeys/after_delivery/edit/")
    yield browser_page
    # What is still being saved is waited for, or it meets the end of the test in the database.
    browser_page.wait_for_load_state("networkidle")
    assert broken == []


def steps(page: Page) -> list[str]:
    return [str(one.get_attribute("data-node")) for one in page.locator("[data-node]").all()][1:]


def saved() -> list[str]:
    draft = Journey.objects.get(key="after_delivery").draft
    return [step["id"] for step in draft["steps"]] if draft else []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_journey_is_changed_by_keyboard_alone(builder: Page) -> None:
    keys = builder.keyboard
    builder.locator("#n-trigger").focus()
    keys.press("ArrowDown")
    assert focused(builder) == "n-try_it"
    keys.press("a")
    expect(builder.get_by_label("Search steps")).to_be_focused()
    keys.type("random")
    keys.press("Enter")
    expect(builder.locator("#n-split")).to_be_focused()
    keys.press("ArrowDown")
    assert focused(builder) == "n-ask"
    keys.press("Control+x")
    keys.press("ArrowUp")
    builder.locator("[data-spot=split] a").first.focus()
    keys.press("Control+v")
    expect(builder.locator("#n-ask")).to_be_focused()
    expect(builder.locator("[data-spot=ask]")).to_have_count(1)
    keys.press("ArrowUp")
    keys.press("Delete")
    expect(builder.get_by_role("heading", name="Remove")).to_be_visible()
    keys.press("Escape")
    keys.press("Control+z")
    expect(builder.locator("#saved")).to_contain_text("Taken back")
    builder.wait_for_load_state("networkidle")
    keys.press("Control+z")
    builder.wait_for_load_state("networkidle")
    expect(builder.locator("#n-split")).to_have_count(0)
    assert saved() == ["try_it", "ask", "enjoy_it", "invite", "a_week", "goes_well"]


def test_enter_leads_into_the_settings_and_escape_back_to_the_step(builder: Page) -> None:
    builder.locator("#n-try_it").focus()
    builder.keyboard.press("Enter")
    expect(builder.locator("input[name=days]")).to_be_focused()
    builder.keyboard.type("1")
    builder.keyboard.press("Escape")
    assert focused(builder) == "n-try_it"


def test_what_is_typed_is_saved_by_itself_and_shown_on_the_picture(builder: Page) -> None:
    builder.locator("#n-try_it").click()
    builder.locator("input[name=days]").fill("6")
    expect(builder.locator("#n-try_it")).to_contain_text("Wait 6 days")
    expect(builder.locator("#saved")).to_contain_text("Saved")
    expect(builder.locator("input[name=days]")).to_be_focused()


def test_a_step_is_dragged_onto_another_place(builder: Page) -> None:
    step, plus = builder.locator("[data-node=ask]").bounding_box(), builder.locator("[data-spot='']").bounding_box()
    assert step is not None
    assert plus is not None
    builder.mouse.move(step["x"] + 60, step["y"] + 30)
    builder.mouse.down()
    builder.mouse.move(step["x"] + 80, step["y"] + 10, steps=4)
    builder.mouse.move(plus["x"] + plus["width"] / 2, plus["y"] + plus["height"] / 2, steps=8)
    builder.mouse.up()
    expect(builder.locator("[data-node]").nth(1)).to_have_attribute("data-node", "ask")
    assert saved()[:2] == ["ask", "try_it"]


def test_a_finger_that_rests_on_a_step_takes_it_along_and_one_that_does_not_moves_the_picture(
    live_server: LiveServer, builder: Page
) -> None:
    browser = builder.context.browser
    assert browser is not None
    context = browser.new_context(has_touch=True, viewport=TABLET)
    context.add_cookies([{"name": "sessionid", "value": builder.context.cookies()[0]["value"], "url": live_server.url}])
    page = context.new_page()
    page.goto(builder.url)
    finger = Finger(page)
    finger.stroke(page.locator("[data-node=ask]"), page.locator("[data-spot='']"), rest=0)
    assert saved() == []
    page.evaluate("document.querySelector('[data-canvas]').scrollTo(0, 0)")
    finger.stroke(page.locator("[data-node=ask]"), page.locator("[data-spot='']"), rest=600)
    expect(page.locator("[data-node]").nth(1)).to_have_attribute("data-node", "ask")
    assert saved()[:2] == ["ask", "try_it"]
    context.close()


class Finger:
    """Touches as Chromium itself makes them: Playwright only taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.wire = page, page.context.new_cdp_session(page)

    def stroke(self, start: Locator, end: Locator, *, rest: int) -> None:
        (x, y), (to_x, to_y) = self._middle(start), self._middle(end)
        self._touch("touchStart", x, y)
        if rest:
            self.page.wait_for_timeout(rest)
        for part in range(1, 11):
            self._touch("touchMove", x + (to_x - x) * part / 10, y + (to_y - y) * part / 10)
            self.page.wait_for_timeout(20)
        self.wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.page.wait_for_timeout(300)

    def _touch(self, kind: str, x: float, y: float) -> None:
        self.wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})

    def _middle(self, target: Locator) -> tuple[float, float]:
        box = target.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_condition_is_put_together_and_saved(builder: Page) -> None:
    builder.locator("[data-spot=try_it] a").click()
    builder.get_by_role("button", name="Choose a way").click()
    builder.get_by_role("button", name="Add a condition").click()
    builder.get_by_label("What", exact=True).select_option("order.total")
    builder.get_by_label("Value").fill("100")
    expect(builder.locator("#n-branch")).to_contain_text("order total")


def test_the_picture_is_made_smaller_and_fitted(builder: Page) -> None:
    size = builder.locator("[data-zoom-text]")
    before = size.inner_text()
    builder.get_by_role("button", name="Smaller").click()
    assert size.inner_text() != before
    builder.locator("[data-zoom-fit]").click()
    box = builder.locator("[data-sheet]").bounding_box()
    assert box is not None
    assert box["height"] < DESK["height"]


def test_without_scripts_the_same_is_done_by_links_and_buttons(
    live_server: LiveServer, builder: Page, store: Store
) -> None:
    context = builder.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # it has one
    context.add_cookies([{"name": "sessionid", "value": builder.context.cookies()[0]["value"], "url": live_server.url}])
    page = context.new_page()
    page.goto(builder.url)
    page.get_by_label("Add a step after “Ask: Satisfaction”").click()
    page.locator("button[value=wait]").click()
    page.locator("input[name=days]").fill("2")
    page.get_by_role("button", name="Save").click()
    assert "Wait 2 days" in page.locator("#n-wait").inner_text()
    context.close()


@pytest.mark.parametrize("opens", ["", "?step=was_late", "?at=sorry&way=next", "?open=trigger", "?open=settings"])
def test_the_builder_passes_axe_and_fits_every_window(live_server: LiveServer, builder: Page, opens: str) -> None:
    builder.goto(f"{live_server.url}/console/stride/journeys/delivered/edit/{opens}")
    found = Axe().run(builder)
    assert found.violations_count == 0, found.generate_report()
    for window in (TABLET, PHONE):
        builder.set_viewport_size(window)
        assert builder.evaluate("document.documentElement.scrollWidth") <= window["width"]


def test_every_page_of_a_journey_passes_axe_and_fits_a_phone(
    live_server: LiveServer, builder: Page, store: Store
) -> None:
    staff = make_staff(store, "marketer")
    document = {"trigger": {"event": "order.placed"}, "steps": [{"id": "a", "kind": "wait"}]}
    drafting.create(store, "Unsound", document, by=staff, now=clock.now())
    rooms = ["", "new/", "delivered/", "delivered/messages/", "delivered/versions/", "delivered/publish/"]
    for room in [*rooms, "unsound/", "unsound/publish/", "unsound/text/", "delivered/text/"]:
        builder.set_viewport_size(DESK)
        builder.goto(f"{live_server.url}/console/stride/journeys/{room}")
        found = Axe().run(builder)
        assert found.violations_count == 0, f"{room}: {found.generate_report()}"
        builder.set_viewport_size(PHONE)
        assert builder.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], room
