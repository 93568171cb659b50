"""A rehearsal does what the live engine did: step by step, message by message."""

import json
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Min

from thereafter.commerce.tests.makers import make_order
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.surveys import SurveyAnswered
from thereafter.journeys.models import Conversion, Journey, Run
from thereafter.journeys.queries import flow
from thereafter.journeys.rehearsing.doors import BadRehearsal, Wanted, rehearse
from thereafter.journeys.rehearsing.telling import Rehearsal
from thereafter.journeys.tests.story import BEGIN, DOCUMENT, LATER, agree, catch_up, journey, live, story, work
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.models import Entry

pytestmark = pytest.mark.django_db
ALL = Wanted(first=date(2026, 3, 1), last=date(2026, 4, 30))
KEYS = {"journey", "from", "to", "entered", "held_out", "steps", "messages", "sent", "skipped"}
KEYS |= {"per_hour", "collisions", "ended", "seconds"}
SAY = {"trigger": {"event": "parcel.delivered"}, "steps": [{"id": "say", "kind": "send", "template": "delivered"}]}


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def _quiet(settings: Any) -> None:
    settings.MAIL_URL = "null:"


def edges(found: Rehearsal) -> Counter[tuple[str, str]]:
    return Counter((moved.step, moved.to) for play in found.plays for moved in play.moved)


def test_a_rehearsal_is_the_twin_of_the_live_run(store: Store) -> None:
    made = journey(store)
    live(store, story(90))
    found = rehearse(made, ALL, LATER)
    assert edges(found) == flow(made.version_id or 0).edges
    assert found.steps == queries_passed(made)
    ends = Counter(Run.objects.exclude(state="held").values_list("outcome", flat=True))
    assert found.ended == ends
    # Who is drawn for what hangs on the numbers the database gave; few leave by `stop_if`, at times none.
    assert {"finished", "goal", "order.refunded"} <= set(ends)
    assert found.held_out == Run.objects.filter(state="held").count() > 0
    sent = Counter(Message.objects.exclude(origin="").values_list("customer_id", "template", "created_at"))
    assert Counter((letter.play.customer_id, letter.template, letter.at) for letter in found.letters) == sent
    skipped = Message.objects.filter(state="skipped", reason="no_consent").exclude(origin="").count()
    assert found.skipped["no_consent"] == skipped > 0
    assert found.goals == Conversion.objects.values("run").distinct().count() > 0


def queries_passed(made: Journey) -> dict[str, int]:
    return flow(made.version_id or 0).passed


def test_a_rehearsal_writes_and_sends_nothing(store: Store) -> None:
    made = journey(store, {**DOCUMENT, "holdout": 0})
    Journey.objects.update(live=False)
    live(store, story(8))
    before = (Entry.objects.count(), Run.objects.count(), Message.objects.count())
    assert rehearse(made, ALL, LATER).letters
    assert (Entry.objects.count(), Run.objects.count(), Message.objects.count()) == before


def test_who_may_enter_again_is_let_in_again(store: Store) -> None:
    steps = [{"id": "rest", "kind": "wait", "days": 5}, {"id": "say", "kind": "send", "template": "delivered"}]
    for key, again in (("always", "always"), ("after", {"after_days": 8}), ("never", "never")):
        trigger = {"event": "survey.answered", "once_per": "customer"}
        journey(store, {"trigger": trigger, "entry": {"again": again}, "steps": steps}, key=key)
    order = None
    told = []
    for day in (0, 1, 4, 6, 7, 9, 12, 20):
        at = BEGIN + timedelta(days=day)
        catch_up(at)
        with clock.at(at):
            order = order or make_order(store, placed_at=at)
            ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
            record(SurveyAnswered(**ids, occurred_at=at, answer_id=day + 1, survey="x", score=3))
        work(at)
        told.append(at)
    catch_up(BEGIN + timedelta(days=60))
    for made in Journey.objects.select_related("store", "version"):
        found = rehearse(made, ALL, LATER)
        lived = list(Run.objects.filter(journey=made).order_by("started_at").values_list("started_at", flat=True))
        assert [play.started_at for play in found.plays] == lived, made.key
    assert Counter(Run.objects.values_list("journey__key", flat=True)) == {"always": 4, "after": 3, "never": 1}


def test_the_past_can_be_played_as_a_future(store: Store) -> None:
    made = journey(store)
    live(store, story(10))
    past = rehearse(made, ALL, LATER)
    future = rehearse(made, Wanted(first=ALL.first, last=ALL.last, beginning=date(2027, 1, 3)), LATER)
    shift = date(2027, 1, 3) - ALL.first
    assert Counter(play.outcome for play in future.plays) == Counter(play.outcome for play in past.plays)
    assert [play.started_at - shift for play in future.plays] == [play.started_at for play in past.plays]


def test_a_worker_that_looked_seldom_is_rehearsed_so(store: Store) -> None:
    made = journey(
        store, {"trigger": {"event": "parcel.delivered"}, "steps": [{"id": "rest", "kind": "wait", "hours": 5}]}
    )
    live(store, story(3))
    found = rehearse(made, Wanted(first=ALL.first, last=ALL.last, rhythm=timedelta(days=2)), LATER)
    first = Entry.objects.filter(name__in=["parcel.delivered", "order.placed"]).aggregate(at=Min("recorded_at"))["at"]
    ends = [play.ended_at for play in found.plays if play.outcome == "finished"]
    assert ends
    assert all(((ended or first) - first) % timedelta(days=2) == timedelta(0) for ended in ends)


def test_a_draft_that_is_not_sound_is_not_rehearsed(store: Store) -> None:
    made = journey(store)
    dance = {**DOCUMENT, "steps": [{"id": "a", "kind": "dance"}]}
    with pytest.raises(BadRehearsal, match="no kind of step"):
        rehearse(made, Wanted(first=ALL.first, last=ALL.last, document=dance), LATER)
    with pytest.raises(BadRehearsal, match="first day"):
        rehearse(made, Wanted(first=ALL.last, last=ALL.first), LATER)


def test_caps_count_over_this_and_other_messages(store: Store) -> None:
    """Three offers in two days: the contact rules let two go and hold the third until it is of no use."""
    offers = [{"id": f"offer{n}", "kind": "send", "template": "win_back"} for n in range(3)]
    pauses = [{"id": f"rest{n}", "kind": "wait", "hours": 7} for n in range(3)]
    steps = [step for pair in zip(offers, pauses, strict=True) for step in pair]
    made = journey(store, {"trigger": {"event": "parcel.delivered"}, "steps": steps})
    with clock.at(BEGIN):
        order = make_order(store, placed_at=BEGIN)
        agree(order.customer, BEGIN)
        ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
        record(ParcelDelivered(**ids, occurred_at=BEGIN, parcel_id=1, carrier="dhl"))
    work(BEGIN)
    catch_up(BEGIN + timedelta(days=30))
    found = rehearse(made, ALL, LATER)
    assert found.held["frequency_cap"] == 1
    lived = Message.objects.exclude(origin="").order_by("created_at").values_list("admitted_at", flat=True)
    assert [letter.sent_at for letter in found.letters] == list(lived)


def command(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command("rehearse", *words, stdout=out, stderr=StringIO())
    told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return told


def test_the_command_ends_with_one_line_of_figures(store: Store, tmp_path: Any) -> None:
    journey(store)
    live(store, story(9))
    told = command("story", "--from", "2026-03-01", "--to", "2026-04-30", "--json")
    assert set(told) >= KEYS
    assert told["entered"] == Run.objects.exclude(state="held").count()
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"document": SAY}))
    told = command("story", "--from", "2026-03-01", "--to", "2026-04-30", "--json", "--document", str(other))
    assert told["messages"] == {"delivered": told["entered"]}
    with pytest.raises(CommandError, match="no journey"):
        command("nothing", "--from", "2026-03-01", "--to", "2026-03-02")
    make_store("other")
    journey(Store.objects.get(slug="other"))
    with pytest.raises(CommandError, match="--store"):
        command("story", "--from", "2026-03-01", "--to", "2026-03-02")
