"""Points for what people do besides buying, as each room tells of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.customers import CustomerTracked
from thereafter.events.surveys import SurveyAnswered
from thereafter.journeys.registry import Go, Visit, steps
from thereafter.journeys.tests.test_api import post
from thereafter.kit import clock
from thereafter.loyalty.actions import deeds, members
from thereafter.loyalty.actions.deeds import NoSuchWay
from thereafter.loyalty.models import Entry, Member
from thereafter.loyalty.tests.givings import has, join, moment, person, publish
from thereafter.loyalty.tests.visitors import visitor
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

NOW = moment("2026-03-20 12:00")
ALL: dict[str, Any] = {
    "survey": {"points": 25},
    "joined": {"points": 50},
    "newsletter": {"points": 40, "total": 1},
    "exchange": {"points": 30, "per_order": 1},
    "recycling": {"points": 150, "per_month": 2},
    "slower_delivery": {"points": 20, "per_order": 1},
    "social_instagram": {"points": 10, "total": 1},
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    made = make_store(time_zone="UTC")
    publish(made, rate="0", actions=ALL)
    return made


@pytest.fixture
def ann(store: Store) -> Customer:
    """Known to the shop, and not a member."""
    return person(store)


def tell(*events: Any, at: datetime = NOW) -> None:
    with clock.at(at), transaction.atomic():
        record(*events)
    settle(at)


def settle(at: datetime = NOW) -> None:
    with clock.at(at):
        run_until_idle()


def whose(customer: Customer, **more: Any) -> dict[str, Any]:
    return {"store_id": customer.store_id, "customer_id": customer.pk, "occurred_at": NOW, **more}


# Surveys.


def answered(customer: Customer, answer: int, **more: Any) -> SurveyAnswered:
    return SurveyAnswered(**whose(customer), answer_id=answer, survey="satisfaction", score=3, **more)


def test_an_answer_earns_once_for_each_invitation(ann: Customer) -> None:
    tell(answered(ann, 1, invitation_id=7), answered(ann, 2, invitation_id=7), answered(ann, 3))
    assert has(ann) == 50
    assert set(Entry.objects.values_list("source", "reason")) == {("survey:7", "survey"), ("answer:3", "survey")}


def test_a_shop_without_a_programme_of_its_own_thanks_for_answers_with_25_points() -> None:
    other = person(make_store("other"))
    tell(answered(other, 1))
    assert has(other) == 25
    assert Entry.objects.get().snapshot == {"programme": 0, "points": 25}


def test_a_programme_without_surveys_gives_nothing_for_them(store: Store, ann: Customer) -> None:
    publish(store, at=moment("2026-01-01 00:00"), rate="0", actions={})
    tell(answered(ann, 1))
    assert has(ann) == 0


# Joining and the newsletter.


def test_joining_brings_points_once_also_for_who_comes_back(store: Store) -> None:
    member = join(store, at=NOW)
    settle()
    assert has(member) == 50
    members.leave(member, now=NOW)
    with clock.at(NOW):
        members.join(member.customer, source=Member.Source.PAGE, now=NOW + timedelta(days=1))
    settle(NOW + timedelta(days=1))
    assert has(member) == 0
    assert Entry.objects.filter(reason="joined").count() == 1


def consent(customer: Customer, *, granted: bool = True, channel: str = "email", purpose: str = "marketing") -> None:
    with clock.at(NOW):
        change_consent(
            customer, channel=channel, purpose=purpose, granted=granted, source="page", evidence="ticked", now=NOW
        )
    settle()


def test_the_newsletter_brings_points_once_in_a_life(ann: Customer) -> None:
    consent(ann)
    consent(ann, granted=False)
    consent(ann)
    assert has(ann) == 40


@pytest.mark.parametrize("other", [{"channel": "sms"}, {"purpose": "service"}, {"granted": False}])
def test_other_consents_bring_none(ann: Customer, other: dict[str, Any]) -> None:
    consent(ann, **other)
    assert has(ann) == 0


def test_whoever_subscribed_before_they_joined_is_thanked_when_they_join() -> None:
    store = make_store(time_zone="UTC")
    publish(store, rate="0", actions=ALL, joining="asked")
    ann = person(store)
    consent(ann)
    assert has(ann) == 0
    join(store, at=NOW)
    settle()
    assert has(ann) == 50 + 40


# What the shop's own systems tell.


def tracked(customer: Customer, key: str, topic: str = "recycling", **more: Any) -> CustomerTracked:
    return CustomerTracked(**whose(customer, **more), topic=topic, key=key, about={})


def test_what_the_shop_saw_earns_by_the_action_of_that_name_within_its_limits(ann: Customer) -> None:
    tell(tracked(ann, "box-1"), tracked(ann, "box-1"), tracked(ann, "box-2"), tracked(ann, "box-3"))
    assert has(ann) == 300
    tell(tracked(ann, "box-4", occurred_at=moment("2026-04-01 00:00")), at=moment("2026-04-01 01:00"))
    assert has(ann) == 450


def test_long_keys_that_begin_alike_are_two(ann: Customer) -> None:
    tell(tracked(ann, "x" * 100 + "1"), tracked(ann, "x" * 100 + "2"))
    assert has(ann) == 300


@pytest.mark.parametrize("topic", ["survey", "joined", "newsletter", "exchange", "unheard_of"])
def test_nobody_tells_us_what_we_see_ourselves(ann: Customer, topic: str) -> None:
    tell(tracked(ann, "1", topic))
    assert has(ann) == 0


def test_per_order_limits_count_by_the_order_that_was_told(store: Store) -> None:
    first, second = (make_order(store) for _ in range(2))
    ann = first.customer
    tell(
        tracked(ann, "1", "slower_delivery", order_id=first.pk),
        tracked(ann, "2", "slower_delivery", order_id=first.pk),
        tracked(ann, "3", "slower_delivery", order_id=second.pk),
    )
    assert has(ann) == 40


def test_the_order_page_says_it_in_words(store: Store) -> None:
    order = make_order(store)
    publish(store, at=moment("2025-01-01 00:00"), rate="0", actions={**ALL, "tree_planted": {"points": 5}})
    told = [tracked(order.customer, "1", topic, order_id=order.pk) for topic in ("slower_delivery", "tree_planted")]
    tell(*told)
    shown = Client().get(reverse("storefront:order", args=[store.slug, order_token(order)])).content.decode()
    assert "Choose the slower delivery" in shown
    assert "Tree planted" in shown
    assert "slower_delivery" not in shown


def test_the_api_of_events_earns(store: Store, ann: Customer) -> None:
    body = {"topic": "recycling", "key": "box-9", "customer": {"email": ann.email}}
    assert post(store, "/events", body).status_code == 202
    run_until_idle()
    assert has(ann) == 150


# Following.


def test_a_follow_counts_once_and_is_marked_as_unverified(store: Store) -> None:
    member = join(store, at=NOW)
    assert deeds.follow(member, "instagram", NOW).points == 10
    assert deeds.follow(member, "instagram", NOW + timedelta(days=400)).result == "duplicate"
    entry = Entry.objects.get(reason="social_instagram")
    assert (entry.snapshot["verified"], entry.snapshot["network"]) == (False, "instagram")


def test_two_members_may_follow_the_same(store: Store) -> None:
    for email in ("a@example.com", "b@example.com"):
        assert deeds.follow(join(store, email, at=NOW), "instagram", NOW).result == "ok"


def test_networks_that_the_programme_has_not_bring_a_sentence(store: Store) -> None:
    with pytest.raises(NoSuchWay, match="no points"):
        deeds.follow(join(store, at=NOW), "myspace", NOW)


# In journeys.


def visit(customer: Customer, step: str, **settings: Any) -> Visit:
    return Visit(
        store_id=customer.store_id,
        run_id=1,
        customer_id=customer.pk,
        order_id=None,
        step=step,
        settings=settings,
        facts={},
        now=NOW,
    )


def walk(kind: str, *visits: Visit) -> None:
    effect = steps[kind].effect
    assert effect is not None
    assert list(effect(visits)) == [Go()] * len(visits)


def test_a_journey_does_an_action_within_its_limits(ann: Customer) -> None:
    for step in ("a", "a", "b", "c"):
        walk("earn", visit(ann, step, action="recycling"))
    assert has(ann) == 300


def test_a_journey_with_an_action_that_is_gone_goes_on(ann: Customer) -> None:
    walk("earn", visit(ann, "a", action="gone"))
    assert has(ann) == 0


def test_a_journey_makes_somebody_a_member_and_takes_nobody_back_in(store: Store, ann: Customer) -> None:
    walk("join_programme", visit(ann, "a"))
    member = Member.objects.get(customer=ann)
    assert member.source == Member.Source.CONSOLE
    members.leave(member, now=NOW)
    walk("join_programme", visit(ann, "a"))
    member.refresh_from_db()
    assert member.left_at


# On the page of the programme.


def test_a_press_on_the_members_page_counts_a_follow_once(store: Store) -> None:
    member = join(store, at=NOW)
    settle()
    home, follow = (
        reverse("loyalty_storefront:home", args=[store.slug]),
        reverse("loyalty_storefront:follow", args=[store.slug, "instagram"]),
    )
    client = visitor(member.customer)
    assert f'action="{follow}"' in client.get(home).content.decode()
    for _ in range(2):
        assert "Thank you" in client.post(follow).content.decode()
    assert f'action="{follow}"' not in client.get(home).content.decode()
    assert Entry.objects.filter(reason="social_instagram").count() == 1


def test_nobody_follows_without_being_a_member_or_where_nothing_is_given(store: Store, ann: Customer) -> None:
    there = [reverse("loyalty_storefront:follow", args=[store.slug, name]) for name in ("instagram", "myspace")]
    assert visitor(ann).post(there[0]).status_code == 302
    assert visitor(join(store, at=NOW).customer).post(there[1]).status_code == 404
    assert visitor(ann).get(there[0]).status_code == 405
    assert not Entry.objects.filter(reason__startswith="social_").exists()
