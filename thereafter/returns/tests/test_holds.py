"""Instant exchange: new goods leave against a hold on the card. A scan in time lets it go, the deadline charges once,
and what comes back later is paid back, whatever is lost on the way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Variant
from thereafter.commerce.tests.makers import make_product
from thereafter.kit import clock
from thereafter.returns import holding, links
from thereafter.returns.actions import deciding, goods, hold_errands, holds, parcels, return_settings, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, Hold, HoldEvent, NewGoods
from thereafter.returns.tests import visits
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.hold_server import Vault
from thereafter.returns.tests.pay_server import pay_server
from thereafter.returns.tests.test_charges import Shopper, hear
from thereafter.returns.tests.test_paying import with_stripe
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
WORTH = 8990
LAST = ASKED + timedelta(days=14)
OVER = ASKED + timedelta(days=16)


@pytest.fixture
def vault() -> Iterator[Vault]:
    server = Vault()
    with pay_server(server):
        yield server


@pytest.fixture
def store(vault: Vault) -> Store:
    store = make_store(country="DE")
    with_stripe(vault, store)
    choose(store, instant_exchange=True)
    return store


@pytest.fixture
def case(store: Store) -> Case:
    make_product(store, "shoe", variants=[VariantDoc(external_id="43", title="43", sku="TR2-43", price="89.90")])
    new = Variant.objects.of(store).get(external_id="43")
    wish = Wish(line="1", reason="size_small", outcome="exchange_variant", method="own_carrier", goods=((new.pk, 1),))
    return ask_for_one(delivered_order(store), wish)


def choose(store: Store, **fields: object) -> None:
    return_settings.change_settings(store, by=make_staff(store), now=ASKED, **fields)


def work(now: datetime = ASKED) -> None:
    with clock.at(now):
        run_until_idle()
        holds.see_to_days(now)
        holding.see_to_due(now)
        run_until_idle()


def begin(case: Case, vault: Vault) -> Shopper:
    """The shopper pressed the button and let the card be held."""
    shopper = Shopper(case)
    with clock.at(ASKED):
        answer = shopper.client.post(f"{shopper.at}/at-once")
    assert answer["Refresh"] == "0; url=https://checkout.stripe.example/cs_1"
    hear(case, vault.allow())
    work()
    return shopper


def send_new(case: Case) -> None:
    with clock.at(ASKED):
        new = list(NewGoods.objects.filter(case=case))
        goods.ship(new, carrier="dhl", number="JD7", by=make_staff(case.store), now=ASKED)
    work()


def hand_in(case: Case, now: datetime) -> None:
    with clock.at(now):
        parcels.told(visits.parcel(case), "in_transit", now=now)
    work(now)


def receive(case: Case, now: datetime) -> None:
    by = make_staff(case.store)
    with clock.at(now):
        units.receive(again(case), {unit.pk: "received" for unit in visits.units(case)}, by=by, now=now)
    work(now)


def state(case: Case) -> str:
    return Hold.objects.get(case=case).state


def test_everything_is_said_before_anything_happens(store: Store, case: Case) -> None:
    page = Shopper(case).see()
    assert "may be held on your card" in page
    assert "€89.90 is charged to your card" in page
    assert "Thursday 26 March" in page
    assert not Hold.objects.exists()
    choose(store, instant_exchange=False)
    assert "may be held" not in Shopper(case).see()


def test_the_new_goods_leave_and_no_money(vault: Vault, case: Case) -> None:
    shopper = begin(case, vault)
    hear(case, vault.news("cs_1", "checkout.session.async_payment_succeeded"))
    work()
    assert (state(case), NewGoods.objects.get().state, visits.shares(case)) == ("held", "released", [])
    assert (vault.taken, again(case).released_at, HoldEvent.objects.count()) == ([], None, 1)
    page = shopper.see()
    assert "is held on your card, not charged" in page
    assert "may be held" not in page


def test_pressing_twice_or_losing_the_answer_makes_one_page(vault: Vault, case: Case) -> None:
    shopper, vault.loses_pages = Shopper(case), 1
    with clock.at(ASKED):
        pages = [shopper.client.post(f"{shopper.at}/at-once").headers.get("Refresh", "")[-4:] for _ in range(3)]
    assert (pages, len(vault.sessions)) == (["", "cs_1", "cs_1"], 1)


def test_without_a_webhook_the_way_back_knows(vault: Vault, case: Case) -> None:
    shopper = Shopper(case)
    with clock.at(ASKED):
        shopper.client.post(f"{shopper.at}/at-once")
    vault.allow()
    assert "your card is only held" in shopper.see("/held")
    assert state(case) == "held"


def test_a_scan_on_the_last_day_lets_it_go(vault: Vault, case: Case) -> None:
    begin(case, vault)
    send_new(case)
    hand_in(case, LAST)
    work(OVER)
    assert (state(case), vault.intents["pi_1"]["status"], vault.taken) == ("released", "canceled", [])


@pytest.mark.parametrize("drops", [0, 1, 3])
@pytest.mark.parametrize("has_lapsed", [False, True])
def test_the_deadline_charges_once(vault: Vault, case: Case, drops: int, has_lapsed: bool) -> None:
    begin(case, vault)
    send_new(case)
    if has_lapsed:
        vault.lapse()
    vault.drops = drops
    work(LAST)
    assert vault.taken == []
    for hours in range(12):
        work(OVER + timedelta(hours=hours))
    assert state(case) == "captured"
    assert [amount for _name, amount in vault.taken] == [WORTH]


def test_a_token_is_let_go_and_the_card_charged(vault: Vault, store: Store, case: Case) -> None:
    choose(store, hold_kind="token")
    begin(case, vault)
    send_new(case)
    assert vault.sessions["cs_1"]["amount_total"] == 100
    work(OVER)
    assert (vault.intents["pi_1"]["status"], vault.taken) == ("canceled", [("pi_2", WORTH)])


def test_a_crash_after_the_charge_charges_no_second_time(vault: Vault, case: Case) -> None:
    begin(case, vault)
    send_new(case)
    vault.lapse()
    holds.deadline(Hold.objects.get(), now=OVER)
    errand = hold_errands.claim(OVER)
    assert errand
    holding.carry_out(errand)
    vault.answers.clear()  # Stripe forgets keys after a day.
    work(OVER + timedelta(days=2))
    assert (state(case), vault.taken) == ("captured", [("pi_2", WORTH)])


def test_what_comes_back_later_is_paid_back_once(vault: Vault, case: Case) -> None:
    shopper = begin(case, vault)
    send_new(case)
    work(OVER)
    hand_in(case, OVER)
    assert state(case) == "captured"
    vault.loses_answers = 1
    for hours in range(6):
        receive(case, OVER) if not hours else work(OVER + timedelta(hours=hours))
    assert (state(case), vault.paid) == ("refunded", [("stripe", str(WORTH))])
    assert "was paid back" in shopper.see(now=OVER)


def test_a_scan_in_time_that_is_told_late_gives_the_money_back(vault: Vault, case: Case) -> None:
    begin(case, vault)
    send_new(case)
    work(OVER)
    holds.happened(case.store_id, case.pk, "in_transit_scan", at=LAST, now=OVER)
    work(OVER)
    assert (state(case), vault.paid) == ("refunded", [("stripe", str(WORTH))])


def test_a_scan_while_the_charge_is_under_way_ends_with_nothing_taken(vault: Vault, case: Case) -> None:
    begin(case, vault)
    send_new(case)
    holds.deadline(Hold.objects.get(), now=OVER)
    errand = hold_errands.claim(OVER)
    assert errand
    holds.happened(case.store_id, case.pk, "in_transit_scan", at=LAST, now=OVER)
    hold_errands.settle(holding.carry_out(errand), now=OVER)
    work(OVER)
    assert (state(case), vault.taken, vault.paid) == ("refunded", [("pi_1", WORTH)], [("stripe", str(WORTH))])


def test_a_refused_charge_is_a_task(vault: Vault, store: Store, case: Case) -> None:
    begin(case, vault)
    send_new(case)
    vault.lapse()
    vault.declines = True
    work(OVER)
    desk = Desk(store)
    with clock.at(OVER):
        page = desk.browser.get(f"/console/{store.slug}/refunds/").content.decode()
    assert "Your card was declined." in page
    assert "How the hold went" in desk.see(f"{case.pk}/")
    vault.declines = False
    there = f"/console/{store.slug}/refunds/holds/{Hold.objects.get().pk}/"
    with clock.at(OVER):
        assert "tried again" in desk.browser.post(there, {"do": "again"}, follow=True).content.decode()
    work(OVER)
    assert (state(case), vault.taken) == ("captured", [("pi_2", WORTH)])
    with clock.at(OVER):
        assert "goes back" in desk.browser.post(there, {"do": "let_go"}, follow=True).content.decode()
    work(OVER)
    assert (state(case), vault.paid) == ("refunded", [("stripe", str(WORTH))])


def test_the_shopper_is_told_a_day_before(vault: Vault, case: Case) -> None:
    begin(case, vault)
    for day in (12, 13, 13, 14):
        work(ASKED + timedelta(days=day))
    told = Entry.objects.get(name="return.answered").payload["text"]
    assert "€89.90 is charged" in told
    assert "Thursday 26 March" in told


def test_nobody_pays_for_goods_that_never_left(vault: Vault, case: Case) -> None:
    begin(case, vault)
    work(OVER)
    assert (state(case), vault.taken) == ("released", [])
    assert "have not left" in again(case).review


def test_cancelling_lets_it_go(vault: Vault, case: Case) -> None:
    begin(case, vault)
    with clock.at(ASKED):
        deciding.cancel(again(case), by=None, now=ASKED)
    work()
    assert (state(case), vault.intents["pi_1"]["status"], vault.taken) == ("released", "canceled", [])


def test_a_card_that_is_held_after_the_goods_were_handed_in_is_let_go(vault: Vault, case: Case) -> None:
    shopper = Shopper(case)
    with clock.at(ASKED):
        shopper.client.post(f"{shopper.at}/at-once")
    hand_in(case, ASKED)
    news = vault.allow()
    hear(case, news)
    work()
    work()
    assert (state(case), vault.intents["pi_1"]["status"], vault.taken) == ("released", "canceled", [])


def test_the_shop_switches_it_on(vault: Vault, store: Store, case: Case) -> None:
    desk = Desk(store)
    with clock.at(ASKED):
        form = {"form": "instant", "instant_exchange": "on", "hold_days": "20", "hold_kind": "full"}
        page = desk.browser.post(f"/console/{store.slug}/refunds/settings/", form, follow=True).content.decode()
    assert "Saved. Holds" in page
    assert "Wednesday 1 April" in Shopper(case).see()


def test_a_strangers_link_holds_nothing(store: Store, case: Case) -> None:
    assert Client().post(f"/s/{store.slug}/returns/case/{links.case_token(case)}x/at-once").status_code >= 400
    assert not Hold.objects.exists()
