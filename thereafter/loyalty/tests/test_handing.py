"""Members get what they took; what is undone is taken back, and the points with it."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.actions import coupons
from thereafter.commerce.actions.coupon_pools import import_codes
from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Coupon, CouponPool, Order
from thereafter.commerce.tests.makers import PLACED, make_order, order_doc
from thereafter.events.loyalty import RewardHandedOver, RewardTaken
from thereafter.kit import clock
from thereafter.loyalty.actions import handing, redemptions, reward_orders, rewards
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.actions.reward_pools import Checkout
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries import rewards as queries
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.reward_makers import HOME, NOW, fresh, make_reward, points_of, rich, take
from thereafter.returns.actions import credit
from thereafter.returns.models import CreditAccount
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
EARNED = 899


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return rich(store)


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


def cancel(redemption: Redemption) -> None:
    with clock.at(NOW):
        redemptions.cancel(redemption.store_id, redemption.key, now=NOW)
        run_until_idle(NOW)


def use(redemption: Redemption, number: str = "2001") -> Order:
    """The member orders with the code of the reward."""
    assert redemption.coupon
    assert redemption.reward
    codes = [redemption.coupon.code]
    with clock.at(NOW):
        used = make_order(redemption.reward.store, number=number, placed_at=NOW, discount="5.00", discount_codes=codes)
        run_until_idle(NOW)
    return used


def refund(order: Order, amount: str, name: str = "re_1") -> None:
    later = NOW + timedelta(days=5)
    with clock.at(later):
        doc = RefundDoc(external_id=name, amount=amount, at=later)
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=later)
        run_until_idle(later)


@pytest.mark.parametrize(
    ("kind", "settings", "value"),
    [
        ("amount", {}, 500),
        ("percent", {"value": 1000}, 1000),
        ("shipping", {"value": 0}, 0),
        ("product", {"products": ["shoe"], "value": 8990}, 8990),
    ],
)
def test_a_reward_at_the_checkout_is_a_code_of_its_own(
    store: Store, order: Order, kind: str, settings: dict[str, Any], value: int
) -> None:
    taken = take(order, make_reward(store, kind, **settings))
    assert taken.coupon
    assert (taken.coupon.customer_id, taken.coupon.pool.value) == (order.customer_id, value)
    assert queries.readiness(taken, NOW) == "ready"
    assert points_of(order) == EARNED - 100
    assert_recorded(RewardTaken, kind=kind, code=taken.coupon.code, points=100)


def test_a_free_product_is_one_piece_and_not_the_whole_basket(store: Store, order: Order) -> None:
    """A share of a hundred percent would make five of them free."""
    taken = take(order, make_reward(store, "product", products=["shoe"], value=8990))
    assert taken.coupon
    assert (taken.coupon.pool.kind, taken.coupon.pool.products) == ("amount", ["shoe"])


def test_steps_give_codes_of_the_sum_that_was_chosen(store: Store, order: Order) -> None:
    reward = make_reward(store, is_stepped=True, value=100, most_points=500)
    sums = [take(order, reward, key=f"k{points}", points=points) for points in (100, 300, 300)]
    assert [one.coupon.pool.value for one in sums if one.coupon] == [100, 300, 300]
    assert [one.said["value"] for one in sums] == [100, 300, 300]


def test_codes_of_a_sum_share_one_pool(store: Store, order: Order) -> None:
    reward = make_reward(store, is_stepped=True, value=100)
    first, second = (take(order, reward, key=key, points=300) for key in ("a", "b"))
    assert first.coupon
    assert second.coupon
    assert first.coupon.pool_id == second.coupon.pool_id
    assert first.coupon.code != second.coupon.code


def test_a_cancelled_reward_gives_points_back_and_withdraws_its_code(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    cancel(taken)
    taken = fresh(taken)
    assert taken.coupon
    assert taken.coupon.withdrawn_at
    assert (taken.state, points_of(order)) == ("cancelled", EARNED)


def test_a_code_that_was_used_cannot_be_cancelled(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    use(taken)
    with pytest.raises(Refused, match="used already on order 2001"):
        cancel(taken)
    assert fresh(taken).state == "taken"


def test_the_order_that_used_a_code_is_known(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    assert fresh(taken).order_id is None
    used = use(taken)
    assert fresh(taken).order_id == used.pk
    assert queries.readiness(fresh(taken), NOW) == "used"


def test_refunds_give_spent_points_back_in_proportion_and_leak_none(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    used = use(taken)
    assert used.total_minor == 8490
    before = points_of(order)
    refund(used, "28.30", "a")
    assert fresh(taken).restored == 33
    refund(used, "28.30", "b")
    assert fresh(taken).restored == 67
    refund(used, "28.30", "c")
    assert fresh(taken).restored == 100
    # The order's own points went away with its money.
    assert points_of(order) == before + 100 - 84
    assert doubted() == {}


def test_a_refund_told_twice_gives_points_back_once(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    used = use(taken)
    refund(used, "42.45")
    for _ in range(2):
        reward_orders.follow_refunds(store.pk, [used.pk], now=NOW)
    assert fresh(taken).restored == 50


def test_points_that_paid_a_part_of_an_order_come_back_with_its_money(store: Store, order: Order) -> None:
    with clock.at(NOW):
        held = redemptions.reserve(order.customer, key="cart", points=300, now=NOW).redemption
        bought = make_order(store, number="2001", placed_at=NOW, discount="9.90")
        redemptions.capture(store.pk, "cart", now=NOW, order_ref="2001", order=bought)
        run_until_idle(NOW)
    assert queries.readiness(fresh(held), NOW) == "used"
    refund(bought, "20.00", "a")
    assert fresh(held).restored == 75
    refund(bought, "60.00", "b")
    assert fresh(held).restored == 300
    assert doubted() == {}


def test_a_cancelled_order_gives_all_of_it_back(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    used = use(taken)
    assert taken.coupon
    gone = order_doc(
        used.number,
        placed_at=used.placed_at,
        discount="5.00",
        discount_codes=[taken.coupon.code],
        status="cancelled",
        cancelled_at=NOW + timedelta(days=1),
        changed_at=NOW + timedelta(days=1),
    )
    with clock.at(NOW + timedelta(days=1)):
        take_orders(store, [gone], source="api", now=NOW + timedelta(days=1))
        run_until_idle(NOW + timedelta(days=1))
    assert fresh(taken).restored == 100


def test_a_code_used_after_it_was_cancelled_shows_up_as_gone_wrong(store: Store, order: Order) -> None:
    """The shop system knows the code still; what it lets through counts."""
    taken = take(order, make_reward(store))
    cancel(taken)
    use(taken)
    assert list(queries.troubles(store, NOW)) == [taken]
    assert "after the points had been given back" in fresh(taken).note


def test_without_codes_left_nothing_is_spent(store: Store, order: Order) -> None:
    reward = make_reward(store, checkout=Checkout(delivery="list"))
    with pytest.raises(Refused) as refusal:
        take(order, reward)
    assert refusal.value.reason == "out_of_stock"
    assert points_of(order) == EARNED
    assert reward.pool
    import_codes(reward.pool, ["FIVE-1"], now=NOW)
    taken = take(order, reward)
    assert taken.coupon
    assert taken.coupon.code == "FIVE-1"


def test_codes_that_end_unused_keep_the_points_unless_the_reward_says_else(store: Store, order: Order) -> None:
    kept = take(order, make_reward(store, valid_days=10), key="kept")
    kind = make_reward(store, valid_days=10, details={"refund_when_expired": True})
    back = take(order, kind, key="back")
    later = NOW + timedelta(days=14)
    assert reward_orders.give_back_expired(NOW + timedelta(days=11)) == 0
    with clock.at(later):
        assert [reward_orders.give_back_expired(later) for _ in range(2)] == [1, 0]
    assert (fresh(kept).state, fresh(back).state) == ("taken", "cancelled")
    assert points_of(order) == EARNED - 100


def test_what_was_promised_of_an_unused_code_stays_promised(store: Store, order: Order) -> None:
    reward = make_reward(store, valid_days=10, details={"refund_when_expired": True})
    taken = take(order, reward)
    rewards.change(reward, _settings(reward, details={"refund_when_expired": False}, valid_days=10), now=NOW)
    later = NOW + timedelta(days=14)
    with clock.at(later):
        assert reward_orders.give_back_expired(later) == 1
    assert fresh(taken).state == "cancelled"


def _settings(reward: Reward, **changed: Any) -> RewardSettings:
    kept = {name: getattr(reward, name) for name in ("name", "kind", "cost", "value", "currency")}
    return RewardSettings(**kept | changed)


def test_a_refused_code_says_so_and_can_be_tried_again(store: Store, order: Order, owner: Staff) -> None:
    taken = take(order, make_reward(store, checkout=Checkout(delivery="shopify")))
    assert queries.readiness(taken, NOW) == "on_its_way"
    with pytest.raises(handing.NotPossible):
        handing.try_again(taken, by=owner, now=NOW)
    assert taken.coupon
    Coupon.objects.filter(pk=taken.coupon.pk).update(push_state="failed", push_error="No such market.")
    taken = fresh(taken)
    assert queries.readiness(taken, NOW) == "refused"
    assert list(queries.troubles(store, NOW)) == [taken]
    assert handing.try_again(taken, by=owner, now=NOW) == 1
    assert queries.readiness(fresh(taken), NOW) == "on_its_way"
    assert not queries.troubles(store, NOW)


def test_a_cancelled_code_that_the_shop_does_not_let_go_shows_up(store: Store, order: Order, owner: Staff) -> None:
    taken = take(order, make_reward(store, checkout=Checkout(delivery="shopify")))
    cancel(taken)
    coupon = fresh(taken).coupon
    assert coupon
    assert coupon.push_state == "waiting"
    Coupon.objects.filter(pk=coupon.pk).update(push_state="failed", push_error="No.")
    assert list(queries.troubles(store, NOW)) == [taken]
    assert handing.try_again(fresh(taken), by=owner, now=NOW) == 1


def test_store_credit_is_given_once_and_known_to_be_there(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store, "credit"))
    account = CreditAccount.objects.of(store).get()
    assert (account.paid_minor, account.currency, account.customer_id) == (500, "EUR", order.customer_id)
    assert (taken.handing, queries.readiness(taken, NOW)) == ("done", "ready")
    assert_recorded(RewardHandedOver, kind="credit", redemption_id=taken.pk)


def test_cancelled_store_credit_is_taken_back(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store, "credit"))
    cancel(taken)
    assert CreditAccount.objects.of(store).get().balance_minor == 0
    assert points_of(order) == EARNED


def test_store_credit_that_was_used_cannot_be_cancelled(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store, "credit"))
    with clock.at(NOW):
        credit.spend(CreditAccount.objects.of(store).get(), 100, used_for="1001", key="x", now=NOW)
        run_until_idle(NOW)
    with pytest.raises(Refused, match="used already"):
        cancel(taken)
    assert points_of(order) == EARNED - 100


def test_a_gift_waits_for_its_parcel_and_knows_the_newest_address(store: Store, order: Order, owner: Staff) -> None:
    taken = take(order, make_reward(store, "gift", value=0, currency="", stock=2))
    assert taken.address["line1"] == HOME.line1
    assert list(queries.waiting(store, "gift")) == [taken]
    handing.set_address(taken, {**taken.address, "line1": "Allee 8"}, now=NOW)
    assert handing.hand_over(store, [taken.pk, taken.pk], by=owner, now=NOW, note="DHL 00340") == 1
    assert handing.hand_over(store, [taken.pk], by=owner, now=NOW, note="again") == 0
    taken = fresh(taken)
    assert (taken.address["line1"], taken.note, queries.readiness(taken, NOW)) == ("Allee 8", "DHL 00340", "sent")
    with pytest.raises(handing.NotPossible):
        handing.set_address(taken, taken.address, now=NOW)
    with pytest.raises(Refused, match="sent already"):
        cancel(taken)


def test_a_cancelled_gift_is_in_stock_again_and_waits_no_more(store: Store, order: Order) -> None:
    reward = make_reward(store, "gift", value=0, currency="", stock=1)
    taken = take(order, reward)
    reward.refresh_from_db()
    assert reward.stock == 0
    cancel(taken)
    reward.refresh_from_db()
    assert (reward.stock, points_of(order)) == (1, EARNED)
    assert not queries.waiting(store, "gift")


def test_a_gift_without_an_address_is_not_sent(store: Store, owner: Staff) -> None:
    order = rich(store)
    Order.objects.of(store).update(shipping_address={"city": "Berlin"})
    taken = take(order, make_reward(store, "gift", value=0, currency=""))
    assert handing.hand_over(store, [taken.pk], by=owner, now=NOW) == 0
    with pytest.raises(handing.NotPossible, match="street"):
        handing.set_address(taken, {"name": "John"}, now=NOW)


def test_a_seat_is_confirmed_at_once_and_free_again_until_the_event(store: Store, order: Order) -> None:
    begins = NOW + timedelta(days=7)
    reward = make_reward(
        store, "seat", value=0, currency="", stock=5, details={"starts_at": begins.isoformat(), "place": "Studio"}
    )
    taken = take(order, reward)
    with clock.at(begins), pytest.raises(Refused) as late:
        redemptions.redeem(order.customer, key="late", reward=reward, now=begins)
    assert late.value.reason == "not_offered"
    assert (taken.handing, [len(guests) for _, guests in queries.seats(store)]) == ("done", [1])
    with clock.at(begins), pytest.raises(Refused, match="begun"):
        redemptions.cancel(store.pk, taken.key, now=begins)
    cancel(taken)
    reward.refresh_from_db()
    assert reward.stock == 5


def test_donations_add_up_by_recipient_and_month_and_are_paid_out_once(
    store: Store, order: Order, owner: Staff
) -> None:
    reward = make_reward(store, "donation", is_stepped=True, details={"recipient": "Sea Watch"})
    for key, points in (("a", 100), ("b", 300)):
        take(order, reward, key=key, points=points)
    (one,) = queries.donated(queries.waiting(store, "donation"), clock.zone("UTC"))
    assert (one.recipient, one.month, one.count, one.minor) == ("Sea Watch", "2026-03", 2, 2000)
    assert handing.hand_over(store, one.ids, by=owner, now=NOW, note="Transfer of 1 April") == 2
    assert not queries.waiting(store, "donation")


def test_two_people_who_were_one_get_their_credit_on_the_one_that_stays(store: Store, order: Order) -> None:
    taken = take(order, make_reward(store, "credit"))
    assert taken.account.customer_id == CreditAccount.objects.of(store).get().customer_id


def test_pools_of_archived_rewards_give_nothing_more(store: Store, order: Order) -> None:
    reward = make_reward(store)
    taken = take(order, reward)
    rewards.archive(reward, archived=True, now=NOW)
    assert reward.pool
    assert CouponPool.objects.get(pk=reward.pool.pk).archived_at
    assert queries.readiness(fresh(taken), NOW) == "ready"
    assert coupons.issue(reward.pool, order.customer_id, source="other", now=PLACED) is None
