"""What tests may ask of this machine: a browser page, and the data that lies beside the checkout."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tools import browser as chromium
from tools import translations

ROOT = Path(__file__).parent
SHARED_DATA = ROOT.parent / "shared" / "data"
# Milliseconds that a page may take on a machine with more to do than this; who needs none waits for none.
PATIENCE = 30_000
# Of 50 ms, at most, for what is still asked of the server when a test is over.
MOMENTS = 60


def pytest_configure(config: pytest.Config) -> None:
    """Tests of translated pages need compiled catalogues, also where nobody ran `./run setup` since they changed."""
    for catalogue in translations.stale_catalogues(ROOT / "thereafter"):
        translations.compile_catalogue(catalogue)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's loop then holds the thread in which others may run their own."""
    if os.environ.get("THEREAFTER_BROWSER_TESTS") == "0":
        leave_out(config, items, needs_browser)
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        leave_out(config, items, lambda item: item.get_closest_marker("postgresql") is not None)
    items.sort(key=needs_browser)


def leave_out(config: pytest.Config, items: list[pytest.Item], unfit: Callable[[pytest.Item], bool]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if unfit(item)])
    items[:] = [item for item in items if not unfit(item)]


def pytest_itemcollected(item: pytest.Item) -> None:
    fixtures = getattr(item, "fixturenames", ())
    if "browser" in fixtures:
        item.add_marker("browser")
    if "shared_data" in fixtures:
        item.add_marker("needs_shared_data")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_shared_data") and not SHARED_DATA.is_dir():
        pytest.skip("needs_shared_data: there is no ../shared/data")


def needs_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


@pytest.fixture(scope="session", autouse=True)
def figures_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each process that runs tests copies its shops to a folder of its own: their ids are the same everywhere."""
    settings.FIGURES_FOLDER = tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout."""
    return SHARED_DATA


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.missing():
        pytest.skip(chromium.missing())
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop lives in the thread of the test, and Django would refuse its database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A fresh page in a context of its own; use it with `live_server`."""
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(PATIENCE)
    asked: set[Request] = set()
    context.on("request", lambda request: asked.add(request))  # noqa: PLW0108  # it marks its handlers
    context.on("requestfinished", lambda request: asked.discard(request))  # noqa: PLW0108  # as above
    context.on("requestfailed", lambda request: asked.discard(request))  # noqa: PLW0108  # as above
    page = context.new_page()
    yield page
    # What the server is still at would meet the database of the test while that is emptied.
    for _ in range(MOMENTS):
        if not asked or page.is_closed():
            break
        page.wait_for_timeout(50)
    context.close()
