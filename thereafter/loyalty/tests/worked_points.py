"""Cases of the ledger worked out by hand: a programme, and events with what has to come of them."""

from typing import Any

Facts = dict[str, Any]


def at(day: str, kind: str, **more: Any) -> Facts:
    """An event; `day` is "03-02" or "03-02T10:00" of 2026."""
    moment = day if "T" in day else f"{day}T10:00"
    return {"at": f"2026-{moment}:00Z", "type": kind, **more}


def paid(day: str, order: str, amount: int, points: int | None = None, **more: Any) -> Facts:
    expect = {} if points is None else {"result": "ok", "expect": {"points": points}}
    return at(day, "order_paid", order=order, amount=amount, **expect, **more)


def back(day: str, refund: str, order: str, amount: int, points: int, **more: Any) -> Facts:
    expect = {"result": "ok", "expect": {"points": points}}
    return at(day, "refund", refund=refund, order=order, amount=amount, **expect, **more)


def check(day: str, **expect: Any) -> Facts:
    return at(day, "check", expect=expect)


def spend(day: str, key: str, points: int, result: str = "ok", **more: Any) -> Facts:
    return at(day, "redeem", key=key, points=points, result=result, **more)


def days(n: int) -> Facts:
    return {"expiry": {"mode": "days", "n": n}}


CASES: dict[str, tuple[Facts, list[Facts]]] = {
    "a refund of points that wait takes them before and after they can be used": (
        {"pending_days": 14},
        [
            paid("03-02", "o1", 10000, 100),
            back("03-05", "r1", "o1", 4000, -40),
            check("03-20", available=60, pending=0),
            back("03-21", "r2", "o1", 6000, -60),
            check("03-22", available=0, debt=0),
        ],
    ),
    "an order that is refunded after an exchange leaves nothing": (
        {},
        [
            paid("03-02", "o1", 8000, 80),
            at("03-03", "exchange", exchange="x", order="o1", returned_amount=4000, new_amount=5500, result="ok"),
            at(
                "03-03", "exchange", exchange="x", order="o1", returned_amount=4000, new_amount=5500, result="duplicate"
            ),
            check("03-04", available=95),
            back("03-05", "r1", "o1", 9500, -95),
            check("03-06", available=0, debt=0),
        ],
    ),
    "a refund after an exchange for something cheaper takes what is left": (
        {},
        [
            paid("03-02", "o1", 8000, 80),
            at("03-03", "exchange", exchange="x", order="o1", returned_amount=4000, new_amount=3000)
            | {"result": "ok", "expect": {"points": -10}},
            back("03-05", "r1", "o1", 7000, -70),
            check("03-06", available=0, debt=0),
        ],
    ),
    "what is held cannot be taken back; once released it pays the debt": (
        {},
        [
            paid("03-02", "o1", 10000, 100),
            at("03-03", "reserve", key="h", points=80, ttl_minutes=2880, result="ok", expect={"points": -80}),
            back("03-04", "r1", "o1", 10000, -100),
            check("03-04", available=0, reserved=80, debt=80),
            at("03-05T09:00", "release", key="h", result="ok", expect={"points": 80}),
            check("03-06", available=0, reserved=0, debt=0),
        ],
    ),
    "a redemption that is undone pays the debt first": (
        {},
        [
            paid("03-02", "o1", 10000, 100),
            spend("03-03", "k", 100),
            back("03-04", "r1", "o1", 10000, -100),
            check("03-04", available=0, debt=100),
            at("03-05", "cancel_redemption", key="k", result="ok", expect={"points": 100}),
            check("03-06", available=0, debt=0),
        ],
    ),
    "what ran out is forgiven once, whatever the refunds": (
        days(30),
        [
            paid("01-10", "o1", 10000, 100),
            spend("01-20", "k", 60),
            check("03-01", available=0, expired=40),
            back("03-02", "r1", "o1", 5000, -10),
            back("03-03", "r2", "o1", 5000, -50),
            check("03-04", available=0, debt=60, expired=40),
        ],
    ),
    "never below zero takes from other lots and forgives the rest": (
        {"clawback": "within_balance"} | days(365),
        [
            paid("01-10", "o1", 10000, 100),
            paid("02-10", "o2", 5000, 50),
            spend("02-11", "k", 120),
            back("02-12", "r1", "o1", 10000, -30),
            check("02-13", available=0, debt=0),
        ],
    ),
    "only what waits is taken, twice": (
        {"clawback": "only_pending"},
        [paid("03-02", "o1", 10000, 100), back("03-03", "r1", "o1", 5000, 0), back("03-04", "r2", "o1", 5000, 0)],
    ),
    "the cap is set anew on what is kept": (
        {"max_per_order": 500, "rules": [{"kind": "multiplier", "x": "2"}]},
        [paid("03-02", "o1", 30000, 500), back("03-03", "r1", "o1", 15000, -200), check("03-04", available=300)],
    ),
    "points for the order as a whole follow the money": (
        {"rules": [{"kind": "fixed", "points": 50}]},
        [paid("03-02", "o1", 10000, 150), back("03-03", "r1", "o1", 5000, -75)],
    ),
    "half up is rounded anew on what is kept": (
        {"rounding": "half_up"},
        [paid("03-02", "o1", 1950, 20), back("03-03", "r1", "o1", 975, -10), back("03-04", "r2", "o1", 975, -10)],
    ),
    "an order told late has points that ended already": (
        days(30),
        [
            paid("03-04", "o1", 10000, 100, placed_at="2026-01-01T10:00:00Z"),
            check("03-04", available=0, expired=100, debt=0),
        ],
    ),
    "an order told late waits from its own time": (
        {"pending_days": 14},
        [
            paid("03-04", "o1", 10000, 100, placed_at="2026-02-20T10:00:00Z"),
            check("03-05", available=0, pending=100),
            check("03-06", available=100, pending=0),
        ],
    ),
    "points that wait end as many days after they were earned": (
        {"pending_days": 14} | days(30),
        [paid("01-01", "o1", 10000, 100), check("01-31T23:59", available=100), check("02-01T00:00", available=0)],
    ),
    "an end of its own that has passed takes the points at once": (
        {},
        [
            at("03-02", "adjust", key="a", points=50, expires_at="2026-03-01T00:00:00Z", result="ok"),
            check("03-02", available=0, expired=50),
            at("03-02", "adjust", key="b", points=-10, result="refused", expect={"reason": "insufficient_points"}),
        ],
    ),
    "a redemption moves the end of who is away for long, a reservation does not": (
        {"expiry": {"mode": "inactivity", "months": 1}},
        [
            paid("01-10", "o1", 10000, 100),
            at("02-01", "reserve", key="h", points=10, ttl_minutes=10, result="ok"),
            check("02-10T23:59", available=100),
            spend("02-10T23:59", "k", 10),
            check("03-10T23:59", available=90),
            check("03-11T00:00", available=0, expired=90),
        ],
    ),
    "a back-fill looks at what was kept": (
        {},
        [
            paid("01-10", "o1", 10000, 100),
            back("01-11", "r1", "o1", 5000, -50),
            at("02-10", "backfill", rule="j", x="2", **{"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"})
            | {"result": "ok", "expect": {"points": 50}},
            back("02-11", "r2", "o1", 2500, -50),
            check("02-12", available=50),
        ],
    ),
    "merging brings what waits and what is held along": (
        {"pending_days": 14},
        [
            paid("03-01", "a", 10000, 100, member="M2"),
            check("03-15", available=0),
            at("03-15T10:01", "reserve", member="M2", key="h", points=30, ttl_minutes=2880, result="ok"),
            paid("03-16", "b", 5000, 50, member="M2"),
            at("03-16", "merge", **{"from": "M2"}, result="ok"),
            check("03-16", available=70, pending=50, reserved=30),
            at("03-17", "capture", key="h", result="ok", expect={"points": 0}),
            check("03-31", available=120, pending=0, reserved=0),
        ],
    ),
    "a birthday told of thirty days ahead counts, a day later it does not": (
        {"birthday": {"points": 200, "min_notice_days": 30}},
        [
            at("02-18", "birthday_set", member="A", date="03-20"),
            at("02-19", "birthday_set", member="B", date="03-20"),
            at("03-20", "birthday_run", member="A", expect={"points": 200}),
            at("03-20", "check", member="B", expect={"available": 0}),
            at("03-20", "birthday_run", member="A", expect={"points": 0}),
        ],
    ),
    "a line's own pieces go back, and the cap with them": (
        {"clawback_basis": "by_line", "rules": [{"kind": "product", "sku": "A", "points": 7}]},
        [
            at("03-02", "order_paid", order="o1", lines=[{"sku": "A", "amount": 3000, "quantity": 3}], result="ok")
            | {"expect": {"points": 51}},
            at("03-03", "refund", refund="r1", order="o1", lines={"A": 1}, result="ok", expect={"points": -17}),
            at("03-04", "refund", refund="r2", order="o1", lines={"A": 2}, result="ok", expect={"points": -34}),
        ],
    ),
    "a tier's multiplier of the day holds at the refund": (
        {"tiers": [{"name": "silver", "min": "100", "multiplier": "2"}]},
        [
            paid("03-01", "o1", 10000, 100),
            paid("03-02", "o2", 5000, 100),
            back("03-03", "r1", "o1", 10000, -100),
            check("03-03", tier=None, available=100),
            back("03-04", "r2", "o2", 2500, -50),
            paid("03-05", "o3", 1000, 10),
        ],
    ),
    "a welcome is given for each tier passed, and again after a fall": (
        {"tiers": [{"name": "s", "min": "100", "entry_points": 5}, {"name": "g", "min": "200", "entry_points": 9}]},
        [
            paid("03-01", "o1", 20000, 200),
            check("03-01", tier="g", available=214, entry_rewards=["s", "g"]),
            back("03-02", "r1", "o1", 10000, -100),
            check("03-02", tier="s", available=114),
            paid("03-03", "o2", 10000, 100),
            check("03-03", tier="g", entry_rewards=["s", "g", "g"], available=223),
        ],
    ),
    "a rolling window of some days and a term of some days": (
        {"tiers": [{"name": "s", "min": "100"}], "tier": {"window": "rolling_30", "term": "days_60"}},
        [
            paid("01-01", "o1", 10000, 100),
            check("01-01", tier="s", tier_until="2026-03-02T10:00:00Z"),
            at("02-15", "tier_review"),
            check("02-15", tier="s"),
            at("03-02", "tier_review"),
            check("03-02", tier=None),
        ],
    ),
    "who was two members has one birthday": (
        {"birthday": {"points": 200, "min_notice_days": 30}},
        [
            at("01-02", "birthday_set", date="03-20"),
            at("01-03", "birthday_set", member="M2", date="03-20"),
            at("01-04", "merge", **{"from": "M2"}, result="ok"),
            at("03-20", "birthday_run", expect={"points": 200}),
            check("03-20", available=200),
        ],
    ),
}
