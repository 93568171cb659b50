"""The words of returns' messages: every template draws in every language, with what its blocks say."""

from datetime import datetime

import pytest

from thereafter.journeys.console.views.journeys import recipes
from thereafter.kit import clock
from thereafter.messaging import library, samples
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "de", "fr", "es", "pt")
OURS = [key for key in library.templates if key.startswith("return_") or key in ("refund_come_back", "exchange_fits")]


@pytest.fixture
def store() -> Store:
    return make_store(shop_url="https://stride.example")


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.mark.parametrize("key", OURS)
def test_every_message_is_drawn_in_every_language(store: Store, now: datetime, key: str) -> None:
    subjects = set()
    for language in LANGUAGES:
        drawn = samples.sample(store, key, language, now)
        assert "{{" not in drawn.subject + drawn.html + drawn.text
        assert "{%" not in drawn.html
        subjects.add(drawn.subject)
    assert len(subjects) == len(LANGUAGES)


def test_each_step_has_its_words(store: Store, now: datetime) -> None:
    told = {key: samples.sample(store, key, "en", now).text for key in OURS}
    assert "Thursday, April 9" in told["return_approved"]
    assert "€15.00" in told["return_inspected"]
    assert "7Q4K-MMXA-92TB-HHEC" in told["return_credit"]
    assert "5 to 10 working days" in told["return_refunded"]
    assert "00340434161094042557" in told["return_exchange_sent"]


def test_ready_journeys_have_conditions_to_leave() -> None:
    ready = {recipe["key"]: recipe["document"] for recipe in recipes()}
    for key in ("after_refund", "exchange_fits", "return_resolved"):
        assert "open.claim" in ready[key]["stop_if"]
        assert "return.requested" in ready[key]["stops_on"]
