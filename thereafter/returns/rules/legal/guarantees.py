"""How long goods must conform by law, and what a repair adds. Plain Python.

Liability for defects that show within a time is no time limit for an act, so its last day is not moved by days off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from thereafter.returns.rules.legal import law as laws
from thereafter.returns.rules.legal.law import Guarantee, Law
from thereafter.returns.rules.legal.legal_days import add_months, after_days


@dataclass(frozen=True, slots=True)
class Conformity:
    """Last days, each included. `presumed_until`: until then a defect counts as there from the start. `reject_until`:
    the UK's 30 days in which goods may be refused outright; `no_deduction_until`: nothing is taken off for use."""

    until: date
    presumed_until: date
    reject_until: date | None
    no_deduction_until: date | None
    # Repair and replacement cost the shopper nothing, nor does the way back.
    free_remedy: bool
    article: str
    articles: dict[str, str]

    def covers(self, today: date) -> bool:
        return today <= self.until

    def is_presumed(self, today: date) -> bool:
        return today <= self.presumed_until

    def may_reject(self, today: date) -> bool:
        return self.reject_until is not None and today <= self.reject_until


def conformity(
    country: str, placed_on: date, delivered_on: date, *, repaired_on: Sequence[date] = (), law: Law | None = None
) -> Conformity | None:
    """The statutory guarantee of goods delivered on a day; `repaired_on` are the days on which a repair under it was
    done. None where none is known."""
    rule = (law or laws.current()).guarantee_of(country, placed_on)
    if rule is None:
        return None
    until = add_months(delivered_on, rule.months)
    prolonged, article = _prolonged(rule, until, repaired_on)
    months = rule.no_use_deduction_months
    return Conformity(
        until=prolonged,
        presumed_until=add_months(delivered_on, rule.presumed_months),
        reject_until=after_days(delivered_on, rule.reject_days, "", rolls=False) if rule.reject_days else None,
        no_deduction_until=add_months(delivered_on, months) if months else None,
        free_remedy=rule.free_remedy,
        article=article or rule.articles["period"],
        articles=dict(rule.articles),
    )


def _prolonged(rule: Guarantee, until: date, repaired_on: Sequence[date]) -> tuple[date, str]:
    """Each repair within the guarantee adds what the rule of its day gives for a first, second ... repair.

    Directive 2024/1799 speaks of remedies chosen since 31 July 2026; some read it as contracts since then. The earlier
    reading is kept, because it never gives less.
    """
    article, used = "", 0
    for day in sorted(repaired_on):
        then = max((one for one in rule.repairs if one.since <= day), key=lambda one: one.since, default=None)
        if then is None or day > until or used >= len(then.months):
            continue
        until, article, used = add_months(until, then.months[used]), then.article, used + 1
    return until, article
