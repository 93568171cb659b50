"""What becomes of declarations: the receipt, the order that is found, the cases, and who has to look."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import SHOES, make_order, ship
from thereafter.kit import clock
from thereafter.messaging.channels.letters import Answer, Letter, Verdict
from thereafter.messaging.models import Suppression
from thereafter.returns import receipts, withdrawing
from thereafter.returns.actions import withdrawals
from thereafter.returns.actions.withdrawals import Circumstances
from thereafter.returns.models import Case, CaseUnit, Withdrawal
from thereafter.returns.statements import Declared
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 8, 9, 30, 15, tzinfo=UTC)
SOCKS = Line(external_id="2", title="Socks", quantity=3, unit_price="9.00", product_id="socks", sku="S")
State, Receipt = Withdrawal.State, Withdrawal.Receipt


@pytest.fixture
def store(db: None) -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin", shop_url="https://stride.example")


def order_of(store: Store, days: int = 5, **more: Any) -> Order:
    order = make_order(store, placed_at=NOW - timedelta(days=days), lines=[SHOES, SOCKS], **more)
    ship(order)
    return order


def declared(store: Store, source: str = "page:1", order: Order | None = None, **more: Any) -> Withdrawal:
    given = {"name": "Ana", "contract": "1001", "email": "john@example.com"} | more
    how = Circumstances(source=source, language="de", order=order)
    return withdrawals.declare(store, Declared(**given), how, declared_at=NOW, now=NOW)


def worked(withdrawal: Withdrawal, now: datetime = NOW) -> Withdrawal:
    with clock.at(now):
        run_until_idle(now)
    withdrawal.refresh_from_db()
    return withdrawal


def test_a_statement_of_an_order_becomes_a_case_of_everything_in_it(store: Store) -> None:
    order = order_of(store)
    kept = worked(declared(store))
    assert (kept.state, kept.matched_by, kept.order_id) == (State.OPENED, "email", order.pk), kept.problem
    case = Case.objects.get()
    assert (case.basis, case.outcome, case.review, case.submitted_at) == ("withdrawal", "refund", "", NOW)
    assert CaseUnit.objects.filter(case=case).count() == 4
    assert kept.case_ids == [case.pk]
    (told,) = Entry.objects.filter(name="withdrawal.received")
    assert (told.order_id, told.payload["case_ids"]) == (order.pk, [case.pk])


@pytest.mark.parametrize("contract", ["1001", "#1001", "Order 1001 of 3 July", "No. 1001, please"])
def test_the_number_is_found_however_it_is_written(store: Store, contract: str) -> None:
    order_of(store)
    assert worked(declared(store, contract=contract)).state == State.OPENED


def test_a_postcode_finds_the_order_of_another_address(store: Store) -> None:
    order_of(store)
    kept = worked(declared(store, email="other@example.com", postcode="10 115"))
    assert (kept.state, kept.matched_by) == (State.OPENED, "postcode")


def test_a_number_alone_proves_nothing(store: Store) -> None:
    order_of(store)
    kept = worked(declared(store, email="eve@example.com"))
    assert (kept.state, kept.order_id) == (State.UNMATCHED, None)
    assert not Case.objects.exists()
    assert not Entry.objects.filter(name="withdrawal.received").exists()


def test_a_signed_link_proves_enough(store: Store) -> None:
    order = order_of(store)
    kept = worked(declared(store, order=order, email="new@example.com"))
    assert (kept.state, kept.matched_by) == (State.OPENED, "link")


def test_only_what_was_picked_is_withdrawn_from(store: Store) -> None:
    order = order_of(store)
    worked(declared(store, order=order, picks=(("2", 2),), titles=("Socks",)))
    units = CaseUnit.objects.values_list("line__external_id", flat=True)
    assert list(units) == ["2", "2"]


def test_a_part_that_was_put_in_words_waits_for_a_person(store: Store) -> None:
    order_of(store)
    kept = worked(declared(store, items="the blue ones"))
    assert (kept.state, kept.problem) == (State.LOOK, withdrawing.PART)
    assert not Case.objects.exists()


def test_too_late_is_kept_and_shown_and_opens_nothing(store: Store) -> None:
    order = make_order(store, placed_at=NOW - timedelta(days=90))
    ship(order)
    kept = worked(declared(store))
    assert kept.state == State.LOOK
    assert "ended on" in kept.problem
    assert not Case.objects.exists()
    assert Entry.objects.filter(name="withdrawal.received").count() == 1


def test_declared_twice_the_second_has_the_cases_of_the_first(store: Store) -> None:
    order_of(store)
    first = worked(declared(store))
    second = worked(declared(store, source="page:2"))
    assert (second.state, second.case_ids) == (State.OPENED, first.case_ids)
    assert Case.objects.count() == 1


def test_the_same_form_posted_twice_is_one_statement(store: Store) -> None:
    assert declared(store).pk == declared(store).pk
    assert Withdrawal.objects.count() == 1


def test_the_days_count_from_the_declaration_and_roll_over_days_off(store: Store) -> None:
    order_of(store)
    kept = worked(declared(store))
    assert kept.pay_by == date(2026, 7, 22)
    assert not kept.is_overdue(date(2026, 7, 22))
    assert kept.is_overdue(date(2026, 7, 23))


def test_what_cannot_be_worked_on_is_tried_again_and_then_shown(store: Store, monkeypatch: Any) -> None:
    order_of(store)
    kept = declared(store)

    def breaks(*args: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(withdrawing, "work_on", breaks)
        withdrawing.work_on_due(NOW)
        kept.refresh_from_db()
        assert (kept.state, kept.tries) == (State.NEW, 1)
        assert kept.due_at is not None
        assert kept.due_at > NOW
    assert worked(kept, NOW + timedelta(minutes=10)).state == State.OPENED


def test_after_many_tries_a_person_sees_it(store: Store) -> None:
    kept = declared(store)
    for _ in range(8):
        withdrawals.postpone(kept, "the disk is full", NOW)
    assert kept.state == State.UNMATCHED
    assert Withdrawal.objects.of(store).to_see_to().count() == 1


# ----------------------------------------------------------------- the receipt


class Postman:
    """Takes letters in place of a mail server."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def deliver(self, letters: Sequence[Letter]) -> list[Verdict]:
        self.letters += letters
        return [Verdict(Answer.ACCEPTED)] * len(letters)


def test_the_receipt_says_what_was_declared_and_when_to_the_second(store: Store, monkeypatch: Any) -> None:
    kept, postman = declared(store, contract="no such order"), Postman()
    monkeypatch.setattr("thereafter.messaging.channels.registry.opened", lambda account: postman)
    receipts.send_due(NOW)
    (sent,) = postman.letters
    assert (sent.to, sent.subject) == ("john@example.com", "Dein Widerruf ist eingegangen (no such order)")
    for body in (sent.text, sent.html):
        for part in ("8. Juli 2026, 11:30:15 (UTC+02:00, Europe/Berlin)", *kept.text.splitlines()):
            assert part in body.replace("&amp;", "&"), part
    receipts.send_due(NOW + timedelta(days=1))
    assert len(postman.letters) == 1


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "it"])
def test_the_receipt_speaks_every_language(store: Store, language: str) -> None:
    how = Circumstances(source="page:1", language=language)
    withdrawals.declare(store, Declared(name="A", contract="7", email="a@example.com"), how, declared_at=NOW, now=NOW)
    receipts.send_due(NOW)
    assert Withdrawal.objects.get().receipt == Receipt.SENT


def test_an_address_that_wants_no_other_mail_still_gets_the_receipt(store: Store) -> None:
    Suppression.objects.create(store=store, address="john@example.com", scope="all", reason="complaint", at=NOW)
    assert worked(declared(store)).receipt == Receipt.SENT


def test_a_receipt_is_tried_until_it_is_sent_and_shown_when_it_takes_long(store: Store, monkeypatch: Any) -> None:
    kept, now = declared(store, contract="none"), NOW
    with monkeypatch.context() as away:
        away.setattr("thereafter.messaging.accounts.account_of", lambda *args: None)
        for _ in range(5):
            assert receipts.send_due(now) == 1
            kept.refresh_from_db()
            assert kept.receipt_due_at is not None
            now = kept.receipt_due_at
    assert kept.receipt == Receipt.QUEUED
    withdrawals.set_aside(worked(kept, NOW), "No such order.", by=make_staff(store), now=NOW)
    assert Withdrawal.objects.of(store).to_see_to().filter(pk=kept.pk).exists()
    assert worked(kept, now + timedelta(seconds=1)).receipt == Receipt.SENT
    assert not Withdrawal.objects.of(store).to_see_to().exists()


def test_news_of_a_dead_mailbox_is_shown_until_somebody_has_seen_to_it(store: Store) -> None:
    order_of(store)
    kept = worked(declared(store))
    Suppression.objects.create(
        store=store, address="john@example.com", scope="all", reason="hard_bounce", at=NOW + timedelta(minutes=5)
    )
    assert receipts.hear_of_bounces(NOW + timedelta(hours=1)) == 1
    kept.refresh_from_db()
    assert kept.receipt == Receipt.BOUNCED
    assert list(Withdrawal.objects.of(store).to_see_to()) == [kept]
    withdrawals.told_otherwise(kept, by=make_staff(store), now=NOW)
    assert not Withdrawal.objects.of(store).to_see_to().exists()


# ---------------------------------------------------------------------- people


def test_a_person_matches_it_and_the_cases_count_from_the_declaration(store: Store) -> None:
    order = order_of(store)
    kept = worked(declared(store, email="eve@example.com"))
    later = NOW + timedelta(days=20)
    withdrawals.match(kept, order, by=make_staff(store), pay_by=kept.pay_by, now=later)
    kept = worked(kept, later)
    assert (kept.state, kept.matched_by) == (State.OPENED, "staff"), kept.problem
    case = Case.objects.get()
    assert case.submitted_at == NOW
    assert case.send_by is None or case.send_by > later.date()


def test_what_is_set_aside_keeps_its_words_and_its_reason(store: Store) -> None:
    kept = worked(declared(store, contract="of another shop"))
    text, by = kept.text, make_staff(store)
    with pytest.raises(withdrawals.NotPossible):
        withdrawals.set_aside(kept, " ", by=by, now=NOW)
    withdrawals.set_aside(kept, "They bought it elsewhere.", by=by, now=NOW)
    kept.refresh_from_db()
    assert (kept.state, kept.text, kept.set_aside_why) == (State.SET_ASIDE, text, "They bought it elsewhere.")
    assert kept.is_answered
    withdrawals.take_up_again(kept, by=by, now=NOW)
    assert not Withdrawal.objects.get().is_answered
