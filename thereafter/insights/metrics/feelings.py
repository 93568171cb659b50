"""What people say when they are asked. Plain Python."""

import ibis
from ibis.expr.types import Table

from thereafter.insights.metrics.tables import Scope, entries, within

# A survey's answer without a score.
UNSCORED = -1
ASKED = ("survey.asked", "survey.answered")


def scores(scope: Scope) -> Table:
    """Per `month` of the first answer in the period, `survey`, `kind` (csat, nps, ces) and `score` that stands now:
    `answers`.

    A change of mind counts with its last score, also after the period, on the day of the first answer. CSAT = share of
    4-5; NPS = 100 (share of 9-10 - share of 0-6); CES = mean of 1-7. Unit: answers. Source: `survey.answered`,
    `survey.answer_changed`.
    """
    rows = standing(scope)
    rows = within(rows.filter(rows.score > UNSCORED), scope)
    return rows.group_by(["month", "survey", "kind", "score"]).agg(answers=rows.count())


def standing(scope: Scope) -> Table:
    """Answers one by one: `ref`, `day` and `month` of the first answer, `order_id`, `survey`, `kind`, `score` that
    stands (-1: none was asked for). Unit: answers. Source: `survey.answered`, `survey.answer_changed`."""
    first = entries(scope, "survey.answered")
    told = entries(scope, "survey.answered", "survey.answer_changed")
    newest = told.group_by(answer=told.ref).agg(newest=told.id.max())
    last = told.select(last_id="id", score="value")
    last = last.inner_join(newest, last.last_id == newest.newest)
    both = first.inner_join(last, first.ref == last.answer)
    return both.select("ref", "day", "month", "customer_id", "order_id", "kind", "score", survey="other")


def asked(scope: Scope) -> Table:
    """Per `month` of the question, `survey`, `kind` and `name`: `times` it was asked by a message (`survey.asked`), and
    of these the times that this customer answered it for this order (`survey.answered`), whenever and on whatever way.

    Response rate = answered / asked. Who answered without having been asked, on a page or from a card, is in neither.
    Unit: questions. Source: these events.
    """
    put = within(entries(scope, "survey.asked"), scope)
    answers = entries(scope, "survey.answered")
    same = ("customer_id", "order_id", "other")
    answered = put.semi_join(answers, [put[name] == answers[name] for name in same])
    rows = _named(put, "survey.asked").union(_named(answered, "survey.answered"))
    return rows.group_by("month", "survey", "kind", "name").agg(times=rows.count())


def _named(rows: Table, name: str) -> Table:
    return rows.select("month", "kind", survey="other", name=ibis.literal(name))


def stars(scope: Scope) -> Table:
    """Per `month` and `rating` 1 to 5: `reviews` written in the period, as first written. Unit: reviews. Source:
    `review.written`."""
    rows = within(entries(scope, "review.written"), scope)
    return rows.group_by(month=rows.month, rating=rows.value).agg(reviews=rows.count())
