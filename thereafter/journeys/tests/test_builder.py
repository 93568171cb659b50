"""The builder's pages, as they work without scripts, and what they answer to htmx."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.journeys.actions import drafting, publishing
from thereafter.journeys.models import DraftEdit, Journey
from thereafter.kit import clock
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store, "marketer")


@pytest.fixture
def store() -> Store:
    store = make_store()
    publishing.install_recipes(store, NOW)
    return store


@pytest.fixture(autouse=True)
def signed_in(client: Client, staff: Staff) -> None:
    client.force_login(staff)


def get(client: Client, room: str = "edit/", key: str = "after_delivery", **more: Any) -> str:
    answer = client.get(f"/console/stride/journeys/{key}/{room}", more)
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, act: str, **data: Any) -> str:
    """What the page says afterwards, without scripts; `key` is the journey's, `now` when it is done."""
    key, now = data.pop("key", "after_delivery"), data.pop("now", NOW)
    with clock.at(now):
        answer = client.post(f"/console/stride/journeys/{key}/edit/do/", {"act": act, **data}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def draft(key: str = "after_delivery") -> Any:
    return Journey.objects.get(key=key).draft


def ids(key: str = "after_delivery") -> list[str]:
    return [step["id"] for step in draft(key)["steps"]]


def step(name: str, key: str = "after_delivery") -> dict[str, Any]:
    return next(one for one in draft(key)["steps"] if one["id"] == name)


def test_the_picture_has_a_link_for_each_step_and_a_plus_for_each_place(client: Client) -> None:
    shown = get(client)
    for name in ("trigger", "try_it", "ask", "enjoy_it", "invite", "a_week", "goes_well"):
        assert f'id="n-{name}"' in shown
    assert shown.count('class="plus"') == 7
    assert 'aria-label="Add a step after “Ask: Satisfaction”"' in shown


def test_the_menu_has_every_kind_of_step_by_shelf(client: Client) -> None:
    shown = get(client, at="ask", way="next")
    for shelf in ("Wait", "Choose", "Message", "Reward", "Customer", "Do"):
        assert f"<h3>{shelf}</h3>" in shown
    assert 'name="kind" value="wait_for"' in shown


def test_a_step_is_put_in_opened_and_set(client: Client) -> None:
    shown = do(client, "insert", at="ask", way="next", kind="wait")
    assert ids() == ["try_it", "ask", "wait", "enjoy_it", "invite", "a_week", "goes_well"]
    assert 'data-shows="wait"' in shown
    do(client, "set", step="wait", days="2", at="09:30", weekdays=["mon", "fri"])
    assert step("wait") == {"id": "wait", "kind": "wait", "days": 2, "weekdays": ["mon", "fri"], "at": "09:30"}


def test_htmx_gets_the_picture_the_bar_and_the_panel_and_no_page(client: Client) -> None:
    answer = client.post(
        "/console/stride/journeys/after_delivery/edit/do/", {"act": "insert", "at": "ask", "kind": "wait"}, headers=HTMX
    )
    body = answer.content.decode()
    assert "<html" not in body
    assert 'id="bar" hx-swap-oob="true"' in body
    assert 'data-shows="wait"' in body
    assert json.loads(answer.headers["HX-Trigger-After-Settle"]) == {"builder:done": {"focus": "wait"}}


def test_setting_a_field_does_not_take_the_form_from_under_the_hands(client: Client) -> None:
    answer = client.post(
        "/console/stride/journeys/after_delivery/edit/do/", {"act": "set", "step": "try_it", "days": "9"}, headers=HTMX
    )
    body = answer.content.decode()
    assert "Wait 9 days" in body
    assert 'name="days"' not in body
    assert 'id="panel-wrong" hx-swap-oob="innerHTML"' in body


def test_the_panel_alone_is_for_htmx_and_a_page_for_others(client: Client) -> None:
    address = "/console/stride/journeys/after_delivery/edit/panel/?step=ask"
    assert "<html" not in client.get(address, headers=HTMX).content.decode()
    assert client.get(address).headers["Location"].endswith("/edit/?step=ask")


def test_what_is_wrong_stands_on_the_step_in_the_panel_and_in_the_list(client: Client) -> None:
    do(client, "set", step="invite", template="")
    shown = get(client, step="invite")
    assert shown.count("“Message” is missing.") >= 2
    assert "1 to mend" in shown
    assert "?step=invite#panel" in get(client, open="overview")


def test_what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing(client: Client) -> None:
    assert "somebody removed it" in do(client, "remove", step="gone")
    assert "does not know how" in do(client, "explode")
    assert draft() is None


def test_undo_and_redo_walk_through_what_was_done(client: Client) -> None:
    do(client, "remove", step="ask")
    do(client, "up", step="invite")
    assert "Taken back: Moved" in do(client, "undo")
    do(client, "undo")
    assert ids() == ["try_it", "ask", "enjoy_it", "invite", "a_week", "goes_well"]
    assert "There is nothing to undo" in do(client, "undo")
    do(client, "redo")
    do(client, "redo")
    assert ids() == ["try_it", "invite", "enjoy_it", "a_week", "goes_well"]
    assert "What was done" in get(client, open="history")


def test_typing_is_one_change_and_another_field_of_work_another(client: Client) -> None:
    for place, days in enumerate(("1", "12", "123")):
        do(client, "set", step="try_it", days=days, now=NOW + timedelta(seconds=place))
    do(client, "set", step="enjoy_it", days="8")
    assert DraftEdit.objects.count() == 2
    do(client, "undo")
    do(client, "undo")
    assert step("try_it")["days"] == 3


def test_a_change_after_undoing_leaves_nothing_to_redo(client: Client) -> None:
    do(client, "remove", step="ask")
    do(client, "undo")
    do(client, "remove", step="invite")
    assert "There is nothing to redo" in do(client, "redo")


def test_two_people_change_different_steps_without_losing_anything(client: Client, store: Store) -> None:
    do(client, "set", step="try_it", days="1")
    client.force_login(make_staff(store, "owner"))
    do(client, "set", step="enjoy_it", days="2")
    assert (step("try_it")["days"], step("enjoy_it")["days"]) == (1, 2)
    assert DraftEdit.objects.values("by").distinct().count() == 2


def test_a_condition_is_made_by_rows_and_half_a_row_changes_nothing(client: Client) -> None:
    do(client, "insert", at="try_it", way="next", kind="branch")
    row: dict[str, Any] = {"if.mode": "rows", "if.join": "all", "if.0.field": "order.total", "if.0.for": "order.total"}
    do(client, "set", step="branch", **row | {"if.0.operator": "at_least", "if.0.value": "100"})
    assert step("branch")["if"] == "order.total >= 100"
    do(client, "set", step="branch", **row | {"if.0.operator": "at_least", "if.0.value": ""})
    assert step("branch")["if"] == "order.total >= 100"


def test_without_scripts_a_button_of_a_condition_shows_the_form_again_with_another_row(client: Client) -> None:
    do(client, "insert", at="try_it", way="next", kind="branch")
    shown = do(client, "set", step="branch", **{"if.mode": "rows", "if.join": "all", "if.do": "add"})
    assert 'name="if.0.field"' in shown
    assert "if" not in step("branch")


def test_a_branch_gets_more_ways_and_loses_them(client: Client) -> None:
    do(client, "insert", at="try_it", way="next", kind="branch")
    do(client, "add_way", step="branch")
    shown = do(client, "add_way", step="branch")
    assert len(step("branch")["ways"]) == 3
    assert "Remove way 3" in shown
    do(client, "remove_way", step="branch", place="1")
    assert [way["to"] for way in step("branch")["ways"]] == ["ask", "ask"]


def test_the_ways_of_a_split_have_names_and_shares(client: Client) -> None:
    do(client, "insert", at="try_it", way="next", kind="split")
    given = {"ways.0.name": "short", "ways.0.weight": "30", "ways.1.name": "long", "ways.1.weight": "0"}
    do(client, "set", step="split", **given)
    assert [(way["name"], way["weight"]) for way in step("split")["ways"]] == [("short", 30), ("long", 0)]


def test_removing_a_fork_asks_which_way_stays(client: Client) -> None:
    shown = get(client, key="delivered", remove="was_late")
    assert "Keep the way “Yes”" in shown
    assert "Send “Delivered late”" in shown
    assert "Say which of its ways should stay" in do(client, "remove", key="delivered", step="was_late")
    do(client, "remove", key="delivered", step="was_late", keep="then")
    assert ids("delivered") == ["sorry"]


@pytest.mark.parametrize(
    ("data", "trigger"),
    [
        ({"trigger.kind": "event", "trigger.event": "order.placed"}, {"event": "order.placed"}),
        ({"trigger.kind": "segment", "trigger.segment": "vip"}, {"segment": "vip"}),
        (
            {"trigger.kind": "date", "trigger.date": "trait.birthday", "trigger.days": "-3", "trigger.yearly": "1"},
            {"date": "trait.birthday", "days": -3, "yearly": True},
        ),
        ({"trigger.kind": "reorder"}, {"reorder": True}),
        ({"trigger.kind": "api"}, {"api": True}),
    ],
)
def test_the_five_kinds_of_trigger(client: Client, data: dict[str, str], trigger: dict[str, Any]) -> None:
    do(client, "trigger", **data)
    assert draft()["trigger"] == trigger


def test_who_may_come_again_is_chosen(client: Client) -> None:
    start = {"trigger.kind": "event", "trigger.event": "order.placed"}
    do(client, "trigger", **start, **{"entry.again": "after_days", "entry.after_days": "90"})
    assert draft()["entry"] == {"again": {"after_days": 90}}
    do(client, "trigger", **start)
    assert "entry" not in draft()


def test_the_settings_of_the_whole_journey(client: Client) -> None:
    data = {
        "name": "Afterwards",
        "about": "Ask and thank",
        "goal.event": "order.placed",
        "goal.within_days": "14",
        "holdout": "10",
        "stops_on": ["order.cancelled", "order.refunded"],
        "late.do": "shift",
    }
    do(client, "settings", **data)
    kept = draft()
    assert Journey.objects.get(key="after_delivery").name == "Afterwards"
    assert kept["goal"] == {"event": "order.placed", "within_days": 14}
    assert (kept["holdout"], kept["late"], kept["about"]) == (10, {"do": "shift"}, "Ask and thank")
    assert kept["stops_on"] == ["order.cancelled", "order.refunded"]


def test_publishing_shows_what_changes_and_puts_it_in_force(client: Client) -> None:
    do(client, "set", step="try_it", days="5", at="10:00")
    do(client, "insert", at="ask", way="next", kind="send")
    do(client, "set", step="send", template="loyalty_invite")
    do(client, "remove", step="goes_well")
    shown = get(client, "publish/")
    for text in ("Days: 3 → 5", "Added:", "Removed:", "Send “Goes well with”"):
        assert text in shown
    client.post("/console/stride/journeys/after_delivery/publish/", {"confirm": "1", "people": "keep"})
    journey = Journey.objects.get(key="after_delivery")
    assert journey.version is not None
    assert (journey.version.number, journey.draft) == (2, None)


def test_what_is_unsound_cannot_be_published_and_the_page_leads_to_it(client: Client) -> None:
    do(client, "insert", at="ask", way="next", kind="send")
    assert "?step=send#panel" in get(client, "publish/")
    answer = client.post("/console/stride/journeys/after_delivery/publish/", {"confirm": "1"}, follow=True)
    assert "Not published" in answer.content.decode()
    assert Journey.objects.get(key="after_delivery").version.number == 1  # type: ignore[union-attr]  # published


def test_an_old_version_is_looked_at_and_used_again(client: Client) -> None:
    do(client, "remove", step="ask")
    client.post("/console/stride/journeys/after_delivery/publish/", {"confirm": "1"})
    assert "Ask: Satisfaction" in get(client, "versions/", number="1")
    client.post("/console/stride/journeys/after_delivery/versions/use/", {"number": "1"})
    assert "ask" in ids()
    assert client.post("/console/stride/journeys/after_delivery/versions/use/", {"number": "9"}).status_code == 404


def test_the_text_reads_back_as_the_same_document(client: Client) -> None:
    journey = Journey.objects.get(key="delivered")
    assert journey.version is not None
    shown = client.get("/console/stride/journeys/delivered/text/").context
    text = get(client, "text/", key="delivered")
    assert shown is None
    assert "&#34;was_late&#34;" in text or '"was_late"' in text
    client.post("/console/stride/journeys/delivered/text/", {"text": json.dumps(journey.version.document)})
    assert draft("delivered") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"trigger": {}, "steps": [\n}', "This is no JSON"),
        ('{"trigger": {"event": "order.placed"}}', "`steps` must be a list"),
        ('{"trigger": {}, "steps": [{"id": "a", "kind": "x"}, {"id": "a", "kind": "x"}]}', "Two steps have the id"),
        # What Python reads as JSON and no database keeps.
        ('{"trigger": {}, "steps": [], "holdout": Infinity}', "This cannot be kept"),
        ('{"trigger": {}, "steps": [], "holdout": 1e999}', "This cannot be kept"),
        ('{"trigger": {}, "steps": [], "name": "\\ud800"}', "This cannot be kept"),
        ('{"trigger": {}, "steps": [], "name": "\\u0000"}', "NUL"),
        (f'{{"trigger": {{}}, "steps": [], "holdout": {"9" * 5000}}}', ""),
        # What no page could show, so that nobody could mend it.
        ('{"trigger": {"event": ["x"]}, "steps": []}', "trigger: `event` must be a text"),
        ('{"trigger": {}, "goal": 5, "steps": []}', "`goal` must be an object"),
        ('{"trigger": {}, "steps": [{"id": "a", "kind": "wait_for", "event": ["x"]}]}', "`event` must be a text"),
        ('{"trigger": {}, "steps": [{"id": "a", "kind": "wait", "days": "x"}]}', "`days` must be a number"),
        ('{"trigger": {}, "steps": [{"id": "a", "kind": "split", "ways": [{"weight": "x"}]}]}', "must be a number"),
    ],
)
def test_a_text_that_cannot_be_drawn_is_not_kept_and_says_why(client: Client, text: str, says: str) -> None:
    answer = client.post("/console/stride/journeys/delivered/text/", {"text": text})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert draft("delivered") is None


def test_mistakes_in_the_text_stand_at_their_lines(client: Client) -> None:
    text = '{\n"trigger": {"event": "nothing"},\n"steps": [\n{"id": "a", "kind": "wait",\n"at": "25:00"}\n]}'
    client.post("/console/stride/journeys/delivered/text/", {"text": text})
    lines = get(client, "text/", key="delivered").split("<li")
    assert any('"wait"' in line.replace("&#34;", '"') and "HH:MM" in line for line in lines)
    assert any("nothing" in line and "There is no event" in line for line in lines)


def test_a_step_of_a_room_that_is_gone_can_be_seen_and_removed(client: Client, store: Store, staff: Staff) -> None:
    document = {
        "trigger": {"event": "order.placed"},
        "steps": [{"id": "odd", "kind": "nowhere"}, {"id": "a", "kind": "wait", "days": 1}],
    }
    drafting.create(store, "Odd", document, by=staff, now=NOW)
    assert "which is not installed" in get(client, key="odd", step="odd")
    do(client, "remove", key="odd", step="odd")
    assert ids("odd") == ["a"]


def test_what_is_too_large_to_draw_is_edited_as_text(client: Client, store: Store, staff: Staff) -> None:
    rows = [{"id": f"b{at}", "kind": "branch", "if": "true", "then": f"b{at + 1}", "else": "end"} for at in range(90)]
    document = {"trigger": {"event": "order.placed"}, "steps": [*rows, {"id": "b90", "kind": "wait", "days": 1}]}
    drafting.create(store, "Deep", document, by=staff, now=NOW)
    assert "too large to be drawn" in get(client, key="deep")
    assert "Change it as text" in do(client, "remove", key="deep", step="b3")
