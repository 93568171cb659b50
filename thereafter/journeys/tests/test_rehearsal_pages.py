"""The pages on which a journey is rehearsed, and one customer walked through it."""

from typing import Any

import pytest

from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.journeys.models import Run
from thereafter.journeys.tests.story import DOCUMENT, LATER, journey, live, story
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def _quiet(settings: Any) -> None:
    settings.MAIL_URL = "null:"


def page(store: Store, path: str) -> str:
    with clock.at(LATER):
        return signed_in(make_staff(store)).get(f"/console/{store.slug}/journeys/story/{path}").content.decode()


def test_the_page_tells_who_would_have_got_what(store: Store) -> None:
    journey(store)
    live(store, story(9))
    told = page(store, "rehearse/?from=2026-03-01&to=2026-04-30")
    assert "Messages by day" in told
    assert "/walk/?customer=" in told
    assert "Nobody would have entered" in page(store, "rehearse/?from=2025-03-01&to=2025-04-30")
    assert "at most" in page(store, "rehearse/?from=2020-03-01&to=2026-04-30")
    assert "first day comes after" in page(store, "rehearse/?from=2026-04-30&to=2026-03-01")


def test_one_customer_is_walked_through_step_by_step(store: Store) -> None:
    made = journey(store, {**DOCUMENT, "holdout": 0})
    live(store, story(9))
    run = Run.objects.filter(journey=made, state="done", outcome="finished").first()
    assert run
    for place in range(3):
        told = page(store, f"walk/?customer={run.customer_id}&step={place}")
        assert f"Step {place + 1} of" in told
    assert "Nobody found" in page(store, "walk/?q=nobody-like-that")
    assert "p1@example.com" in page(store, "walk/?q=p1@")


def test_a_customer_to_whom_it_never_happened_is_walked_through_as_if(store: Store) -> None:
    journey(store)
    live(store, story(3))
    with clock.at(LATER):
        order = make_order(store, number="new", email="new@example.com", placed_at=LATER)
    assert "As if it happened now" in page(store, f"walk/?customer={order.customer_id}")
