"""`thereafter bench recommend FILE.parquet --split DATE --json`: our recommendations on public data, beside others.

The file has a row for each line of an order: an order (Invoice, InvoiceNo, order_id), a product (StockCode, product_id,
item), a customer (Customer ID, CustomerID, cust, customer_id), a time (InvoiceDate, ts, order_date, date) and, where
it has them, Quantity and Price. Left out are lines without a customer, order or product, with a quantity or price of
nothing or less (returns, write-offs), of cancelled invoices (their number begins with C) and, where most product codes
begin with five digits, those that do not (postage, fees, samples). A product counts once in an order, so two copies of
a line, as where two years of the file overlap, are one.

Models are taught by everything to the end of the day of `--split` and asked the three questions of `rules/trials.py`
on the 91 days after it (for the basket, orders of at least four products). "ours" is what the product chooses and
serves: its settings come from `rules/choosing.py`, which walks over the last month before the split and never sees the
rest. `train_seconds` is processor time of the fit that answers the question (the choosing comes on top,
`choose_seconds`); `p50_us` and `p99_us` are one question at a time from the table in memory, twenty products out, each
the fastest of three tries. Where the package `implicit` is installed its models are measured too.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse

from thereafter.recommendations.rules import documents, trials
from thereafter.recommendations.rules.choosing import PURPOSES, choose
from thereafter.recommendations.rules.decay import Integers
from thereafter.recommendations.rules.models import Settings, Table, fit
from thereafter.recommendations.rules.purchases import Matrix, Purchases, by_order, purchases

# The day of the split and 90 days after it.
TEST_DAYS = 91
SMALLEST_BASKET = 4
TIMED, TRIES = 500, 3
NAMES: Mapping[str, Sequence[str]] = {
    "order": ("invoice", "invoiceno", "orderid", "order", "basket", "basketid"),
    "item": ("stockcode", "productid", "product", "item", "itemid", "sku"),
    "customer": ("customerid", "cust", "customer", "user", "userid"),
    "time": ("invoicedate", "ts", "orderdate", "placedat", "date", "timestamp", "time"),
    "quantity": ("quantity", "qty"),
    "price": ("price", "unitprice"),
}
OPTIONAL = ("quantity", "price")

Report = dict[str, Any]
# Products of one case to the twenty offered.
Server = Callable[[Integers], object]


def measure_files(path: Path, cut: date | None) -> Report:
    """Raises ValueError with a sentence where the file cannot be used; `cut` is the last day that is learnt from."""
    if cut is None:
        raise ValueError("Say where the past ends, such as 2011-09-09")
    until = int(np.datetime64(cut, "D").astype(np.int64)) + 1
    bought = read(path)
    past, coming = bought.between(None, until), bought.between(until, until + TEST_DAYS)
    if not len(past) or not len(coming):
        raise ValueError(f"{path} needs orders both before and after {cut}")
    asked = trials.trials(past, coming, until, SMALLEST_BASKET)
    models = {name: _ours(past, until, settings, asked) for name, settings in PEERS.items()}
    began = time.process_time()
    chosen = choose(past, until).settings
    choose_seconds = round(time.process_time() - began, 2)
    models["ours"] = _chosen(past, until, chosen, asked) | {"choose_seconds": choose_seconds}
    return {"models": models | _implicit(past, asked)}


PEERS = {
    "popularity": Settings(model="popular"),
    "cosine": Settings(model="cosine", half_life=120, trend=0),
    "ease": Settings(model="ease", half_life=120, strength=100, customers=0, trend=0),
}


def read(path: Path) -> Purchases:
    """The file's lines, cleaned; see the top."""
    try:
        names = pq.read_schema(path).names
        columns = _columns(names)
        table = pq.read_table(path, columns=sorted(columns.values()))
    except (OSError, pa.ArrowException) as wrong:
        raise ValueError(f"{path} is not a Parquet file that can be read: {wrong}") from None
    told = {kind: table[name] for kind, name in columns.items()}
    order, item = (pc.cast(told[kind], pa.string()) for kind in ("order", "item"))
    clean = pc.and_(_is_sold(told, order), _is_product(item))
    kept = {kind: column.filter(clean) for kind, column in {**told, "order": order, "item": item}.items()}
    days = pc.cast(pc.cast(kept["time"], pa.timestamp("us")), pa.date32())
    codes = {kind: _numbered(kept[kind]) for kind in ("customer", "item")}
    items = int(codes["item"].max(initial=-1)) + 1
    order = _by_time(kept["order"], pc.cast(kept["time"], pa.timestamp("us")))
    return purchases(order, codes["customer"], codes["item"], pc.cast(days, pa.int32()).to_numpy(), items)


def _columns(names: Sequence[str]) -> dict[str, str]:
    plain = {"".join(filter(str.isalnum, name.lower())): name for name in names}
    found = {kind: next((plain[one] for one in known if one in plain), None) for kind, known in NAMES.items()}
    if missing := [kind for kind, name in found.items() if name is None and kind not in OPTIONAL]:
        raise ValueError(f"a column is missing for {', '.join(missing)}; there are {', '.join(names)}")
    return {kind: name for kind, name in found.items() if name is not None}


def _is_sold(told: Mapping[str, Any], order: Any) -> Any:
    whole = pc.invert(pc.starts_with(order, "C"))
    for kind in ("order", "item", "customer", "time"):
        whole = pc.and_(whole, pc.is_valid(told[kind]))
    for kind in OPTIONAL:
        if kind in told:
            whole = pc.and_(whole, pc.fill_null(pc.greater(told[kind], 0), fill_value=False))
    return pc.fill_null(whole, fill_value=False)


def _is_product(item: Any) -> Any:
    """All codes are products unless most look like those of this data set."""
    numbered = pc.fill_null(pc.match_substring_regex(item, r"^\d{5}"), fill_value=False)
    usual = pc.sum(numbered).as_py() or 0
    return numbered if usual > len(item) / 2 else pc.is_valid(item)


def _numbered(column: Any) -> Integers:
    return np.unique(np.asarray(column.to_pylist(), str), return_inverse=True)[1].astype(np.int64)


def _by_time(order: Any, placed_at: Any) -> Integers:
    """Orders numbered as they were placed, those of one moment by their own number."""
    code = _numbered(order)
    first = np.full(int(code.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, code, placed_at.to_numpy().astype(np.int64))
    rank = np.empty(len(first), np.int64)
    rank[np.lexsort((np.arange(len(first)), first))] = np.arange(len(first))
    return rank[code]


def _chosen(past: Purchases, until: int, chosen: Mapping[str, Settings], asked: Mapping[str, trials.Trial]) -> Report:
    """Each question to the table of its purpose, as the product does."""
    tasks: Report = {}
    for purpose, questions in PURPOSES.items():
        tasks |= _ours(past, until, chosen[purpose], {name: asked[name] for name in questions})["tasks"]
    return {"tasks": tasks, "settings": {purpose: asdict(one) for purpose, one in chosen.items()}}


def _ours(past: Purchases, until: int, settings: Settings, asked: Mapping[str, trials.Trial]) -> Report:
    began = time.process_time()
    table = fit(past, until, settings)
    seconds = time.process_time() - began
    return {"tasks": _measured(asked, trials.scorer(table), _server(table), seconds)}


def _server(table: Table) -> Server:
    """As the product serves: the documents of the seeds added up, what sells where they say nothing."""
    near = table.near
    kept = [documents.pack(near.indices[a:b], near.data[a:b], near.indices[a:b] * 0) for a, b in _spans(near)]
    sellers = np.argsort(-table.sold, kind="stable")[: 10 * trials.PLACES].tolist()

    def serve(seeds: Integers) -> object:
        told = seeds.tolist()
        found = documents.offers(
            {one: kept[one] for one in told}, dict.fromkeys(told, 1.0), most=trials.PLACES, without=told
        )
        taken = {*told, *(one.product for one in found)}
        return found + [one for one in sellers if one not in taken][: trials.PLACES - len(found)]

    return serve


def _spans(near: Matrix) -> list[tuple[int, int]]:
    return list(zip(near.indptr[:-1].tolist(), near.indptr[1:].tolist(), strict=True))


def _measured(asked: Mapping[str, trials.Trial], score: trials.Scorer, serve: Server, seconds: float) -> Report:
    told = {}
    for name, trial in asked.items():
        found, taken = trials.judge(trial, score), _times(trial.told, serve)
        told[name] = {
            "recall_20": round(found.recall, 4),
            "ndcg_20": round(found.ndcg, 4),
            "cases": found.cases,
            "train_seconds": round(seconds, 2),
            "p50_us": round(float(np.quantile(taken, 0.5)), 1),
            "p99_us": round(float(np.quantile(taken, 0.99)), 1),
        }
    return told


def _times(told: Matrix, serve: Server) -> list[float]:
    """Microseconds of one question after the other, for cases spread over all; the fastest of three tries of each,
    which leaves out what else the machine does.
    """
    chosen = np.unique(np.linspace(0, told.shape[0] - 1, min(TIMED, told.shape[0])).astype(int))
    taken = []
    for case in chosen:
        seeds = told.indices[told.indptr[case] : told.indptr[case + 1]].astype(np.int64)
        taken.append(min(_microseconds(serve, seeds) for _ in range(TRIES)))
    return taken


def _microseconds(serve: Server, seeds: Integers) -> float:
    began = time.perf_counter()
    serve(seeds)
    return (time.perf_counter() - began) * 1e6


def _implicit(past: Purchases, asked: Mapping[str, trials.Trial]) -> Report:
    """The models of the package `implicit` on the same orders, where it is installed."""
    try:
        nearest, als = import_module("implicit.nearest_neighbours"), import_module("implicit.als")
    except ImportError:
        return {}
    models: dict[str, Callable[[], Any]] = {
        "implicit_cosine": lambda: nearest.CosineRecommender(K=100, num_threads=1),
        "implicit_tfidf": lambda: nearest.TFIDFRecommender(K=100, num_threads=1),
        "implicit_bm25": lambda: nearest.BM25Recommender(K=100, num_threads=1),
        "implicit_als": lambda: als.AlternatingLeastSquares(factors=64, random_state=1, num_threads=1),
    }
    return {name: _theirs(make(), past, asked) for name, make in models.items()}


def _theirs(model: Any, past: Purchases, asked: Mapping[str, trials.Trial]) -> Report:
    began = time.process_time()
    model.fit(by_order(past)[0], show_progress=False)
    seconds = time.process_time() - began
    return {"tasks": _measured(asked, _their_scorer(model), _their_server(model, past.items), seconds)}


def _their_scorer(model: Any) -> trials.Scorer:
    def score(told: Matrix) -> Any:
        found = np.full(told.shape, -1e9, np.float32)
        items, scores = model.recommend(
            np.arange(told.shape[0]), told, N=trials.PLACES, filter_already_liked_items=True, recalculate_user=True
        )
        row = np.repeat(np.arange(told.shape[0]), items.shape[1])
        known = items.ravel() >= 0
        found[row[known], items.ravel()[known]] = scores.ravel()[known]
        return found

    return score


def _their_server(model: Any, items: int) -> Server:
    def serve(seeds: Integers) -> object:
        told = sparse.csr_matrix((np.ones(len(seeds), np.float32), (seeds * 0, seeds)), (1, items))
        return model.recommend(0, told, N=trials.PLACES, filter_already_liked_items=True, recalculate_user=True)

    return serve


def in_words(report: Mapping[str, Any]) -> str:
    lines = [f"{'model':16} {'question':10}  recall@20  ndcg@20  taught in s   p50 us    p99 us"]
    for name, model in report["models"].items():
        for task, one in model["tasks"].items():
            figures = f"{one['recall_20']:9.3f} {one['ndcg_20']:8.3f} {one['train_seconds']:12.1f}"
            lines.append(f"{name:16} {task:10} {figures} {one['p50_us']:8.0f} {one['p99_us']:9.0f}")
    return "\n".join(lines)
