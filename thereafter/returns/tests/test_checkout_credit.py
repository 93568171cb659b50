"""Store credit at the shop's own checkout: handed over once, spent in one place only, and nothing of it is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns import checkout_jobs
from thereafter.returns.actions import checkout_credit, credit
from thereafter.returns.actions.checkout_credit import CannotMove
from thereafter.returns.models import CheckoutCredit, CreditAccount, CreditLine, ReturnSettings
from thereafter.returns.tests.checkout_shops import Checkout
from thereafter.returns.tests.pay_server import pay_server
from thereafter.returns.tests.test_paying import with_shop
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BOTH = pytest.mark.parametrize("source", ["shopify", "woocommerce"])


@pytest.fixture
def shop() -> Iterator[Checkout]:
    server = Checkout()
    with pay_server(server):
        yield server


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def by(store: Store) -> Staff:
    return make_staff(store)


def at(shop: Checkout, store: Store, source: str) -> None:
    with_shop(shop, store, source)
    checkout_credit.choose(store, source, by=None, now=NOW)


def given(store: Store, minor: int = 5000, now: datetime = NOW, **more: Any) -> CreditAccount:
    order = make_order(store)
    with clock.at(now):
        account = credit.issue(order.customer, minor, "EUR", source=f"test:{order.pk}", now=now, **more)
    work(now)
    return account


def work(now: datetime = NOW) -> None:
    with clock.at(now):
        run_until_idle()
        checkout_jobs.see_to_due(now)


def worth(account: CreditAccount) -> int:
    return CreditAccount.objects.get(pk=account.pk).balance_minor


def held(account: CreditAccount) -> CheckoutCredit:
    return CheckoutCredit.objects.get(account=account)


def ordered(store: Store, number: str, code: str, now: datetime) -> None:
    with clock.at(now):
        make_order(store, external_id=number, number=number, source="woocommerce", discount_codes=[code], placed_at=now)
    work(now)


@BOTH
def test_credit_goes_to_the_checkout_once_though_the_answer_is_lost(shop: Checkout, store: Store, source: str) -> None:
    at(shop, store, source)
    shop.loses = 1
    account = given(store)
    assert held(account).state == "waiting"
    work(NOW + timedelta(minutes=10))
    assert (held(account).state, shop.made) == ("good", 1)
    there: Any = next(iter((shop.cards or shop.coupons).values()))
    assert there["code"].upper() == account.code
    assert there.get("initialValue", there.get("amount")) == "50.00"


@BOTH
def test_what_is_at_the_checkout_is_spent_there_only(shop: Checkout, store: Store, by: Staff, source: str) -> None:
    at(shop, store, source)
    account = given(store)
    with pytest.raises(credit.SpentElsewhere, match="shop's checkout"):
        credit.spend(account, 100, used_for="1", key="k", now=NOW)
    with pytest.raises(credit.SpentElsewhere):
        credit.adjust(account, -100, why="A test", by=by, now=NOW)
    assert worth(account) == 5000


def test_what_a_lost_answer_may_have_made_is_not_spent_by_us(shop: Checkout, store: Store) -> None:
    at(shop, store, "shopify")
    shop.loses = 1
    account = given(store)
    with pytest.raises(credit.SpentElsewhere):
        credit.spend(account, 100, used_for="1", key="k", now=NOW)


def test_what_was_spent_with_a_gift_card_is_heard_once(shop: Checkout, store: Store) -> None:
    at(shop, store, "shopify")
    account = given(store)
    shop.buy_with_card(2000)
    work(NOW + DAY)
    work(NOW + 2 * DAY)
    assert worth(account) == 3000
    shop.buy_with_card(3000)
    work(NOW + 3 * DAY)
    assert (worth(account), held(account).state) == (0, "ended")
    assert CreditLine.objects.filter(account=account, kind="spent").count() == 2


def test_a_gift_card_is_looked_at_when_its_owner_orders(shop: Checkout, store: Store) -> None:
    at(shop, store, "shopify")
    account = given(store)
    shop.buy_with_card(2000)
    with clock.at(NOW + timedelta(minutes=5)):
        order = make_order(store, external_id="77", number="77", source="shopify")
        assert order.customer_id == account.customer_id
    work(NOW + timedelta(minutes=5))
    assert worth(account) == 3000


def test_a_coupon_that_was_used_in_part_is_made_anew_for_the_rest(shop: Checkout, store: Store) -> None:
    at(shop, store, "woocommerce")
    account = given(store)
    code = shop.buy_with_coupon("501", 2000)
    ordered(store, "501", code, NOW + DAY)
    assert (worth(account), held(account).state) == (3000, "good")
    (coupon,) = shop.coupons.values()
    assert (coupon["amount"], coupon["usage_count"], coupon["code"]) == ("30.00", 0, account.code)
    ordered(store, "502", shop.buy_with_coupon("502", 3000), NOW + 2 * DAY)
    assert (worth(account), held(account).state, shop.coupons) == (0, "ended", {})
    spent = CreditLine.objects.filter(account=account, kind="spent").order_by("pk")
    assert [line.used_for for line in spent] == ["501", "502"]


def test_an_order_that_is_not_paid_yet_is_waited_for_and_one_that_fails_costs_nothing(
    shop: Checkout, store: Store
) -> None:
    at(shop, store, "woocommerce")
    account = given(store)
    ordered(store, "501", shop.buy_with_coupon("501", 2000, status="pending"), NOW)
    assert (worth(account), held(account).order_ref) == (5000, "501")
    shop.orders["501"]["status"] = "cancelled"
    next(iter(shop.coupons.values()))["usage_count"] = 0
    work(NOW + DAY)
    assert (worth(account), held(account).order_ref, held(account).error) == (5000, "", "")


def test_a_coupon_that_was_used_in_an_unknown_order_is_told_to_people(shop: Checkout, store: Store, by: Staff) -> None:
    at(shop, store, "woocommerce")
    account = given(store)
    code = shop.buy_with_coupon("501", 2000)
    work(NOW + DAY)
    page = signed_in(by).get("/console/stride/credit/").content.decode()
    assert "has not reached us" in page
    ordered(store, "501", code, NOW + 2 * DAY)
    assert (worth(account), held(account).error) == (3000, "")


@BOTH
def test_what_is_taken_back_is_ours_again(shop: Checkout, store: Store, by: Staff, source: str) -> None:
    at(shop, store, source)
    account = given(store)
    if source == "shopify":
        shop.buy_with_card(2000)
    browser = signed_in(by)
    with clock.at(NOW):
        page = browser.post(f"/console/stride/credit/{account.pk}/", {"checkout": "back"}, follow=True)
    assert "taken back from the checkout now" in page.content.decode()
    work(NOW)
    assert held(account).state == "ended"
    assert not shop.coupons
    assert not any(card["enabled"] for card in shop.cards.values())
    left = worth(account)
    assert left == (3000 if source == "shopify" else 5000)
    credit.spend(account, left, used_for="1", key="k", now=NOW)


def test_a_used_coupon_is_taken_back_only_when_its_order_is_known(shop: Checkout, store: Store, by: Staff) -> None:
    at(shop, store, "woocommerce")
    account = given(store)
    code = shop.buy_with_coupon("501", 2000)
    checkout_credit.take_back(account, by=by, now=NOW)
    work(NOW)
    assert held(account).state == "recalling"
    ordered(store, "501", code, NOW + DAY)
    assert (worth(account), held(account).state, shop.coupons) == (3000, "ended", {})


def test_an_order_that_comes_while_we_look_is_not_forgotten(shop: Checkout, store: Store) -> None:
    at(shop, store, "woocommerce")
    account = given(store)
    errand = checkout_credit.claim(NOW + DAY)
    assert errand
    report = checkout_jobs.carry_out(errand)
    code = shop.buy_with_coupon("501", 2000)
    order = make_order(store, external_id="501", number="501", source="woocommerce", discount_codes=[code])
    checkout_credit.used_in(store.pk, {order.pk}, now=NOW + DAY)
    checkout_credit.settle(report, now=NOW + DAY)
    work(NOW + DAY)
    assert (worth(account), held(account).state) == (3000, "good")


def test_another_currency_is_refused_and_stays_ours(shop: Checkout, store: Store) -> None:
    at(shop, store, "shopify")
    shop.currency = "USD"
    account = given(store)
    assert held(account).state == "refused"
    assert "in USD" in held(account).error
    credit.spend(account, 100, used_for="1", key="k", now=NOW)


def test_a_bad_key_is_tried_again_later_and_then_by_a_person(shop: Checkout, store: Store, by: Staff) -> None:
    at(shop, store, "shopify")
    shop.says = [(401, {"errors": "Invalid API key"})]
    account = given(store)
    assert (held(account).state, held(account).attempts) == ("waiting", 1)
    assert "refuses our key" in held(account).error
    with pytest.raises(CannotMove, match="tried already"):
        checkout_credit.try_again(account, by=by, now=NOW)
    work(NOW + DAY)
    assert held(account).state == "good"


def test_switching_on_takes_what_there_is_and_off_brings_it_back(shop: Checkout, store: Store, by: Staff) -> None:
    account = given(store)
    with_shop(shop, store, "shopify")
    browser = signed_in(by)
    with clock.at(NOW):
        page = browser.post(
            "/console/stride/refunds/settings/", {"form": "checkout", "checkout": "shopify"}, follow=True
        )
    assert "1 credit of today goes there now" in page.content.decode()
    work()
    assert held(account).state == "good"
    with clock.at(NOW):
        browser.post("/console/stride/refunds/settings/", {"form": "checkout", "checkout": ""}, follow=True)
    work()
    assert (held(account).state, ReturnSettings.objects.get().credit_checkout) == ("ended", "")
    assert not any(card["enabled"] for card in shop.cards.values())


def test_only_a_bonus_ends_and_is_taken_back_on_its_day(shop: Checkout, store: Store) -> None:
    at(shop, store, "shopify")
    ReturnSettings.objects.update(credit_days=30)
    mixed, bonus = given(store, 1000, bonus_minor=500), given(store, 0, bonus_minor=700)
    own, pure = sorted(shop.cards.values(), key=lambda card: int(card["left"]), reverse=True)
    assert (own["initialValue"], own.get("expiresOn")) == ("15.00", None)
    assert (pure["initialValue"], pure["expiresOn"]) == ("7.00", "2026-05-01")
    for hours in (0, 6, 12):
        work(NOW + 32 * DAY + timedelta(hours=hours))
    assert (held(bonus).state, pure["enabled"]) == ("ended", False)
    assert (held(mixed).state, worth(mixed)) == ("good", 1500)


def test_a_credit_that_is_not_there_cannot_be_taken_back(store: Store, by: Staff) -> None:
    with pytest.raises(CannotMove, match="not at a checkout"):
        checkout_credit.take_back(given(store), by=by, now=NOW)
    with pytest.raises(CannotMove, match="key for writing"):
        checkout_credit.choose(store, "shopify", by=by, now=NOW)
