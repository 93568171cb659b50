"""The parts of the loyalty benchmark that touch a database, in a process and an installation of their own."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.db import connection, transaction

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.loyalty.actions import points, programmes, redemptions, turning
from thereafter.loyalty.actions.points import Award
from thereafter.loyalty.models import Lot
from thereafter.loyalty.queries.ledger import doubted
from thereafter.stores.actions import open_store
from thereafter.stores.models import Store

BEGIN = datetime(2026, 3, 2, 10, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
ROUNDS, BATCH, ONE_BY_ONE, WORKERS = 3, 500, 48, 8
LOTS_EACH = 10
ACCOUNTS = 1_000


def measure(lots: int) -> dict[str, Any]:
    store = open_store("bench", name="Bench", currency="EUR", now=BEGIN, time_zone="UTC")
    programmes.publish(store, {"expiry": {"mode": "end_of_year"}}, by=None, now=BEGIN)
    _make_bare()
    people = _people(store, max(ACCOUNTS, lots // LOTS_EACH))
    told = {
        "awards": _awards(store, people[:ACCOUNTS]),
        "awards_one_by_one": _awards_alone(people[:ACCOUNTS]),
        "redemptions_hot_account": _redemptions(people[:1], "hot"),
        "redemptions_1000_accounts": _redemptions(people[:ACCOUNTS], "many"),
        f"redemptions_hot_account_{WORKERS}_connections": _redemptions_at_once(people[0]),
        "expiry": _expiry(store, people, lots),
    }
    if found := doubted():
        raise SystemExit(f"the ledger is not whole: {found}")
    return told


def _people(store: Store, count: int) -> list[Customer]:
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        docs = [CustomerDoc(person=Person(external_id=str(at), email=f"p{at}@example.com")) for at in numbers]
        take_customers(store, docs, source="bench", now=BEGIN)
    return list(Customer.objects.of(store).order_by("pk"))


def _make_bare() -> None:
    """What is measured beside: a table like the ledger's, without indexes but its key."""
    with connection.cursor() as cursor:
        key = "bigserial" if connection.vendor == "postgresql" else "integer"
        cursor.execute(f"CREATE TABLE bench_bare (id {key} PRIMARY KEY, account bigint, points bigint, source text)")


def _insert(numbers: range) -> None:
    """A bare loop, one transaction for all of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        for number in numbers:
            row: tuple[int, int, str] = (number, 10, f"s{number}")
            cursor.execute("INSERT INTO bench_bare (account, points, source) VALUES (%s, %s, %s)", row)


def _insert_alone(numbers: range) -> None:
    """The same with a transaction for each."""
    for number in numbers:
        _insert(range(number, number + 1))


def _beside(work: Callable[[range], None], bare: Callable[[range], None], count: int) -> dict[str, Any]:
    """Medians of some rounds of both in turns, and how many times as long ours takes."""
    ours, theirs = [], []
    for turn in range(ROUNDS):
        numbers = range(turn * count, (turn + 1) * count)
        ours.append(_seconds(work, numbers))
        theirs.append(_seconds(bare, numbers))
    return _told(count, statistics.median(ours), statistics.median(theirs))


def _told(count: int, ours: float, bare: float) -> dict[str, Any]:
    return {
        "count": count,
        "per_second": round(count / ours),
        "bare_inserts_per_second": round(count / bare),
        "times_as_long_as_bare": round(ours / bare, 1),
    }


def _seconds(work: Callable[[range], None], numbers: range) -> float:
    began = time.perf_counter()
    work(numbers)
    return time.perf_counter() - began


def _awards(store: Store, people: list[Customer]) -> dict[str, Any]:
    def give(numbers: range) -> None:
        for first in range(numbers.start, numbers.stop, BATCH):
            some = range(first, min(first + BATCH, numbers.stop))
            points.award_many(store.pk, list(_awarding(people, some, "batch", 1000)), now=BEGIN)

    return _beside(give, _insert, BATCH)


def _awarding(people: list[Customer], numbers: range, name: str, size: int) -> Iterator[Award]:
    for number in numbers:
        yield Award(people[number % len(people)].pk, size, f"{name}:{number}", "bench", BEGIN)


def _awards_alone(people: list[Customer]) -> dict[str, Any]:
    def give(numbers: range) -> None:
        for number in numbers:
            person = people[number % len(people)]
            points.award(person, points=1000, source=f"alone:{number}", reason="bench", now=BEGIN)

    return _beside(give, _insert_alone, ONE_BY_ONE)


def _redemptions(people: list[Customer], name: str) -> dict[str, Any]:
    def spend(numbers: range) -> None:
        for number in numbers:
            person = people[number % len(people)]
            redemptions.redeem(person, key=f"{name}:{number}", points=1, now=BEGIN)

    return _beside(spend, _insert_alone, ONE_BY_ONE)


def _redemptions_at_once(person: Customer) -> dict[str, Any]:
    def in_threads(work: Callable[[range], None]) -> Callable[[range], None]:
        def one(numbers: range) -> None:
            try:
                work(numbers)
            finally:
                connection.close()

        def all_of_them(numbers: range) -> None:
            parts = [range(numbers.start + at, numbers.stop, WORKERS) for at in range(WORKERS)]
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(one, parts))

        return all_of_them

    def spend(numbers: range) -> None:
        for number in numbers:
            redemptions.redeem(person, key=f"crowd:{number}", points=1, now=BEGIN)

    return _beside(in_threads(spend), in_threads(_insert_alone), ONE_BY_ONE)


def _expiry(store: Store, people: list[Customer], count: int) -> dict[str, Any]:
    """All lots end in the same moment, as at the end of a year. Giving them is not counted."""
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        points.award_many(store.pk, list(_awarding(people, numbers, "ends", 10)), now=BEGIN)
    due = Lot.objects.of(store).filter(remaining__gt=0).count()
    ours = _seconds(lambda _: _turn_all(), range(0))
    if Lot.objects.of(store).filter(remaining__gt=0).exists():
        raise SystemExit("points are left that should have ended")
    bare = _seconds(_insert, range(due))
    return {**_told(due, ours, bare), "seconds": round(ours, 1)}


def _turn_all() -> None:
    while turning.turn(END + timedelta(seconds=1)):
        pass


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
