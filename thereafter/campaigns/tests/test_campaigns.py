"""Campaigns sent off, held, called off; each person exactly once."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

import pytest

from thereafter.campaigns import estimating, jobs, reporting
from thereafter.campaigns.actions import editing, queueing, running
from thereafter.campaigns.actions.editing import NotReady, TooLate
from thereafter.campaigns.models import Campaign, Recipient
from thereafter.campaigns.panels import campaigns_with_a_holdout
from thereafter.campaigns.queries import progress
from thereafter.campaigns.rules.plans import Plan, Variant
from thereafter.campaigns.tests.makers import TEMPLATE, launched, make_campaign, make_people
from thereafter.commerce.actions.customers import merge
from thereafter.commerce.models import Coupon
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool
from thereafter.messaging.models import Message, Receipt
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
State = Campaign.State
SPLIT = (Variant(template=TEMPLATE, subject="One"), Variant(template=TEMPLATE, subject="Two"))


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def sent_to(campaign: Campaign) -> Counter[int]:
    rows = Message.objects.filter(origin=campaign.origin, state=Message.State.SENT)
    return Counter(rows.values_list("customer_id", flat=True))


def now_is(campaign: Campaign) -> Campaign:
    campaign.refresh_from_db()
    return campaign


def test_everybody_in_the_audience_gets_it_once_and_then_it_is_over(store: Store) -> None:
    people = make_people(store, 12)
    campaign = launched(store)
    run_until_idle(PLACED)
    assert sent_to(campaign) == Counter({one.pk: 1 for one in people})
    assert (now_is(campaign).state, campaign.finished_at) == (State.SENT, PLACED)


def test_who_may_not_be_written_to_is_left_out_with_the_reason(store: Store) -> None:
    willing = make_people(store, 3)
    make_people(store, 2, prefix="no", accepts_marketing=None)
    campaign = launched(store)
    run_until_idle(PLACED)
    assert set(sent_to(campaign)) == {one.pk for one in willing}
    assert now_is(campaign).left_out == {"no_consent": 2}
    assert not Message.objects.filter(customer__email__startswith="no").exists(), "nor is their timeline cluttered"


def test_a_worker_that_dies_at_any_step_leaves_nobody_out_and_writes_to_nobody_twice(store: Store) -> None:
    people = make_people(store, 25)
    campaign = launched(store)
    with (
        patch.object(running, "PEOPLE_AT_ONCE", 4),
        patch.object(queueing, "MESSAGES_AT_ONCE", 3),
    ):
        for step in range(60):
            for crash in (
                "thereafter.campaigns.actions.running.insert",
                "thereafter.campaigns.actions.queueing.send_many",
            ):
                with patch(crash, side_effect=RuntimeError("killed")), suppress(RuntimeError):
                    jobs.move_campaigns(PLACED)
            jobs.move_campaigns(PLACED)
            if step % 7 == 0:
                run_until_idle(PLACED)
    run_until_idle(PLACED)
    assert sent_to(campaign) == Counter({one.pk: 1 for one in people})
    assert now_is(campaign).state == State.SENT


def test_people_are_chosen_when_it_begins_and_newcomers_do_not_slip_in(store: Store) -> None:
    make_people(store, 6)
    campaign = launched(store)
    with patch.object(running, "PEOPLE_AT_ONCE", 3):
        jobs.move_campaigns(PLACED)
        jobs.move_campaigns(PLACED)
        jobs.move_campaigns(PLACED)
    late = make_people(store, 2, prefix="late")
    run_until_idle(PLACED)
    assert not set(sent_to(campaign)) & {one.pk for one in late}


def test_it_waits_for_its_moment_and_can_be_taken_back_until_then(store: Store) -> None:
    make_people(store, 2)
    campaign = launched(store, when="at", at="2026-03-04T10:00")
    run_until_idle(PLACED + timedelta(hours=22))
    assert not sent_to(campaign)
    editing.take_back(campaign, now=PLACED)
    assert now_is(campaign).state == State.DRAFT
    editing.launch(campaign, now=PLACED)
    run_until_idle(PLACED + timedelta(hours=23, minutes=1))
    assert len(sent_to(campaign)) == 2


def test_each_reader_gets_it_at_their_own_hour(store: Store) -> None:
    (berlin,) = make_people(store, 1, prefix="b", country="DE")
    (tokyo,) = make_people(store, 1, prefix="t", country="JP")
    campaign = launched(store, when="local", at="2026-03-05T10:00")
    due = dict(Recipient.objects.filter(campaign=campaign).values_list("customer_id", "due_at"))
    assert not due
    run_until_idle(PLACED + timedelta(days=1, hours=12))
    due = dict(Recipient.objects.filter(campaign=campaign).values_list("customer_id", "due_at"))
    assert due[tokyo.pk].isoformat() == "2026-03-05T01:00:00+00:00"
    assert due[berlin.pk].isoformat() == "2026-03-05T09:00:00+00:00"
    run_until_idle(due[tokyo.pk])
    assert set(sent_to(campaign)) == {tokyo.pk}
    run_until_idle(due[berlin.pk])
    assert set(sent_to(campaign)) == {tokyo.pk, berlin.pk}


def test_a_throttle_holds_over_the_whole_campaign(store: Store) -> None:
    make_people(store, 10)
    campaign = launched(store, throttle=2)
    for minute, most in ((0, 1), (1, 3), (2, 5), (4, 9), (5, 10)):
        run_until_idle(PLACED + timedelta(minutes=minute))
        assert len(sent_to(campaign)) == most, minute


def test_a_paused_campaign_calls_back_what_is_queued_and_goes_on_where_it_was(store: Store) -> None:
    people = make_people(store, 8)
    campaign = launched(store, throttle=2)
    run_until_idle(PLACED + timedelta(minutes=1))
    before = len(sent_to(campaign))
    assert queueing.waiting_messages(campaign).exists(), "some are queued ahead of their turn"
    assert editing.pause(campaign, now=PLACED) > 0
    assert not queueing.waiting_messages(campaign).exists()
    run_until_idle(PLACED + timedelta(hours=2))
    assert len(sent_to(campaign)) == before
    editing.resume(campaign, now=PLACED + timedelta(hours=3))
    for minute in range(6):
        run_until_idle(PLACED + timedelta(hours=4, minutes=minute))
    assert sent_to(campaign) == Counter({one.pk: 1 for one in people})


def test_a_cancelled_campaign_reaches_nobody_else(store: Store) -> None:
    make_people(store, 6)
    campaign = launched(store, throttle=1)
    run_until_idle(PLACED + timedelta(minutes=2))
    sent = len(sent_to(campaign))
    assert 0 < sent < 6
    editing.cancel(campaign, now=PLACED)
    run_until_idle(PLACED + timedelta(days=1))
    assert len(sent_to(campaign)) == sent
    with pytest.raises(TooLate):
        editing.resume(campaign, now=PLACED)
    assert queueing.queue_next(campaign.pk, PLACED) == 0


def test_a_campaign_that_was_sent_off_is_not_changed_and_not_sent_off_twice(store: Store) -> None:
    make_people(store, 1)
    campaign = launched(store)
    with pytest.raises(TooLate):
        editing.change(campaign, name="Other", plan=Plan())
    with pytest.raises(TooLate):
        editing.launch(campaign, now=PLACED)
    with pytest.raises(NotReady, match="Choose a template"):
        editing.launch(editing.draft(store, "Empty", Plan(), now=PLACED), now=PLACED)
    again = editing.copy(campaign, now=PLACED)
    assert (again.state, again.settings.variants) == (State.DRAFT, campaign.settings.variants)


def test_no_more_people_than_the_most_get_it(store: Store) -> None:
    make_people(store, 30)
    campaign = launched(store, most_people=7)
    run_until_idle(PLACED)
    assert len(sent_to(campaign)) == 7


def test_who_is_held_out_is_known_and_not_written_to(store: Store) -> None:
    make_people(store, 60)
    campaign = launched(store, holdout=50)
    run_until_idle(PLACED)
    counted = progress(campaign)
    assert 15 < counted["held"] < 45
    assert len(sent_to(campaign)) == 60 - counted["held"]
    assert now_is(campaign).state == State.SENT


def test_the_rest_gets_the_variant_that_was_clicked_most(store: Store) -> None:
    make_people(store, 80)
    campaign = launched(store, variants=SPLIT, test_share=50, winner_hours=2)
    run_until_idle(PLACED)
    tested = Recipient.objects.filter(campaign=campaign, part="test")
    assert len(sent_to(campaign)) == tested.count() < 80
    second = tested.filter(variant=1).values("customer")
    for message in Message.objects.filter(origin=campaign.origin, customer__in=second):
        Receipt.objects.create(
            store=store, message=message, kind="clicked", key="k", url="https://x.example", at=PLACED
        )
    run_until_idle(PLACED + timedelta(hours=1))
    assert now_is(campaign).winner is None
    run_until_idle(PLACED + timedelta(hours=2))
    assert now_is(campaign).winner == 1
    assert "clearly" in campaign.winner_why
    assert len(sent_to(campaign)) == 80
    subjects = Message.objects.filter(origin=campaign.origin, facts__subject_line="Two").count()
    assert subjects == 80 - tested.filter(variant=0).count()


def test_each_gets_a_code_of_their_own(store: Store) -> None:
    people = make_people(store, 3)
    make_pool(store, "Spring")
    campaign = launched(store, pool="spring")
    run_until_idle(PLACED)
    codes = {
        message.customer_id: message.facts["coupon"]["code"]
        for message in Message.objects.filter(origin=campaign.origin)
    }
    assert codes == dict(Coupon.objects.values_list("customer_id", "code"))
    assert set(codes) == {one.pk for one in people}


def test_an_estimate_says_beforehand_what_then_happens(store: Store) -> None:
    make_people(store, 9)
    make_people(store, 4, prefix="no", accepts_marketing=False)
    plan = Plan(variants=(Variant(template=TEMPLATE),))
    told = estimating.estimate(store, plan, PLACED)
    campaign = launched(store)
    run_until_idle(PLACED)
    assert (told.total, told.get, told.by_channel, told.why_not) == (13, 9, [("email", 9)], [("no_consent", 4)])
    assert told.get == len(sent_to(campaign))
    assert told.why_not == list(now_is(campaign).left_out.items())


def test_an_estimate_of_many_asks_a_sample_and_says_so(store: Store) -> None:
    make_people(store, 60)
    make_people(store, 60, prefix="no", accepts_marketing=None)
    with patch.object(estimating, "SAMPLE", 30):
        told = estimating.estimate(store, Plan(variants=(Variant(template=TEMPLATE),), holdout=10), PLACED)
    assert told.is_sample
    assert told.total == 120
    assert told.get == pytest.approx(54, abs=8)


def test_a_rehearsal_says_when_it_is_whose_turn(store: Store) -> None:
    make_people(store, 2, prefix="b", country="DE")
    make_people(store, 1, prefix="t", country="JP")
    plan = Plan(variants=(Variant(template=TEMPLATE),), when="local", at="2026-03-05T10:00")
    told = estimating.estimate(store, plan, PLACED)
    assert [(turn.zones, turn.people, turn.offset) for turn in told.turns] == [
        (("Asia/Tokyo",), 1, 9),
        (("Europe/Berlin",), 2, 1),
    ]
    slow = estimating.estimate(store, Plan(variants=(Variant(template=TEMPLATE),), throttle=2), PLACED)
    assert slow.ends_at == PLACED + timedelta(minutes=1, seconds=30)


def test_the_report_counts_people_once_keeps_machines_apart_and_knows_what_was_bought(store: Store) -> None:
    people = make_people(store, 4)
    campaign = launched(store, attribution_days=5)
    run_until_idle(PLACED)
    messages = {one.customer_id: one for one in Message.objects.filter(origin=campaign.origin)}

    def receipt(at: int, kind: str, key: str, *, machine: bool = False) -> None:
        Receipt.objects.create(
            store=store, message=messages[people[at].pk], kind=kind, key=key, machine=machine, at=PLACED
        )

    receipt(0, "opened", "a", machine=True)
    receipt(1, "opened", "a", machine=True)
    receipt(1, "opened", "b")
    receipt(1, "clicked", "a")
    receipt(1, "clicked", "b")
    receipt(2, "complained", "a")
    make_order(store, email="p1@example.com", placed_at=PLACED + timedelta(days=2))
    make_order(store, email="p0@example.com", placed_at=PLACED + timedelta(days=4), number="2")
    make_order(store, email="p2@example.com", placed_at=PLACED + timedelta(days=6), number="3")
    total = reporting.report(now_is(campaign), progress(campaign), PLACED + timedelta(days=9)).total
    assert (total.sent, total.opened, total.machine_opened, total.clicked, total.complained) == (4, 1, 1, 1, 1)
    assert (total.orders, total.orders_after_click, total.money) == (2, 1, 2 * 8990)


def test_a_holdout_shows_what_would_have_been_bought_anyway(store: Store) -> None:
    people = make_people(store, 40)
    campaign = launched(store, holdout=50, attribution_days=3)
    run_until_idle(PLACED)
    held = set(Recipient.objects.filter(campaign=campaign, part="held").values_list("customer_id", flat=True))
    for at, one in enumerate(people):
        if one.pk not in held or at % 4 == 0:
            make_order(store, email=one.email, number=f"o{at}", placed_at=PLACED + timedelta(days=1))
    proof = reporting.report(now_is(campaign), progress(campaign), PLACED + timedelta(days=4)).proof
    assert proof is not None
    assert (proof.held.people, proof.treated.people) == (len(held), 40 - len(held))
    assert proof.treated.reached == 40 - len(held)
    assert proof.held.reached < proof.held.people
    assert proof.treated.money == proof.treated.reached * 8990
    launched(store, name="Sent to all")
    (tried,) = campaigns_with_a_holdout(store, PLACED + timedelta(days=4))
    assert (tried.name, tried.proof) == (campaign.name, proof)
    assert tried.url == f"/console/{store.slug}/campaigns/{campaign.pk}/"


def test_a_customer_who_turns_out_to_be_another_is_in_it_once(store: Store) -> None:
    one, two = make_people(store, 2)
    campaign = make_campaign(store)
    for at in (one, two):
        Recipient.objects.create(
            store=store, campaign=campaign, customer=at, part="rest", variant=0, lot=1, due_at=PLACED
        )
    editing.move_to(one.pk, two.pk, store.pk)
    assert list(Recipient.objects.values_list("customer_id", flat=True)) == [one.pk]


def test_who_turns_out_to_be_another_one_after_half_of_it_went_out_gets_it_once(store: Store) -> None:
    one, two = make_people(store, 2)
    campaign = launched(store)
    with patch.object(queueing, "MESSAGES_AT_ONCE", 1):
        while not Message.objects.exists():
            jobs.move_campaigns(PLACED)
    gone = Message.objects.get().customer_id
    keep, merged = (two, one) if gone == one.pk else (one, two)
    merge(keep, merged, PLACED)
    run_until_idle(PLACED)
    assert sent_to(campaign) == Counter({keep.pk: 1})


def test_two_records_of_one_person_that_both_wait_for_it_get_it_once(store: Store) -> None:
    one, two = make_people(store, 2)
    campaign = launched(store)
    while Message.objects.count() < 2:
        jobs.move_campaigns(PLACED)
    merge(one, two, PLACED)
    editing.move_to(one.pk, two.pk, store.pk)
    run_until_idle(PLACED)
    assert sent_to(campaign) == Counter({one.pk: 1})


def test_a_campaign_that_cannot_go_on_holds_up_no_other(store: Store) -> None:
    people = make_people(store, 3)
    poisoned, sound = launched(store, name="Poisoned"), launched(store, name="Sound")
    plan = {**poisoned.plan, "condition": "customer.no_such_field > 1"}
    Campaign.objects.filter(pk=poisoned.pk).update(plan=plan)
    run_until_idle(PLACED)
    assert sent_to(sound) == Counter({one.pk: 1 for one in people})
    assert now_is(poisoned).state == State.SENDING
