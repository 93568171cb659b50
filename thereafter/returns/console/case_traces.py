"""Why a case was offered what it was: the decision made once more from what was kept of it, in sentences."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from thereafter.returns import store_policies
from thereafter.returns.models import Case
from thereafter.returns.rules import reasons
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import Offers
from thereafter.returns.rules.policy.outcomes import OUTCOMES
from thereafter.returns.rules.policy.snapshots import Snapshot
from thereafter.returns.rules.policy.trace_words import sentences
from thereafter.returns.wording import told


def decision(case: Case) -> dict[str, Any]:
    """Each line of the case with what was offered and the sentences; no lines for a case that kept no decision."""
    if not case.offer or not case.snapshot:
        return {"lines": []}
    snapshot = msgspec.convert(case.snapshot, Snapshot)
    policy = store_policies.compiled(case.policy) if case.policy else _first(case)
    offers = decide(policy, snapshot, law.current(), date.fromisoformat(case.offer["today"]))
    titles = {line.id: line.title for line in snapshot.lines}
    return {
        "policy": policy.name,
        "version": case.policy.number if case.policy else None,
        # Told apart, because then the sentences are those of today's rules.
        "is_same": (offers.fingerprint, offers.law) == (case.offer.get("fingerprint"), case.offer.get("law")),
        "lines": list(_lines(case, offers, titles)),
    }


def _first(case: Case) -> Any:
    return store_policies.ready(store_policies.FIRST, case.order.store.currency)


def _lines(case: Case, offers: Offers, titles: dict[str, str]) -> Iterator[dict[str, Any]]:
    mine = {(unit.line.external_id, unit.reason) for unit in case.units.select_related("line")}
    for line in offers.lines:
        if (line.line, line.reason) not in mine:
            continue
        yield {
            "title": titles.get(line.line, ""),
            "reason": reasons.reason(line.reason).text,
            "options": [(OUTCOMES[one.outcome], one.outcome == case.outcome, one.article) for one in line.options],
            "why_not": told(line.why_not),
            "notes": [told(note) for note in line.notes],
            "sentences": sentences(line.trace, line.outcomes),
        }
