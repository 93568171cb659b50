"""Taking what providers posted, and what readers opened and clicked, out of the inbox, set-wise."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import msgspec

from thereafter.commerce.rules.text import clean, clean_note
from thereafter.messaging.actions import contacts, receipts
from thereafter.messaging.actions.receipts import News, Reply
from thereafter.messaging.channels import provider_news
from thereafter.messaging.channels.letters import LONGEST_ID
from thereafter.messaging.channels.provider_news import Told, Unreadable
from thereafter.messaging.models import Message
from thereafter.messaging.rules.machines import Visit, scanned
from thereafter.messaging.rules.trying import LEASE
from thereafter.timeline.inbox import DONE, Outcome, State
from thereafter.timeline.models import Inbound

# When news of a message that is just being handed over are looked at once more.
SOON = timedelta(seconds=15)
ROOM, NEWS = "messaging", "news"
TWILIO, READERS = "twilio", "readers"
# Of what a provider says in a word; an address may be long.
LONGEST = 2_000
_FORM = "application/x-www-form-urlencoded"
_PHONE = re.compile(r"(?:whatsapp:)?(\+\d{7,15})")
# Twilio's states of a message; "read" is told by WhatsApp.
_STATES = {"delivered": "delivered", "read": "opened", "undelivered": "bounced", "failed": "bounced"}
# What says nothing of itself is no browser.
NO_AGENT = "bot"
# Numbers that can never take one, or whose owner wants none.
_FOR_EVER = frozenset({"21610", "21211", "21614", "30005", "30006", "63024", "63003"})

Read = tuple[list[News], list[Reply], list[Told]]


class Reading(msgspec.Struct, kw_only=True):
    """Somebody or something opened a mail or followed a link of it."""

    message: int
    kind: str
    url: str = ""
    agent: str = ""
    at: datetime


def take(rows: Sequence[Inbound], now: datetime) -> list[Outcome]:
    """One outcome per call, in their order."""
    outcomes: list[Outcome] = [DONE] * len(rows)
    stores: dict[int, list[tuple[int, Read]]] = defaultdict(list)
    for at, row in enumerate(rows):
        try:
            stores[row.store_id].append((at, _read(row)))
        except (Unreadable, ValueError) as wrong:
            outcomes[at] = Outcome(State.REFUSED, f"unreadable: {wrong}"[:300])
    for store_id, read in stores.items():
        for at, why in _take_of(store_id, read, now).items():
            outcomes[at] = _outcome(why, rows[at], now)
    return outcomes


def _outcome(why: str, row: Inbound, now: datetime) -> Outcome:
    """News may be faster than our own note of what was sent. News of what others sent through the same account are of
    no interest, and no mistake."""
    if why != receipts.EARLY:
        return Outcome(reason=why)
    if now - row.received_at < LEASE:
        return Outcome(State.WAITING, why, again_at=now + SOON)
    return Outcome(reason=receipts.NO_MESSAGE)


def _take_of(store_id: int, read: Sequence[tuple[int, Read]], now: datetime) -> dict[int, str]:
    """By row, why nothing came of any of it."""
    news = _without_scanners([(at, one) for at, (found, _, _) in read for one in found])
    replies = [(at, one) for at, (_, found, _) in read for one in found]
    whys: dict[int, list[str]] = defaultdict(list)
    for (at, _), why in zip(news, receipts.take(store_id, [one for _, one in news], now), strict=True):
        whys[at].append(why)
    for (at, reply), why in zip(replies, receipts.hear(store_id, [one for _, one in replies], now), strict=True):
        whys[at].append(why)
        if why:
            contacts.heed_stranger(store_id, reply.channel, reply.address, said=reply.text, now=now)
    _end([told for _, (_, _, found) in read for told in found], store_id, now)
    return {
        at: receipts.EARLY if receipts.EARLY in told else told[0]
        for at, told in whys.items()
        if all(told) or receipts.EARLY in told
    }


def _without_scanners(news: Sequence[tuple[int, News]]) -> list[tuple[int, News]]:
    """Who follows every link of a mail within moments is no reader."""
    visits = [
        Visit(place, one.message_id or 0, one.kind, one.url, one.agent, one.at)
        for place, (_, one) in enumerate(news)
        if one.message_id
    ]
    machines = scanned(visits)
    return [(at, replace(one, machine=one.machine or place in machines)) for place, (at, one) in enumerate(news)]


def _read(row: Inbound) -> Read:
    if row.source == READERS:
        return [_visit(row)], [], []
    body, content_type = _body(row)
    if row.source == TWILIO:
        return _of_twilio({name: values[0] for name, values in parse_qs(body.decode()).items()}, row)
    if provider_news.confirmation(row.body):
        return [], [], []
    told = provider_news.read(row.source, body, content_type)
    news = [_news(one, row, at) for at, one in enumerate(told) if one.what and one.what != "unsubscribed"]
    return news, [], [one for one in told if one.what == "unsubscribed"]


def _body(row: Inbound) -> tuple[bytes, str]:
    """The call's own body, as it came."""
    if row.body.startswith('{"form":'):
        form: dict[str, str] = msgspec.json.decode(row.body, type=dict[str, str])
        return form["form"].encode(), _FORM
    return row.body.encode(), "application/json"


def _news(told: Told, row: Inbound, place: int) -> News:
    return News(
        kind=told.what,
        at=told.at or row.received_at,
        message_id=told.ours,
        provider_id=clean(told.theirs, LONGEST_ID),
        key=clean(told.key, LONGEST) or f"{row.key}#{place}",
        url=clean(told.url, LONGEST),
        detail=clean(told.detail, LONGEST),
        agent=clean(told.agent, LONGEST),
        machine=told.machine,
        hard=told.hard,
    )


def _visit(row: Inbound) -> News:
    seen = msgspec.json.decode(row.body, type=Reading)
    return News(
        kind=seen.kind,
        at=seen.at,
        message_id=seen.message,
        key=row.key,
        url=seen.url,
        agent=seen.agent or NO_AGENT,
    )


def _of_twilio(told: Mapping[str, str], row: Inbound) -> Read:
    """News of a message we sent, or what somebody wrote to us."""
    channel = "whatsapp" if "whatsapp:" in told.get("From", "") + told.get("To", "") else "sms"
    state = told.get("MessageStatus") or told.get("SmsStatus", "")
    if "Body" in told and state in {"received", ""}:
        phone = _PHONE.fullmatch(told.get("From", ""))
        if phone is None:
            return [], [], []
        text = told["Body"] or told.get("ButtonText", "") or told.get("OptOutType", "")
        reply = Reply(
            channel=channel,
            address=phone[1],
            text=clean_note(text, 1600),
            at=row.received_at,
            key=_sid(told, row),
            # Said where Twilio itself answers STOP, START and HELP (Advanced Opt-Out).
            answered=bool(told.get("OptOutType")),
        )
        return [], [reply], []
    kind = _STATES.get(state, "")
    if not kind:
        return [], [], []
    code = told.get("ErrorCode", "")
    detail = " ".join(filter(None, (code, told.get("ErrorMessage", ""), told.get("ChannelStatusMessage", ""))))
    news = News(
        kind=kind,
        at=row.received_at,
        provider_id=_sid(told, row),
        key=state,
        detail=clean(detail, LONGEST),
        hard=code in _FOR_EVER,
    )
    return [news], [], []


def _sid(told: Mapping[str, str], row: Inbound) -> str:
    return clean(told.get("MessageSid") or told.get("SmsSid") or "", LONGEST_ID) or row.key


def _end(told: Sequence[Told], store_id: int, now: datetime) -> None:
    """Who unsubscribed over there is unsubscribed here."""
    if not told:
        return
    names = {one.theirs for one in told if one.theirs}
    numbers = {one.ours for one in told if one.ours}
    rows = Message.objects.of(store_id).select_related("customer", "store")
    for message in [*rows.filter(provider_id__in=names), *rows.filter(pk__in=numbers)]:
        contacts.unsubscribe(message, source="provider", now=now)
