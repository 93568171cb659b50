"""How an owner sets up the programme: reading it, editing it by sections, trying, publishing, going back."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.tests.makers import PLACED, make_order, make_product
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.actions import programmes
from thereafter.loyalty.console import programme_edit
from thereafter.loyalty.console.programme_rules import RuleForm
from thereafter.loyalty.models import Backfill, ProgrammeVersion
from thereafter.loyalty.queries import previewing
from thereafter.loyalty.queries.programmes import programme_now, row_of
from thereafter.loyalty.rules.programme import read
from thereafter.loyalty.rules.wording import SECTIONS
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=2)


@pytest.fixture
def store() -> Store:
    return make_store(time_zone="Europe/Berlin")


@pytest.fixture
def owner(store: Store) -> Client:
    return signed_in(make_staff(store))


def address(store: Store, page: str, **query: Any) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"loyalty_console:{page}", args=[store.slug]) + (f"?{asked}" if asked else "")


def seen(client: Client, url: str) -> str:
    """The page as a reader has it: no tags, one space between words."""
    page = client.get(url)
    assert page.status_code == 200, page
    return words(page.content.decode())


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<script.*?</script>", "", page))).split())


def sent(client: Client, url: str, **fields: Any) -> str:
    """What the page says after a form was sent, wherever it leads."""
    page = client.post(url, fields, follow=True)
    assert page.status_code == 200, page
    return words(page.content.decode())


def draft(store: Store) -> dict[str, Any]:
    row = row_of(store.pk)
    assert row is not None
    assert row.draft is not None
    return dict(row.draft)


def publish(store: Store, document: dict[str, Any]) -> None:
    programmes.publish(store, document, by=None, now=PLACED - timedelta(days=30))


def test_who_has_published_nothing_sees_what_holds_and_where_to_begin(store: Store, owner: Client) -> None:
    page = seen(owner, address(store, "programme"))
    assert "1 point for every €1 spent on goods" in page
    assert "Answered survey: 25 points." in page
    assert "Begin with a ready programme" in page


def test_a_ready_programme_is_one_press_away_and_holds_once_published(store: Store, owner: Client) -> None:
    page = sent(owner, address(store, "programme_start"), key="tiers")
    assert "Gold, from €750" in page
    assert programme_now(store.pk).number == 0
    sent(owner, address(store, "programme_publish"), note="We begin")
    assert [tier.name for tier in programme_now(store.pk).programme.tiers] == ["Bronze", "Silver", "Gold"]
    page = seen(owner, address(store, "programme"))
    assert "Version 1" in page
    assert "We begin" in page
    assert Audit.objects.filter(verb="loyalty.publish").count() == 1


@pytest.mark.parametrize("part", SECTIONS)
def test_a_section_that_is_saved_as_it_is_changes_nothing(store: Store, owner: Client, part: str) -> None:
    """For the fullest of the ready programmes, whatever a form knows and does not know."""
    programmes.publish(store, FULL, by=None, now=PLACED)
    form = programme_edit.FORMS.get(part)
    if form is None:
        return
    begun = form(store, dict(ProgrammeVersion.objects.of(store).get().document))
    typed = {name: value for name, value in begun.initial.items() if value is not None and value is not False}
    page = sent(owner, address(store, "programme_edit", part=part), **typed)
    assert "Saved as a draft" in page
    assert "The draft says the same as what holds." in page
    assert read(draft(store), tz=store.time_zone) == programme_now(store.pk).programme


FULL: dict[str, Any] = {
    "name": "Trail Club",
    "points_name": {"en": ["acorn", "acorns"], "de": ["Eichel", "Eicheln"]},
    "rate": "0.3",
    "currencies": {"USD": "0.9"},
    "rounding": "half_up",
    "stacking": "additive",
    "pending_days": 14,
    "expiry": {"mode": "months", "n": 12, "warn_days": [40, 5]},
    "clawback": "within_balance",
    "clawback_basis": "by_line",
    "restore": "grace_30",
    "max_per_order": 500,
    "gift_cards_earn": True,
    "rules": [
        {
            "kind": "multiplier", "x": "2", "name": "Boots", "skus": ["FOX-42"], "from": "2026-05-01T00:00:00+02:00",
            "tiers": ["gold"], "weekdays": [0, 6], "priority": 3, "exclusive": True, "min_amount": "20",
        },
        {"kind": "fixed", "name": "Welcome", "points": 50, "first_order": True},
    ],
    "tiers": [{"name": "Gold", "key": "gold", "min": "500", "multiplier": "1.5", "benefits": {"free_returns": True}}],
    "tier": {"metric": "spend", "window": "rolling_365", "term": "days_200", "downgrade": "one_down"},
    "actions": {"survey": {"points": 25, "per_month": 4}, "app_opened": {"points": 2, "label": "Opened the app"}},
    "referral": {"points": 200, "friend_points": 100, "min_amount": "30", "most_per_member": 5, "on": "every_order"},
    "birthday": {"points": 100},
    "anniversary": {"points": 50},
    "milestones": [{"orders": 10, "points": 250, "name": "Tenth"}],
    "joining": "asked",
    "reach_back_days": 10,
    "holdout_percent": 5,
    "point_value": "0.005",
}  # fmt: skip


def test_the_rate_is_entered_as_points_for_an_amount(store: Store, owner: Client) -> None:
    url = address(store, "programme_edit", part="orders")
    typed = {"earn": "1", "per": "10", "rounding": "floor", "rounding_scope": "order"}
    assert "1 point for every €10" in sent(owner, url, **typed)
    assert draft(store)["rate"] == "0.1"
    assert "does not divide evenly" in sent(owner, url, **typed | {"per": "3"})
    assert draft(store)["rate"] == "0.1"


def test_a_problem_of_the_programme_is_shown_at_its_field(store: Store, owner: Client) -> None:
    url = address(store, "programme_edit", part="lifetime")
    page = owner.post(url, {"pending_days": "40", "mode": "days", "n": "30", "warn_days": "7"}).content.decode()
    error = re.search(r'id="id_n_error".*?</p>', page, re.S)
    assert error is not None
    assert "Points would end before they can be used" in error[0]
    assert row_of(store.pk) is None


def test_a_new_rule_is_entered_without_seeing_its_document(store: Store, owner: Client) -> None:
    url = address(store, "programme_rule")
    typed = {
        "kind": "multiplier", "name": "May", "x": "2", "starts_at": "2026-05-01T00:00", "ends_at": "2026-06-01T00:00",
        "weekdays": ["5"], "min_amount": "20", "priority": "1",
    }  # fmt: skip
    page = sent(owner, url, **typed)
    assert "Double points on all goods, from 1 May 2026 until 1 Jun 2026, on Saturdays, on orders from €20." in page
    (rule,) = draft(store)["rules"]
    assert datetime.fromisoformat(rule["from"]) == datetime.fromisoformat("2026-05-01T00:00:00+02:00")


def test_a_rule_keeps_what_it_says_when_it_is_saved_again(store: Store, owner: Client) -> None:
    make_order(store)  # brings the product whose SKU the form looks for
    document = {**FULL, "rules": [{**FULL["rules"][0], "skus": []}, FULL["rules"][1]]}
    publish(store, document)
    for at in (0, 1):
        url = address(store, "programme_rule", at=at)
        form = RuleForm(store, dict(ProgrammeVersion.objects.of(store).get().document), at)
        typed = {name: value for name, value in form.initial.items() if value not in (None, False)}
        sent(owner, url, **typed)
        assert read(draft(store), tz=store.time_zone) == programme_now(store.pk).programme


def test_goods_that_there_are_not_are_refused_by_name(store: Store, owner: Client) -> None:
    page = sent(owner, address(store, "programme_rule"), kind="product", name="Socks", points="5", goods="Moon socks")
    assert "No product is called “Moon socks”, and none has it as its SKU." in page
    assert row_of(store.pk) is None


def test_part_of_a_name_is_enough_where_it_means_one_product(store: Store, owner: Client) -> None:
    make_product(store, title="Trail Fox", external_id="77")
    make_product(store, title="Trail Socks", external_id="78")
    typed = {"kind": "product", "name": "Foxes", "points": "5"}
    page = sent(owner, address(store, "programme_rule"), **typed, goods="trail")
    assert "“trail” could be “Trail Fox” or “Trail Socks”: write the whole name." in page
    page = sent(owner, address(store, "programme_rule"), **typed, goods="fox")
    assert "Foxes: 5 points more for each piece of Trail Fox." in page


def test_a_form_is_not_applied_to_what_took_its_place(store: Store, owner: Client) -> None:
    publish(store, FULL)
    url = address(store, "programme_edit", part="bonuses")
    mark = re.findall(r'name="mark" value="(\w+)"', owner.get(url).content.decode())[0]
    change = address(store, "programme_change")
    sent(owner, change, what="rule", at="0", do="drop", mark=mark)
    page = sent(owner, change, what="rule", at="0", do="drop", mark=mark)
    assert "Somebody changed this list meanwhile, so nothing was done." in page
    assert [rule["name"] for rule in draft(store)["rules"]] == ["Welcome"]


def test_rules_are_copied_and_removed(store: Store, owner: Client) -> None:
    publish(store, FULL)
    change = address(store, "programme_change")
    assert "Welcome (copy)" in sent(owner, change, what="rule", at="1", do="copy")
    sent(owner, change, what="rule", at="0", do="drop")
    assert [rule["name"] for rule in draft(store)["rules"]] == ["Welcome", "Welcome (copy)"]


def test_a_tier_that_a_rule_names_cannot_go(store: Store, owner: Client) -> None:
    publish(store, FULL)
    page = sent(owner, address(store, "programme_change"), what="tier", at="0", do="drop")
    assert "It is still needed" in page
    assert row_of(store.pk).draft is None  # type: ignore[union-attr]  # publishing made the row


def test_a_tier_is_entered_with_its_benefits_and_keeps_its_key(store: Store, owner: Client) -> None:
    typed = {"name": "Silver", "min": "200", "multiplier": "1.25", "entry_points": "50", "free_returns": "on"}
    url = address(store, "programme_tier")
    assert "Silver, from €200: 1.25 times the points, 50 points on entry and free returns." in sent(owner, url, **typed)
    sent(owner, address(store, "programme_tier", at=0), **typed | {"name": "Argent", "others": "A card\nA hug"})
    (tier,) = draft(store)["tiers"]
    assert (tier["key"], tier["name"], tier["benefits"]["others"]) == ("silver", "Argent", ["A card", "A hug"])
    assert "Another tier begins there already." in sent(owner, url, **typed | {"name": "Other"})


def test_a_way_to_earn_is_added_switched_off_and_removed(store: Store, owner: Client) -> None:
    publish(store, {"rate": "1"})
    page = sent(
        owner,
        address(store, "programme_way", key="recycling"),
        is_on="on",
        points="150",
        per_month="4",
        pending_days="0",
    )
    assert "150 points, at most 4 times a month." in page
    sent(owner, address(store, "programme_change"), what="way", at="recycling", do="switch")
    assert draft(store)["actions"]["recycling"]["is_on"] is False
    sent(owner, address(store, "programme_change"), what="way", at="recycling", do="drop")
    assert "actions" not in draft(store)


def test_an_event_of_the_shop_s_own_has_a_name_in_languages(store: Store, owner: Client) -> None:
    url = address(store, "programme_way")
    typed = {"is_on": "on", "points": "5", "pending_days": "0", "label": "Opened the app", "name_de": "App geöffnet"}
    assert "Use small letters" in sent(owner, url, **typed | {"key": "App opened!"})
    sent(owner, url, **typed | {"key": "app_opened"})
    assert draft(store)["actions"]["app_opened"]["words"] == {"de": "App geöffnet"}
    assert "There is one of this name already." in sent(owner, url, **typed | {"key": "app_opened"})


def test_a_follow_is_marked_as_unverified(store: Store, owner: Client) -> None:
    assert "Follow on Instagram Unverified" in seen(owner, address(store, "programme_edit", part="ways"))
    assert "No network tells a shop who follows it" in seen(
        owner, address(store, "programme_way", key="social_instagram")
    )


def test_the_overview_says_what_is_not_published_yet(store: Store, owner: Client) -> None:
    publish(store, {"rate": "1"})
    programmes.save_draft(store, {"rate": "2"}, by=None, now=NOW)
    page = seen(owner, address(store, "programme"))
    assert "Unpublished changes" in page
    assert "2 points for every €1 spent on goods, after discounts and without shipping. Before: 1 point" in page
    assert "gone" in sent(owner, address(store, "programme_discard"))
    assert "Unpublished changes" not in seen(owner, address(store, "programme"))


def test_an_old_version_is_looked_at_and_becomes_the_draft(store: Store, owner: Client) -> None:
    publish(store, {"rate": "1"})
    programmes.publish(store, {"rate": "3"}, by=None, now=PLACED, note="Generous")
    page = seen(owner, address(store, "programme_versions"))
    assert "Version 2" in page
    assert "Generous" in page
    assert "Old" in seen(owner, address(store, "programme_versions", number=1))
    sent(owner, address(store, "programme_restore"), number="1")
    assert read(draft(store)).rate == 1
    assert programme_now(store.pk).number == 2


def test_a_preview_tells_what_past_orders_would_have_earned(store: Store, owner: Client) -> None:
    publish(store, {"rate": "1", "point_value": "0.01"})
    order = make_order(store, number="1001")
    programmes.save_draft(store, {"rate": "2", "point_value": "0.01"}, by=None, now=NOW)
    with clock.at(NOW):
        page = seen(owner, address(store, "programme_preview"))
    found = previewing.preview(store, read({"rate": "2"}), NOW)
    assert (found.orders, found.then_points, found.now_points) == (1, 179, 89)
    assert "1 order of the last 90 days would have earned 179 points instead of 89: 90 more" in page
    assert f"Order {order.number}" in page


def test_a_preview_tells_who_would_have_which_tier(store: Store, owner: Client) -> None:
    publish(store, {"rate": "1"})
    make_order(store)
    run_until_idle()
    tiers = [{"name": "Bronze", "min": "0"}, {"name": "Silver", "min": "50", "multiplier": "2"}]
    programmes.save_draft(store, {"rate": "1", "tiers": tiers}, by=None, now=NOW)
    with clock.at(NOW):
        page = seen(owner, address(store, "programme_preview"))
    assert "Bronze 0 now 0 with the draft Silver 0 now 1 with the draft" in page
    assert "179 points instead of 89" in page


def test_looking_at_a_preview_writes_nothing(store: Store) -> None:
    make_order(store)
    previewing.preview(store, read({"rate": "2"}), NOW)
    assert row_of(store.pk) is None
    assert not ProgrammeVersion.objects.of(store).exists()


def test_a_preview_is_reckoned_in_sets(store: Store, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        make_order(store, number=str(number))
    with django_assert_max_num_queries(16):
        found = previewing.preview(store, read(FULL, tz="Europe/Berlin"), NOW)
    assert found.orders == 12


def test_a_preview_of_many_orders_says_that_it_is_of_the_newest(store: Store) -> None:
    for number in range(3):
        make_order(store, number=str(number))
    found = previewing.preview(store, read({"rate": "2"}), NOW, most=2)
    assert (found.orders, found.found, found.is_part) == (2, 3, True)


def test_a_rule_of_other_days_is_tried_as_if_it_held_always(store: Store, owner: Client) -> None:
    rule = {"kind": "multiplier", "name": "Next year", "x": "3", "from": "2030-01-01T00:00:00Z"}
    make_order(store)
    programmes.save_draft(store, {"rate": "1", "rules": [rule]}, by=None, now=NOW)
    with clock.at(NOW):
        assert "“Next year” did not hold in these 90 days" in seen(owner, address(store, "programme_preview"))
        assert "Every rule is taken as if it held on every day." in seen(
            owner, address(store, "programme_preview", always=1)
        )


def test_points_for_past_orders_are_reckoned_first_and_given_once(store: Store, owner: Client) -> None:
    publish(store, {"rate": "1"})
    make_order(store)
    run_until_idle()
    typed = {
        "name": "Sorry", "kind": "multiplier", "x": "2",
        "starts_on": str(PLACED.date() - timedelta(days=1)), "ends_on": str(PLACED.date() + timedelta(days=1)),
    }  # fmt: skip
    url = address(store, "programme_backfill")
    with clock.at(NOW):
        assert "Give 90 points now" in sent(owner, url, **typed)
        assert not Backfill.objects.exists()
        assert "“Sorry” gave 90 points for 1 order." in sent(owner, url, **typed, give="1")
        assert "These points were given already" in sent(owner, url, **typed, give="1")
    assert Backfill.objects.of(store).get().points == 90


def test_who_may_only_read_sees_no_way_to_change(store: Store) -> None:
    reader = signed_in(make_staff(store, role="support", email="s@example.com"))
    page = reader.get(address(store, "programme"))
    assert page.status_code == 200
    assert "Edit" not in words(page.content.decode())
    assert reader.get(address(store, "programme_edit")).status_code == 403


def test_the_door_can_be_closed_to_new_members_and_opened_again(store: Store, owner: Client) -> None:
    programmes.publish(store, {"rate": "2"}, by=None, now=NOW)
    rewards = f"/s/{store.slug}/rewards/"
    owner.post(address(store, "programme_door"), {"open": "no"})
    assert "Nobody can join for now" in seen(owner, address(store, "programme"))
    assert "Nobody can join right now" in seen(Client(), rewards)
    owner.post(address(store, "programme_door"), {"open": "yes"})
    assert "Nobody can join right now" not in seen(Client(), rewards)
