"""Where merchants set up delivery, see how good their dates were, and put them on product pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking import before_purchase
from thereafter.tracking.actions import forecasts
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.console.settings_words import alert_words
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.settings import Carrier, Dates, Page, Settings
from thereafter.tracking.tests.makers import make_parcel, parcel_doc, scan_doc

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WAREHOUSE: dict[str, Any] = {
    "cut_off": "13:30", "weekdays": ["0", "1", "2"], "least": "1", "most": "2", "keeps_holidays": "on", "country": "",
    "subdivision": "BY", "closed": "2026-12-24\n2026-12-23", "time_zone": "",
}  # fmt: skip


@pytest.fixture
def store(db: None) -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin", shop_url="https://stride.example")


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(make_staff(store))


def page(client: Client, path: str, now: datetime = MONDAY, **query: Any) -> str:
    with clock.at(now):
        response = client.get(f"/console/stride/parcels/{path}", query)
    assert response.status_code == 200
    return response.content.decode()


def send(client: Client, path: str, **data: Any) -> Any:
    with clock.at(MONDAY):
        return client.post(f"/console/stride/parcels/{path}", data)


def delivered(store: Store, count: int, days: int) -> None:
    docs = []
    with clock.at(PLACED):
        for at in range(count):
            number, placed = f"{days}-{at}", PLACED - timedelta(weeks=at % 8 + 2)
            ship(make_order(store, number=number, placed_at=placed), tracking_number=number)
            docs.append(parcel_doc(scan_doc("delivered", placed + timedelta(days=days)), tracking_number=number))
        run_until_idle()
        add_scans(store, docs, source="carrier", now=PLACED)


def test_the_warehouse_is_set_and_read_back(client: Client, store: Store) -> None:
    assert send(client, "settings/", **WAREHOUSE).status_code == 302
    warehouse = settings_of(store).warehouse
    assert (warehouse.cut_off, warehouse.weekdays, warehouse.processing_days) == ("13:30", (0, 1, 2), (1, 2))
    assert [day.isoformat() for day in warehouse.closed] == ["2026-12-23", "2026-12-24"]
    assert 'value="13:30"' in page(client, "settings/")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("most", "0", "must not be less"),
        ("subdivision", "XX", "We know no holidays of “XX”"),
        ("closed", "Christmas", "“Christmas” is not a day"),
        ("cut_off", "noon", "Enter a valid time"),
        ("weekdays", [], "This field is required"),
    ],
)
def test_what_cannot_be_is_refused_with_a_clear_sentence(
    client: Client, store: Store, field: str, value: Any, says: str
) -> None:
    answer = send(client, "settings/", **WAREHOUSE | {field: value})
    assert says in answer.content.decode()
    assert settings_of(store) == Settings()


def test_the_preview_shows_what_the_form_would_promise(client: Client, store: Store) -> None:
    before = page(client, "settings/")
    assert "would be promised for <b>Mon 30 Nov</b>" in before
    slower = page(client, "settings/preview/", MONDAY, part="settings", **WAREHOUSE | {"least": "3", "most": "6"})
    assert "would be promised for" in slower
    assert "Mon 30 Nov" not in slower
    assert "Mend the marked fields" in page(client, "settings/preview/", part="settings", cut_off="x")


def test_each_carrier_of_the_store_has_its_days(client: Client, store: Store) -> None:
    make_parcel(store)
    assert "DHL" in page(client, "settings/carriers/")
    days = {"dhl-of": "dhl", "dhl-pickup": ["0"], "dhl-delivery": ["0", "1"], "dhl-least": "1", "dhl-most": "2"}
    assert send(client, "settings/carriers/", **days).status_code == 302
    assert settings_of(store).carriers["dhl"] == Carrier(
        pickup_weekdays=(0,), delivery_weekdays=(0, 1), keeps_holidays=False, transit_days=(1, 2)
    )
    assert "Give both or neither" in send(client, "settings/carriers/", **days | {"dhl-most": ""}).content.decode()


def test_dates_and_alerts_are_typed_in_percent(client: Client, store: Store) -> None:
    send(client, "settings/dates/", on_time="90", coverage="70", model="lane", carrier="never")
    assert settings_of(store).dates == Dates(on_time=0.9, coverage=0.7, model="lane", carrier="never")
    hours = {"fulfilment_hours": "48", "pre_transit_hours": "24", "transit_hours": "72"}
    refused = send(client, "settings/alerts/", might_be_late="80", tell="60", **hours)
    assert "must not be less" in refused.content.decode()
    send(client, "settings/alerts/", might_be_late="50", tell="80", **hours)
    assert settings_of(store).alerts.tell == 0.8


def test_sites_that_may_show_widgets_are_kept_as_origins(client: Client, store: Store) -> None:
    form = {"number_of_scans_shown": "3", "notify_within_hours": "72", "expire_after_days": "30"}
    send(client, "settings/page/", **form, embed_origins="Stride.example/shop\nhttps://b.example", slot_0_title="Club")
    kept = settings_of(store).page
    assert kept.embed_origins == ("https://stride.example", "https://b.example")
    assert [slot.title for slot in kept.slots] == ["Club"]
    for wrong in ("x", "https://[a.b", "https://a.b;script-src *", "https://*.example", "https://me@a.example"):
        refused = send(client, "settings/page/", **form, embed_origins=wrong)
        assert "is not the address of a site" in refused.content.decode()
    assert settings_of(store).page.embed_origins == kept.embed_origins


def test_a_part_of_the_settings_leaves_the_others_alone(client: Client, store: Store) -> None:
    change_settings(store, Settings(page=Page(embed_origins=("https://a.example",))), by=None, now=MONDAY)
    send(client, "settings/", **WAREHOUSE)
    assert settings_of(store).page.embed_origins == ("https://a.example",)


def test_alerts_tell_how_they_did_and_when_that_is_too_little() -> None:
    row = {"threshold": 0.7, "parcels": 400, "late": 20, "alerts": 30, "precision": 0.6, "recall": 0.85}
    told = alert_words([row | {"median_lead_days": 1.5}], 0.68)
    assert told.startswith("Of 10 parcels alerted at 70%, 6 really came late; 8 of 10 late ones were found")
    assert "too few" in alert_words([row | {"late": 3, "median_lead_days": None}], 0.7)
    assert "Nothing is measured yet" in alert_words([], 0.7)


def test_the_accuracy_report_says_what_shoppers_were_told_and_what_came(client: Client, store: Store) -> None:
    assert "Nothing was delivered in these days" in page(client, "accuracy/", PLACED)
    delivered(store, 30, 3)
    delivered(store, 10, 12)
    told = page(client, "accuracy/", PLACED)
    assert "75 of 100 parcels came by the day we promised" in told
    assert "DHL" in told
    assert "Germany" in told
    lines = page(client, "accuracy.csv", PLACED).splitlines()
    assert len(lines) == 41
    assert lines[1].startswith("dhl,DE,")


def test_the_report_names_the_model_and_its_trial(client: Client, store: Store) -> None:
    delivered(store, 120, 3)
    forecasts.refresh(store, PLACED)
    told = page(client, "accuracy/", PLACED)
    assert "Lane tables" in told
    assert "learnt from 120 of your deliveries" in told
    assert "Trial of the models" in told
    assert "late: too few" in page(client, "settings/alerts/", PLACED)


def ask(store: Store, now: datetime = MONDAY, origin: str = "https://stride.example", **query: str) -> Any:
    with clock.at(now):
        return Client().get("/api/v1/stores/stride/delivery-estimate", query, headers={"Origin": origin})


def test_anybody_may_ask_when_an_order_placed_now_would_come(store: Store) -> None:
    answer = ask(store, country="de", postcode="10115", sku="TR2-42")
    told = answer.json()
    assert (told["expected_from"], told["promised_on"], told["basis"]) == ("2026-11-25", "2026-11-30", "default")
    assert told["order_by"] == "2026-11-23T14:00:00+01:00"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Access-Control-Allow-Origin"] == "https://stride.example"


def test_after_the_cut_off_the_next_one_counts(store: Store) -> None:
    told = ask(store, datetime(2026, 11, 27, 13, 1, tzinfo=UTC)).json()
    assert told["order_by"] == "2026-11-30T14:00:00+01:00"


def test_an_answer_is_not_kept_beyond_the_cut_off(store: Store) -> None:
    answer = ask(store, datetime(2026, 11, 23, 12, 59, tzinfo=UTC))
    assert answer["Cache-Control"] == "public, max-age=60"


def test_other_sites_are_refused_by_their_browsers(store: Store) -> None:
    assert "Access-Control-Allow-Origin" not in ask(store, origin="https://evil.example")


def test_a_merchant_may_show_nothing_before_the_purchase(store: Store) -> None:
    change_settings(store, Settings(dates=Dates(show_before_purchase=False)), by=None, now=MONDAY)
    assert ask(store).status_code == 404


def test_who_asks_without_end_is_told_to_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(before_purchase, "MOST_A_MINUTE", 2)
    assert [ask(store).status_code for _ in range(3)] == [200, 200, 429]


def test_nonsense_is_refused(store: Store) -> None:
    assert ask(store, country="Germany").status_code == 422
    with clock.at(MONDAY):
        assert Client().get("/api/v1/stores/nobody/delivery-estimate").status_code == 404
