"""Rows written past the ORM are the rows the ORM would have written."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry, Inbound
from thereafter.timeline.rows import insert

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 3, 10, 0, 0, 123456, tzinfo=UTC)


def entry(name: str, store_id: int) -> Entry:
    payload = {"text": 'Grüße "\\\t\n', "number": 1, "none": None}
    return Entry(store_id=store_id, name=name, occurred_at=AT, recorded_at=AT, payload=payload)


def test_rows_come_back_as_they_went_and_know_their_ids() -> None:
    store = make_store()
    written = insert(entry(f"e{number}", store.pk) for number in range(3))
    read = list(Entry.objects.of(store).order_by("id"))
    assert [each.pk for each in read] == [each.pk for each in written]
    assert (read[0].name, read[0].occurred_at, read[0].payload) == ("e0", AT, written[0].payload)
    assert read[0].customer_id is None


def test_the_orm_and_insert_take_turns() -> None:
    store = make_store()
    insert([entry("first", store.pk)])
    entry("second", store.pk).save()
    insert([entry("third", store.pk)])
    assert list(Entry.objects.of(store).order_by("id").values_list("name", flat=True)) == ["first", "second", "third"]


def test_what_the_database_forbids_is_an_integrity_error() -> None:
    store = make_store()
    call = {"store_id": store.pk, "room": "r", "source": "s", "topic": "t", "key": "k", "due_at": AT, "received_at": AT}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Inbound(**call), Inbound(**call)])


def test_nothing_is_nothing() -> None:
    assert insert([]) == []
