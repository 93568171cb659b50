"""The counts by hand of goods, of the log and of what happened after a first order; see `plain_counts`."""

from itertools import combinations, product

from thereafter.insights.engine.port import Row
from thereafter.insights.metrics.tables import Scope
from thereafter.insights.tests.plain_counts import Counted, Table, again_within, table

CLAIMS = ("non_conformity", "carrier_claim", "warranty")


def sold(c: Counted) -> Table:
    lines = [line for order in c.in_period for line in c.lines[order["id"]]]
    return table(((line["product_id"],), (1, line["quantity"], line["net_minor"])) for line in lines)


def baskets(c: Counted) -> Table:
    rows = []
    for order in c.in_period:
        products = [line["product_id"] for line in c.lines[order["id"]]]
        rows += [((one,), (1,)) for one in ([0, *products] if products else [])]
    return table(rows)


def pairs(c: Counted, support: int = 1) -> Table:
    rows = []
    for order in c.in_period:
        products = sorted(line["product_id"] for line in c.lines[order["id"]])
        rows += [(pair, (1,)) for pair in combinations(products, 2)]
    return {key: value for key, value in table(rows).items() if value[0] >= support}


def repeat_by_first(c: Counted, days: int = 90) -> Table:
    ripe = [life for life in c.lives if c.ripe(life[0]["day"], days)]
    return table(
        ((line["product_id"],), (1, again_within(life, days))) for life in ripe for line in c.lines[life[0]["id"]]
    )


def _seconds(c: Counted) -> list[list[Row]]:
    return [life for life in c.lives if len(life) > 1 and c.is_within(life[1]["day"])]


def second_contents(c: Counted) -> Table:
    rows = []
    for life in _seconds(c):
        first, second = ([line["product_id"] for line in c.lines[order["id"]]] for order in life[:2])
        rows += [(pair, (1,)) for pair in product(first, second)]
    return table(rows)


def second_beginnings(c: Counted) -> Table:
    rows = []
    for life in _seconds(c):
        rows += [((one,), (1,)) for one in [0, *(line["product_id"] for line in c.lines[life[0]["id"]])]]
    return table(rows)


def delivered(c: Counted) -> Table:
    return table(((e["month"], e["flag"], e["kind"]), (1,)) for e in c.told("parcel.delivered"))


def days_after_order(c: Counted, name: str) -> Table:
    days = c.first_days(name)
    found = [(days[o["id"]], o["day"]) for o in c.placed if o["id"] in days]
    return table(((on - day,), (1,)) for on, day in found if on >= c.scope.since and on >= day)


def trouble(c: Counted) -> Table:
    told = c.told("parcel.late", "parcel.exception", "parcel.problem_reported")
    return table(((e["month"], e["name"], e["kind"]), (1,)) for e in told)


def standing(c: Counted) -> list[tuple[Row, int]]:
    """(first answer, score that stands)."""
    newest = {e["ref"]: e["value"] for e in c.entries("survey.answered", "survey.answer_changed")}
    return [(entry, newest[entry["ref"]]) for entry in c.entries("survey.answered")]


def scores(c: Counted) -> Table:
    kept = [(e, score) for e, score in standing(c) if score >= 0 and c.is_within(e["day"])]
    return table(((e["month"], e["other"], e["kind"], score), (1,)) for e, score in kept)


def asked(c: Counted) -> Table:
    answered = {(e["customer_id"], e["order_id"], e["other"]) for e in c.entries("survey.answered")}
    rows = []
    for e in c.told("survey.asked"):
        names = ["survey.asked"]
        names += ["survey.answered"] if (e["customer_id"], e["order_id"], e["other"]) in answered else []
        rows += [((e["month"], e["other"], e["kind"], name), (1,)) for name in names]
    return table(rows)


def stars(c: Counted) -> Table:
    return table(((e["month"], e["value"]), (1,)) for e in c.told("review.written"))


def return_rates(c: Counted, days: int = 30) -> Table:
    arrived = c.delivered_on()
    asked_for, received = (
        [e for e in c.entries(name) if e["day"] < c.scope.until] for name in ("return.requested", "return.received")
    )
    rows = []
    for order in c.placed:
        if order["id"] in arrived and c.ripe(arrived[order["id"]], days):
            back = [e["value"] for e in asked_for if e["order_id"] == order["id"]]
            units = sum(e["value"] for e in received if e["order_id"] == order["id"])
            goods = order["total_minor"] - order["shipping_minor"]
            rows.append(((order["month"],), (1, order["items"], goods, int(bool(back)), units, sum(back))))
    return table(rows)


def asked_for(c: Counted) -> Table:
    told = c.told("return.requested")
    return table(((e["month"], e["kind"], e["other"]), (1, e["value"])) for e in told)


def resolved(c: Counted) -> Table:
    newest = {e["ref"]: e["id"] for e in c.entries("return.resolved")}
    ended = [e for e in c.told("return.resolved") if newest[e["ref"]] == e["id"]]
    pairs_of = product(ended, c.entries("return.requested"))
    return table(
        ((over["other"],), (1, begun["value"], 0 if over["other"] == "store_credit" else over["value"]))
        for over, begun in pairs_of
        if over["ref"] == begun["ref"]
    )


def _contacts(c: Counted) -> list[Row]:
    return [e for e in c.told("ticket.opened", "follow_up.opened", "parcel.problem_reported") if _is_contact(e)]


def _is_contact(entry: Row) -> bool:
    if entry["name"] == "ticket.opened":
        return not entry["ref"]
    return entry["name"] == "parcel.problem_reported" or (
        entry["name"] == "follow_up.opened" and entry["kind"] == "by_hand"
    )


def contacts(c: Counted) -> Table:
    return table(((e["month"], e["name"]), (1,)) for e in _contacts(c))


def contacted_orders(c: Counted) -> Table:
    first: dict[int, int] = {}
    for entry in _contacts(c):
        if entry["order_id"]:
            first[entry["order_id"]] = min(entry["month"], first.get(entry["order_id"], entry["month"]))
    return table(((month,), (1,)) for month in first.values())


def load(c: Counted) -> Table:
    return table(((e["name"], e["kind"]), (1,)) for e in c.told("follow_up.opened", "question.asked"))


def days_to_answer(c: Counted) -> Table:
    rows = []
    for opened in c.told("follow_up.opened"):
        replies = [e["day"] for e in c.entries("follow_up.replied") if e["ref"] == opened["ref"]]
        rows += [((min(replies) - opened["day"],), (1,))] if replies else []
    return table(rows)


def closed(c: Counted) -> Table:
    return table(((e["flag"], e["other"]), (1,)) for e in c.told("follow_up.closed"))


def sent(c: Counted) -> Table:
    return table(((e["month"], e["name"], e["kind"]), (1,)) for e in c.told("message.sent", "message.skipped"))


def by_template(c: Counted) -> Table:
    told = c.told("message.sent", "message.opened", "message.clicked")
    kept = {(e["ref"], e["name"], e["other"]) for e in told if e["name"] == "message.sent" or e["flag"] != 1}
    return table(((template, name), (1,)) for _, name, template in kept)


def buyers(c: Counted) -> Table:
    did = [e for e in c.shop.entries if e["day"] < c.scope.since and c.is_member(e)]
    firsts = {life[0]["id"] for life in c.all_lives}
    by_customer: dict[int, list[int]] = {}
    for order in c.in_period:
        sums = by_customer.setdefault(order["customer_id"], [0, 0, 0])
        for place, value in enumerate((1, int(order["id"] not in firsts), order["net_minor"])):
            sums[place] += value
    rows = []
    for customer, sums in by_customer.items():
        mine = {e["name"] for e in did if e["customer_id"] == customer}
        key = tuple(int(name in mine) for name in ("loyalty.joined", "points.awarded", "points.spent"))
        rows.append((key, (1, *sums)))
    return table(rows)


def points(c: Counted) -> Table:
    told = c.told("points.awarded", "points.spent")
    return table(((e["month"], e["name"]), (1, e["value"])) for e in told)


def coupons(c: Counted) -> Table:
    return table(((e["kind"], e["name"]), (1,)) for e in c.told("coupon.issued", "coupon.redeemed"))


def discounted(c: Counted) -> Table:
    return table(((int(bool(o["coupon"])),), (1, o["net_minor"], o["discount_minor"])) for o in c.in_period)


def after_first_order(c: Counted, days: int = 90) -> Table:
    everything = Counted(c.shop, Scope(c.scope.store_id, c.scope.since, c.scope.until))
    arrived = {e["order_id"] for e in c.shop.entries if e["name"] == "parcel.delivered" and e["day"] < c.scope.until}
    real = [o for o in c.known if o["counts"] or o["id"] in arrived]
    rows = []
    for customer in {o["customer_id"] for o in real}:
        first = min((o for o in real if o["customer_id"] == customer), key=lambda o: (o["day"], o["id"]))
        if c.is_asked(first) and c.ripe(first["day"], days):
            rows.append(_after(everything, first, days))
    return table(rows)


def _after(c: Counted, first: Row, days: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    last = first["day"] + days
    mine = [e for e in c.shop.entries if e["order_id"] == first["id"] and e["day"] <= last]
    flags = [e["flag"] for e in mine if e["name"] == "parcel.delivered"]
    bases = [e["kind"] for e in mine if e["name"] == "return.requested"]
    bands = {_band(e["kind"], score) for e, score in standing(c) if e in mine and score >= 0}
    helped = [e for e in mine if _is_contact(e)]
    later = [
        o
        for o in c.net
        if o["customer_id"] == first["customer_id"] and (o["day"], o["id"]) > (first["day"], first["id"])
    ]
    later = [o for o in later if o["day"] <= last]
    key = (
        1 if 1 in flags else 0 if 0 in flags else -1,
        int(any(basis not in CLAIMS for basis in bases)),
        int(any(basis in CLAIMS for basis in bases)),
        min(bands, default=-1),
        int(bool(helped)),
    )
    return key, (int(bool(later)), 1, len(later), sum(o["net_minor"] for o in later))


def _band(kind: str, score: int) -> int:
    low, high = {"csat": (2, 4), "nps": (6, 9), "ces": (3, 5)}[kind]
    return 0 if score <= low else 2 if score >= high else 1
