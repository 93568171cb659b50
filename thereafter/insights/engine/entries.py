"""What a line of the log tells the figures: which fields of an event become `value`, `flag`, `kind`, `other`, `ref`.

One line per event, read by the export, which takes the fields out of the payload in SQL. An event that is not named
here is exported too, with nothing but who, when and on which order. Plain Python.

`value` is a whole number. Where `money` is set it is minor units of the store's currency, and 0 for a line in another
one. `flag` is 1 or 0, -1 where the event does not say. A field with several texts (`reasons`) becomes one, joined
by ",". `nothing` is the `value` of a line that has none, such as an answer without a score. `who` is the field in which
an event names its customer itself, where it belongs to nobody's timeline.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    value: str = ""
    flag: str = ""
    kind: str = ""
    other: str = ""
    ref: str = ""
    money: bool = False
    nothing: int = 0
    who: str = ""


def _parcel(kind: str = "", flag: str = "old") -> Told:
    return Told(flag=flag, kind=kind, ref="parcel_id")


def _message(flag: str = "", kind: str = "channel") -> Told:
    return Told(flag=flag, kind=kind, other="template", ref="message_id")


def _answer() -> Told:
    return Told(value="score", flag="has_comment", kind="kind", other="survey", ref="answer_id", nothing=-1)


def _review(flag: str = "", kind: str = "", value: str = "") -> Told:
    return Told(value=value, flag=flag, kind=kind, other="product_id", ref="review_id")


def _case(**fields: str) -> Told:
    return Told(ref="case_id", **fields)  # type: ignore[arg-type]  # texts only


def _points(ref: str = "", **fields: str) -> Told:
    return Told(value="points", ref=ref, **fields)  # type: ignore[arg-type]  # texts only


def _parts() -> dict[str, Told]:
    return {
        "order.placed": Told(value="total_minor", money=True, kind="source"),
        "order.changed": Told(value="total_minor", money=True),
        "order.cancelled": Told(other="reason"),
        "order.refunded": Told(value="amount_minor", money=True, ref="refund_id"),
        "order.fulfilled": Told(kind="carrier", ref="fulfilment_id"),
        "order.reorder_due": Told(other="title", ref="product_id"),
        "parcel.shipped": _parcel("carrier"),
        "parcel.moved": _parcel("status"),
        "parcel.out_for_delivery": _parcel(),
        "parcel.delivered": _parcel("carrier", flag="late"),
        "parcel.late": _parcel(),
        "parcel.exception": _parcel("reason"),
        "parcel.returned": _parcel(),
        "parcel.attempted": _parcel("reason"),
        "parcel.available_for_pickup": _parcel(),
        "parcel.flagged": Told(flag="old", kind="kind", other="cause", ref="parcel_id"),
        "parcel.flag_cleared": Told(flag="old", kind="kind", other="by", ref="parcel_id"),
        "parcel.estimate_moved": Told(flag="old", other="cause", ref="parcel_id"),
        "parcel.problem_reported": Told(kind="kind", ref="report_id"),
    }


def _listening() -> dict[str, Told]:
    return {
        "survey.asked": Told(kind="kind", other="survey", ref="invitation_id"),
        "survey.answered": _answer(),
        "survey.answer_changed": _answer(),
        "survey.finished": _answer(),
        "review.asked": Told(value="products", ref="request_id"),
        "review.written": Told(value="rating", flag="verified", kind="collected", other="product_id", ref="review_id"),
        "review.changed": _review(value="rating"),
        "review.published": _review(value="rating"),
        "review.hidden": _review(kind="reason"),
        "review.withdrawn": _review(),
        "review.replied": _review(flag="public"),
        "question.asked": Told(ref="product_id", who="customer"),
        "question.answered": Told(kind="by", ref="product_id", who="customer"),
    }


def _care() -> dict[str, Told]:
    return {
        "follow_up.opened": Told(kind="opened_for", other="survey", ref="follow_up_id"),
        "follow_up.replied": Told(ref="follow_up_id"),
        "follow_up.overdue": Told(ref="follow_up_id"),
        "follow_up.closed": Told(flag="resolved", kind="reason", other="outcome", ref="follow_up_id"),
        "ticket.opened": Told(other="ref", ref="follow_up_id"),
        "ticket.closed": Told(other="ref", ref="follow_up_id"),
        "return.requested": Told(
            value="value_minor", money=True, flag="review", kind="basis", other="reasons", ref="case_id"
        ),
        "return.approved": _case(kind="basis", other="outcome"),
        "return.declined": _case(kind="basis"),
        "return.cancelled": _case(),
        "return.expired": _case(),
        "return.handed_in": _case(kind="by"),
        "return.received": _case(value="units"),
        "return.inspected": _case(value="accepted"),
        "return.resolved": Told(value="refund_minor", money=True, kind="basis", other="outcome", ref="case_id"),
        "claim.decided": Told(
            value="amount_minor", money=True, flag="accepted", kind="kind", other="payer", ref="case_id"
        ),
        "withdrawal.received": Told(ref="withdrawal_id"),
        "refund.granted": Told(value="amount_minor", money=True, kind="source", ref="grant_id"),
        "refund.settled": Told(value="amount_minor", money=True, ref="grant_id"),
        "refund.withdrawn": Told(value="amount_minor", money=True, ref="grant_id"),
        "credit.issued": Told(value="amount_minor", money=True, flag="of_refund", other="source", ref="credit_id"),
        "credit.spent": Told(value="amount_minor", money=True, other="source", ref="credit_id"),
    }


def _messages() -> dict[str, Told]:
    return {
        "message.sent": _message(),
        "message.delivered": _message(),
        "message.opened": _message("machine", ""),
        "message.clicked": _message("machine", ""),
        "message.bounced": _message("hard"),
        "message.complained": _message(),
        "message.skipped": _message(kind="reason"),
        "message.failed": _message(kind="reason"),
        "message.replied": Told(kind="channel", ref="message_id"),
        "journey.started": Told(kind="journey", ref="run_id"),
        "journey.ended": Told(kind="journey", other="outcome", ref="run_id"),
        # Amounts of goals are in the store's currency already.
        "journey.goal_reached": Told(value="amount_minor", flag="held_out", kind="journey", ref="run_id"),
        "segment.entered": Told(value="visit", kind="segment", ref="segment_id"),
        "segment.left": Told(value="visit", kind="segment", ref="segment_id"),
        "coupon.issued": Told(kind="pool", other="code", ref="coupon_id"),
        "coupon.redeemed": Told(kind="pool", other="code", ref="coupon_id"),
        "customer.joined": Told(kind="source"),
        "customer.consent_changed": Told(flag="granted", kind="channel", other="purpose"),
        "customer.tracked": Told(kind="topic"),
    }


def _loyalty() -> dict[str, Told]:
    return {
        "points.awarded": _points(kind="reason", other="source"),
        "points.taken_back": _points(kind="reason", other="source"),
        "points.activated": _points(),
        "points.spent": _points("redemption_id", other="reward"),
        "points.returned": _points("redemption_id"),
        "points.expired": _points(),
        "loyalty.joined": Told(kind="source", ref="member_id"),
        "loyalty.left": Told(ref="member_id"),
        "loyalty.milestone_reached": Told(value="points", kind="kind", other="key", ref="member_id"),
        "tier.reached": Told(kind="tier", other="was", ref="member_id"),
        "tier.lost": Told(kind="tier", other="was", ref="member_id"),
        "reward.taken": _points("redemption_id", kind="kind", other="reward"),
        "reward.handed_over": Told(kind="kind", other="reward", ref="redemption_id"),
        "reward.cancelled": _points("redemption_id", kind="kind", other="reward"),
        "referral.claimed": Told(ref="referral_id"),
        "referral.qualified": _points("referral_id"),
        "referral.rewarded": _points("referral_id"),
        "referral.undone": Told(ref="referral_id"),
    }


TOLD: dict[str, Told] = _parts() | _listening() | _care() | _messages() | _loyalty()
