"""Labels that adapters make: asked for outside of a transaction, never two for one parcel, and a way on when there is
none. And what carriers say of the parcel."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thereafter.commerce.documents import Address
from thereafter.kit import clock
from thereafter.returns.actions import deciding, label_accounts, labels, parcels
from thereafter.returns.actions.label_accounts import CannotConnect
from thereafter.returns.labelling import make_labels
from thereafter.returns.labels.adapter import Credentials, Label, ParcelToSend
from thereafter.returns.labels.registry import ADAPTERS
from thereafter.returns.models import Case, LabelAccount, Remark, ReturnParcel, ReturnSettings
from thereafter.returns.rules.labelling import MOST_TRIES, next_try
from thereafter.returns.rules.parcels import told
from thereafter.returns.tests import visits
from thereafter.returns.tests.label_server import KEY, PDF, Seller, selling
from thereafter.returns.tests.visits import ASKED, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules.states import RANKS
from thereafter.tracking.tests.makers import scan, scan_doc

pytestmark = pytest.mark.django_db
SHOP = {"name": "Returns", "line1": "Lagerweg 5", "postcode": "50667", "city": "Köln", "country": "DE"}
HOME = Address(name="John Runner", line1="Weg 1", city="Berlin", postcode="10115", country="DE")


@pytest.fixture
def seller() -> Iterator[Seller]:
    with selling() as one:
        yield one


@pytest.fixture
def store(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = make_store(country="DE")
    ReturnSettings.objects.create(store=store, address=SHOP, label_adapter="shippo", changed_at=ASKED)
    monkeypatch.setattr("thereafter.returns.labels.shippo.ADDRESS", seller.host)
    connect(store)
    return store


def connect(store: Store, key: str = KEY) -> LabelAccount:
    given = {"api_key": key}
    return label_accounts.set_account(
        store, ADAPTERS["shippo"], given, {"weight_g": 800}, by=make_staff(store), now=ASKED
    )


def a_case(store: Store) -> Case:
    return ask_for_one(delivered_order(store, shipping_address=HOME))


def names(case: Case) -> list[str]:
    rows = Entry.objects.filter(store_id=case.store_id, payload__case_id=case.pk, name__startswith="return.parcel")
    return list(rows.order_by("id").values_list("name", flat=True))


def try_until_it_gives_up(case: Case) -> None:
    now = ASKED
    for _ in range(MOST_TRIES):
        make_labels(now)
        now = visits.parcel(case).due_at or now


def test_a_label_is_bought_kept_and_followed(store: Store, seller: Seller) -> None:
    case = a_case(store)
    assert visits.parcel(case).state == "label_requested"
    with clock.at(ASKED):
        assert make_labels(ASKED) == 1
        run_until_idle()
    parcel = visits.parcel(case)
    assert (parcel.state, bytes(parcel.label or b""), parcel.label_type) == ("created", PDF, "application/pdf")
    assert (parcel.cost_minor, parcel.currency, parcel.carrier) == (645, "USD", "USPS")
    assert names(case) == ["return.parcel_sent", "return.parcel_created"]
    assert seller.made("/shipments/")["parcels"][0]["weight"] == "800"
    followed = Parcel.all_ways.of(store).get(return_parcel_id=parcel.pk)
    assert (followed.tracking_number, followed.destination) == (parcel.tracking_number, "DE-50667")
    assert make_labels(ASKED + timedelta(days=1)) == 0


def test_a_lost_answer_buys_no_second_label(store: Store, seller: Seller) -> None:
    case = a_case(store)
    seller.loses_answers = 1
    make_labels(ASKED)
    parcel = visits.parcel(case)
    assert (parcel.state, parcel.attempts) == ("label_requested", 1)
    assert "no time" in parcel.error
    assert make_labels(ASKED + timedelta(seconds=59)) == 0
    assert make_labels(ASKED + timedelta(minutes=1)) == 1
    assert visits.parcel(case).state == "created"
    assert len(seller.bought) == 1


def test_a_worker_that_died_leaves_its_parcel_to_the_next(store: Store, seller: Seller) -> None:
    case = a_case(store)
    (errand,) = labels.claim(ASKED, 10)
    assert labels.claim(ASKED, 10) == []
    labels.keep_ref(errand.parcel, "rate_cheap")
    seller.bought.append("rate_cheap")
    assert make_labels(ASKED + timedelta(minutes=6)) == 1
    assert visits.parcel(case).state == "created"
    assert seller.bought == ["rate_cheap"]


def test_after_the_last_try_the_shopper_goes_another_way_and_somebody_is_told(store: Store, seller: Seller) -> None:
    case = a_case(store)
    seller.says = [(503, {})] * 50
    try_until_it_gives_up(case)
    parcel = visits.parcel(case)
    assert (parcel.state, parcel.adapter, parcel.attempts, parcel.due_at) == ("created", "", MOST_TRIES, None)
    assert names(case) == ["return.parcel_created"]
    assert "No label could be made" in visits.again(case).review
    remark = Remark.objects.of(store).get(case=case)
    assert remark.is_internal
    assert "own label" in remark.text


def test_a_definite_no_is_not_asked_again(store: Store, seller: Seller) -> None:
    case = a_case(store)
    seller.says = [(400, {"address_to": ["This address is not known."]})]
    make_labels(ASKED)
    parcel = visits.parcel(case)
    assert (parcel.state, parcel.attempts) == ("created", 1)
    assert "This address is not known." in parcel.error


def test_a_refused_key_is_said_on_the_account_and_a_new_one_goes_on(store: Store, seller: Seller) -> None:
    account = connect(store, "wrong")
    case = a_case(store)
    make_labels(ASKED)
    account.refresh_from_db()
    assert "does not accept the account" in account.error
    connect(store)
    make_labels(ASKED + timedelta(hours=1))
    assert visits.parcel(case).state == "created"
    account.refresh_from_db()
    assert account.error == ""


def test_without_an_address_or_an_account_our_own_label_is_the_way(store: Store, seller: Seller) -> None:
    ReturnSettings.objects.of(store).update(address={})
    case = a_case(store)
    make_labels(ASKED)
    assert visits.parcel(case).state == "created"
    assert "has not said where returns go" in visits.again(case).review
    assert not seller.asked


def test_a_label_of_a_case_that_was_cancelled_meanwhile_is_given_back(
    store: Store, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case(store)
    shippo = ADAPTERS["shippo"]

    def slowly(credentials: Credentials, parcel: ParcelToSend) -> Label:
        deciding.cancel(visits.again(case), by=None, now=ASKED)
        return shippo.buy(credentials, parcel)

    monkeypatch.setattr("thereafter.returns.labelling.ADAPTERS", {"shippo": replace(shippo, buy=slowly)})
    make_labels(ASKED)
    assert visits.parcel(case).state == "cancelled"
    assert seller.cancelled == ["transaction_of_rate_cheap"]


def test_a_case_that_was_cancelled_before_buys_nothing(store: Store, seller: Seller) -> None:
    deciding.cancel(a_case(store), by=None, now=ASKED)
    assert make_labels(ASKED) == 0
    assert not seller.asked


def test_pauses_grow_and_end() -> None:
    minutes = [pause.total_seconds() / 60 if (pause := next_try(tries)) else None for tries in range(1, MOST_TRIES + 1)]
    assert minutes == [1, 3, 9, 27, 81, None]
    assert next_try(1, asked_for=600) == timedelta(minutes=10)


def test_credentials_are_sealed_and_stay_when_left_empty(store: Store) -> None:
    account = connect(store, "")
    assert label_accounts.credentials(account) == {"api_key": KEY}
    assert KEY not in account.sealed_credentials
    with pytest.raises(CannotConnect, match="Address of the server is missing"):
        label_accounts.set_account(store, ADAPTERS["karrio"], {"api_key": "k"}, {}, by=make_staff(store), now=ASKED)
    label_accounts.drop_account(account, by=make_staff(store), now=ASKED)
    assert ReturnSettings.objects.of(store).get().label_adapter == ""


def test_every_status_of_tracking_says_something_or_nothing_on_purpose() -> None:
    assert {status for status in RANKS if not told(status)} == {"unknown", "cancelled"}
    assert (told("exception", "carrier_lost"), told("exception", "other")) == ("lost", "exception")


def test_what_the_carrier_says_moves_the_parcel_and_its_cases() -> None:
    store = make_store(country="DE")
    case = ask_for_one(delivered_order(store))
    parcel = visits.parcel(case)
    with clock.at(ASKED):
        parcels.name_number(parcel, carrier="dhl", number="BACK0001", now=ASKED)
        run_until_idle()
    for day, status, state in (
        (14, "picked_up", "in_transit"),
        (15, "exception", "exception"),
        (17, "delivered", "delivered"),
    ):
        at = datetime(2026, 3, day, 10, tzinfo=UTC)
        scan(store, scan_doc(status, at), tracking_number="BACK0001", now=at)
        with clock.at(at):
            run_until_idle()
        parcel.refresh_from_db()
        assert parcel.state == state
    assert visits.again(case).handed_in_at == datetime(2026, 3, 14, 10, tzinfo=UTC)
    assert ReturnParcel.objects.of(store).get().delivered_at == datetime(2026, 3, 17, 10, tzinfo=UTC)


def test_news_of_a_number_that_was_mistyped_are_not_the_parcels() -> None:
    store = make_store(country="DE")
    parcel = visits.parcel(ask_for_one(delivered_order(store)))
    with clock.at(ASKED):
        parcels.name_number(parcel, carrier="dhl", number="TYPO0001", now=ASKED)
        run_until_idle()
        scan(store, scan_doc("in_transit", ASKED), tracking_number="TYPO0001", now=ASKED)
        parcels.name_number(parcel, carrier="dhl", number="BACK0001", now=ASKED)
        run_until_idle()
    parcel.refresh_from_db()
    assert parcel.state == "created"
