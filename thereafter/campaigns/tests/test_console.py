"""Campaigns in the console, from a draft to its report."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.campaigns import steps
from thereafter.campaigns.actions import editing
from thereafter.campaigns.models import Campaign
from thereafter.campaigns.rules.plans import Variant
from thereafter.campaigns.tests.makers import TEMPLATE, launched, make_campaign, make_people
from thereafter.commerce.models import Coupon
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool
from thereafter.console.tests.tools import signed_in
from thereafter.journeys.registry import Visit
from thereafter.kit import clock
from thereafter.messaging.blocks import blocks
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
ROOM = "/console/stride/campaigns/"


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store(country="DE")


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store, role="marketer"))


def form(**changed: Any) -> dict[str, Any]:
    given = {
        "name": "Spring",
        "variants": "1",
        "template_0": TEMPLATE,
        "subject_0": "",
        "when": "now",
        "throttle_per": "minute",
        "test_share": "20",
        "winner_by": "clicks",
        "winner_hours": "4",
        "attribution_days": "5",
        "if.place": "segment:",
        "if.mode": "rows",
        "if.join": "all",
    }
    return given | changed


def test_a_campaign_goes_from_a_button_to_a_report(store: Store, browser: Client) -> None:
    make_people(store, 5)
    with clock.at(PLACED):
        browser.post(f"{ROOM}new/")
        made = Campaign.objects.get()
        page = f"{ROOM}{made.pk}/"
        assert browser.get(page).headers["Location"].endswith("/edit/")
        assert b"Choose a template" in browser.get(f"{page}check/").content
        assert browser.post(f"{page}edit/", form(send="1")).headers["Location"].endswith("/send/")
        looked_at = browser.get(f"{page}send/").content.decode()
        assert "Send to 5 people" in looked_at
        browser.post(f"{page}send/")
    run_until_idle(PLACED)
    report = browser.get(page).content.decode()
    assert "of 5 people" in report
    assert "Sent" in browser.get(ROOM).content.decode()


def test_each_change_is_kept_and_checked_as_it_is_made(store: Store, browser: Client) -> None:
    make_people(store, 3)
    make_people(store, 2, prefix="no", accepts_marketing=False)
    made = make_campaign(store)
    with clock.at(PLACED):
        told = browser.post(f"{ROOM}{made.pk}/check/", form(holdout="0", name="Renamed")).content.decode()
    assert "of 5 people will get it" in told
    assert "No consent: 2" in told
    made.refresh_from_db()
    assert made.name == "Renamed"


def test_wrong_fields_say_so_and_lose_nothing(store: Store, browser: Client) -> None:
    made = make_campaign(store)
    page = browser.post(f"{ROOM}{made.pk}/edit/", form(when="at", day="", hour="25:00", holdout="90")).content.decode()
    assert "On which day?" in page
    assert "less than or equal to 50" in page
    made.refresh_from_db()
    assert (made.settings.when, made.settings.holdout) == ("at", 0)


def test_a_second_version_is_added_and_removed(store: Store, browser: Client) -> None:
    made = make_campaign(store)
    page = browser.post(f"{ROOM}{made.pk}/edit/", form(add_variant="1")).content.decode()
    assert "Template of B" in page
    made.refresh_from_db()
    assert len(made.settings.variants) == 2
    browser.post(f"{ROOM}{made.pk}/edit/", form(variants="2", template_1=TEMPLATE, subject_1="Other", drop_variant="1"))
    made.refresh_from_db()
    assert list(made.settings.variants) == [Variant(template=TEMPLATE)]


def test_the_buttons_of_a_report_do_what_they_say(store: Store, browser: Client) -> None:
    make_people(store, 4)
    running = launched(store, throttle=1)
    run_until_idle(PLACED)
    page = f"{ROOM}{running.pk}/"
    with clock.at(PLACED):
        for asked, state in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
            browser.post(f"{page}do/", {"do": asked})
            running.refresh_from_db()
            assert running.state == state
        browser.post(f"{page}do/", {"do": "copy"})
        assert Campaign.objects.filter(state="draft").get().name == "Spring (copy)"
        assert b"over already" in browser.post(f"{page}do/", {"do": "cancel"}, follow=True).content


def test_the_calendar_shows_what_begins_on_which_day(store: Store, browser: Client) -> None:
    make_people(store, 1)
    planned = make_campaign(store, "Planned", when="at", at="2026-03-20T10:00")
    make_campaign(store, "Some day")
    editing.launch(planned, now=PLACED)
    with clock.at(PLACED):
        page = browser.get(f"{ROOM}calendar/").content.decode()
        april = browser.get(f"{ROOM}calendar/?month=2026-04").content.decode()
    assert "Planned" in page
    assert "Some day" not in page
    assert "Planned" not in april
    assert browser.get(f"{ROOM}calendar/?month=nonsense").status_code == 200


def test_who_may_only_read_sees_reports_and_changes_nothing(store: Store) -> None:
    analyst = signed_in(make_staff(store, role="analyst"))
    made = make_campaign(store)
    assert analyst.get(ROOM).status_code == 200
    assert analyst.get(f"{ROOM}{made.pk}/").status_code == 200
    assert analyst.get(f"{ROOM}{made.pk}/edit/").status_code == 403
    assert analyst.post(f"{ROOM}{made.pk}/do/", {"do": "delete"}).status_code == 403


def test_a_test_goes_to_ones_own_address(store: Store, browser: Client) -> None:
    made = make_campaign(store)
    page = browser.post(f"{ROOM}{made.pk}/test/", form(), follow=True).content.decode()
    assert "sends no mail" in page or "on its way" in page


def visit(store: Store, customer_id: int, run: int = 1) -> Visit:
    return Visit(
        store_id=store.pk,
        run_id=run,
        customer_id=customer_id,
        order_id=None,
        step="gift",
        settings={"pool": "spring"},
        facts={},
        now=PLACED,
    )


def test_a_step_of_a_journey_gives_a_code_that_the_next_mail_shows(store: Store) -> None:
    order = make_order(store)
    make_pool(store, "Spring", kind="amount", value=500, valid_days=10)
    visits = [visit(store, order.customer_id)]
    assert len(steps.coupon(visits)) == 1
    steps.coupon(visits)
    given = Coupon.objects.get()
    with clock.at(PLACED + timedelta(days=1)):
        (facts,) = blocks["coupon"].fill([order.customer], [None])
    assert facts == {
        "code": given.code,
        "kind": "amount",
        "percent": None,
        "amount_minor": 500,
        "currency": "EUR",
        "minimum_minor": None,
        "until": "2026-03-13",
    }
    with clock.at(PLACED + timedelta(days=11)):
        assert list(blocks["coupon"].fill([order.customer], [None])) == [None]


def test_a_step_whose_pool_is_gone_lets_everybody_go_on(store: Store) -> None:
    order = make_order(store)
    assert len(steps.coupon([visit(store, order.customer_id)])) == 1
    assert not Coupon.objects.exists()
