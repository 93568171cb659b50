"""Return rates in words and rows: by delivery cohort, product, size, reason, country and carrier."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from thereafter.kit.pages import number, percent, short_day, territory
from thereafter.kit.shares import Share, share
from thereafter.returns.figures import titles
from thereafter.returns.models import Case
from thereafter.returns.rules import reasons
from thereafter.returns.rules.figures import cohorts
from thereafter.returns.rules.figures.advice import Advice, advice
from thereafter.returns.rules.figures.cohorts import ENOUGH, Cohort, Delivered, Returned, Tally

if TYPE_CHECKING:
    from thereafter.returns.console.insight import Board

MOST_ROWS, MOST_PRODUCTS, MOST_QUOTES = 25, 20, 3
LONGEST_QUOTE = 280
TOO_FEW = "too few to say"


def rates(board: "Board") -> dict[str, Any]:
    delivered, returned = board.complete
    sums = cohorts.tally(delivered, returned)
    everything = cohorts.tally(*board.everything)
    return {
        "has_any": everything.delivered > 0,
        "sums": everything,
        "tiles": _tiles(board, sums, everything),
        "cohorts": [_cohort(one, board.step) for one in reversed(board.cohorts)],
        "drawn": _drawn(board.cohorts, board.step),
        "groups": [group for group in groups(board) if group["rows"]],
        "reasons": reason_rows(sums.reasons),
        "last_complete": board.last_complete,
        "unknown": board.book.unknown,
        "enough": ENOUGH,
    }


def _tiles(board: "Board", sums: Tally, everything: Tally) -> list[dict[str, str]]:
    rate = sums.rate
    age = board.book.past.complete_after
    return [
        {
            "label": "Unit return rate",
            "value": percent(rate.value, 1) if rate else "–",
            "hint": of_so_many(rate) if rate else TOO_FEW,
        },
        {"label": "Value return rate", "value": percent(sums.value_rate, 1), "hint": "of what delivered units cost"},
        {
            "label": "Came back so far",
            "value": number(everything.returned),
            "hint": f"of {number(everything.delivered)} delivered, open ones too",
        },
        {
            "label": "A cohort is complete after",
            "value": f"{age} days",
            "hint": "95 % have come by then, by your own past"
            if board.book.past.is_own
            else "window and way back; your own past is too short",
        },
    ]


def of_so_many(found: Share) -> str:
    return f"{percent(found.low, 1)} – {percent(found.high, 1)}, {number(found.part)} of {number(found.whole)} units"


def _cohort(one: Cohort, step: str) -> dict[str, Any]:
    rate = one.sums.rate
    return {
        "name": f"{one.first:%B %Y}" if step == "month" else f"{short_day(one.first)} – {short_day(one.last)}",
        "delivered": one.sums.delivered,
        "returned": one.sums.returned,
        "rate": percent(rate.value, 1) if rate else "–",
        "interval": f"{percent(rate.low, 1)} – {percent(rate.high, 1)}" if rate else TOO_FEW,
        "value_rate": percent(one.sums.value_rate, 1),
        "state": "Complete" if one.is_complete else "Still open",
        "tone": "good" if one.is_complete else "neutral",
        "come_by": _come_by(one),
    }


def _come_by(one: Cohort) -> str:
    if one.is_complete:
        return ""
    return "not known how much has come" if one.come_by is None else f"{percent(one.come_by)} have usually come by now"


def _drawn(listed: Iterable[Cohort], step: str) -> list[dict[str, Any]]:
    """Complete cohorts only: the line of open ones always falls."""
    return [
        {
            "label": f"{one.first:%b %Y}" if step == "month" else short_day(one.first),
            "value": rate.value,
            "text": f"{percent(rate.value, 1)}, {of_so_many(rate)}",
        }
        for one in listed
        if one.is_complete and (rate := one.sums.rate)
    ]


Key = Callable[[Delivered], Any]


def groups(board: "Board") -> list[dict[str, Any]]:
    """Rates of complete deliveries by what they are; the highest for certain first."""
    delivered, returned = board.complete
    by_product = cohorts.by(lambda one: one.product_id, delivered, returned)
    known = titles(board.store, by_product)
    kinds: list[tuple[str, Key, Callable[[Any], str]]] = [
        ("Product", lambda one: one.product_id, lambda key: _title(known, key)),
        ("Size or variant", lambda one: (one.product_id, one.variant), lambda key: _variant(known, key)),
        ("Country", lambda one: one.country, lambda key: territory(key) if key else "Country not told"),
        ("Carrier", lambda one: one.carrier, carrier_name),
    ]
    return [{"title": title, "rows": _rows(cohorts.by(key, delivered, returned), name)} for title, key, name in kinds]


_ABBREVIATION = 4


def carrier_name(key: str) -> str:
    return (key.upper() if len(key) <= _ABBREVIATION else key.replace("_", " ").title()) if key else "Carrier not told"


def _title(known: Mapping[int, Any], key: int) -> str:
    return known[key].title if key in known else "Products that are gone"


def _variant(known: Mapping[int, Any], key: tuple[int, str]) -> str:
    return " · ".join(filter(None, (_title(known, key[0]), key[1])))


def _rows(found: Mapping[Any, Tally], name: Callable[[Any], str]) -> list[dict[str, Any]]:
    rows = [_row(name(key), sums) for key, sums in found.items()]
    return sorted(rows, key=lambda row: (-row["low"], -row["returned"], -row["delivered"], row["name"]))


def _row(name: str, sums: Tally) -> dict[str, Any]:
    rate = sums.rate
    top = sums.reasons.most_common(1)
    return {
        "name": name,
        "delivered": sums.delivered,
        "returned": sums.returned,
        "rate": percent(rate.value, 1) if rate else "–",
        "interval": f"{percent(rate.low, 1)} – {percent(rate.high, 1)}" if rate else TOO_FEW,
        "low": rate.low if rate else -1.0,
        "value_rate": percent(sums.value_rate, 1),
        "reason": reasons.reason(top[0][0]).text if top else "",
        "share": rate,
        "sums": sums,
    }


def reason_rows(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    whole = sum(counts.values())
    found = []
    for key, count in Counter(counts).most_common():
        part = share(count, whole)
        text = f"{percent(part.value)} ({number(count)})" if part else ""
        found.append({"label": reasons.reason(key).text, "value": count, "text": text, "part": part, "count": count})
    return found


def products(board: "Board") -> dict[str, Any]:
    """The most returned products with what shoppers wrote, and what to do."""
    delivered, returned = board.complete
    sums = cohorts.by(lambda one: one.product_id, delivered, returned)
    lows = {key: one.rate.low for key, one in sums.items() if key and one.rate and one.returned}
    most = sorted(lows, key=lambda key: -lows[key])[:MOST_PRODUCTS]
    known = titles(board.store, most)
    back: dict[int, list[Returned]] = {key: [] for key in most}
    for one in returned:
        if one.of.product_id in back:
            back[one.of.product_id].append(one)
    shown = [
        _row(known[key].title, sums[key])
        | {"product": known[key], "quotes": _quotes(back[key]), "advice": _advices(sums[key], back[key])}
        | {"reasons": reason_rows(sums[key].reasons)[:4]}
        for key in most
        if key in known
    ]
    numbers = _numbers(board, shown)
    return {"products": shown, "numbers": numbers, "last_complete": board.last_complete, "enough": ENOUGH}


def _quotes(back: Iterable[Returned]) -> list[dict[str, Any]]:
    """The newest words of each case."""
    found: dict[int, dict[str, Any]] = {}
    for one in sorted(back, key=lambda each: each.on, reverse=True):
        words = " ".join(one.note.split())
        if words and one.case_id not in found and len(found) < MOST_QUOTES:
            cut = words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}…"
            found[one.case_id] = {"words": cut, "case_id": one.case_id, "on": one.on, "variant": one.of.variant}
    return list(found.values())


def _numbers(board: "Board", shown: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    ids = {quote["case_id"] for row in shown for quote in row["quotes"]}
    return dict(Case.objects.of(board.store).filter(pk__in=ids).values_list("pk", "number"))


def _advices(sums: Tally, back: Iterable[Returned]) -> list[dict[str, str]]:
    """For the product, and for the size that says it most clearly."""
    whole = advice(sums.reasons)
    by_size: dict[str, Counter[str]] = {}
    for one in back:
        by_size.setdefault(one.of.variant, Counter())[one.reason] += 1
    sizes = [(name, found) for name, counts in by_size.items() if name and (found := advice(counts))]
    sizes = [one for one in sizes if len(by_size) > 1 and (whole is None or one[1].share > whole.share)]
    sizes.sort(key=lambda each: (-each[1].part, each[0]))
    told = [_told("", whole)] if whole else []
    return told + [_told(name, found) for name, found in sizes[:1]]


def _told(size: str, found: Advice) -> dict[str, str]:
    of = f"of {size} " if size else ""
    said = f"{percent(found.share)} of returns {of}{found.hint.said} ({found.part} of {found.whole})."
    return {"head": f"{found.hint.head}{f' in {size}' if size else ''}", "said": said, "todo": found.hint.todo}
