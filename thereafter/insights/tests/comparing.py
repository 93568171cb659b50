"""The same question to several engines: every metric, on made-up shops with all that engines like to see differently.

A metric is a public function of a module of `insights/metrics/` whose first parameter is `scope: Scope`. It is found
here by itself, so that a new one cannot be forgotten; further parameters need a default.
"""

import inspect
import pkgutil
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from ibis.expr.types import Table

from thereafter.insights import metrics
from thereafter.insights.engine import files
from thereafter.insights.engine.entries import TOLD
from thereafter.insights.engine.files import ARROW, WHOLE, Manifest
from thereafter.insights.engine.port import Engine, Row
from thereafter.insights.metrics.tables import BY_MONTH, SCHEMAS, Scope

Metric = Callable[[Scope], Table]
Made = dict[str, list[dict[str, Any]]]
# Building blocks of others; `entries` needs names.
NO_METRICS = ("tables",)
FIRST_DAY, DAYS = 20_000, 400
COUNTRIES, CHANNELS = ("DE", "FR", "", "Å"), ("web", "shop", "")


def found() -> dict[str, Metric]:
    """Every metric by its name, such as `cohorts.by_month`."""
    return dict(_found())


def _found() -> Iterator[tuple[str, Metric]]:
    for module in pkgutil.iter_modules(metrics.__path__):
        if module.name in NO_METRICS:
            continue
        home = import_module(f"{metrics.__name__}.{module.name}")
        for name, thing in sorted(vars(home).items()):
            if not name.startswith("_") and inspect.isfunction(thing) and thing.__module__ == home.__name__:
                first = next(iter(inspect.signature(thing).parameters.values()), None)
                if first is not None and first.annotation is Scope:
                    yield f"{module.name}.{name}", thing


class Asked(NamedTuple):
    """One question, to the shop with this number."""

    metric: str
    store_id: int
    scope: Scope
    expression: Table


SHOPS: dict[int, Callable[[], Made]] = {}


def shop(number: int) -> Callable[[Callable[[], Made]], Callable[[], Made]]:
    def keep(made: Callable[[], Made]) -> Callable[[], Made]:
        SHOPS[number] = made
        return made

    return keep


@shop(1)
def lively() -> Made:
    """Some hundred orders of people with many orders on one day, foreign ones, cancelled ones, ones without goods."""
    chance = random.Random(8)
    made: Made = {name: [] for name in SCHEMAS}
    made["products"] = [
        {"id": pk, "title": f"Thing {pk} – ä", "category": "x", "is_active": pk % 2} for pk in range(1, 9)
    ]
    made["customers"] = [{"id": pk, "country": "DE", "created_day": FIRST_DAY} for pk in range(1, 61)]
    for pk in range(1, 401):
        _order(made, chance, pk, customer=min(int(chance.expovariate(0.06)) + 1, 60))
    for pk in range(1, 1601):
        _entry(made, chance, pk)
    return made


@shop(2)
def empty() -> Made:
    return {name: [] for name in SCHEMAS}


@shop(3)
def lonely() -> Made:
    """One customer with one order, of which nothing else is known."""
    chance, made = random.Random(3), empty()
    _order(made, chance, 1, customer=7)
    made["orders"][0] |= {"counts": 1, "foreign": 0}
    return made


@shop(4)
def losing() -> Made:
    """More went back than came in."""
    made = lively()
    for row in made["orders"]:
        row["net_minor"], row["refunded_minor"] = -abs(row["net_minor"]), 2 * row["total_minor"]
    return made


def _order(made: Made, chance: random.Random, pk: int, *, customer: int) -> None:
    # Few days, so that many orders of a person and of the shop tie.
    day = FIRST_DAY + chance.choice((0, 1, 30, 31, 59, 90, 91, 180, chance.randrange(DAYS)))
    foreign = int(chance.random() < 0.1)
    total = 0 if foreign else chance.choice((0, 1000, 1000, 2500, chance.randrange(50_000)))
    refunded = chance.choice((0, 0, 0, total, total // 3))
    of_order = {"customer_id": customer, "day": day, "month": _month(day), "counts": int(chance.random() < 0.85)}
    amounts = {
        "total_minor": total,
        "refunded_minor": refunded,
        "net_minor": total - refunded,
        "discount_minor": chance.choice((0, 100)),
        "shipping_minor": chance.choice((0, 490)),
    }
    words = {
        "country": chance.choice(COUNTRIES),
        "channel": chance.choice(CHANNELS),
        "coupon": chance.choice(("", "A")),
    }
    bought = chance.sample(range(9), chance.choice((0, 1, 1, 2, 3)))
    made["orders"].append({"id": pk, **of_order, "foreign": foreign, **amounts, **words, "items": len(bought)})
    for product in bought:
        line = {"product_id": product, "quantity": chance.choice((1, 1, 2)), "net_minor": total // len(bought)}
        made["lines"].append({"order_id": pk, **of_order, **line})


def _entry(made: Made, chance: random.Random, pk: int) -> None:
    """Most are of an order, some of a customer alone, some of nobody."""
    name = chance.choice(sorted(TOLD))
    order = chance.choice(made["orders"])
    about = chance.choice(((order["customer_id"], order["id"]),) * 4 + ((order["customer_id"], 0), (0, 0)))
    day = order["day"] + chance.choice((0, 1, 5, 5, 40, 120))
    told: dict[str, Any] = {"value": chance.choice((-1, 0, 1, 5, 7, 9, 10, 900)), "flag": chance.choice((-1, 0, 1))}
    if name.startswith("survey."):
        kind = chance.choice(("nps", "csat", "ces", "form"))
        told |= {"value": -1 if kind == "form" else chance.randrange(8), "kind": kind, "other": "why"}
    else:
        told |= {"kind": chance.choice(("", "dhl", "withdrawal", "é")), "other": chance.choice(("", "a", "a,b"))}
    made["entries"].append(
        {
            "id": pk, "name": name, "day": day, "month": _month(day), "customer_id": about[0], "order_id": about[1],
            "ref": chance.randrange(200), **told,
        }
    )  # fmt: skip


def _month(day: int) -> int:
    """Any numbers do, as long as they follow each other as months do."""
    return 24_000 + day // 31


def write(folder: Path) -> None:
    """The made-up shops as snapshots."""
    for store_id, made in SHOPS.items():
        put(folder, store_id, made())


def put(folder: Path, store_id: int, made: Made) -> None:
    serial = files.new_serial()
    parts: dict[str, dict[int, files.Part]] = {}
    for name in files.EXPORTED:
        months: dict[int, list[dict[str, Any]]] = {}
        for row in made[name]:
            months.setdefault(row["month"] if name in BY_MONTH else WHOLE, []).append(row | {"store_id": store_id})
        parts[name] = {
            month: files.put(folder, store_id, name, month, serial, pa.Table.from_pylist(rows, schema=ARROW[name]))
            for month, rows in months.items()
        }
    files.put_manifest(folder, store_id, Manifest(serial, "made up", 0, parts))


def scopes(store_id: int) -> list[Scope]:
    """Everything, and narrowed in each way and in several at once; a period without orders."""
    everything = Scope(store_id, FIRST_DAY, FIRST_DAY + DAYS + 200)
    late = replace(everything, since=FIRST_DAY + 60, until=FIRST_DAY + 200)
    return [
        everything,
        late,
        replace(late, country="DE"),
        replace(everything, channel="web", product_id=3),
        replace(everything, in_segment=True),
        replace(late, country="FR", in_segment=True),
        replace(everything, since=10, until=20),
    ]


MEMBERS = pa.table({"customer_id": pa.array([1, 2, 3, 5, 8, 13, 21, 7, 999], pa.int64())})


def questions(wanted: Mapping[str, Metric] | None = None, *, few: bool = False) -> Iterator[Asked]:
    """Each metric to each shop in each scope; `few` asks the first shop twice and nobody else."""
    for name, metric in (wanted or found()).items():
        for store_id in SHOPS if not few else (1,):
            everything, late, *narrower = scopes(store_id)
            if few:
                asked = [everything, narrower[-2]]
            else:
                asked = [everything, late, *narrower] if store_id == 1 else [late, *narrower[1:3]]
            for scope in asked:
                yield Asked(name, store_id, scope, metric(scope))


def _asked(engine: Engine, asked: Asked) -> Sequence[Row]:
    given = {"members": MEMBERS} if asked.scope.in_segment else None
    return engine.fetch(asked.store_id, asked.expression, given)


def _in_turn(rows: Sequence[Row]) -> list[str]:
    """In a sequence of their own: engines need not agree on that."""
    return sorted(repr(sorted(row.items())) for row in rows)


class Verdict(NamedTuple):
    """What one engine said to all questions of a metric: in how many it differed, and the first time how."""

    asked: int
    differ: int
    example: str


def compare(engines: Sequence[Engine], asked: Sequence[Asked]) -> dict[tuple[str, str], Verdict]:
    """By metric and engine; the first engine is the one that the others are held to.

    Of itself it is asked that nothing comes out as a float, a date or yes and no, which engines write differently.
    """
    verdicts: dict[tuple[str, str], Verdict] = {}
    for each in asked:
        rows = _asked(engines[0], each)
        right = _in_turn(rows)
        other = {type(value).__name__ for row in rows for value in row.values()} - {"int", "str", "NoneType"}
        for engine in engines:
            key = (each.metric, engine.name)
            before = verdicts.get(key, Verdict(0, 0, ""))
            if engine is engines[0]:
                wrong = f"{each.scope}: it tells {other}" if other else ""
            else:
                wrong = _difference(engine, each, right)
            verdicts[key] = Verdict(before.asked + 1, before.differ + bool(wrong), before.example or wrong)
    return verdicts


def _difference(engine: Engine, asked: Asked, right: list[str]) -> str:
    """How the answer is another one, "" when it is the same."""
    try:
        said = _in_turn(_asked(engine, asked))
    except Exception as error:
        return f"{asked.scope}: {type(error).__name__}: {str(error)[:500]}"
    if said == right:
        return ""
    missing = [row for row in right if row not in set(said)][:2]
    added = [row for row in said if row not in set(right)][:2]
    return f"{asked.scope}: {len(right)} rows, not {len(said)}; right {missing}, said {added}"
