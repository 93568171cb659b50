"""Surveys in a real browser: readable for everyone, and within a phone's width."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.tests.makers import make_order
from thereafter.feedback.tests.makers import make_invitation, make_survey
from thereafter.feedback.tests.sitting_makers import DOCUMENT, FORM, begin, photo, post
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


def every_page(store: Store) -> list[str]:
    """The first page of each kind, each further question, and both thanks."""
    client, order = Client(), make_order(store)
    set_traits(store, {order.customer_id: {"loyalty.member": True, "loyalty.referral_code": "ANNA7"}})
    make_survey(store, "nps", DOCUMENT)
    make_survey(store, "ces")
    make_survey(store, "form", FORM)
    nps = make_invitation(order, survey="nps")
    others = [
        make_invitation(make_order(store, email=f"{kind}@example.com"), survey=kind, source=kind)
        for kind in ("ces", "form", "satisfaction")
    ]
    seen = [begin(nps, 9), *(begin(one) for one in others)]
    there, _ = post(client, begin(nps), score="1")
    for said in ({"reply": ["late", "broken"]}, {"photos": [photo()]}, {"reply": "2"}, {"reply": "Late."}):
        seen.append(there)
        there, _ = post(client, there, **said)
    happy, _ = post(client, begin(others[0]), score="7")
    return [*seen, there, happy, post(client, begin(others[2]), score="1")[0]]


def test_every_page_passes_axe_and_fits_a_phone(live_server: LiveServer, browser_page: Page) -> None:
    for path in every_page(make_store(brand_colour="#0b6e4f")):
        for width in (1280, 360):
            browser_page.set_viewport_size({"width": width, "height": 800})
            browser_page.goto(live_server.url + path)
            assert browser_page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(browser_page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
