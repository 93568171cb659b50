"""What points do for the shop and what they cost: the books, what is owed, who takes part, and whether it works."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.money import exponent
from thereafter.kit.pages import render
from thereafter.loyalty.actions import holdouts
from thereafter.loyalty.console import effect_words
from thereafter.loyalty.console import numbers_words as words
from thereafter.loyalty.console.spreadsheets import download
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries import effects, numbers
from thereafter.loyalty.queries.numbers import Period
from thereafter.loyalty.queries.programmes import Version, programme_now
from thereafter.loyalty.rules import liability
from thereafter.loyalty.rules.calendar import months_later
from thereafter.loyalty.rules.effect import effect
from thereafter.loyalty.rules.liability import Rate
from thereafter.loyalty.rules.programme import MAIN
from thereafter.stores.models import Store

MONTHS = 12
HEAD = ("from", "until", "opening", "earned", "imported", "adjusted", "redeemed", "reversed", "expired", "closing",
        "activated", "outstanding", "owed_by_members", "liability", "expected_liability")  # fmt: skip


@dataclass(frozen=True)
class Books:
    """The periods that are asked for, of one kind of points, and what a point is worth now."""

    store: Store
    version: Version
    now: datetime
    kind: str
    kinds: Sequence[str]
    # The month whose days are shown; None: months.
    month: date | None
    periods: Sequence[Period]
    value: Fraction | None
    rate: Rate | None


@require_safe
@staff_page("loyalty.read")
def index(request: StaffRequest) -> HttpResponse:
    books = _books(request)
    since = months_back(books.now, books.version.zone, MONTHS)
    trial = effects.trial(books.store, books.now)
    context = {
        "page_title": "Numbers",
        "books": books,
        "tiles": words.tiles(books, numbers.people(books.store, books.now)),
        "rows": words.rows(books),
        "sums": words.sums(books.periods),
        "chart": words.chart(books),
        "months": words.months(books),
        "liability": words.liability_notes(books),
        "rewards": words.rewards(numbers.rewards_taken(books.store, since), books.store.currency),
        "tiers": words.tiers(numbers.people(books.store, books.now), books.version.programme),
        "moves": words.moves(numbers.tier_moves(books.store, since), books.version.programme),
        "effect": effect_words.told(
            effect(trial.rewarded, trial.held, has_holdout=bool(trial.percent)), trial, books.store.currency
        ),
        "held_out": Member.objects.of(books.store).filter(is_held_out=True).count(),
        "may_end": request.membership.may("loyalty.write"),
        "has_any": any(period.outstanding or period.moved or period.opening for period in books.periods),
    }
    return render(request, "loyalty/console/numbers.html", context)


@require_POST
@staff_page("loyalty.write")
def end_holdout(request: StaffRequest) -> HttpResponse:
    """Everybody takes part from now on; what those who were held out bought meanwhile earns."""
    people = holdouts.end(request.store, by=request.staff, now=clock.now())
    messages.success(request, f"{people} {'member takes' if people == 1 else 'members take'} part from now on.")
    return redirect("loyalty_console:numbers", request.store.slug)


@require_safe
@staff_page("loyalty.read")
def export(request: StaffRequest) -> HttpResponse:
    """The books as a table: the same periods as on the page."""
    books = _books(request)
    name = f"{books.store.slug}-points-{books.month:%Y-%m}" if books.month else f"{books.store.slug}-points"
    return download(name, HEAD, _lines(books))


def _lines(books: Books) -> Iterator[list[object]]:
    for one in books.periods:
        owed = liability.owed(one.outstanding, books.value, books.rate) if books.value is not None else None
        places = 10 ** exponent(books.store.currency)
        yield [
            one.starts.astimezone(books.version.zone).date().isoformat(),
            one.ends.astimezone(books.version.zone).date().isoformat(),
            one.opening,
            one.earned,
            one.imported,
            one.adjusted,
            one.redeemed,
            one.reversed,
            one.expired,
            one.closing,
            one.activated,
            one.outstanding,
            one.owed,
            owed.full_minor / places if owed else "",
            owed.expected_minor / places if owed else "",
        ]


def _books(request: StaffRequest) -> Books:
    store, now, version = request.store, clock.now(), programme_now(request.store.pk)
    kinds = numbers.kinds(store)
    kind = request.GET.get("kind", MAIN)
    kind = kind if kind in kinds else MAIN
    month = _month(request.GET.get("month", ""), now.astimezone(version.zone).date())
    only = kind if len(kinds) > 1 else ""
    value = liability.point_value(
        version.programme.point_value,
        numbers.money_offers(store, now) if kind == MAIN else (),
        exponent=exponent(store.currency),
    )
    return Books(
        store=store,
        version=version,
        now=now,
        kind=kind,
        kinds=kinds,
        month=month,
        periods=numbers.accounting(store, _bounds(month, now, version.zone), kind=only),
        value=value if kind == MAIN else None,
        rate=liability.breakage(numbers.fates(store, now, kind=only)),
    )


def _month(text: str, today: date) -> date | None:
    """ "2026-10" as its first day; None for what is no month of the past or now."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return asked if date(2000, 1, 1) <= asked <= today else None


def _bounds(month: date | None, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Midnights between the days of a month, or between the last twelve months and this one."""
    if month is None:
        first = now.astimezone(zone).date().replace(day=1)
        starts = [months_later(first, back) for back in range(1 - MONTHS, 2)]
    else:
        after = months_later(month, 1)
        starts = [date.fromordinal(day) for day in range(month.toordinal(), after.toordinal() + 1)]
    return [datetime.combine(day, time(0), zone) for day in starts]


def months_back(now: datetime, zone: ZoneInfo, months: int) -> datetime:
    """The first moment of the twelve months that are shown."""
    first = months_later(now.astimezone(zone).date().replace(day=1), 1 - months)
    return datetime.combine(first, time(0), zone)
