"""What was sent, and what readers did. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.tables import Scope, entries, within

TOLD = ("message.sent", "message.delivered", "message.bounced", "message.complained", "message.skipped")
_READ = ("message.opened", "message.clicked")


def sent(scope: Scope) -> Table:
    """Per `month`, `name` (`message.sent`, `.delivered`, `.bounced`, `.complained`, `.skipped`) and `kind` (the
    channel; the reason of what was skipped): `messages` of the period. Unit: messages. Source: these events."""
    rows = within(entries(scope, *TOLD), scope)
    return rows.group_by(["month", "name", "kind"]).agg(messages=rows.count())


def by_template(scope: Scope) -> Table:
    """Per `template` and `name` (`message.sent`, `message.opened`, `message.clicked`): `messages` of the period, each
    once however often it was opened or clicked; what machines did by themselves is left out.

    Click rate = clicked / sent, of the same days. Opens are a hint at best. Unit: messages. Source: these events.
    """
    rows = within(entries(scope, "message.sent", *_READ), scope)
    rows = rows.filter((rows.name == "message.sent") | (rows.flag != 1))
    each = rows.select("ref", "name", template="other").distinct()
    return each.group_by(["template", "name"]).agg(messages=each.count())
