"""The members of a store: found, filtered, sorted, taken along as a table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty.console.spreadsheets import download
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries import ledger, member_lists
from thereafter.loyalty.queries.member_lists import Asked
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules.programme import Programme

PAGE, MOST_DOUBTS = 50, 5
SORTS = [("points", "Most points first"), ("new", "Newest first"), ("old", "Oldest first"), ("name", "By name")]
JOINED = [("", "Joined at any time"), ("7", "In 7 days"), ("30", "In 30 days"), ("365", "In a year")]
LEAST = [("", "Any balance"), ("1", "Some points"), ("100", "100 and more"), ("500", "500 and more"),
         ("1000", "1,000 and more")]  # fmt: skip
STANDINGS = [
    ("", "Everybody"),
    ("debt", "Owe points"),
    ("doubt", "Figures do not agree"),
    ("held_out", "Without rewards, to compare"),
    ("left", "Left the programme"),
]
HEAD = (
    "name",
    "email",
    "points",
    "not_yet_active",
    "owed",
    "tier",
    "member_since",
    "referral_code",
    "birthday",
    "left",
)


@require_safe
@staff_page("loyalty.read")
def members(request: StaffRequest) -> HttpResponse:
    store, asked, now = request.store, asked_of(request), clock.now()
    programme = programme_now(store.pk).programme
    doubted = member_lists.doubted(store)
    counts = member_lists.counts(store)
    context = {
        "page_title": "Members",
        "asked": asked,
        "counts": counts,
        "totals": ledger.totals(store),
        "doubted": doubted[:MOST_DOUBTS],
        "doubts": doubted.count(),
        "page": Paginator(member_lists.listed(store, asked, now), PAGE).get_page(request.GET.get("page")),
        "tiers": {tier.id: tier.name for tier in programme.tiers},
        "choices": _choices(programme),
        "query": f"?{urlencode(kept(asked))}&page=",
        "export": f"?{urlencode(kept(asked))}",
    }
    return render(request, "loyalty/console/members.html", context)


def asked_of(request: HttpRequest) -> Asked:
    given = request.GET
    standing = given.get("standing", "")
    return Asked(
        q=given.get("q", "").strip()[:100],
        tier=given.get("tier", "")[:40],
        least=_whole(given.get("least", "")),
        days=_whole(given.get("days", "")),
        standing=standing if standing in member_lists.STANDINGS else "",
        sort=given.get("sort", "points"),
    )


def _whole(text: str) -> int:
    most = 9
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= most else 0


def kept(asked: Asked) -> dict[str, Any]:
    """What was asked, for links to other pages of the list."""
    return {name: value for name, value in vars(asked).items() if value and (name, value) != ("sort", "points")}


def _choices(programme: Programme) -> dict[str, list[tuple[str, str]]]:
    tiers = [("", "Any tier"), *((tier.id, tier.name) for tier in programme.tiers), ("-", "No tier")]
    return {
        "tier": tiers if programme.tiers else [],
        "least": LEAST,
        "days": JOINED,
        "standing": STANDINGS,
        "sort": SORTS,
    }


@require_safe
@staff_page("loyalty.read")
def export(request: StaffRequest) -> HttpResponse:
    """The members that the list shows, all of its pages."""
    store, now = request.store, clock.now()
    tiers = {tier.id: tier.name for tier in programme_now(store.pk).programme.tiers}
    rows = member_lists.listed(store, asked_of(request), now).iterator(chunk_size=2000)
    return download(f"{store.slug}-members", HEAD, _lines(rows, tiers))


def _lines(rows: Iterator[Any], tiers: dict[str, str]) -> Iterator[list[object]]:
    for member in rows:
        yield [
            member.customer.name,
            member.customer.email,
            member.available,
            member.pending,
            member.debt,
            tiers.get(member.tier, ""),
            _day(member.joined_at),
            member.referral_code,
            birthday_of(member),
            _day(member.left_at),
        ]


def _day(moment: datetime | None) -> str:
    return localtime(moment).date().isoformat() if moment else ""


def birthday_of(member: Member) -> str:
    """Month and day, as an import takes it; a year is not kept."""
    return f"{member.birth_month:02d}-{member.birth_day:02d}" if member.birth_month and member.birth_day else ""
