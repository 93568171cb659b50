"""What worked: journeys against people who were left out by chance, and what only goes together with points."""

from collections.abc import Iterator
from datetime import datetime

from django.core.cache import cache
from django.urls import reverse

from thereafter.insights.cards import Card, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.asking import serial_of
from thereafter.insights.figures.experiments import control_group, experiments
from thereafter.insights.figures.loyalty import Coupons, LoyaltyEffect, coupons, loyalty_effect
from thereafter.insights.figures.messages import Messages, messages
from thereafter.journeys.console.proof_words import TITLES
from thereafter.journeys.rules.proof import LEAST_PEOPLE
from thereafter.journeys.trials import Tried, trials
from thereafter.kit.charts.kinds import Effect, Forest
from thereafter.kit.charts.tables import Cell, Column, Sure, Table
from thereafter.kit.charts.units import DECIMAL, FINE_SHARE, NUMBER, POINTS, money
from thereafter.kit.pages import humanise, number, percent
from thereafter.stores.models import Store

MOST = 12
ALL_MARKETING = "All marketing together"


def build(filters: Filters) -> Page:
    found = _tried(filters)
    cards = [
        _forest(filters, found),
        _verdicts(filters, found),
        _loyalty(filters, loyalty_effect(filters.view)),
        _coupons(filters, coupons(filters.view)),
        _messages(messages(filters.view)),
    ]
    return page(SPEC, filters, cards)


def _tried(filters: Filters) -> list[Tried]:
    """Proved once for each snapshot, like everything else on these pages: it takes some queries for each."""
    store = filters.view.store
    key = f"insights:tried:{store.pk}:{serial_of(store)}"
    kept: list[Tried] | None = cache.get(key)
    if kept is None:
        kept = list(_all_tried(store, filters.now))
        cache.set(key, kept)
    return kept


def _all_tried(store: Store, now: datetime) -> Iterator[Tried]:
    for one in experiments(store, now):
        yield Tried(one.name, one.main, reverse("journeys_console:proof", args=[store.slug, one.key]), "journeys.read")
    for others in trials:
        yield from others(store, now)
    control = control_group(store, now)
    if control:
        yield Tried(ALL_MARKETING, control.main, reverse("journeys_console:proofs", args=[store.slug]), "journeys.read")


def _url(filters: Filters, one: Tried) -> str:
    return one.url if filters.may(one.verb) else ""


def _forest(filters: Filters, found: list[Tried]) -> Card:
    effects = [
        Effect(one.name, rate.value, rate.low, rate.high, TITLES[one.proof.verdict], _url(filters, one))
        for one in found
        if (rate := one.proof.rate)
    ]
    return Card(
        "lift",
        "Journeys and campaigns against chance",
        "How many more reach the goal because of it: those who got it, less those who were held out by lot",
        definition="A journey or a campaign with a holdout leaves a share of the people out, chosen by chance. The "
        "difference between both groups is what it does itself; who would have bought anyway is in both.\n\n"
        "The interval is safe to look at every day: it holds at all looks together, so it is wider than a usual one. "
        "Where it does not touch nought, the effect is real. Journeys are measured over the last 400 days, campaigns "
        "over their own, whatever the filters above say.",
        chart=Forest("Difference to those held out", effects, POINTS, by="Journey or campaign", value="Difference")
        if effects
        else None,
        basis=f"{number(len(effects))} of {said.many(len(found), 'journey or campaign', 'journeys and campaigns')}",
        thin=""
        if effects
        else f"Nothing can be compared yet: it takes a holdout, and at least {LEAST_PEOPLE} people in each group. Set "
        "a holdout in a journey's settings or when you write a campaign; ten per cent is usual.",
        note="Over all their time, whatever days are chosen above." if effects else "",
        links=[("Open the proofs", reverse("journeys_console:proofs", args=[filters.view.store.slug]))]
        if filters.may("journeys.read")
        else [],
        wide=True,
    )


def _verdicts(filters: Filters, found: list[Tried]) -> Card:
    unit = money(filters.view.store.currency)
    columns = [
        Column("What"),
        Column("Verdict"),
        Column("Got it", NUMBER),
        Column("Reached the goal", FINE_SHARE),
        Column("Held out", NUMBER),
        Column("Reached it anyway", FINE_SHARE),
        Column("Earned", unit, interval=True),
    ]
    shown = [one for one in found if one.proof.treated.people or one.proof.held.people]
    waiting = len(found) - len(shown)
    return Card(
        "verdicts",
        "What each one earned",
        "The verdict on each, and what it earned beyond what would have been bought anyway",
        table=Table(columns, [_verdict(one) for one in shown], [_url(filters, one) for one in shown])
        if shown
        else None,
        basis=said.many(len(shown), "line"),
        thin="" if shown else "Nobody's time in a journey is over yet. As soon as it is, the journey is listed here.",
        note=f"{number(waiting)} more {'has' if waiting == 1 else 'have'} nobody yet whose time is over."
        if waiting and shown
        else "",
        wide=True,
    )


def _verdict(one: Tried) -> list[Cell]:
    treated, held, earned = one.proof.treated, one.proof.held, one.proof.earned
    return [
        one.name,
        TITLES[one.proof.verdict],
        treated.people,
        treated.rate if treated.people else None,
        held.people,
        held.rate if held.people else None,
        Sure(earned.value, earned.low, earned.high) if earned else None,
    ]


def _loyalty(filters: Filters, found: LoyaltyEffect) -> Card:
    unit = money(filters.view.store.currency)
    columns = [
        Column("Customers"),
        Column("How many", NUMBER),
        Column("Orders each", DECIMAL),
        Column("Spent each", unit),
    ]
    rows: list[list[Cell]] = [
        [one.name, one.customers, one.orders_each, one.net_each_minor] for one in found.groups if one.customers
    ]
    return Card(
        "loyalty",
        "Members of the programme",
        "What members and others bought in the period",
        definition=found.definition,
        table=Table(columns, rows) if rows else None,
        basis=said.many(found.n, "customer"),
        thin=found.thin,
        note=found.caution,
    )


def _coupons(filters: Filters, found: Coupons) -> Card:
    unit = money(filters.view.store.currency)
    columns = [Column("Coupons"), Column("Given out", NUMBER), Column("Used", NUMBER), Column("Share", FINE_SHARE)]
    rows: list[list[Cell]] = [
        [one.name or "Without a pool", one.issued, one.redeemed, one.share.value if one.share else None]
        for one in found.pools
    ]
    with_code, without = found.with_code, found.without
    return Card(
        "coupons",
        "Coupons",
        "Codes given out and used in the period",
        definition=found.definition,
        table=Table(columns, rows) if rows else None,
        basis=f"{said.many(found.with_code.orders, 'order')} with a code",
        thin=found.thin or ("" if rows else "No coupon was given out in these days."),
        note=f"An order with a code is worth {said.whole_money(with_code.average_minor, unit)}, "
        f"one without {said.whole_money(without.average_minor, unit)}."
        if with_code.orders and without.orders
        else "",
    )


def _messages(found: Messages) -> Card:
    columns = [Column("Message"), Column("Sent", NUMBER), Column("Clicked", FINE_SHARE)]
    rows: list[list[Cell]] = [
        [humanise(one.template), one.sent, one.clicked.value if one.clicked else None] for one in found.templates[:MOST]
    ]
    return Card(
        "messages",
        "What was sent, and clicked",
        "Clicks tell more than opens, which mail programs make by themselves",
        definition=found.definition,
        table=Table(columns, rows) if rows else None,
        basis=f"{said.many(found.sent, 'message')} sent, {number(found.bounced)} bounced, "
        f"{number(found.complained)} {'complaint' if found.complained == 1 else 'complaints'}",
        thin=found.thin,
        note=f"{percent(found.click_rate.value, 1)} of all that was sent was clicked." if found.click_rate else "",
        wide=True,
    )


SPEC = Spec(
    "worked",
    "What worked",
    "What your journeys earned against people left out by chance, and what only goes together with it.",
    build,
)
