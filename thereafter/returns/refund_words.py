"""Refunds in words for the console."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from thereafter.commerce.models import Order, OrderLine, Tender
from thereafter.kit.pages import humanise
from thereafter.returns import refund_queries
from thereafter.returns.models import Grant, GrantShare, ShareTry
from thereafter.returns.payments.registry import CREDIT, MANUAL, TITLES
from thereafter.returns.snapshots import ORIGINAL
from thereafter.stores.models import Store

State = GrantShare.State
_STATES = {
    State.SENT: ("On the way", "info"),
    State.SETTLED: ("Paid", "good"),
    State.FAILED: ("Failed", "bad"),
    State.REROUTED: ("Went another way", "neutral"),
    State.WITHDRAWN: ("Taken back", "neutral"),
}
_TRIES = {
    "sent": ("truck", "Asked {who} to pay it back", "neutral"),
    "underway": ("clock", "{who} passed it to the bank", "info"),
    "settled": ("check", "Paid back by {who}", "good"),
    "later": ("clock", "{who} could not do it yet", "warn"),
    "failed": ("warning", "{who} did not take it", "bad"),
    "rerouted": ("gift", "Sent to store credit instead", "neutral"),
    "again": ("replay", "To be tried again", "neutral"),
}
Kinds = Mapping[tuple[int, str], str]


def kinds_of(store: Store, shares: Iterable[GrantShare]) -> Kinds:
    """How each was paid, in one query for all."""
    orders = {share.grant.order_id for share in shares}
    rows = Tender.objects.of(store).filter(order_id__in=orders).values_list("order_id", "external_id", "kind")
    return {(order, name): kind for order, name, kind in rows}


def goes_to(share: GrantShare, kinds: Kinds) -> str:
    if share.tender == CREDIT:
        return "Store credit"
    kind = kinds.get((share.grant.order_id, share.tender), "")
    return humanise(kind) if kind else "The way it was paid"


def state(share: GrantShare) -> tuple[str, str]:
    """What is shown, and its tone."""
    if share.due_at and share.state == State.FAILED:
        return "Tried again soon", "info"
    if share.state == State.GRANTED:
        return ("Goes out soon", "info") if share.due_at else ("To do by hand", "warn")
    if share.state == State.SENT and share.error:
        return "Tried again soon", "warn"
    return _STATES[State(share.state)]


def row(share: GrantShare, kinds: Kinds) -> dict[str, Any]:
    label, tone = state(share)
    order = share.grant.order
    return {
        "share": share,
        "order": order,
        "amount": order.money(share.amount_minor),
        "to": goes_to(share, kinds),
        "by": TITLES.get(share.adapter, ""),
        "label": label,
        "tone": tone,
    }


def share(share: GrantShare, kinds: Kinds) -> dict[str, Any]:
    """One part of a refund with what was tried and what can be done."""
    stands_still = share.state in (State.FAILED, State.GRANTED) and share.due_at is None
    is_credit = share.tender == CREDIT
    return row(share, kinds) | {
        "tries": [told(one) for one in share.tries.select_related("by").order_by("-at", "-pk")],
        "may": {
            "again": stands_still,
            "credit": stands_still and not is_credit,
            "paid": stands_still and not is_credit,
            "stop": share.state == State.SENT,
        },
        "needs_yes": share.grant.basis == "withdrawal",
        "hand": share.state == State.GRANTED and share.due_at is None,
    }


def told(one: ShareTry) -> dict[str, Any]:
    icon, words, tone = _TRIES.get(one.became, ("info", one.became, "neutral"))
    if one.became == "failed" and one.by_id:
        words = "Stopped by hand"
    who = "hand" if one.adapter == MANUAL and one.became == "settled" else TITLES.get(one.adapter, "us")
    said = f"Reference {one.said}" if one.became == "settled" and one.said else one.said
    title = words.format(who=who)
    return {
        "icon": icon,
        "title": title[:1].upper() + title[1:],
        "tone": tone,
        "at": one.at,
        "body": said,
        "actor": one.by.name if one.by else "",
    }


def sentences(granted: Grant, kinds: Kinds) -> list[str]:
    """How it was counted, with what people call the lines and payments in place of the shop's own ids of them."""
    rows = OrderLine.objects.of(granted.store_id).filter(order_id=granted.order_id)
    titles = dict(rows.values_list("external_id", "title"))
    named = {name: humanise(kind).lower() for (order, name), kind in kinds.items() if order == granted.order_id}
    named |= {CREDIT: "store credit", ORIGINAL: "the way it was paid"}
    return [_readable(str(sentence), titles, named) for sentence in granted.trace]


def _readable(sentence: str, titles: Mapping[str, str], named: Mapping[str, str]) -> str:
    for line, title in titles.items():
        for before, after in ((" × ", ":"), (" of ", " without a return")):
            sentence = sentence.replace(f"{before}{line}{after}", f"{before}{title}{after}")
    head, found, tender = sentence.removesuffix(".").rpartition(" to ")
    return f"{head} to {named[tender]}." if found and tender in named else sentence


def state_of_grant(granted: Grant, shares: Sequence[GrantShare]) -> tuple[str, str]:
    if granted.withdrawn_at:
        return "Taken back", "neutral"
    if granted.settled_at:
        return "Paid", "good"
    found = [state(share) for share in shares if share.state not in (State.SETTLED, State.REROUTED)]
    tones = ("bad", "warn", "info")
    return min(found, key=lambda one: tones.index(one[1]) if one[1] in tones else len(tones), default=("Open", "info"))


def rows_of(order: Order) -> list[dict[str, Any]]:
    """The refunds of an order, as lists show them."""
    return [_row(granted, order) for granted in refund_queries.grants_of(order)]


def _row(granted: Grant, order: Order) -> dict[str, Any]:
    granted.order = order
    shares = list(granted.shares.all())
    for share in shares:
        share.grant = granted
    kinds = kinds_of(order.store, shares)
    label, tone = state_of_grant(granted, shares)
    to = ", ".join(dict.fromkeys(goes_to(share, kinds).lower() for share in shares))
    return {"grant": granted, "amount": order.money(granted.amount_minor), "label": label, "tone": tone, "to": to}
