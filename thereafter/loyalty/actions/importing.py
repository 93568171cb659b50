"""Members from another programme: a file is looked at, answered, and carried out in parts. Nothing is booked twice."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.actions.taking import Became
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.loyalty.actions import brought_tiers, members
from thereafter.loyalty.actions.points import Award, award_many
from thereafter.loyalty.importing import columns, tables
from thereafter.loyalty.importing.rows import Incoming, Refused
from thereafter.loyalty.models import Import, Member, Referral, RefusedRow
from thereafter.loyalty.queries import imports as asking
from thereafter.loyalty.queries.imports import Met
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.rows import insert

log = logging.getLogger(__name__)

# So many rows are one transaction, and so many parts are done before other work has its turn.
PART, PARTS_AT_ONCE = 500, 4
SOURCE = "import"


class NotReady(ValueError):
    """The file cannot be brought in yet; the text says what is missing."""


@dataclass(frozen=True)
class Answers:
    """What the merchant says of a file: columns by field, and how to read what can be read in two ways."""

    system: str
    mapping: Mapping[str, str]
    date_order: str = ""
    tiers: Mapping[str, str] = field(default_factory=dict)
    # ISO date of the last day of points for which the file names no end; "": as the programme says.
    ends_on: str = ""
    again: str = Import.Again.LEAVE


@transaction.atomic
def look(store: Store, name: str, data: bytes, *, by: Staff, now: datetime, mends: Import | None = None) -> Import:
    """Keeps a file to be looked at, with its columns guessed; raises `tables.Unreadable`.

    One that mends the refused rows of another is read as that one was.
    """
    body = tables.text_of(data)
    table = tables.read(body)
    guessed = columns.guess(table.columns)
    answers: dict[str, Any] = {"mapping": guessed}
    if mends is not None:
        held = {field: column for field, column in mends.answers.get("mapping", {}).items() if column in table.columns}
        answers = {**mends.answers, "mapping": held or guessed}
    # The order of the file, which a database does not keep in a row's cells.
    answers["columns"] = table.columns
    one = Import(
        store=store,
        name=name[:150] or "members.csv",
        system=mends.system if mends else columns.guess_system(table.columns),
        body=body,
        answers=answers,
        mends_id=mends.family if mends else None,
        rows=len(table.rows),
        created_at=now,
        by=by.name,
        actor=f"staff:{by.pk}",
    )
    one.save(force_insert=True)
    return one


@transaction.atomic
def answer(one: Import, answers: Answers) -> bool:
    """Keeps how the file is to be read; False once it is being carried out."""
    said = {
        "mapping": {field: column for field, column in answers.mapping.items() if column and field in columns.FIELDS},
        "date_order": answers.date_order,
        "tiers": dict(answers.tiers),
        "ends_on": answers.ends_on,
        "columns": one.answers.get("columns", []),
    }
    rows = Import.objects.of(one.store_id).filter(pk=one.pk, state=Import.State.LOOKED_AT)
    changed = rows.update(answers=said, system=answers.system, again=answers.again)
    one.refresh_from_db()
    return bool(changed)


@transaction.atomic
def drop(one: Import) -> bool:
    """Forgets a file that was only looked at."""
    rows = Import.objects.of(one.store_id).filter(pk=one.pk, state=Import.State.LOOKED_AT)
    return bool(rows.delete()[0])


@transaction.atomic
def begin(one: Import, *, by: Staff, now: datetime) -> bool:
    """Lets the job carry it out; False when somebody did already. Raises `NotReady` with what is missing."""
    missing = columns.problem(one.answers.get("mapping", {}))
    asked = asking.read(one, now).asked
    if missing or asked:
        raise NotReady(missing or "Answer the questions about the file first.")
    rows = Import.objects.of(one.store_id).filter(pk=one.pk, state=Import.State.LOOKED_AT)
    begun = rows.update(state=Import.State.RUNNING, begun_at=now, actor=f"staff:{by.pk}", by=by.name)
    if begun:
        audit(one.store, by=by, verb="loyalty.import", now=now, subject=one.name, detail={"rows": one.rows})
    return bool(begun)


def carry_on(now: datetime) -> int:
    """Brings in the next parts of a file that was begun; returns how many rows. Safe to stop at any moment."""
    one = Import.objects.filter(state=Import.State.RUNNING).select_related("store").order_by("pk").first()
    if one is None:
        return 0
    rows = asking.read(one, now).rows()
    start = one.done
    for _ in range(PARTS_AT_ONCE):
        part = rows[one.done : one.done + PART]
        if not _carry_out(one, part, now) or one.done >= len(rows):
            break
    return max(1, one.done - start)


@transaction.atomic
def _carry_out(one: Import, part: Sequence[Incoming | Refused], now: datetime) -> bool:
    """One part, whole or not at all; whoever moves the count has it."""
    rows = Import.objects.filter(pk=one.pk, state=Import.State.RUNNING, done=one.done)
    is_last = one.done + len(part) >= one.rows
    # What was brought in is in the ledger, what was not stands beside; the file itself is not kept.
    ended = {"state": Import.State.DONE, "ended_at": now, "body": ""} if is_last else {}
    if not rows.update(done=F("done") + len(part), **ended):
        return False
    _keep(one, [row for row in part if isinstance(row, Refused)])
    _bring_safely(one, [row for row in part if isinstance(row, Incoming)], now)
    one.done += len(part)
    return True


def _bring_safely(one: Import, rows: Sequence[Incoming], now: datetime) -> None:
    """One row that nobody can book never holds up the others: it is kept with those that were refused."""
    try:
        with transaction.atomic():
            _bring(one, rows, now)
    except Exception:
        if len(rows) == 1:
            log.exception("line %s of import %s cannot be brought in", rows[0].line, one.pk)
            _keep(one, [Refused(rows[0].line, rows[0].raw, "Something went wrong with this row. Bring it once more.")])
            return
        for row in rows:
            _bring_safely(one, [row], now)


def _keep(one: Import, rows: Sequence[Refused]) -> None:
    insert(
        RefusedRow(
            store_id=one.store_id,
            of_id=one.pk,
            line=row.line,
            cells=row.raw,
            reason=row.reason[:300],
            is_left_out=row.is_left_out,
        )
        for row in rows
    )


def _bring(one: Import, rows: Sequence[Incoming], now: datetime) -> None:
    met = asking.meet(one.store, one, rows)
    known = [row for row in rows if asking.is_known(row, met)]
    refused = {row.line: why for row in rows if row not in known and (why := asking.why_not(row, met, one))}
    fresh = [row for row in rows if row not in known and row.line not in refused]
    refused |= _make_customers(one.store, [row for row in fresh if row.person not in met.customers], now)
    fresh = [row for row in fresh if row.line not in refused]
    _keep(one, [Refused(row.line, row.raw, refused[row.line]) for row in rows if row.line in refused])
    joined = _take(one, fresh, met, now)
    Import.objects.filter(pk=one.pk).update(
        known=F("known") + len(known),
        taken=F("taken") + len(fresh),
        joined=F("joined") + joined,
        points=F("points") + sum(asking.new_points(row, met) for row in fresh),
    )


def _make_customers(store: Store, rows: Sequence[Incoming], now: datetime) -> dict[int, str]:
    """Makes customers of whom nobody knows; returns why not by line."""
    by_person = {row.person: row for row in rows}
    docs = [
        CustomerDoc(person=Person(email=row.email, phone=row.phone, name=row.name), changed_at=now)
        for row in by_person.values()
    ]
    answers = take_customers(store, docs, source=SOURCE, now=now) if docs else []
    wrong = {
        person: answer.reason.split(": ", 1)[-1]
        for person, answer in zip(by_person, answers, strict=True)
        if answer.became == Became.REFUSED
    }
    return {row.line: wrong[row.person] for row in rows if row.person in wrong}


def _take(one: Import, rows: Sequence[Incoming], met: Met, now: datetime) -> int:
    """Members, what is known of them, tiers and points; returns how many were no member before."""
    customers = {**met.customers, **asking.customers_of(one.store, rows)}
    owners = {row.line: customers[row.person] for row in rows}
    taking_part = members.ensure(one.store_id, set(owners.values()), source=Member.Source.IMPORT, now=now)
    by_line = {line: taking_part[customer_id] for line, customer_id in owners.items()}
    new = {member.pk for member in taking_part.values() if member.customer_id not in met.members}
    _tell(one.store, [(row, by_line[row.line]) for row in rows], new, now)
    wanted = {by_line[row.line].pk: row.tier for row in rows if row.tier}
    brought_tiers.bring(one.store_id, wanted, actor=one.actor, now=now)
    award_many(one.store_id, [_award(one, row, owners[row.line], now) for row in rows if row.points], now=now)
    return len(new)


def _award(one: Import, row: Incoming, customer_id: int, now: datetime) -> Award:
    return Award(
        customer_id=customer_id,
        points=row.points,
        source=asking.source_of(row),
        reason=asking.REASON,
        at=now,
        expires_at=row.expires_at,
        snapshot={"import": one.pk, "family": one.family, "system": one.system, "line": row.line},
        actor=one.actor,
    )


def _tell(store: Store, rows: Sequence[tuple[Incoming, Member]], new: set[int], now: datetime) -> None:
    """What the other programme knew of its members: since when, birthday, and the code that their friends have."""
    free = _free_codes(store, rows)
    changed: dict[int, Member] = {}
    for row, member in rows:
        joined = min(filter(None, (row.joined_at, member.joined_at)))
        if member.pk in new:
            # Somebody who brings points cannot be one of those who go without, for comparison.
            member.is_held_out = False
        member.joined_at = joined
        if row.birthday and member.birth_month is None:
            member.birth_month, member.birth_day = row.birthday
            # Told long ago: it is not one that was made up to be given a present.
            member.birthday_set_at = joined
        member.referral_code = free.pop(row.line, member.referral_code)
        changed[member.pk] = member
    fields = ["joined_at", "is_held_out", "birth_month", "birth_day", "birthday_set_at", "referral_code"]
    brought_tiers.rewrite(changed.values(), fields)
    set_traits(
        store,
        {
            one.customer_id: {"loyalty.member": True, "loyalty.referral_code": one.referral_code}
            for one in changed.values()
            if not one.is_held_out
        },
    )


def _free_codes(store: Store, rows: Sequence[tuple[Incoming, Member]]) -> dict[int, str]:
    """The codes of the file that nobody has, by line, for members whose own code brought nobody yet."""
    wanted = {row.code.upper(): row.line for row, _ in reversed(rows) if row.code}
    spellings = {spelling for row, _ in rows if row.code for spelling in (row.code, row.code.upper(), row.code.lower())}
    taken = Member.objects.of(store).filter(referral_code__in=spellings)
    gone = {code.upper() for code in taken.values_list("referral_code", flat=True)}
    busy = set(
        Referral.objects.of(store)
        .filter(advocate__in=[member.pk for row, member in rows if row.code])
        .values_list("advocate_id", flat=True)
    )
    members_of = {row.line: member.pk for row, member in rows}
    return {line: code for code, line in wanted.items() if code not in gone and members_of[line] not in busy}
