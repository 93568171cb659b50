"""Segments that every shop asks for, to begin with. Plain Python."""

from typing import NamedTuple


class Ready(NamedTuple):
    """`key` is the one that the name gets. `condition` has a {big} where the shop's own measure of much money goes."""

    key: str
    name: str
    why: str
    condition: str


READY = (
    Ready(
        "new_customers", "New customers", "First order in the last 30 days", "customer.first_order_at >= now - days(30)"
    ),
    Ready(
        "loyal_customers",
        "Loyal customers",
        "Three orders or more, the last in half a year",
        "customer.orders >= 3 && customer.last_order_at >= now - days(180)",
    ),
    Ready(
        "vip",
        "VIP",
        "Came back, and spent more than nine in ten others",
        "customer.orders >= 2 && customer.spent >= {big}",
    ),
    Ready("big_spenders", "Big spenders", "Spent more than nine in ten others", "customer.spent >= {big}"),
    Ready(
        "bought_once",
        "Bought once",
        "One order, at least 30 days ago, and none since",
        "customer.orders == 1 && customer.last_order_at < now - days(30)",
    ),
    Ready(
        "at_risk",
        "At risk",
        "Used to come back; not seen for 90 days",
        "customer.orders >= 2 && customer.last_order_at < now - days(90) && customer.last_order_at >= now - days(180)",
    ),
    Ready("lapsed", "Lapsed", "No order for half a year", "customer.last_order_at < now - days(180)"),
    Ready(
        "never_answered",
        "Never answered",
        "Bought, and never told you how it was",
        "customer.orders >= 1 && !('survey.answered' in happened)",
    ),
    Ready(
        "waited_too_long_lately",
        "Waited too long lately",
        "A parcel of theirs came late in the last 30 days",
        "happened['parcel.late'] >= now - days(30)",
    ),
    Ready(
        "unhappy_lately",
        "Unhappy lately",
        "A low score in the last 30 days",
        "happened['follow_up.opened'] >= now - days(30)",
    ),
    Ready(
        "sent_back_lately",
        "Sent back lately",
        "Asked for a return in the last 60 days",
        "happened['return.requested'] >= now - days(60)",
    ),
    Ready(
        "subscribers",
        "Subscribers",
        "Allow marketing by e-mail",
        "'email:marketing' in customer.consents",
    ),
    Ready(
        "buyers_without_a_subscription",
        "Buyers without a subscription",
        "Bought in the last year, and get no newsletter",
        "customer.last_order_at >= now - days(365) && !('email:marketing' in customer.consents)",
    ),
    Ready(
        "champions",
        "Champions",
        "Bought lately, often and much",
        "trait['insights.rfm_group'] == 'champions'",
    ),
    Ready(
        "likely_to_leave",
        "Likely to leave",
        "Will probably not order in the next 90 days",
        "trait['insights.churn_risk'] == 'high' && customer.orders >= 2",
    ),
    Ready(
        "next_order_due",
        "Next order due",
        "About now is when they would order again",
        "trait['insights.next_order'] == 'due'",
    ),
    Ready("points_to_spend", "Points to spend", "100 points or more", "trait['loyalty.points'] >= 100"),
)


def by_key(key: str) -> Ready | None:
    return next((ready for ready in READY if ready.key == key), None)
