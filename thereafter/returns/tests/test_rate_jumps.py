"""Products that come back more than they did, and how often luck alone is taken for it."""

import numpy as np
import pytest
from django.core.cache import cache

from thereafter.returns.actions import rate_jumps
from thereafter.returns.models import RateJump
from thereafter.returns.rules.figures.jumps import ALPHA, Counts, jumps, p_value
from thereafter.returns.tests.past_rates import NOW, TODAY, product, weekly
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry

WORLDS, PRODUCTS = 400, 60


def test_the_chance_is_fishers() -> None:
    # Fisher's tea: all four of four told right by luck.
    assert p_value(Counts(4, 4, 4, 0)) == pytest.approx(1 / 70)
    assert p_value(Counts(4, 0, 4, 4)) == pytest.approx(1.0)


def test_luck_alone_raises_an_alarm_in_fewer_than_one_week_of_a_hundred() -> None:
    dice = np.random.default_rng(7)
    alarms = 0
    for _ in range(WORLDS):
        rates = dice.beta(2, 12, PRODUCTS)
        now, before = dice.integers(20, 400, PRODUCTS), dice.integers(50, 2500, PRODUCTS)
        counts = zip(now, dice.binomial(now, rates), before, dice.binomial(before, rates), strict=True)
        alarms += bool(jumps({n: Counts(*map(int, one)) for n, one in enumerate(counts)}))
    assert alarms / WORLDS <= ALPHA


def test_a_rate_that_doubles_is_found() -> None:
    dice = np.random.default_rng(8)
    found = 0
    for _ in range(100):
        worlds = {n: Counts(100, int(dice.binomial(100, 0.12)), 650, int(dice.binomial(650, 0.12))) for n in range(60)}
        worlds[99] = Counts(150, int(dice.binomial(150, 0.3)), 900, int(dice.binomial(900, 0.12)))
        found += 99 in jumps(worlds)
    assert found >= 90


def test_a_small_rise_is_left_alone_however_certain() -> None:
    assert not jumps({1: Counts(40_000, 4_800, 200_000, 20_000)})


@pytest.fixture
def store() -> Store:
    # A store of another test may have had the same key.
    cache.clear()
    return make_store()


@pytest.mark.django_db
def test_a_product_that_jumped_is_told_of_once(store: Store) -> None:
    bad, good = product(store, "Bad"), product(store, "Good")
    weekly(store, good, [3] * 36)
    weekly(store, bad, [2] * 28 + [12] * 8)
    (found,) = rate_jumps.compare(store, NOW)
    assert (found.product, found.reason, found.delivered) == (bad, "size_small", 80)
    assert found.rate > 0.5 > found.rate_before
    assert found.last_on < TODAY
    assert found.last_on.isoweekday() == 7
    (entry,) = Entry.objects.of(store).filter(name="returns.rate_jumped")
    assert (entry.customer_id, entry.payload["product"]) == (None, "Bad")
    assert entry.event.payload()["jump_id"] == found.pk
    # The next day compares the same weeks.
    assert rate_jumps.compare(store, NOW) == []


@pytest.mark.django_db
def test_a_person_sees_it_and_it_is_off_the_list(store: Store) -> None:
    weekly(store, product(store, "Bad"), [3] * 28 + [12] * 8)
    (found,) = rate_jumps.compare(store, NOW)
    staff = make_staff(store)
    assert rate_jumps.see(found, by=staff, now=NOW)
    assert not rate_jumps.see(found, by=staff, now=NOW)
    assert RateJump.objects.of(store).filter(seen_at=None).count() == 0
