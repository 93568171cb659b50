"""Codes told to the shop system, over a real connection."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from thereafter.commerce import pushing
from thereafter.commerce.actions import coupon_pushing, coupons, shop_access
from thereafter.commerce.actions.coupons import Wanted
from thereafter.commerce.connectors.shop_systems import SYSTEMS
from thereafter.commerce.models import Coupon, CouponPool, ShopAccess, ShopDiscount
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool
from thereafter.commerce.tests.shop_server import KEY, SECRET, TOKEN, Shop, shop_server
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
CREDENTIALS = {"shopify": {"token": TOKEN}, "woocommerce": {"key": KEY, "secret": SECRET}}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with shop_server() as shop:
        yield shop


@pytest.fixture
def store() -> Store:
    return make_store()


def connect(store: Store, shop: Shop, source: str, **given: str) -> None:
    credentials = {"shop": shop.host} | (given or CREDENTIALS[source])
    shop_access.set_access(store, SYSTEMS[source], credentials, by=None, now=PLACED)


def give(pool: CouponPool, count: int, source: str = "a") -> list[Coupon]:
    customer_id = make_order(pool.store).customer_id
    wanted = [Wanted(customer_id, f"{source}:{at}") for at in range(count)]
    return list(coupons.issue_many(pool, wanted, now=PLACED).values())


def work(minutes: float = 1) -> None:
    """As the worker would for a while: what waits a few seconds gets its turn."""
    for second in range(0, int(minutes * 60), 4):
        run_until_idle(PLACED + timedelta(seconds=second))


def states(pool: CouponPool) -> set[str]:
    return set(Coupon.objects.filter(pool=pool).values_list("push_state", flat=True))


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_every_code_given_is_good_at_the_shops_checkout(store: Store, shop: Shop, source: str) -> None:
    connect(store, shop, source)
    pool = make_pool(store, delivery=source)
    given = give(pool, 5)
    work()
    assert set(shop.codes) == {coupon.code for coupon in given}
    assert states(pool) == {"done"}


def test_codes_that_end_together_stand_under_one_discount_of_shopify(store: Store, shop: Shop) -> None:
    connect(store, shop, "shopify")
    pool = make_pool(store, delivery="shopify", minimum_minor=5000, combinable=True)
    give(pool, 3)
    work()
    give(pool, 2, "b")
    work()
    (discount,) = shop.discounts.values()
    assert len(shop.codes) == 5
    assert ShopDiscount.objects.get(pool=pool).external_id in shop.discounts
    assert discount["customerGets"] == {"value": {"percentage": 0.1}, "items": {"all": True}}
    assert discount["minimumRequirement"] == {"subtotal": {"greaterThanOrEqualToSubtotal": "50.00"}}
    assert (discount["usageLimit"], discount["endsAt"]) == (1, "2026-04-02T22:00:00Z")
    assert discount["combinesWith"] == {"orderDiscounts": True, "productDiscounts": True, "shippingDiscounts": True}


def test_an_amount_off_some_products_and_free_shipping_are_told_to_shopify(store: Store, shop: Shop) -> None:
    connect(store, shop, "shopify")
    give(make_pool(store, delivery="shopify", kind="amount", value=500, products=["77"], valid_days=None), 1)
    give(make_pool(store, "Free", delivery="shopify", kind="shipping", value=0), 1, "b")
    work()
    amount, shipping = shop.discounts.values()
    assert amount["customerGets"]["value"] == {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}}
    assert amount["customerGets"]["items"] == {"products": {"productsToAdd": ["gid://shopify/Product/77"]}}
    assert amount["endsAt"] is None
    assert shipping["destination"] == {"all": True}
    assert "customerGets" not in shipping
    assert "shippingDiscounts" not in shipping["combinesWith"]


def test_a_coupon_of_woocommerce_says_what_the_pool_says(store: Store, shop: Shop) -> None:
    connect(store, shop, "woocommerce")
    give(make_pool(store, delivery="woocommerce", minimum_minor=5000, products=["77", "8"]), 1)
    work()
    (coupon,) = shop.discounts.values()
    code = coupon.pop("code")
    assert Coupon.objects.get().code == code
    assert coupon == {
        "discount_type": "percent",
        "amount": "10.00",
        "description": "Ten percent, until 2026-04-02",
        "individual_use": True,
        "usage_limit": 1,
        "free_shipping": False,
        "date_expires_gmt": "2026-04-02T22:00:00",
        "minimum_amount": "50.00",
        "product_ids": [77, 8],
    }
    assert shop.asked[-1][0] == "/wp-json/wc/v3/coupons"


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_an_answer_that_was_lost_makes_no_second_coupon(store: Store, shop: Shop, source: str) -> None:
    connect(store, shop, source)
    shop.loses_answers = 1
    pool = make_pool(store, delivery=source)
    give(pool, 1)
    work()
    assert (len(shop.discounts), states(pool)) == (1, {"done"})


def test_a_slow_bulk_task_is_looked_at_until_it_is_done_and_its_refusals_are_kept(store: Store, shop: Shop) -> None:
    connect(store, shop, "shopify")
    pool = make_pool(store, delivery="shopify")
    given = give(pool, 4)
    shop.busy, shop.refuses = 3, {given[2].code}
    work(2)
    assert sorted(Coupon.objects.filter(pool=pool).values_list("push_state", flat=True)) == ["done"] * 3 + ["failed"]
    assert Coupon.objects.get(push_state="failed").push_error == "Code is not allowed."
    shop.refuses = set()
    assert coupon_pushing.push_again(pool, now=PLACED) == 1
    work(2)
    assert states(pool) == {"done"}


def test_codes_wait_for_credentials_and_a_refused_key_loses_none(store: Store, shop: Shop) -> None:
    pool = make_pool(store, delivery="shopify")
    give(pool, 2)
    work()
    assert states(pool) == {"waiting"}, "no credentials yet"
    connect(store, shop, "shopify", token="shpat_wrong")
    work()
    access = ShopAccess.objects.get()
    assert "refuses our key" in access.error
    assert len(shop.asked) == 1, "a key that was refused is not tried again and again"
    connect(store, shop, "shopify")
    work()
    assert (states(pool), ShopAccess.objects.get().error) == ({"done"}, "")


def test_a_shop_that_is_down_is_asked_later_each_time_and_the_codes_fail_in_the_end(store: Store, shop: Shop) -> None:
    connect(store, shop, "woocommerce")
    pool = make_pool(store, delivery="woocommerce")
    give(pool, 1)
    shop.says = [(503, {})] * 100
    at = PLACED
    for _ in range(40):
        run_until_idle(at)
        at += timedelta(hours=1)
    assert len(shop.asked) == 8
    assert (states(pool), Coupon.objects.get().push_error) == ({"failed"}, "The shop has no time for us (503).")


def test_shopify_may_be_reached_by_an_apps_id_and_secret(store: Store, shop: Shop) -> None:
    connect(store, shop, "shopify", client_id="app", client_secret="hush")
    pool = make_pool(store, delivery="shopify")
    give(pool, 1)
    work()
    assert states(pool) == {"done"}


def test_credentials_are_sealed_and_typed_in_anew_for_another_address(store: Store, shop: Shop) -> None:
    connect(store, shop, "woocommerce")
    assert SECRET not in ShopAccess.objects.get().sealed_credentials
    with pytest.raises(shop_access.BadAccess):
        shop_access.set_access(
            store, SYSTEMS["woocommerce"], {"shop": "https://other.example", "key": "ck_2"}, by=None, now=PLACED
        )
    with pytest.raises(shop_access.BadAccess, match="address of the shop"):
        shop_access.set_access(store, SYSTEMS["woocommerce"], {"shop": "http://other.example"}, by=None, now=PLACED)


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_a_withdrawn_code_leaves_the_shop_system_and_the_others_stay(store: Store, shop: Shop, source: str) -> None:
    connect(store, shop, source)
    first, second, third = give(make_pool(store, delivery=source), 3)
    work()
    assert coupons.withdraw(second, now=PLACED)
    work()
    assert set(shop.codes) == {first.code, third.code}
    second.refresh_from_db()
    assert (second.push_state, second.push_error) == ("", "")


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_a_code_withdrawn_before_the_shop_knew_it_never_stays_there(store: Store, shop: Shop, source: str) -> None:
    connect(store, shop, source)
    (only,) = give(make_pool(store, delivery=source), 1)
    assert coupons.withdraw(only, now=PLACED)
    work()
    assert shop.codes == {}


def test_a_code_withdrawn_while_it_is_on_its_way_is_taken_off_after_it_arrived(store: Store, shop: Shop) -> None:
    connect(store, shop, "woocommerce")
    (only,) = give(make_pool(store, delivery="woocommerce"), 1)
    errand = coupon_pushing.claim(PLACED)
    assert errand
    assert coupons.withdraw(only, now=PLACED)
    coupon_pushing.settle(pushing.carry_out(errand), PLACED)
    assert set(shop.codes) == {only.code}
    work()
    assert shop.codes == {}
