"""What should never happen and does: files that are gone, two at once, texts of others, odd addresses."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.cache import cache

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer
from thereafter.console.tests.tools import signed_in
from thereafter.insights import summary_jobs
from thereafter.insights.actions import outlook_rows, outlooks
from thereafter.insights.actions.summaries import subscribe
from thereafter.insights.console.filters import asked
from thereafter.insights.engine import files
from thereafter.insights.engine.current import engine
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.export import bringing
from thereafter.insights.export.bringing import bring
from thereafter.insights.figures.orders import orders_figures
from thereafter.insights.figures.view import View
from thereafter.insights.figures.weekly import weekly
from thereafter.insights.models import Outlook, Snapshot, SummarySent
from thereafter.insights.rules.days import Days
from thereafter.insights.tests.shared_shop import NOW, with_orders
from thereafter.kit import clock
from thereafter.stores.models import Membership, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAYS = Days(date(2026, 1, 1), date(2026, 3, 9))


@pytest.fixture
def store() -> Store:
    return make_store()


def test_numbers_of_thousands_of_digits_and_letters_that_no_database_takes_narrow_nothing(store: Store) -> None:
    given = {"product": "M\x00ug", "item": "9" * 5000, "segment": "v\x00ip", "channel": "we\x00b"}
    found = asked(store, given, NOW)
    assert found.product is None
    assert found.view.channel == "web"
    assert "\x00" not in found.query() + "".join(found.unknown)


def test_a_copy_that_was_taken_away_is_told_and_not_shown_as_a_shop_without_orders(store: Store) -> None:
    with_orders(store)
    view = View(store, DAYS)
    before = orders_figures(view)
    cache.clear()
    files.take_away(Path(settings.FIGURES_FOLDER), store.pk)
    with pytest.raises(EngineTrouble, match="gone"):
        orders_figures(view)
    with clock.at(NOW):
        page = signed_in(make_staff(store)).get(f"/console/{store.slug}/insights/retention/")
    assert page.status_code == 503
    bring(store, now=NOW + HOUR)
    assert orders_figures(view) == before


def test_a_folder_that_cannot_be_used_is_trouble_of_the_engine(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_orders(store)

    def closed(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "read_manifest", closed)
    with pytest.raises(EngineTrouble, match="Permission denied"):
        orders_figures(View(store, DAYS))
    with pytest.raises(EngineTrouble, match="Permission denied"):
        engine().run(store.pk, "SELECT 1 AS one")
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "FIGURES_FOLDER", tmp_path / "file" / "below")
    with pytest.raises(EngineTrouble):
        engine()


def test_who_refreshes_while_another_is_at_it_is_not_told_that_all_is_new(store: Store) -> None:
    with_orders(store)
    Snapshot.objects.of(store).update(busy_until=NOW + 3 * HOUR)
    assert not outlooks.refresh(store, now=NOW + HOUR)
    assert outlooks.refresh(store, now=NOW + 4 * HOUR)


def test_a_worker_that_was_killed_keeps_figures_waiting_for_less_than_an_hour(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_orders(store)

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(bringing, "_renew", killed)
        with pytest.raises(Killed):
            bring(store, now=NOW + HOUR)
    assert bring(store, now=NOW + 2 * HOUR).as_of == NOW + 2 * HOUR


def test_two_who_renew_outlooks_at_once_leave_all_of_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with_orders(store)
    forget = outlook_rows._forget_others

    def later(*given: Any) -> int:
        monkeypatch.setattr(outlook_rows, "_forget_others", forget)
        outlooks.renew(store, now=NOW + HOUR)
        return forget(*given)

    monkeypatch.setattr(outlook_rows, "_forget_others", later)
    outlooks.renew(store, now=NOW)
    assert Outlook.objects.of(store).count() == Customer.objects.of(store).count()


def test_a_trait_that_a_program_wrote_over_keeps_no_outlook_from_being_written(store: Store) -> None:
    with_orders(store)
    outlooks.renew(store, now=NOW)
    customer = Customer.objects.of(store).get(email="c0@example.com")
    set_traits(store, {customer.pk: {"insights.next_order_on": "soon"}})
    row = Outlook(store=store, customer=customer, next_on=date(2026, 4, 1), computed_at=NOW, orders=1)
    customer.refresh_from_db()
    outlook_rows._tell(store, {customer.pk: customer.traits}, {customer.pk: outlook_rows._traits(row, store)})
    customer.refresh_from_db()
    assert customer.traits["insights.next_order_on"] == "2026-04-01"


@pytest.mark.parametrize(
    ("today", "said"), [(date(2026, 3, 9), "later"), (date(2026, 3, 10), "due"), (date(2026, 4, 11), "overdue")]
)
def test_the_next_order_is_due_from_the_first_to_the_last_of_its_days(today: date, said: str) -> None:
    low, middle, high = date(2026, 3, 10), date(2026, 3, 20), date(2026, 4, 10)
    assert outlook_rows.next_order(Outlook(p_alive=0.8, next_low=low, next_on=middle, next_high=high), today) == said
    assert outlook_rows.next_order(Outlook(p_alive=0.8), today) == "unlikely"
    assert outlook_rows.next_order(Outlook(), today) is None


def test_one_shop_whose_model_fails_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = make_store("broken"), make_store("fine")
    for store in (broken, fine):
        with_orders(store)
    write = outlook_rows.write

    def failing(store: Store, *given: Any, **named: Any) -> int:
        if store == broken:
            raise np.linalg.LinAlgError("singular")
        return write(store, *given, **named)

    monkeypatch.setattr(outlooks, "write", failing)
    monkeypatch.setitem(outlooks._rests, "until", 0.0)
    assert outlooks.renew_by_night(NOW) > 0
    assert Outlook.objects.of(fine).exists()


def test_a_summary_waits_while_the_figures_of_its_week_are_being_brought(store: Store) -> None:
    with_orders(store)
    subscribe(store, make_staff(store), NOW - timedelta(days=3))
    Snapshot.objects.of(store).update(as_of=datetime(2026, 3, 6, tzinfo=UTC), busy_until=NOW + HOUR)
    with clock.at(NOW):
        summary_jobs.send_summaries(NOW)
    row = SummarySent.objects.of(store).get()
    assert (row.state, row.due_at > NOW) == (SummarySent.State.QUEUED, True)


def test_a_summary_that_cannot_be_written_keeps_no_other_shop_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    stores = [make_store("broken"), make_store("fine")]
    for store in stores:
        with_orders(store)
        subscribe(store, make_staff(store), NOW - timedelta(days=3))

    def failing(store: Store, monday: date) -> Any:
        if store == stores[0]:
            raise ZeroDivisionError
        return weekly(store, monday)

    monkeypatch.setattr(summary_jobs, "weekly", failing)
    with clock.at(NOW):
        summary_jobs.send_summaries(NOW)
    states = [SummarySent.objects.of(store).get().state for store in stores]
    assert states[0] == SummarySent.State.QUEUED
    assert states[1] != SummarySent.State.SENDING


def test_who_left_the_shop_is_not_named_among_the_readers(store: Store) -> None:
    gone, stays = make_staff(store, role="marketer"), make_staff(store, role="owner")
    for each, name in ((gone, "Gone Ghost"), (stays, "Stella Stays")):
        each.name = name
        each.save()
        subscribe(store, each, NOW)
    Membership.objects.of(store).filter(staff=gone).delete()
    page = signed_in(stays).get(f"/console/{store.slug}/insights/summary/").content.decode()
    assert "Stella Stays" in page
    assert "Gone Ghost" not in page
