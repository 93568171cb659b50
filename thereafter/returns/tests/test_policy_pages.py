"""The policy in the console: read in sentences, edited by forms, tried, and published."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.documents import Line, Shipped
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns import store_policies
from thereafter.returns.actions import policies
from thereafter.returns.console import policy_fees
from thereafter.returns.console.policy_amounts import as_text, read
from thereafter.returns.console.policy_forms import PolicyForm
from thereafter.returns.console.policy_order import by_strength, stronger, weaker
from thereafter.returns.console.policy_summary import changes, parts, rules
from thereafter.returns.models import PolicyVersion
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.rules.policy.policies import check, compile_policy
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)
PLACED = datetime(2026, 8, 20, 9, tzinfo=UTC)
SHOES = Line(external_id="shoes", title="Trail Runner", quantity=2, unit_price="80.00", product_id="shoe")


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def console(store: Store) -> Client:
    return signed_in(make_staff(store))


def at(store: Store, page: str = "") -> str:
    return f"/console/{store.slug}/returns/policy/{page}"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def entered(document: Any, **changed: Any) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    form = PolicyForm(document)
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (sent | changed).items() if value not in (None, False, "")}


def drafted(store: Store) -> dict[str, Any]:
    found = store_policies.draft(store)
    assert found is not None
    return dict(found.document)


# ------------------------------------------------------------------- the form


@pytest.mark.parametrize("key", ready_policies.KEYS)
def test_a_form_that_nobody_touched_changes_nothing_that_matters(key: str) -> None:
    document = ready_policies.document(key, "EUR")
    form = PolicyForm(document, entered(document))
    assert form.is_valid(), form.errors
    before, after = compile_policy(document), compile_policy(form.filled())
    assert changes(before, after) == []
    assert (before.window, before.claims, before.holidays) == (after.window, after.claims, after.holidays)
    assert (before.returnless, before.fixed) == (after.returnless, after.fixed)


def test_a_season_needs_all_of_its_days() -> None:
    document = ready_policies.document("classic_30", "EUR")
    form = PolicyForm(document, entered(document, holiday_1_from="2026-11-01"))
    assert not form.is_valid()
    assert set(form.errors) == {"holiday_1_to", "holiday_1_until"}


def test_problems_of_the_document_stand_beside_their_field() -> None:
    document = ready_policies.document("classic_30", "EUR")
    season = {"holiday_0_from": "2026-12-24", "holiday_0_to": "2026-11-01"}
    form = PolicyForm(document, entered(document, **season))
    assert form.is_valid()
    assert form.show(check(form.filled())) == []
    assert set(form.errors) == {"holiday_0_until"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("4.95", "4.95"),
        ("4,95", "4.95"),
        ("EUR 4.95", "4.95"),
        ("4.95 EUR, 5.95 USD", {"EUR": "4.95", "USD": "5.95"}),
        ("USD 5.95; JPY 500", {"USD": "5.95", "JPY": "500"}),
    ],
)
def test_amounts_are_written_alone_or_by_currency(said: str, meant: Any) -> None:
    assert read(said, "EUR") == meant
    assert read(as_text(meant), "EUR") == meant


@pytest.mark.parametrize("said", ["", "free", "-1", "4.955", "1.50 JPY", "1 XYZ", "4.95 5.95"])
def test_what_is_no_amount_is_said_in_a_sentence(said: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read(said, "EUR")


@pytest.mark.parametrize("key", policy_fees.PRESETS)
def test_presets_are_read_back_as_they_were_put(key: str) -> None:
    values = policy_fees.PRESETS[key][2]
    document = policy_fees.put(ready_policies.document("classic_30", "EUR"), values)
    assert check(document) == []
    assert policy_fees.read(document) == values
    assert policy_fees.put(document, values) == document


def test_a_rule_with_a_condition_is_none_of_the_usual_fees() -> None:
    rule = {"name": "A", "if": "order.total > 50", "then": [{"do": "fee", "flat": "1.00"}]}
    assert not policy_fees.is_usual(rule)
    assert not policy_fees.is_usual({"name": "B", "then": [{"do": "fee", "flat": "1.00", "methods": ["label"]}]})


def test_a_rule_goes_before_the_next_stronger_one_and_takes_its_priority() -> None:
    some: list[dict[str, Any]] = [{"name": "A"}, {"name": "B", "priority": 5}, {"name": "C"}]
    assert by_strength(some) == [1, 0, 2]
    up = stronger(some, 0, [0, 1, 2])
    assert [up[place]["name"] for place in by_strength(up)] == ["A", "B", "C"]
    down = weaker(up, 0, [0, 1, 2])
    assert [down[place]["name"] for place in by_strength(down)] == ["B", "A", "C"]
    assert [one["name"] for one in weaker(some, 2, [0, 1, 2])] == ["A", "B", "C"]


# ------------------------------------------------------------------ in sentences


def test_every_ready_policy_is_told_without_codes() -> None:
    for key in ready_policies.KEYS:
        policy = compile_policy(ready_policies.document(key, "EUR"))
        told = " ".join(
            [*(one for part in parts(policy) for one in part.sentences), *(r.sentence for r in rules(policy))]
        )
        assert "_" not in told, told
        assert "line." not in told
        assert "==" not in told


def test_what_is_different_is_told_rule_by_rule() -> None:
    old = compile_policy(ready_policies.document("classic_30", "EUR"))
    new = compile_policy(ready_policies.document("exchange_first_45", "EUR"))
    told = changes(old, new)
    assert told[0].text.startswith("Goods may come back for 45 days")
    assert told[0].before.startswith("Goods may come back for 30 days")
    assert any(one.kind == "added" and "Deep sale is exchanged" in one.text for one in told)
    assert changes(old, old) == []


# -------------------------------------------------------------------- the pages


def test_the_page_says_what_holds(store: Store, console: Client) -> None:
    shown = text(console.get(at(store)))
    assert "Goods may come back for 30 days after the day it came" in shown
    assert "This policy came with Thereafter" in shown
    assert "Gift cards" in shown


def test_an_owner_edits_sees_what_changes_and_publishes(store: Store, console: Client) -> None:
    document = store_policies.current_document(store)
    sent = entered(document, days=45, refund_postage="6.50", review="1")
    assert console.post(at(store, "edit/"), sent).headers["Location"] == at(store, "publish/")
    assert store_policies.current(store)[1].window.days == 30
    shown = text(console.get(at(store, "publish/")))
    assert "for 45 days" in shown
    assert "€6.50" in shown
    console.post(at(store, "publish/"), {"note": "Longer now"})
    assert store_policies.current(store)[1].window.days == 45
    assert "Longer now" in text(console.get(at(store, "versions/")))
    console.post(at(store, "edit/"), entered(document))
    console.post(at(store, "publish/"))
    console.post(at(store, "versions/back/"), {"number": "1"})
    assert store_policies.current(store)[1].window.days == 45


def test_what_was_entered_wrongly_is_shown_beside_its_field_and_nothing_is_kept(store: Store, console: Client) -> None:
    sent = entered(store_policies.current_document(store), days="many", refund_postage="cheap")
    shown = text(console.post(at(store, "edit/"), sent))
    assert 'id="id_days_error"' in shown
    assert 'id="id_refund_postage_error"' in shown
    assert store_policies.draft(store) is None


def test_a_preset_fills_the_table_and_keeps_what_else_was_entered(store: Store, console: Client) -> None:
    sent = entered(store_policies.current_document(store), days=50, preset="steer")
    console.post(at(store, "edit/"), sent)
    assert drafted(store)["window"]["days"] == 50
    assert policy_fees.read(drafted(store)) == policy_fees.PRESETS["steer"][2]


def a_rule(**more: Any) -> dict[str, Any]:
    """What the page of a rule sends: sale goods are exchanged for a fee."""
    return {
        "name": "Sale", "priority": "20", "if.mode": "rows", "if.join": "all", "if.0.field": "line.discount_percent",
        "if.0.for": "line.discount_percent", "if.0.operator": "ge", "if.0.value": "50", "then.0.do": "outcomes",
        "then.0.remove": ["refund", "keep"], "then.1.do": "fee", "then.1.flat": "3,50", "then.1.for": "postage",
        **more,
    }  # fmt: skip


def test_a_rule_is_made_by_rows_and_small_forms(store: Store, console: Client) -> None:
    assert console.post(at(store, "rule/"), a_rule()).headers["Location"] == at(store, "edit/#rules")
    made = drafted(store)["rules"][-1]
    assert made == {
        "name": "Sale", "priority": 20, "if": "line.discount_percent >= 50",
        "then": [{"do": "outcomes", "remove": ["refund", "keep"]}, {"do": "fee", "flat": "3.50", "for": "postage"}],
    }  # fmt: skip
    place = len(drafted(store)["rules"]) - 1
    shown = text(console.get(at(store, "rule/"), {"at": place}))
    assert 'value="3.50"' in shown
    assert "Discount of the item in percent" in shown


def test_buttons_of_a_rule_show_the_form_again_and_keep_nothing(store: Store, console: Client) -> None:
    added = text(console.post(at(store, "rule/"), a_rule(add="1", add_action="reject")))
    assert 'name="then.2.why"' in added
    dropped = text(console.post(at(store, "rule/"), a_rule(drop_action="0")))
    assert 'name="then.0.flat"' in dropped
    assert "then.1.do" not in dropped
    row = text(console.post(at(store, "rule/"), a_rule(**{"if.do": "add"})))
    assert 'name="if.1.field"' in row
    assert store_policies.draft(store) is None


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": ""}, "rule-name-error"),
        ({"priority": "high"}, "rule-priority-error"),
        ({"then.1.flat": "cheap"}, "then-1-flat-more"),
        ({"then.1.flat": ""}, "then-1-flat-more"),
        ({"then.0.do": "", "then.1.do": ""}, "then-error"),
        ({"if.0.value": "much"}, "if-0-error"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_at_its_place(
    store: Store, console: Client, wrong: dict[str, str], place: str
) -> None:
    shown = text(console.post(at(store, "rule/"), a_rule(**wrong)))
    assert f'id="{place}"' in shown
    assert store_policies.draft(store) is None


def test_rules_are_moved_turned_off_copied_and_deleted(store: Store, console: Client) -> None:
    names = [rule["name"] for rule in store_policies.current_document(store)["rules"]]
    change = at(store, "rule/change/")
    console.post(change, {"at": names.index("High risk"), "do": "switch"})
    assert drafted(store)["rules"][names.index("High risk")]["off"] is True
    console.post(change, {"at": names.index("High risk"), "do": "copy"})
    assert "High risk (2)" in [rule["name"] for rule in drafted(store)["rules"]]
    console.post(change, {"at": 0, "do": "drop"})
    assert names[0] not in [rule["name"] for rule in drafted(store)["rules"]]
    strongest = by_strength(drafted(store)["rules"])
    console.post(change, {"at": strongest[1], "do": "up"})
    assert check(drafted(store)) == []
    assert console.post(change, {"at": 999, "do": "up"}).status_code == 404


def test_the_text_is_kept_only_when_it_is_sound(store: Store, console: Client) -> None:
    page = at(store, "text/")
    assert "this is no JSON" in text(console.post(page, {"document": "{"}))
    bad = json.dumps({"name": "X", "window": {"days": 3}, "rules": [{"name": "R", "then": [{"do": "dance"}]}]})
    assert "Rule “R”: There is no action" in text(console.post(page, {"document": bad}))
    assert store_policies.draft(store) is None
    console.post(page, {"document": json.dumps({"name": "X", "window": {"days": 3}})})
    assert drafted(store)["name"] == "X"


def test_one_begins_with_a_ready_policy_and_throws_the_draft_away(store: Store, console: Client) -> None:
    console.post(at(store, "start/"), {"key": "generous_60"})
    assert drafted(store)["window"]["days"] == 60
    console.post(at(store, "discard/"))
    assert store_policies.draft(store) is None


def test_a_draft_that_went_bad_says_so_and_breaks_no_page(store: Store, console: Client) -> None:
    bad = {"name": "Bad", "window": 3, "rules": [{"name": "R", "then": "x"}], "holidays": "no", "release": 1}
    policies.save_draft(store, bad, by=make_staff(store, "support"), now=NOW)
    assert "This draft has problems" in text(console.get(at(store, "edit/")))
    assert "It cannot be published yet" in text(console.get(at(store, "publish/")))
    assert "The draft has problems" in text(console.get(at(store, "replay/")))
    console.post(at(store, "publish/"))
    assert not PolicyVersion.objects.of(store).published().exists()
    for page in ("", "fees/", "text/", "rule/", "versions/"):
        assert console.get(at(store, page)).status_code == 200


@pytest.mark.parametrize("role", ["marketer", "analyst", "warehouse"])
def test_others_read_but_do_not_edit(store: Store, role: str) -> None:
    reader = signed_in(make_staff(store, role))
    assert "Edit" not in text(reader.get(at(store))).split("<main")[1].split("<h2")[0]
    assert reader.get(at(store, "edit/")).status_code == 403
    assert reader.post(at(store, "publish/")).status_code == 403
    assert reader.get(at(store, "try/")).status_code == 200


# ------------------------------------------------------------------ what would happen


def an_order(store: Store, number: str = "1001", **fields: Any) -> Any:
    sent = Shipped(external_id=f"F{number}", shipped_at=PLACED, tracking_number=f"N{number}")
    given: dict[str, Any] = {"placed_at": PLACED, "lines": [SHOES], "fulfilments": [sent]}
    return make_order(store, number=number, **(given | fields))


def test_an_order_is_tried_with_amounts_and_reasons(store: Store, console: Client) -> None:
    an_order(store)
    asked = {"order": "1001", "quantity.shoes": "1", "reason.shoes": "size_small", "day": "2026-10-20"}
    with clock.at(NOW):
        assert "Trail Runner" in text(console.get(at(store, "try/"), {"order": "1001"}))
        late = text(console.get(at(store, "try/"), asked))
        soon = text(console.get(at(store, "try/"), asked | {"day": "2026-09-20"}))
    assert "Cannot come back" in late
    assert "It could come back until" in late
    assert "Right of withdrawal" in soon
    assert "€80.00" in soon
    assert "−€4.95" in soon or "-€4.95" in soon


def test_the_draft_is_tried_before_anybody_sees_it(store: Store, console: Client) -> None:
    an_order(store)
    long = {"name": "Long", "window": {"days": 90}}
    policies.save_draft(store, long, by=make_staff(store, "support"), now=NOW)
    asked = {"order": "1001", "quantity.shoes": "2", "reason.shoes": "size_small", "day": "2026-11-10"}
    assert "Cannot come back" in text(console.get(at(store, "try/"), asked))
    assert "Can come back" in text(console.get(at(store, "try/"), asked | {"policy": "draft"}))


def test_a_number_nobody_knows_is_no_dead_end(store: Store, console: Client) -> None:
    an_order(store)
    shown = text(console.get(at(store, "try/"), {"order": "9999"}))
    assert "No order is called 9999" in shown
    assert "?order=1001" in shown
