"""Coupons given out, used and reminded of."""

from datetime import timedelta

import pytest
from django.test import Client

from thereafter.commerce.actions import coupon_pools, coupons
from thereafter.commerce.actions.coupon_pools import BadPool, PoolSettings
from thereafter.commerce.actions.coupons import AlreadyRedeemed, Wanted
from thereafter.commerce.models import Coupon, CouponPool
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool
from thereafter.events.coupons import CouponExpiresSoon, CouponIssued, CouponRedeemed
from thereafter.kit import clock
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


def given(pool: CouponPool, customer_id: int, source: str = "journey:1") -> Coupon:
    coupon = coupons.issue(pool, customer_id, source=source, now=PLACED)
    assert coupon is not None
    return coupon


def test_the_same_reason_gets_the_same_code_and_is_told_once(store: Store) -> None:
    order, pool = make_order(store), make_pool(store)
    first, again = given(pool, order.customer_id), given(pool, order.customer_id)
    assert first.code == again.code
    assert given(pool, order.customer_id, "journey:2").code != first.code
    assert_recorded(CouponIssued, times=2, pool="Ten percent")


def test_many_get_theirs_in_a_constant_number_of_queries(store: Store, django_assert_max_num_queries: object) -> None:
    pool = make_pool(store, per_customer=2)
    order = make_order(store)
    wanted = [Wanted(order.customer_id, f"a:{at}") for at in range(3)]
    with django_assert_max_num_queries(16):  # type: ignore[operator]  # the fixture has no type
        made = coupons.issue_many(pool, wanted, now=PLACED)
    assert len(made) == 2, "a customer gets no more than the pool allows"
    assert coupons.issue_many(pool, wanted, now=PLACED).keys() == made.keys()


def test_nothing_is_given_from_an_archived_pool_and_what_was_given_stays(store: Store) -> None:
    order, pool = make_order(store), make_pool(store)
    code = given(pool, order.customer_id).code
    coupon_pools.archive_pool(pool, archived=True, now=PLACED)
    assert coupons.issue(pool, order.customer_id, source="other", now=PLACED) is None
    assert given(pool, order.customer_id).code == code


def test_a_list_of_codes_is_given_out_once_each_and_runs_dry(store: Store) -> None:
    order, pool = make_order(store), make_pool(store, delivery="list", valid_days=None)
    brought = coupon_pools.import_codes(pool, ["code", "ONE", "two", "ONE"], now=PLACED)
    assert (brought.added, brought.repeated) == (2, 1)
    assert coupon_pools.import_codes(pool, ["one", "two"], now=PLACED).added == 0
    codes = {given(pool, order.customer_id, f"s:{at}").code for at in range(2)}
    assert codes == {"ONE", "TWO"}
    assert coupons.issue(pool, order.customer_id, source="s:3", now=PLACED) is None


def test_what_a_code_gives_stays_once_somebody_has_one(store: Store) -> None:
    order, pool = make_order(store), make_pool(store)
    twenty = PoolSettings(name="Twenty", kind="percent", value=2000, currency="EUR")
    coupon_pools.change_pool(pool, twenty, now=PLACED)
    given(pool, order.customer_id)
    with pytest.raises(BadPool, match="its value stays"):
        coupon_pools.change_pool(
            pool, PoolSettings(name="Twenty", kind="percent", value=100, currency="EUR"), now=PLACED
        )
    coupon_pools.change_pool(
        pool, PoolSettings(name="Renamed", kind="percent", value=2000, currency="EUR", valid_days=5), now=PLACED
    )
    assert CouponPool.objects.get(pk=pool.pk).valid_days == 5


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("value", {"value": 10_001}),
        ("value", {"kind": "amount", "value": 0}),
        ("prefix", {"prefix": "a b"}),
        ("remind_days", {"remind_days": 30, "valid_days": 30}),
        ("remind_days", {"remind_days": 3, "valid_days": None}),
        ("name", {"name": " "}),
    ],
)
def test_a_pool_that_cannot_be_is_refused_with_the_field(store: Store, field: str, wrong: dict[str, object]) -> None:
    settings = {"name": "x", "kind": "percent", "value": 1000, "currency": "EUR"} | wrong
    with pytest.raises(BadPool) as caught:
        coupon_pools.make_pool(store, PoolSettings(**settings), now=PLACED)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.field == field


def test_the_shops_own_word_on_an_order_uses_a_code_up(store: Store) -> None:
    order, pool = make_order(store), make_pool(store)
    coupon = given(pool, order.customer_id)
    second = make_order(store, discount_codes=[coupon.code.lower(), "OTHER"], placed_at=PLACED + timedelta(days=1))
    run_until_idle()
    coupon.refresh_from_db()
    assert (coupon.order_id, coupon.redeemed_at) == (second.pk, second.placed_at)
    assert_recorded(CouponRedeemed, coupon_id=coupon.pk, order_id=second.pk)


def test_a_code_is_used_once_whoever_says_it_first(store: Store) -> None:
    order, pool = make_order(store), make_pool(store)
    coupon = given(pool, order.customer_id)
    assert coupons.redeem(coupon, used_for="2001", order=None, now=PLACED)
    assert not coupons.redeem(coupon, used_for="2001", order=None, now=PLACED)
    with pytest.raises(AlreadyRedeemed, match="2001"):
        coupons.redeem(coupon, used_for="2002", order=None, now=PLACED)
    assert_recorded(CouponRedeemed)
    late = make_order(store, number="2001", discount_codes=[coupon.code])
    run_until_idle()
    coupon.refresh_from_db()
    assert coupon.order_id == late.pk, "the order that comes later is the one that was named"
    assert_recorded(CouponRedeemed)


def test_a_code_that_ends_soon_is_told_once_and_a_used_one_never(store: Store) -> None:
    order, pool = make_order(store), make_pool(store, remind_days=3, valid_days=10)
    used, kept = given(pool, order.customer_id, "a"), given(pool, order.customer_id, "b")
    coupons.redeem(used, used_for="2001", order=None, now=PLACED)
    assert coupons.remind(PLACED + timedelta(days=6)) == 0
    assert coupons.remind(PLACED + timedelta(days=8)) == 1
    assert coupons.remind(PLACED + timedelta(days=9)) == 0
    assert_recorded(CouponExpiresSoon, coupon_id=kept.pk, days=2)


def test_codes_of_another_shop_are_unknown_here(store: Store) -> None:
    theirs = make_store("outlet")
    coupon = given(make_pool(theirs), make_order(theirs).customer_id)
    assert ask(store, "validate", code=coupon.code, total=100)["reason"] == "unknown"


def ask(store: Store, call: str, status: int = 200, **body: object) -> dict[str, object]:
    _, token = stores.make_api_key(store, name="Shop", scopes=["coupons:use"], now=PLACED)
    client = Client(headers={"authorization": f"Bearer {token}"})
    with clock.at(PLACED):
        answer = client.post(f"/api/v1/coupons/{call}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    found: dict[str, object] = answer.json()
    return found


def test_a_checkout_that_asks_us_hears_what_to_take_off(store: Store) -> None:
    order = make_order(store)
    coupon = given(make_pool(store, minimum_minor=5000, personal=True), order.customer_id)
    items = [{"product_id": "shoe", "quantity": 2, "unit_price": "49.95"}]
    good = ask(store, "validate", code=f" {coupon.code.lower()} ", customer="john@example.com", items=items)
    assert (good["valid"], good["amount"], good["currency"]) == (True, "9.99", "EUR")
    assert ask(store, "validate", code=coupon.code, items=items)["reason"] == "customer_needed"
    small = ask(store, "validate", code=coupon.code, customer="john@example.com", total="12.00")
    assert (small["valid"], small["message"]) == (False, "The order is too small for this code.")
    ask(store, "validate", 422, code=coupon.code, items=[{"product_id": "x", "unit_price": -1}])


@pytest.mark.parametrize(
    "wrong", [{"currency": "ZZZ"}, {"code": "A\0"}, {"customer": "a\0@example.com"}, {"total": "NaN"}]
)
def test_a_checkout_that_asks_nonsense_is_told_so(store: Store, wrong: dict[str, str]) -> None:
    ask(store, "validate", 422, **{"code": "NOPE", "total": "10"} | wrong)


def test_an_order_that_no_database_keeps_uses_no_code_up(store: Store) -> None:
    coupon = given(make_pool(store), make_order(store).customer_id)
    ask(store, "redeem", 422, code=coupon.code, order="2001\0")
    assert ask(store, "validate", code=coupon.code, total=100)["valid"] is True


def test_a_checkout_uses_a_code_up_once(store: Store) -> None:
    order = make_order(store)
    coupon = given(make_pool(store), order.customer_id)
    assert ask(store, "redeem", code=coupon.code, order="2001")["redeemed"] is True
    assert ask(store, "redeem", code=coupon.code, order="2001")["duplicate"] is True
    assert ask(store, "redeem", 409, code=coupon.code, order="2002")["order"] == "2001"
    assert ask(store, "redeem", 404, code="NOPE", order="2002")["reason"] == "unknown"
    assert ask(store, "validate", code=coupon.code, total=1)["reason"] == "redeemed"


def test_a_key_without_the_scope_opens_nothing(store: Store) -> None:
    _, token = stores.make_api_key(store, name="Shop", scopes=["orders:read"], now=PLACED)
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.post("/api/v1/coupons/validate", {"code": "X"}, content_type="application/json")
    assert answer.status_code == 403
