"""How often customers need somebody, and how soon they are answered. Plain Python."""

from ibis.expr.types import BooleanValue, Table

from thereafter.insights.metrics.tables import Scope, entries, within

NEEDS = ("ticket.opened", "follow_up.opened", "parcel.problem_reported")


# Opened by a person of the shop because somebody got in touch; the others we open ourselves after a low score.
BY_HAND = "by_hand"


def is_contact(rows: Table) -> BooleanValue:
    """Of entries of `NEEDS`, those with which a customer turned to the shop about an order. A ticket that a follow-up
    opened at the desk is the same need, not another; a question about a product comes before an order."""
    is_ticket = (rows.name == "ticket.opened") & (rows.ref == 0)
    is_call = (rows.name == "follow_up.opened") & (rows.kind == BY_HAND)
    return is_ticket | is_call | (rows.name == "parcel.problem_reported")


def contacts(scope: Scope) -> Table:
    """Per `month` and `name` (`ticket.opened`, `follow_up.opened` by hand, `parcel.problem_reported`): `contacts` in
    the period; a ticket opened for a follow-up is not counted again.

    Contact rate = 100 Σ contacts / orders placed in the same days. Unit: contacts. Source: these events.
    """
    rows = within(entries(scope, *NEEDS), scope)
    rows = rows.filter(is_contact(rows))
    return rows.group_by(["month", "name"]).agg(contacts=rows.count())


def contacted_orders(scope: Scope) -> Table:
    """Per `month` of the contact: `orders` with at least one in the period, of contacts that name their order.

    Unit: orders. Source: as `contacts`.
    """
    rows = within(entries(scope, *NEEDS), scope)
    rows = rows.filter(is_contact(rows), rows.order_id > 0)
    first = rows.group_by("order_id").agg(month=rows.month.min())
    return first.group_by("month").agg(orders=first.count())


def load(scope: Scope) -> Table:
    """Per `name` (`follow_up.opened`, `question.asked`) and `kind` (why the follow-up was opened: low_score, review,
    by_hand) of the period: `times`. What there was to do, whoever began. Unit: entries of the log. Source: these
    events."""
    rows = within(entries(scope, "follow_up.opened", "question.asked"), scope)
    return rows.group_by(["name", "kind"]).agg(times=rows.count())


def days_to_answer(scope: Scope) -> Table:
    """Per `days` from the opening of a follow-up in the period to its first reply: `follow_ups`, of those that had one.

    Units: days, follow-ups. Source: `follow_up.opened`, `follow_up.replied`.
    """
    opened = within(entries(scope, "follow_up.opened"), scope).select("ref", "day")
    replied = entries(scope, "follow_up.replied")
    first = replied.group_by(replied_ref=replied.ref).agg(replied_on=replied.day.min())
    both = opened.inner_join(first, opened.ref == first.replied_ref)
    both = both.mutate(days=both.replied_on - both.day)
    return both.group_by("days").agg(follow_ups=both.count())


def closed(scope: Scope) -> Table:
    """Per `resolved` (1, 0) and `outcome` of follow-ups closed in the period: `follow_ups`. Unit: follow-ups. Source:
    `follow_up.closed`."""
    rows = within(entries(scope, "follow_up.closed"), scope)
    return rows.group_by(resolved=rows.flag, outcome=rows.other).agg(follow_ups=rows.count())
