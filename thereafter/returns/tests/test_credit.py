"""Store credit: each cent is spent once, what was paid for is never lost, and every movement says why."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from thereafter.commerce.documents import Payment
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.returns.actions import credit, granting
from thereafter.returns.actions.credit import BadMovement, NotEnough
from thereafter.returns.crediting import end_bonuses
from thereafter.returns.models import CreditAccount, CreditLine, ReturnSettings
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def shopper() -> Customer:
    return make_order(make_store()).customer


def given(customer: Customer, paid: int = 5000, bonus: int = 0, source: str = "gift:1") -> CreditAccount:
    return credit.issue(customer, paid, "EUR", bonus_minor=bonus, source=source, now=NOW)


def now(account: CreditAccount) -> tuple[int, int]:
    found = CreditAccount.objects.get(pk=account.pk)
    lines = CreditLine.objects.filter(account=account)
    sums = sum(line.paid_minor for line in lines), sum(line.bonus_minor for line in lines)
    assert sums == (found.paid_minor, found.bonus_minor), "the lines say what it is worth"
    return sums


def test_given_twice_for_the_same_it_is_given_once() -> None:
    customer = shopper()
    first = given(customer)
    assert given(customer, 9999) == first
    assert (CreditAccount.objects.count(), Entry.objects.filter(name="credit.issued").count()) == (1, 1)


def test_own_value_goes_first_and_the_bonus_last() -> None:
    account = given(shopper(), 5000, 500)
    credit.spend(account, 4000, used_for="1002", key="a", now=NOW)
    assert now(account) == (1000, 500)
    credit.spend(account, 1200, used_for="1003", key="b", now=NOW)
    assert now(account) == (0, 300)
    with pytest.raises(NotEnough, match=r"worth 3\.00 EUR"):
        credit.spend(account, 301, used_for="1004", key="c", now=NOW)


def test_asked_twice_with_the_same_key_it_is_spent_once() -> None:
    account = given(shopper())
    first = credit.spend(account, 1000, used_for="1002", key="a", now=NOW)
    assert credit.spend(account, 1000, used_for="1002", key="a", now=NOW) == first
    assert now(account) == (4000, 0)
    with pytest.raises(BadMovement, match="another amount"):
        credit.spend(account, 1001, used_for="1002", key="a", now=NOW)


def test_what_an_order_did_not_need_comes_back_and_never_more() -> None:
    account = given(shopper(), 1000, 500)
    spent = credit.spend(account, 1500, used_for="1002", key="a", now=NOW)
    credit.give_back(spent, key="b", amount_minor=1200, now=NOW)
    credit.give_back(spent, key="b", amount_minor=1200, now=NOW)
    assert now(account) == (1000, 200)
    with pytest.raises(BadMovement):
        credit.give_back(spent, key="c", amount_minor=301, now=NOW)
    credit.give_back(spent, key="d", now=NOW)
    assert now(account) == (1000, 500)


def test_only_the_bonus_ends_and_what_was_paid_for_stays() -> None:
    customer = shopper()
    ReturnSettings.objects.create(store_id=customer.store_id, credit_days=30, changed_at=NOW)
    account = given(customer, 1000, 500)
    last_day = datetime(2026, 5, 1, 21, 59, tzinfo=UTC)
    assert (end_bonuses(last_day), credit.usable(account, last_day)) == (0, 1500)
    over = last_day + timedelta(minutes=1)
    with pytest.raises(NotEnough):
        credit.spend(account, 1001, used_for="1002", key="a", now=over)
    assert (end_bonuses(over), end_bonuses(over)) == (1, 0)
    assert now(account) == (1000, 0)
    assert end_bonuses(NOW + timedelta(days=4000)) == 0


def test_a_colleague_corrects_it_and_says_why() -> None:
    account = given(shopper(), 1000, 500)
    owner = make_staff(account.store)
    credit.adjust(account, -700, why="Given by mistake", by=owner, now=NOW)
    assert now(account) == (800, 0)
    for minor, why in ((-801, "Too much"), (100, "  "), (0, "Nothing")):
        with pytest.raises(BadMovement):
            credit.adjust(account, minor, why=why, by=owner, now=NOW)


def test_the_database_itself_refuses_less_than_nothing() -> None:
    account = given(shopper())
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditAccount.objects.filter(pk=account.pk).update(paid_minor=-1)


def test_a_refund_to_credit_gives_credit() -> None:
    order = make_order(make_store(), payments=[Payment(external_id="card", kind="card", amount="60.00")])
    granting.grant(order, Request(items=(Wanted(line="1", quantity=1),)), source="case:1:1", by=None, now=NOW)
    with clock.at(NOW):
        run_until_idle()
    account = CreditAccount.objects.get()
    assert (account.customer, account.order, account.paid_minor) == (order.customer, order, 2990)


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_for_the_last_cent() -> None:
    """At once on PostgreSQL; SQLite has one writer, so there they come one after the other."""
    account = given(shopper(), 1)
    many = 50 if connection.vendor == "postgresql" else 1

    def ask(at: int) -> bool:
        try:
            credit.spend(account, 1, used_for="", key=f"asked:{at}", now=NOW)
        except NotEnough:
            return False
        finally:
            if many > 1:
                connection.close()
        return True

    if many > 1:
        with ThreadPoolExecutor(many) as pool:
            won = list(pool.map(ask, range(50)))
    else:
        won = [ask(at) for at in range(50)]
    assert (sum(won), now(account)) == (1, (0, 0))
