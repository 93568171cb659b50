"""What was sent, and what readers did."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import ENOUGH, Counted, Figure, counted, cut, too_few
from thereafter.insights.figures.view import View
from thereafter.insights.metrics import messages as metrics
from thereafter.kit.shares import Share, share

COUNTED = (
    "Messages accepted by a channel in these days. A message counts as clicked once, whatever the number of links; "
    "what mail programs and scanners did by themselves is left out. Clicks are of the same days as what was sent. "
    "Opens are a hint at best: many mail programs hide them or make them up. Narrowed to a country, a channel or a "
    "product, only messages about an order count."
)


@dataclass(frozen=True)
class TemplateRead:
    template: str
    sent: int
    opened: int
    clicked: Share | None


@dataclass(frozen=True, kw_only=True)
class Messages(Figure):
    """`channels` are messages sent; `skipped_why` those not sent, by reason."""

    sent: int
    delivered: int
    bounced: int
    complained: int
    skipped: int
    click_rate: Share | None
    channels: list[Counted]
    templates: list[TemplateRead]
    skipped_why: list[Counted]


def messages(view: View) -> Messages:
    """Unit: messages."""
    view = cut(view)
    rows, read = ask(view, metrics.sent(view.scope)), ask(view, metrics.by_template(view.scope))
    told = Counter(dict.fromkeys(metrics.TOLD, 0))
    for row in rows:
        told[row["name"]] += row["messages"]
    templates = _templates(read)
    clicked = sum(row["messages"] for row in read if row["name"] == "message.clicked")
    return Messages(
        n=told["message.sent"],
        thin=too_few(told["message.sent"], "messages sent in these days", 1),
        definition=COUNTED,
        sent=told["message.sent"],
        delivered=told["message.delivered"],
        bounced=told["message.bounced"],
        complained=told["message.complained"],
        skipped=told["message.skipped"],
        click_rate=share(min(clicked, told["message.sent"]), told["message.sent"], ENOUGH),
        channels=_by_kind(rows, "message.sent"),
        templates=templates,
        skipped_why=_by_kind(rows, "message.skipped"),
    )


def _by_kind(rows: Sequence[Row], name: str) -> list[Counted]:
    kinds: Counter[str] = Counter()
    for row in rows:
        if row["name"] == name:
            kinds[row["kind"]] += row["messages"]
    return counted(kinds)


def _templates(read: Sequence[Row]) -> list[TemplateRead]:
    """Those sent in these days, the most first."""
    times = {(row["template"], row["name"]): row["messages"] for row in read}
    found = []
    for (template, name), sent in times.items():
        if name == "message.sent":
            clicked = min(sent, times.get((template, "message.clicked"), 0))
            opened = times.get((template, "message.opened"), 0)
            found.append(TemplateRead(template, sent, opened, share(clicked, sent, ENOUGH)))
    return sorted(found, key=lambda one: (-one.sent, one.template))
