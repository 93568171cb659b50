"""The weekly summary as a letter: HTML that every mail program shows, and the same in plain text."""

from dataclasses import dataclass
from typing import Any

from babel.dates import format_date, format_interval
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from thereafter.insights.figures.weekly import Weekly
from thereafter.insights.rules.summary import Line
from thereafter.kit import tokens
from thereafter.kit.pages import moment, number
from thereafter.messaging import accounts, rules
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Letter, Verdict
from thereafter.messaging.composing import mail_host, sender_of
from thereafter.storefront.branding import brand
from thereafter.stores.models import Staff, Store

PURPOSE = "summary"
GOOD_FOR_DAYS = 400
_HIGHEST_BAR = 84
_TONES = {True: "#17603a", False: "#a2221e", None: "#5e5b55"}


@dataclass(frozen=True)
class Mail:
    subject: str
    html: str
    text: str
    leave: str


def written(week: Weekly, to: Staff) -> Mail:
    """In English, like the console; the links lead into it."""
    subject = f"{week.store.name}: {period(week)}. {week.headline}"
    leave = leave_url(week.store, to)
    context = {
        "shop": week.store.name,
        "ink": brand(week.store.brand_colour).text_light,
        "period": period(week),
        "headline": week.headline,
        "lines": [_row(week.store, line) for line in week.lines],
        "bars": _bars(week),
        "more": _url("insights_console:retention", week.store.slug),
        "choose": _url("insights_console:summary", week.store.slug),
        "leave": leave,
        "as_of": _as_of(week),
    }
    page = render_to_string("insights/mail/summary.html", context, using="jinja2")
    return Mail(subject, page, _text(context), leave)


def _as_of(week: Weekly) -> str:
    """By the shop's own clock."""
    with timezone.override(week.store.time_zone):
        return moment(week.as_of) if week.as_of else ""


def letter(week: Weekly, to: Staff, key: str) -> Letter:
    """`key` makes a repeat harmless."""
    mail, store = written(week, to), week.store
    return Letter(
        key=0,
        to=to.email,
        sender_name=rules.one_line(store.name),
        sender=sender_of(store),
        reply_to=store.support_email,
        subject=rules.one_line(mail.subject),
        html=mail.html,
        text=mail.text,
        message_id=rules.message_id(store.pk, key, mail_host()),
        headers=rules.headers(mail.leave),
    )


def hand_over(week: Weekly, to: Staff, key: str) -> Verdict:
    """By the shop's own mail account. Takes as long as the mail server takes, so not within a transaction."""
    account = accounts.account_of(week.store.pk, "email")
    if account is None:
        return Verdict(Answer.REFUSED, "This shop has no account to send mail with.")
    try:
        (verdict,) = registry.opened(account).deliver([letter(week, to, key)])
    except ValueError as wrong:
        return Verdict(Answer.LATER, str(wrong))
    return verdict


def leave_url(store: Store, staff: Staff) -> str:
    """Ends the summary for this person and shop, and opens nothing else."""
    return _url("insights_shared:leave", tokens.sign(PURPOSE, store.pk, staff.pk))


def period(week: Weekly) -> str:
    """ "2 – 8 Mar 2026"."""
    return str(format_interval(week.days.first, week.days.last, "yMMMd", locale="en_GB"))


def _url(name: str, *parts: str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=parts)


def _row(store: Store, line: Line) -> dict[str, Any]:
    return {
        "title": line.title,
        "value": line.value,
        "beside": line.beside,
        "verdict": line.verdict,
        "tone": _TONES[line.good],
        "is_real": bool(line.is_real),
        "url": _url(f"insights_console:{line.page}", store.slug),
    }


def _bars(week: Weekly) -> list[dict[str, Any]]:
    most = max((one.orders for one in week.weeks), default=0) or 1
    return [
        {
            "label": format_date(one.monday, "d MMM", locale="en_GB"),
            "orders": number(one.orders),
            "height": max(2, round(_HIGHEST_BAR * one.orders / most)),
            "is_this": one.monday == week.monday,
        }
        for one in week.weeks
    ]


def _text(told: dict[str, Any]) -> str:
    parts = [f"{told['shop']}: {told['period']}", told["headline"], ""]
    for line in told["lines"]:
        parts += [f"{line['title']}: {line['value']}", f"  {line['beside']}", f"  {line['verdict']}. {line['url']}", ""]
    parts += ["Orders by week", *(f"  {bar['label']}: {bar['orders']}" for bar in told["bars"]), ""]
    parts += [f"All figures: {told['more']}", f"As of {told['as_of']}." if told["as_of"] else ""]
    parts += [f"You asked for this summary. Change that: {told['choose']}", f"Leave with one click: {told['leave']}"]
    return "\n".join(parts) + "\n"
