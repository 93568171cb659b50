"""The books add up, what is owed is reckoned from them, and nothing is claimed that is not shown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse
from msgspec.structs import replace

from thereafter.commerce.tests.makers import SHOES, make_order
from thereafter.kit import clock
from thereafter.loyalty.actions import points, turning
from thereafter.loyalty.actions.points import Award, adjust, award_many
from thereafter.loyalty.actions.redemptions import redeem
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries import effects, ledger, numbers
from thereafter.loyalty.rules import effect as rules
from thereafter.loyalty.rules import liability
from thereafter.loyalty.rules.effect import Arm
from thereafter.loyalty.rules.liability import Fates, Offer
from thereafter.loyalty.tests.givings import join, publish
from thereafter.loyalty.tests.reward_makers import make_reward, rich, take
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


def first(month: int, year: int = 2026) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store(time_zone="UTC")


def give(member: Member, count: int, at: datetime, source: str, expires_at: datetime | None = None) -> None:
    award_many(member.store_id, [Award(member.customer_id, count, source, "survey", at, expires_at=expires_at)], now=at)


@pytest.fixture
def busy(store: Store) -> Store:
    """January: 500 given. February: 200 spent, 50 taken by hand. March: 100 run out, 30 taken back."""
    ann = join(store)
    give(ann, 100, datetime(2026, 1, 5, tzinfo=UTC), "a", expires_at=first(3))
    give(ann, 400, datetime(2026, 1, 6, tzinfo=UTC), "b")
    adjust(ann.customer, points=-50, reason="x", source="c", by=None, now=datetime(2026, 2, 2, tzinfo=UTC))
    redeem(ann.customer, key="r", points=200, now=datetime(2026, 2, 3, tzinfo=UTC))
    give(ann, 30, datetime(2026, 2, 4, tzinfo=UTC), "d", expires_at=datetime(2026, 3, 4, tzinfo=UTC))
    turning.turn(datetime(2026, 3, 5, tzinfo=UTC))
    points.revoke(store.pk, "b", name="undone", reason="refund", at=first(3), now=datetime(2026, 3, 6, tzinfo=UTC))
    return store


def test_each_period_adds_up_from_its_opening_to_its_closing(busy: Store) -> None:
    january, february, march = numbers.accounting(busy, [first(1), first(2), first(3), first(4)])
    assert (january.opening, january.earned, january.closing) == (0, 500, 500)
    assert (february.earned, february.redeemed, february.adjusted) == (30, -200, -50)
    assert march.expired == -30
    for one in (january, february, march):
        assert one.opening + one.moved == one.closing
    assert (february.opening, march.opening) == (january.closing, february.closing)


def test_the_last_closing_is_what_the_members_have(busy: Store) -> None:
    last = numbers.accounting(busy, [first(1), first(4)])[-1]
    totals = ledger.totals(busy)
    assert last.outstanding == totals.available + totals.pending + totals.reserved
    assert last.owed == totals.debt
    assert last.reversed == -totals.taken_back + 50


def test_what_was_before_the_first_period_is_its_opening(busy: Store) -> None:
    (march,) = numbers.accounting(busy, [first(3), first(4)])
    assert march.opening == 280


def test_days_and_months_say_the_same(busy: Store) -> None:
    days = numbers.accounting(busy, [first(2) + timedelta(days=at) for at in range(29)])
    (month,) = numbers.accounting(busy, [first(2), first(3)])
    for name in ("earned", "redeemed", "adjusted", "expired", "reversed"):
        assert sum(getattr(day, name) for day in days) == getattr(month, name)
    assert days[-1].closing == month.closing


def test_a_month_that_is_over_does_not_change_when_something_of_it_is_told_late(busy: Store) -> None:
    bounds = [first(1), first(2), first(4)]
    before = numbers.accounting(busy, bounds)[0]
    ann = Member.objects.of(busy).get()
    late = Award(ann.customer_id, 7, "late", "survey", datetime(2026, 1, 20, tzinfo=UTC))
    award_many(busy.pk, [late], now=datetime(2026, 3, 20, tzinfo=UTC))
    assert numbers.accounting(busy, bounds)[0] == before


def test_points_brought_along_are_not_earned(store: Store) -> None:
    ann = join(store)
    brought = Award(ann.customer_id, 70, "import:x", "import", first(2))
    award_many(store.pk, [brought], now=first(2))
    (month,) = numbers.accounting(store, [first(2), first(3)])
    assert (month.earned, month.imported, month.closing) == (0, 70, 70)


def test_waiting_points_are_out_and_becoming_active_moves_nothing(store: Store) -> None:
    ann = join(store)
    wait = Award(ann.customer_id, 70, "w", "survey", first(2), active_from=datetime(2026, 3, 5, tzinfo=UTC))
    award_many(store.pk, [wait], now=first(2))
    turning.turn(datetime(2026, 3, 6, tzinfo=UTC))
    february, march = numbers.accounting(store, [first(2), first(3), first(4)])
    assert february.outstanding == march.outstanding == 70
    assert (march.activated, march.moved) == (70, 0)


def test_another_store_is_not_in_the_books(busy: Store) -> None:
    other = make_store("other")
    (month,) = numbers.accounting(other, [first(1), first(4)])
    assert month == numbers.Period(first(1), first(4))


def test_unused_points_are_told_from_lots_whose_time_is_over(busy: Store) -> None:
    found = numbers.fates(busy, datetime(2026, 3, 10, tzinfo=UTC))
    # 100 were spent (they ended first), of the other 30 all ran out; the endless 400 are too young to know.
    assert (found.members, found.given, found.unused) == (1, 130, 30)


def test_breakage_is_a_share_with_members_as_clusters() -> None:
    # Thirty members with 100 points each: fifteen used none, fifteen all. By hand: R = 0.5, s^2 = 30 * 2500 / 29,
    # margin = 1.96 * sqrt(s^2 / 30) / 100 = 0.182.
    rate = liability.breakage(Fates(30, 3000, 1500, 30 * 10_000, 15 * 10_000, 15 * 10_000))
    assert rate is not None
    assert rate.value == 0.5
    assert (round(rate.low, 3), round(rate.high, 3)) == (0.318, 0.682)
    assert liability.breakage(Fates(29, 2900, 100, 1, 1, 1)) is None


def test_a_point_is_worth_what_the_programme_says_or_the_best_reward_pays() -> None:
    offers = [Offer(100, 500), Offer(500, 3000), Offer(200, 0)]
    assert liability.point_value(None, offers, exponent=2) == Fraction(6)
    assert liability.point_value(Decimal("0.05"), offers, exponent=2) == Fraction(5)
    assert liability.point_value(None, [], exponent=2) is None


def test_what_is_owed_is_exact_and_lower_by_what_is_never_used() -> None:
    rate = liability.Rate(0.25, 0.2, 0.3, 100, 1000)
    owed = liability.owed(1001, Fraction(1, 2), rate)
    assert (owed.full_minor, owed.expected_minor) == (501, 375)
    assert liability.owed(1001, Fraction(1, 2), None).expected_minor == 501


def test_rewards_cost_what_they_were_said_to_cost_when_taken(store: Store) -> None:
    order = rich(store)
    take(order, make_reward(store, cost_minor=450), key="one")
    take(order, make_reward(store, "gift", value=0), key="two")
    taken = {one.name: one for one in numbers.rewards_taken(store, first(1))}
    assert (taken["Some amount"].times, taken["Some amount"].points, taken["Some amount"].cost_minor) == (1, 100, 450)
    assert (taken["Some gift"].cost_minor, taken["Some gift"].unknown) == (None, 1)


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        # Newcombe 1998, table II, method 10.
        (Arm(70, 56), Arm(80, 48), 0.0524, 0.3339),
        (Arm(10, 9), Arm(10, 3), 0.1705, 0.8090),
        (Arm(56, 5), Arm(29, 0), -0.0381, 0.1926),
        (Arm(10, 0), Arm(10, 0), -0.2775, 0.2775),
        (Arm(10, 10), Arm(20, 0), 0.6791, 1.0000),
    ],
)
def test_the_interval_of_a_difference_is_that_of_the_paper(one: Arm, two: Arm, low: float, high: float) -> None:
    found = rules.share_difference(one, two)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_how_many_are_needed_is_the_textbooks_figure() -> None:
    # 80 % power at 5 % for 60 % against 70 %, equal arms: 356 each (Fleiss, Levin, Paik, without the correction).
    found = rules.needed(0.6, 0.1, held_share=0.5)
    assert found is not None
    assert (found.rewarded, found.held) == (356, 356)
    assert rules.needed(0.0, 0.1, held_share=0.5) is None


def test_too_few_members_are_told_no_difference() -> None:
    found = rules.effect(Arm(5000, 2000), Arm(99, 10), has_holdout=True)
    assert (found.verdict, found.shares) == (rules.TOO_FEW, None)


def test_a_difference_that_chance_makes_is_no_effect() -> None:
    assert rules.effect(Arm(1000, 260), Arm(100, 24), has_holdout=True).verdict == rules.UNCLEAR
    assert rules.effect(Arm(9000, 2700), Arm(1000, 200), has_holdout=True).verdict == rules.MORE
    assert rules.effect(Arm(9000, 1800), Arm(1000, 300), has_holdout=True).verdict == rules.LESS


def test_without_a_holdout_nothing_is_claimed() -> None:
    assert rules.effect(Arm(9000, 2700), Arm(), has_holdout=False).verdict == rules.NO_HOLDOUT


def test_members_are_compared_by_what_they_bought_after_joining(store: Store) -> None:
    publish(store, holdout_percent=50)
    joined = datetime(2026, 1, 10, 12, tzinfo=UTC)
    with clock.at(joined):
        for at in range(12):
            make_order(store, email=f"p{at}@example.com", number=str(at), placed_at=joined - timedelta(hours=1))
        run_until_idle(joined)
    assert Member.objects.of(store).count() == 12
    later = replace(SHOES, unit_price="10.00")
    for at in range(12):
        # Half of them within ninety days, the others too late.
        days = 30 if at % 2 else 91
        make_order(
            store, email=f"p{at}@example.com", number=f"x{at}", placed_at=joined + timedelta(days=days), lines=[later]
        )
    found = effects.trial(store, joined + timedelta(days=120))
    assert found.percent == 50
    assert found.rewarded.people + found.held.people == 12
    assert found.held.people == Member.objects.of(store).filter(is_held_out=True).count() > 0
    assert found.rewarded.again + found.held.again == 6
    assert found.rewarded.money + found.held.money == 6000
    early = effects.trial(store, joined + timedelta(days=89))
    assert (early.rewarded.people, early.waiting) == (0, 12)


def test_only_the_time_of_todays_share_counts(store: Store) -> None:
    publish(store, holdout_percent=10)
    join(store, at=first(1))
    publish(store, at=first(2), holdout_percent=20)
    assert effects.trial(store, first(8)).rewarded.people == 0
    publish(store, at=first(3))
    assert effects.trial(store, first(8)).percent == 0


def test_the_page_shows_the_books_and_the_days_of_a_month(busy: Store, client: Client) -> None:
    client.force_login(make_staff(busy, "analyst"))
    address = reverse("loyalty_console:numbers", args=[busy.slug])
    with clock.at(datetime(2026, 3, 10, tzinfo=UTC)):
        page = client.get(address).content.decode()
        assert "March 2026" in page
        assert "Nobody is held out" in page
        assert "Your points have no value in money yet" in page
        days = client.get(address, {"month": "2026-02"}).content.decode()
    assert "Tue 3 Feb" in days
    assert "−200" in days


def test_what_is_owed_stands_on_the_page_when_a_point_has_a_value(busy: Store, client: Client) -> None:
    publish(busy, at=first(2), point_value="0.10")
    client.force_login(make_staff(busy))
    with clock.at(datetime(2026, 3, 10, tzinfo=UTC)):
        page = client.get(reverse("loyalty_console:numbers", args=[busy.slug])).content.decode()
    assert "End of February 2026" in page
    assert "€28.00" in page


def test_the_books_go_into_a_spreadsheet(busy: Store, client: Client) -> None:
    client.force_login(make_staff(busy))
    with clock.at(datetime(2026, 3, 10, tzinfo=UTC)):
        answer = client.get(reverse("loyalty_console:numbers_export", args=[busy.slug]))
        lines = answer.content.decode().splitlines()
    assert len(lines) == 13
    assert lines[-2].startswith("2026-02-01,2026-03-01,500,30,0,-50,-200,0,0,280")


@pytest.mark.parametrize("asked", ["month=2026-13", "month=x", "month=2999-01", "kind=gold"])
def test_an_address_that_makes_no_sense_shows_the_months(busy: Store, client: Client, asked: str) -> None:
    client.force_login(make_staff(busy))
    assert client.get(f"{reverse('loyalty_console:numbers', args=[busy.slug])}?{asked}").status_code == 200
