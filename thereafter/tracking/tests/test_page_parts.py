"""Each thing that the order's page shows, in the states that call for it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging.blocks import blocks
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking import facts
from thereafter.tracking.actions.flags import look_again
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.models import Parcel, Promise
from thereafter.tracking.rules.settings import Page, Settings, Slot
from thereafter.tracking.tests import pages
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
ADDRESS = "/s/stride/tracking/o/"


@pytest.fixture
def store(db: None) -> Store:
    return make_store(country="DE", shop_url="https://stride.example")


def page_of(order: Order, now: datetime = NOW, language: str = "en") -> str:
    with clock.at(now):
        response = Client().get(f"/s/stride/o/{order_token(order)}?lang={language}")
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def made(store: Store, state: str) -> str:
    return page_of(pages.STATES[state](store, NOW))


def test_each_step_of_the_bar_has_its_day(store: Store) -> None:
    bar = made(store, "on_time").partition('<ol class="steps"')[2].partition("</ol>")[0]
    assert bar.index("Tue 3 Mar") < bar.index("Wed 4 Mar")


def test_a_parcel_that_keeps_its_day_says_so_with_the_promise(store: Store) -> None:
    page = made(store, "on_time")
    assert "On time</span>" in page
    assert "Promised by" in page


def test_a_late_parcel_says_why_and_what_happens_now(store: Store) -> None:
    page = made(store, "late")
    assert "Running late – sorry" in page
    assert "Why it takes longer" in page
    assert "The weather is holding it up. It goes on as soon as the carrier can." in page


def test_when_the_carrier_is_silent_for_long_it_might_be_late(store: Store) -> None:
    order = pages.silent(store, NOW)
    with clock.at(NOW):
        look_again(store, NOW)
    page = page_of(order)
    assert "Might be late" in page
    assert "We have heard nothing from the carrier since Wednesday 25 February." in page
    assert "the day we promised" in page


def test_times_of_another_clock_name_it(store: Store) -> None:
    page = made(store, "abroad")
    assert "08:00 UTC−5" in page
    assert page.count("UTC") == 2


def test_three_parcels_have_their_own_goods_numbers_and_states(store: Store) -> None:
    page = made(store, "three_parcels")
    assert "1 of 3 parcels delivered" in page
    assert 'href="#parcel-3"' in page
    assert "Parcel 3: Duties have to be paid before it can go on." in page
    second = page.partition('id="parcel-2"')[2].partition('id="parcel-3"')[0]
    assert "Merino Socks" in second
    assert "Tempo Racer" not in second
    assert "Still to be sent" in page
    assert "Run Cap" in page.partition('id="unsent"')[2]


def test_a_hand_over_names_both_carriers_and_links_both_numbers(store: Store) -> None:
    page = made(store, "three_parcels")
    assert "DHL hands over to Correos" in page
    assert "https://www.correos.es" in page
    assert "PQ4F6P0704104480181750T" in page
    assert page.index("Track with Correos") > page.index("Track with DHL")


@pytest.mark.parametrize(
    ("state", "title", "button"),
    [
        ("bad_address", "Please check the address", "report/?kind=address&amp;parcel=1"),
        ("duties", "A payment is needed", "https://www.dhl"),
        ("attempted", "Be there for the next try", "https://www.dhl"),
        ("pickup", "Pick it up at DHL Paketshop Kiosk am Markt", "proof/"),
        ("today", "Nobody at home today?", "https://www.dhl"),
        ("returning", "Do you still want it?", "report/?kind=other&amp;parcel=1"),
    ],
)
def test_what_the_shopper_can_do_is_one_block_with_one_button(
    store: Store, state: str, title: str, button: str
) -> None:
    block = made(store, state).partition(f">{title}<")[2].partition("btn-primary")[0]
    assert block
    assert button in block


def test_a_pickup_tells_place_and_last_day(store: Store) -> None:
    page = made(store, "pickup")
    assert "Marktstraße 12, 10115 Berlin" in page
    assert "Until Tuesday 10 March" in page
    assert "Tomorrow is the last day." in page_of(pages.pickup(store, NOW, days_left=1))


def test_trouble_that_is_not_the_shoppers_says_who_sees_to_it(store: Store) -> None:
    page = made(store, "lost")
    assert "What happened" in page
    assert "We have seen it too and clear it up with the carrier." in page


def test_problem_buttons_lead_to_the_page_that_takes_them(store: Store) -> None:
    page = made(store, "delivered")
    for kind in ("damaged", "missing", "wrong", "not_received"):
        assert f"report/?kind={kind}&amp;parcel=1" in page
    before = made(store, "nothing_sent")
    assert "report/?kind=address" in before
    assert "kind=damaged" not in before


def test_returns_chat_and_pieces_of_the_shop_come_from_its_settings(store: Store) -> None:
    order = pages.delivered(store, NOW)
    assert "https://s.example/returns" not in page_of(order)
    slot = Slot(
        title="Care <for> it", text="Two minutes.", url="javascript:alert(1)", image_url="https://s.example/i.png"
    )
    page = Page(slots=(slot,), returns_url="https://s.example/returns", chat_url="https://s.example/chat")
    change_settings(store, Settings(page=page), by=None, now=NOW)
    shown = page_of(order)
    assert "https://s.example/returns" in shown
    assert "https://s.example/chat" in shown
    assert "Care &lt;for&gt; it" in shown
    assert "https://s.example/i.png" in shown
    assert "javascript:" not in shown


def test_news_may_be_followed_only_while_there_is_some_to_come(store: Store) -> None:
    order = pages.STATES["on_time"](store, NOW)
    assert "/follow/" in page_of(order)
    assert "/delivery.ics" in page_of(order)
    assert 'data-every="60"' in page_of(order)
    change_settings(store, Settings(page=Page(subscribe=False)), by=None, now=NOW)
    assert "/follow/" not in page_of(order)
    over = made(store, "delivered")
    assert "/follow/" not in over
    assert "live.js" not in over


def test_the_number_of_updates_shown_is_the_shops(store: Store) -> None:
    order = pages.STATES["on_time"](store, NOW)
    assert "Show 2 earlier updates" in page_of(order)
    change_settings(store, Settings(number_of_scans_shown=4), by=None, now=NOW)
    assert "Show 1 earlier update" in page_of(order)


def test_on_the_van_the_usual_hour_is_told_when_enough_is_known(store: Store) -> None:
    for at in range(20):
        scanned = NOW - timedelta(days=9, hours=at)
        number = f"OLD{at}"
        order = pages.place(store, scanned, days=2)
        pages.hand_over(order, scanned, days=1, carrier="DHL", tracking_number=number)
        local = scanned.replace(hour=14, minute=20)
        scan(store, scan_doc("delivered", f"{local:%Y-%m-%dT%H:%M:%S}+01:00"), tracking_number=number, now=NOW)
    assert "Arriving today, usually by 15:00" in made(store, "today")


def test_german_speaks_german(store: Store) -> None:
    page = page_of(pages.STATES["three_parcels"](store, NOW), language="de")
    assert "DHL übergibt an Correos" in page
    assert "Es ist noch etwas zu bezahlen" in page


def test_mails_list_several_parcels_and_name_the_pickup(store: Store) -> None:
    three, waits = pages.three_parcels(store, NOW), pages.pickup(store, NOW)
    with clock.at(NOW):
        first, second = blocks["delivery"].fill([three.customer, waits.customer], [three, waits])
    assert first is not None
    assert second is not None
    assert [one["headline"] for one in first["parcels"]] == ["delivered", "between", "exception"]
    assert first["parcels"][1]["next_carrier"] == "Correos"
    assert second["pickup"]["name"] == "DHL Paketshop Kiosk am Markt"
    assert "4711" not in str(second)


def test_goods_without_a_title_of_their_own_break_nothing(store: Store) -> None:
    odd = Line(external_id="1", title="<i>Odd</i>", quantity=1, unit_price="1", product_id="odd")
    assert "&lt;i&gt;Odd" in page_of(pages.place(store, NOW, lines=(odd,)))


def test_what_is_not_packed_yet_does_not_come_today_whatever_was_said(store: Store) -> None:
    placed = datetime(2026, 3, 3, 9, tzinfo=UTC)
    order = make_order(store, placed_at=placed, promised_on=date(2026, 3, 20))
    with clock.at(placed):
        run_until_idle(placed)
    Promise.objects.of(store).update(expected_from=date(2026, 3, 5), expected_to=date(2026, 3, 6))
    told = facts.delivery(order, date(2026, 3, 6))["lead"]
    assert told["headline"] == "preparing"
    assert told["from"] > "2026-03-06"
    assert told["to"] >= told["from"]


def test_a_range_never_begins_on_a_day_on_which_nobody_delivers(store: Store) -> None:
    parcel = make_parcel(store, placed_at=datetime(2026, 3, 3, 9, tzinfo=UTC), promised_on=date(2026, 3, 20))
    Parcel.objects.of(store).update(expected_from=date(2026, 3, 6), expected_to=date(2026, 3, 10))
    sunday = date(2026, 3, 8)
    told = facts.delivery(parcel.order, sunday)["lead"]
    assert (told["from"], told["to"]) == ("2026-03-09", "2026-03-10")
