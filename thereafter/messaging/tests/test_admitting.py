"""The contact rules at work: what is held, what goes by another way, what counts, and what is told of it."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection

from thereafter.commerce.actions.customers import change_consent, set_trait
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.messages import MessageSent, MessageSkipped
from thereafter.kit import clock
from thereafter.messaging import course, jobs, queries, reach
from thereafter.messaging.actions.admitting import admit
from thereafter.messaging.actions.contact_rules import change_rules
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.messaging.actions.sending import claim
from thereafter.messaging.models import Message
from thereafter.messaging.rules.contact_rules import Cap, Caps, ContactRules, Pause, Quiet
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 3, 22, tzinfo=UTC)
PICKS: dict[str, Any] = {"recommendations": {"items": []}}
FREE = Caps(limits=(), hours_between=0)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def by_text(settings: Any) -> None:
    """Nothing leaves: everything is handed to a channel that takes it."""
    settings.MAIL_URL = "null:"


def ana(store: Store, email: str = "ana@example.com", *, offers: bool = True, **more: Any) -> Customer:
    customer = make_order(store, email=email, **more).customer
    if offers:
        agree(customer)
    return customer


def agree(customer: Customer, channel: str = "email", purpose: str = "marketing") -> None:
    change_consent(customer, channel=channel, purpose=purpose, granted=True, source="test", evidence="box", now=NOW)


def rule(store: Store, **rules: Any) -> None:
    change_rules(store, ContactRules(**({"caps": FREE} | rules)), by=None, now=NOW)


def queue(customer: Customer, key: str, template: str = "goes_well_with", **more: Any) -> None:
    order = customer.orders.order_by("id").last()
    facts = PICKS if template == "goes_well_with" else None
    given = {"due_at": NOW, "facts": facts, "order_id": order.pk if order else None} | more
    send_many(
        [SendRequest(store_id=customer.store_id, customer_id=customer.pk, template=template, key=key, **given)], NOW
    )


def work(now: datetime = NOW) -> None:
    with clock.at(now):
        run_until_idle()


def states() -> dict[str, str]:
    return dict(Message.objects.order_by("key").values_list("key", "state"))


def test_a_message_of_the_night_waits_for_the_readers_morning_and_then_goes(store: Store) -> None:
    rule(store, quiet=Quiet(channels=("email",)))
    queue(ana(store), "k", due_at=NIGHT)
    work(NIGHT)
    message = Message.objects.get()
    morning = datetime(2026, 3, 4, 7, tzinfo=UTC)
    assert (message.state, message.reason, message.due_at) == ("queued", "quiet_hours", morning)
    assert message.is_held
    assert message.expires_at == NIGHT + timedelta(hours=72)
    work(morning - timedelta(minutes=1))
    assert states() == {"k": "queued"}
    work(morning)
    message.refresh_from_db()
    assert (message.state, message.sent_at) == ("sent", morning)
    told = [line["title"] for line in course.of(message)]
    assert told[0] == "Sent by E-mail"
    assert "Held: quiet hours, until" in told[1]


def test_order_news_goes_at_any_hour(store: Store) -> None:
    rule(store, quiet=Quiet(channels=("email",)))
    queue(ana(store), "k", "delivered", due_at=NIGHT)
    work(NIGHT)
    assert states() == {"k": "sent"}


def test_of_two_for_one_person_the_journeys_goes_and_the_campaigns_waits_its_turn(store: Store) -> None:
    rule(store, caps=Caps(limits=(Cap(classes=("marketing",), most=1, days=1),), hours_between=0))
    customer = ana(store)
    queue(customer, "campaign", origin="campaign:3")
    queue(customer, "journey", origin="journey:5:offer")
    work()
    assert states() == {"campaign": "queued", "journey": "sent"}
    held = Message.objects.get(key="campaign")
    assert (held.reason, held.due_at) == ("frequency_cap", NOW + timedelta(days=1))
    work(NOW + timedelta(days=1))
    assert states()["campaign"] == "sent"


def test_what_finds_no_room_before_it_is_too_late_says_what_it_waited_for(store: Store) -> None:
    week = Cap(classes=("marketing",), most=1, days=7)
    rule(store, caps=Caps(limits=(week,), hours_between=0), hold_hours=72)
    customer = ana(store)
    queue(customer, "k1")
    work()
    queue(customer, "k2")
    work()
    assert_recorded(MessageSkipped, reason="expired:frequency_cap")


def test_a_message_that_failed_leaves_its_room_to_the_next(store: Store) -> None:
    rule(store, caps=Caps(limits=(Cap(classes=("marketing",), most=1, days=1),), hours_between=0))
    customer = ana(store)
    queue(customer, "k1")
    work()
    Message.objects.filter(key="k1").update(state="failed")
    queue(customer, "k2")
    work()
    assert states()["k2"] == "sent"


def test_a_message_claimed_again_does_not_count_against_itself(store: Store) -> None:
    rule(store, caps=Caps(limits=(Cap(classes=("marketing",), most=1, days=1),), hours_between=0))
    queue(ana(store), "k")
    messages = claim(NOW, 10)
    for message in messages:
        message.customer.store, message.channels = message.store, ["email"]
    assert admit(messages, reach.addresses(messages), NOW) == {}
    work(NOW + timedelta(minutes=11))
    assert states() == {"k": "sent"}


def test_surveys_wait_while_a_claim_is_open_and_go_when_it_is_settled(store: Store) -> None:
    rule(store)
    customer = ana(store)
    set_trait(customer, "open.claim", True)
    queue(customer, "ask", "loyalty_invite")
    queue(customer, "news", "delivered")
    work()
    assert states() == {"ask": "queued", "news": "sent"}
    assert Message.objects.get(key="ask").reason == "open:claim"
    work(NOW + timedelta(hours=6))
    assert states()["ask"] == "queued"
    assert len(Message.objects.get(key="ask").verdicts) == 1
    set_trait(customer, "open.claim", None)
    work(NOW + timedelta(hours=12))
    assert states()["ask"] == "sent"


def test_a_claim_that_is_never_settled_does_not_hold_for_ever(store: Store) -> None:
    rule(store, pause=Pause(at_most_days=1))
    customer = ana(store)
    set_trait(customer, "open.claim", True)
    queue(customer, "ask", "loyalty_invite")
    for hours in range(0, 31, 6):
        work(NOW + timedelta(hours=hours))
    assert_recorded(MessageSkipped, reason="expired:open:claim")


def test_the_control_group_gets_no_offers(store: Store) -> None:
    customers = [ana(store, f"c{number}@example.com") for number in range(40)]
    rule(store, control_percent=50)
    controls = queries.in_control_group(store, [customer.pk for customer in customers])
    assert 5 < len(controls) < 35
    for customer in customers:
        queue(customer, f"k{customer.pk}")
    work()
    skipped = Message.objects.filter(state="skipped")
    assert {(one.customer_id, one.reason) for one in skipped} == {(pk, "control_group") for pk in controls}


def test_a_channel_with_a_pace_lets_out_no_more_and_order_news_goes_first(store: Store) -> None:
    rule(store, per_minute={"email": 60})
    for number in range(12):
        queue(ana(store, f"c{number}@example.com"), f"offer{number:02}")
    queue(ana(store, "late@example.com"), "order", "delivered")
    work()
    sent = [key for key, state in states().items() if state == "sent"]
    assert len(sent) == 10
    assert "order" in sent
    held = Message.objects.filter(reason="throttle")
    assert held.count() == 3
    assert {one.due_at for one in held} == {NOW + timedelta(seconds=step) for step in (1, 2, 3)}
    assert not held.exclude(admitted_at=None).exists()
    for second in range(1, 6):
        work(NOW + timedelta(seconds=second))
    assert set(states().values()) == {"sent"}


def test_who_has_no_browser_gets_the_mail_and_the_message_says_so(store: Store) -> None:
    rule(store)
    queue(ana(store), "k", channels=["sms", "email"])
    work()
    message = Message.objects.get()
    # The template has words for e-mail alone, so that is all that is left of the wish.
    assert (message.state, message.channel) == ("sent", "email")
    assert_recorded(MessageSent, channel="email")


def test_a_channel_that_is_passed_over_is_kept_with_the_reason(store: Store) -> None:
    customer = ana(store)
    queue(customer, "k")
    messages = claim(NOW, 10)
    for message in messages:
        message.customer.store, message.channels = message.store, ["push", "sms", "email"]
    known = {messages[0].pk: {"email": "ana@example.com", "sms": "+491701234567"}}
    assert admit(messages, known, NOW) == {}
    assert messages[0].channel == "email"
    assert messages[0].verdicts[0]["passed_over"] == {"push": "no_address", "sms": "no_consent"}


@pytest.fixture
def crowd(store: Store) -> list[Customer]:
    return [ana(store, f"c{number}@example.com") for number in range(30)]


def test_a_batch_is_judged_with_as_many_queries_as_one_message(
    store: Store, crowd: list[Customer], django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    rule(store, quiet=Quiet(channels=("email",)), control_percent=5, per_minute={"email": 6_000})
    for customer in crowd:
        queue(customer, f"k{customer.pk}")
        queue(customer, f"ask{customer.pk}", "loyalty_invite")
    with clock.at(NOW):
        messages = claim(NOW, 100)
        for message in messages:
            message.customer.store, message.channels = message.store, ["email"]
        known = reach.addresses(messages)
        with django_assert_max_num_queries(16):
            admit(messages, known, NOW)


def test_another_store_is_another_world(store: Store) -> None:
    rule(store, control_percent=0, quiet=Quiet(channels=("email",)))
    other = make_store("other")
    queue(ana(other), "k", due_at=NIGHT)
    work(NIGHT)
    assert states() == {"k": "sent"}


@pytest.fixture
def threads() -> Callable[[Callable[[], None], int], None]:
    def run(target: Callable[[], None], count: int) -> None:
        running = [threading.Thread(target=target) for _ in range(count)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_workers_with_a_message_each_for_one_person_send_one(
    store: Store, threads: Callable[[Callable[[], None], int], None]
) -> None:
    rule(store, caps=Caps(limits=(Cap(classes=("marketing",), most=1, days=1),), hours_between=0))
    customers = [ana(store, f"c{number}@example.com") for number in range(20)]
    for customer in customers:
        for copy in range(2):
            queue(customer, f"{copy}:{customer.pk}")
    batches = iter([list(Message.objects.filter(key__startswith=f"{copy}:")) for copy in range(2)])
    gate, ready = threading.Lock(), threading.Barrier(2)

    def worker() -> None:
        with gate:
            messages = next(batches)
        rows = Message.objects.filter(pk__in=[one.pk for one in messages]).select_related("store", "customer", "order")
        mine = list(rows)
        for message in mine:
            message.customer.store, message.channels = message.store, ["email"]
        known = reach.addresses(mine)
        ready.wait()
        admit(mine, known, NOW)
        close_old_connections()
        connection.close()

    threads(worker, 2)
    admitted = Message.objects.exclude(admitted_at=None)
    assert sorted(admitted.values_list("customer_id", flat=True)) == sorted(customer.pk for customer in customers)


def test_due_messages_of_a_quiet_night_cost_one_look_each(store: Store) -> None:
    """What is held is due again only when the night is over, and not every second of it."""
    rule(store, quiet=Quiet(channels=("email",)))
    queue(ana(store), "k", due_at=NIGHT)
    with clock.at(NIGHT):
        assert jobs.send_due(NIGHT) == 1
        assert jobs.send_due(NIGHT + timedelta(minutes=1)) == 0
