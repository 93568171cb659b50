"""The members' pages of the console: found, explained, set right by hand."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from msgspec.structs import replace

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import SHOES, make_order
from thereafter.kit import clock
from thereafter.loyalty.actions import members, programmes
from thereafter.loyalty.models import Account, Lot, Member, Redemption
from thereafter.loyalty.rules.explaining import explain
from thereafter.loyalty.tests.givings import has, join, person, publish
from thereafter.loyalty.tests.reward_makers import NOW, make_reward, points_of, rich, take
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
TIERS = [{"name": "Silver", "min": "50"}, {"name": "Gold", "min": "500", "multiplier": "1.5"}]


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    """Its buyer has 899 points, and is Gold by it."""
    publish(store, tiers=TIERS, actions={"recycling": {"points": 150, "total": 1}})
    return rich(store)


def address(order: Order, name: str = "member", *more: int) -> str:
    return reverse(f"loyalty_console:{name}", args=[order.store.slug, order.customer_id, *more])


def page(client: Client, url: str, **asked: str) -> str:
    with clock.at(NOW):
        answer = client.get(url, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def in_words(text: str) -> str:
    return " ".join(text.split())


def test_the_page_says_what_a_member_has_and_how_it_was_decided(order: Order, client: Client) -> None:
    client.force_login(make_staff(order.store, "analyst"))
    text = in_words(page(client, address(order)))
    assert "899" in text
    assert "899.00 × 1 point = 899." in text
    assert "Order 1001" in text
    assert "The highest tier there is" in text
    assert "Adjust points" not in text


def test_a_multiplier_is_explained_by_the_tier_that_gave_it(order: Order, client: Client) -> None:
    with clock.at(NOW):
        cheap = replace(SHOES, unit_price="84.90")
        make_order(order.store, number="1002", lines=[cheap], placed_at=NOW - timedelta(minutes=1))
        run_until_idle(NOW)
    client.force_login(make_staff(order.store))
    assert "84.90 × 1 point × 1.5 (Gold) = 127.35, rounded down to 127." in page(client, address(order))


def test_the_explanation_names_bonus_cap_and_what_earns_nothing() -> None:
    line = {"line": "1", "quantity": 1, "value": "10", "times": "1", "earns": "10", "bonus": 5, "rules": []}
    card = {"line": "2", "quantity": 1, "value": "30", "times": "0", "earns": "0", "bonus": 0}
    snapshot = {"rate": "1", "lines": [line, card], "fixed": 20, "rounding": "floor", "cap": None, "rules": ["Hello"]}
    assert explain({**snapshot, "points": 35}) == (
        "10.00 × 1 point + 5 for products + 20 for the order (Hello) = 35. 30.00 of it earns nothing."
    )
    assert "an order earns at most 25" in explain({**snapshot, "cap": 25, "points": 25})
    assert explain({"programme": 3}) == ""


def test_a_refund_stands_in_the_history(order: Order, client: Client) -> None:
    with clock.at(NOW):
        back = RefundDoc(external_id="r1", amount="449.50", at=NOW)
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=NOW)
        run_until_idle(NOW)
    client.force_login(make_staff(order.store))
    text = page(client, address(order))
    assert "half of your money back" in text.replace("&#39;", "'")


def test_members_are_found_by_name_mail_card_and_code(order: Order, client: Client) -> None:
    client.force_login(make_staff(order.store))
    member = Member.objects.of(order.store).get()
    listed = reverse("loyalty_console:members", args=[order.store.slug])
    for words in ("Runner", "john@", member.card_code, member.referral_code.lower()):
        assert "John Runner" in page(client, listed, q=words)
    assert "Nobody found" in page(client, listed, q="zzz")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"tier": "Gold"}, True),
        ({"tier": "Silver"}, False),
        ({"tier": "-"}, False),
        ({"least": "500"}, True),
        ({"least": "1000"}, False),
        ({"days": "7"}, True),
        ({"standing": "debt"}, False),
        ({"standing": "left"}, False),
        ({"standing": "doubt"}, False),
        ({"sort": "nonsense", "least": "x", "standing": "x"}, True),
    ],
)
def test_members_are_filtered(order: Order, client: Client, asked: dict[str, str], found: bool) -> None:
    client.force_login(make_staff(order.store))
    listed = reverse("loyalty_console:members", args=[order.store.slug])
    assert ("John Runner" in page(client, listed, **asked)) is found


def test_who_left_is_found_only_when_asked_for(order: Order, client: Client) -> None:
    members.leave(Member.objects.of(order.store).get(), now=NOW)
    client.force_login(make_staff(order.store))
    listed = reverse("loyalty_console:members", args=[order.store.slug])
    assert "John Runner" not in page(client, listed)
    assert "John Runner" in page(client, listed, standing="left")
    assert "Let them take part" in page(client, address(order))


def test_figures_that_do_not_agree_are_shown_first(order: Order, client: Client) -> None:
    Account.objects.update(doubt="The figures differ.")
    client.force_login(make_staff(order.store))
    listed = reverse("loyalty_console:members", args=[order.store.slug])
    assert "The figures differ." in page(client, listed)
    assert "John Runner" in page(client, listed, standing="doubt")
    assert "The figures differ." in page(client, address(order))


def test_the_export_has_what_the_list_has(order: Order, client: Client) -> None:
    join(order.store)
    client.force_login(make_staff(order.store))
    export = reverse("loyalty_console:members_export", args=[order.store.slug])
    lines = client.get(export).content.decode().splitlines()
    assert lines[0].startswith("name,email,points")
    assert lines[1].startswith("John Runner,john@example.com,899,0,0,Gold,2026-03-04,")
    assert len(lines) == 3
    few = client.get(export, {"tier": "Gold"}).content.decode().splitlines()
    assert len(few) == 2


def test_points_added_by_hand_may_have_an_end(order: Order, client: Client) -> None:
    client.force_login(make_staff(order.store, "support"))
    form = {"points": "50", "reason": "Sorry", "ends_on": "2026-12-31", "once": "a"}
    with clock.at(NOW):
        for _ in range(2):
            assert client.post(address(order, "adjust"), form).status_code == 302
    assert points_of(order) == 949
    assert Lot.objects.of(order.store).get(original=50).expires_at.isoformat() == "2026-12-31T23:00:00+00:00"  # type: ignore[union-attr] # it was given an end
    text = page(client, address(order))
    assert "Sorry" in text
    assert "By Support" in text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"points": "5", "ends_on": "2026-01-01"}, "This day is over."),
        ({"points": "-5", "ends_on": "2027-01-01"}, "have no end"),
        ({"points": "-5000"}, "has 899 points"),
    ],
)
def test_an_adjustment_that_cannot_be_says_why(order: Order, client: Client, form: dict[str, str], text: str) -> None:
    client.force_login(make_staff(order.store))
    with clock.at(NOW):
        answer = client.post(address(order, "adjust"), {"reason": "x", "once": "a", **form})
    assert text in answer.content.decode()
    assert points_of(order) == 899


def test_a_deed_is_granted_with_the_limits_of_the_programme(order: Order, client: Client) -> None:
    client.force_login(make_staff(order.store))
    form = {"action": "recycling", "why": "Came to the shop", "once": "a"}
    with clock.at(NOW):
        assert client.post(address(order, "adjust"), form).status_code == 302
        answer = client.post(address(order, "adjust"), {**form, "once": "b"})
    assert points_of(order) == 1049
    assert "only so often" in answer.content.decode()
    assert Audit.objects.of(order.store).get(verb="loyalty.grant").detail["why"] == "Came to the shop"


def test_a_tier_is_set_by_hand_with_a_reason(order: Order, client: Client) -> None:
    client.force_login(make_staff(order.store))
    with clock.at(NOW):
        assert client.post(address(order, "member_tier"), {"tier": "Silver"}).status_code == 200
        assert client.post(address(order, "member_tier"), {"tier": "Silver", "why": "Asked"}).status_code == 302
    assert Member.objects.of(order.store).get().tier == "Silver"
    assert Audit.objects.of(order.store).get(verb="loyalty.tier").detail["why"] == "Asked"
    assert "Set by hand by Owner" in in_words(page(client, address(order)))


def test_a_reward_is_cancelled_and_its_points_are_back(order: Order, client: Client) -> None:
    taken = take(order, make_reward(order.store, "gift", value=0))
    client.force_login(make_staff(order.store, "support"))
    assert "Some gift" in page(client, address(order))
    cancel = address(order, "member_cancel", taken.pk)
    with clock.at(NOW):
        assert client.post(cancel, {"why": "Out of stock"}).status_code == 302
    assert Redemption.objects.get().state == "cancelled"
    assert points_of(order) == 899


def test_a_reward_of_somebody_else_is_not_cancelled_here(order: Order, client: Client) -> None:
    taken = take(order, make_reward(order.store, "gift", value=0))
    other = person(order.store)
    client.force_login(make_staff(order.store))
    cancel = reverse("loyalty_console:member_cancel", args=[order.store.slug, other.pk, taken.pk])
    assert client.post(cancel, {"why": "x"}).status_code == 404


def test_a_customer_who_takes_no_part_may_be_let_in(store: Store, client: Client) -> None:
    publish(store, joining="asked")
    ann = person(store)
    client.force_login(make_staff(store))
    url = reverse("loyalty_console:member", args=[store.slug, ann.pk])
    assert "takes no part" in page(client, url)
    client.post(reverse("loyalty_console:member_join", args=[store.slug, ann.pk]))
    assert Member.objects.of(store).get().source == Member.Source.CONSOLE
    assert has(ann) == 0


def test_a_tier_that_is_gone_breaks_no_page(order: Order, client: Client) -> None:
    programmes.publish(order.store, {"tiers": [{"name": "Bronze", "min": "1"}]}, by=None, now=NOW)
    client.force_login(make_staff(order.store))
    assert "a tier that is gone" in page(client, address(order)).lower()
    assert "John Runner" in page(client, reverse("loyalty_console:members", args=[order.store.slug]))


def test_another_store_s_member_is_not_there(order: Order, client: Client) -> None:
    client.force_login(make_staff(make_store("other")))
    for name in ("member", "adjust", "member_tier"):
        url = reverse(f"loyalty_console:{name}", args=["other", order.customer_id])
        assert client.get(url).status_code == 404
