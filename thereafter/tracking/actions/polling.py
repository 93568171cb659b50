"""Asking carriers: what is due is claimed, and what they answered goes into the inbox. The network is in neither.

An account's pace holds for all workers together: whoever moves its `rests_until` ahead may ask.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from thereafter.commerce.webhooks import body_key
from thereafter.kit import tokens
from thereafter.stores.models import StoreQuerySet
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.tracking.actions import accounts, planning
from thereafter.tracking.actions.intake import ROOM
from thereafter.tracking.carriers import errands
from thereafter.tracking.carriers.adapter import Ask, Poll
from thereafter.tracking.carriers.errands import Errand, Report
from thereafter.tracking.carriers.names import carrier_code
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.carriers.wire import Answer
from thereafter.tracking.models import CarrierAccount, Parcel, PollPlan
from thereafter.tracking.rules import polling
from thereafter.tracking.rules.scans import BadScan

# A worker that dies with a request in the air is not waited for longer.
LEASE = timedelta(minutes=5)
# A token is got anew a little before it ends.
EARLY = timedelta(seconds=60)
MOST_OF_ONE = 2
NEEDS = {"carrier": "the carrier", "postcode": "the postcode", "country": "the country"}
LONGEST_TOPIC = 60
_ENCODING = re.compile(rb"""<\?xml[^>]{0,60}encoding=["']([A-Za-z0-9._-]{1,20})["']""")


def claim(now: datetime, *, most: int, flying: Mapping[int, int]) -> list[Errand]:
    """What is to be asked at this moment, at most so many requests; `flying` counts the requests of each account that
    are still in the air here."""
    taken: list[Errand] = []
    for account in _ready(now)[: most * 4]:
        free = MOST_OF_ONE - flying.get(account.pk, 0)
        if free > 0 and len(taken) < most:
            taken += _claim_of(account, now, most=free)
    return taken


def _ready(now: datetime) -> StoreQuerySet[CarrierAccount]:
    """Accounts that may be asked and have something to be asked; who has waited longest comes first."""
    due = PollPlan.objects.filter(
        store=OuterRef("store"),
        adapter=OuterRef("adapter"),
        due_at__lte=now,
        expired_at__isnull=True,
        parcel__finished_at__isnull=True,
    )
    return CarrierAccount.objects.filter(_awake(now), Exists(due)).order_by(F("asked_at").asc(nulls_first=True), "pk")


def _awake(now: datetime) -> Q:
    return Q(rests_until__isnull=True) | Q(rests_until__lte=now)


@transaction.atomic
def _claim_of(account: CarrierAccount, now: datetime, *, most: int) -> list[Errand]:
    poll = _poll(account)
    token = _token(account, now) if poll else ""
    most = _at_once(poll, token, most) if poll else 0
    if poll is None or not most or not _take_turn(account, poll, now, most):
        return []
    try:
        credentials = accounts.credentials_of(account)
    except tokens.BadToken:
        _rest(account, now + polling.REFUSED_REST, "This installation's secret key has changed: type the key in again.")
        return []
    groups = _batches(_complete(_due(account, now, most * poll.batch), poll, now), poll.batch)
    return [
        Errand(
            store_id=account.store_id,
            account_id=account.pk,
            adapter=account.adapter,
            credentials=credentials,
            token=token,
            asks=tuple(_asked_for(plan) for plan in group),
            plan_ids=tuple(plan.pk for plan in group),
        )
        for group in groups[:most]
    ]


def _poll(account: CarrierAccount) -> Poll | None:
    adapter = ADAPTERS.get(account.adapter)
    return adapter.poll if adapter else None


def _token(account: CarrierAccount, now: datetime) -> str:
    try:
        return accounts.token_of(account, now)
    except tokens.BadToken:
        return ""


def _at_once(poll: Poll, token: str, most: int) -> int:
    """Requests in one go: a second's worth. The first one gets the token that the others wait for."""
    if poll.token and not token:
        return int(most == MOST_OF_ONE)
    return min(most, max(1, poll.per_minute // 60))


def _take_turn(account: CarrierAccount, poll: Poll, now: datetime, requests: int) -> bool:
    until = now + timedelta(minutes=1) * requests / poll.per_minute
    mine = CarrierAccount.objects.of(account.store_id).filter(_awake(now), pk=account.pk)
    return bool(mine.update(rests_until=until, asked_at=now))


def _due(account: CarrierAccount, now: datetime, most: int) -> list[PollPlan]:
    rows = (
        PollPlan.objects.of(account.store_id)
        .filter(adapter=account.adapter, due_at__lte=now, expired_at__isnull=True, parcel__finished_at__isnull=True)
        .order_by("due_at", "pk")
    )
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    plans = list(rows.select_related("parcel__order", "store")[:most])
    PollPlan.objects.of(account.store_id).filter(pk__in=[plan.pk for plan in plans]).update(due_at=now + LEASE)
    return plans


def _complete(plans: Sequence[PollPlan], poll: Poll, now: datetime) -> list[PollPlan]:
    """The plans for which we have what the carrier wants to know; of the others it is said what is missing."""
    lacking = {plan.pk: missing for plan in plans if (missing := _missing(plan, poll))}
    for plan in plans:
        if plan.pk in lacking:
            words = " and ".join(NEEDS.get(name, name) for name in lacking[plan.pk])
            plan.error = f"The carrier wants to know {words}, and the order does not say it."
            plan.due_at = now + polling.SELDOM
    PollPlan.objects.bulk_update([plan for plan in plans if plan.pk in lacking], ["error", "due_at"])
    return [plan for plan in plans if plan.pk not in lacking]


def _missing(plan: PollPlan, poll: Poll) -> list[str]:
    ask = _asked_for(plan)
    return [name for name in poll.needs if not getattr(ask, name, "")]


def _asked_for(plan: PollPlan) -> Ask:
    country, postcode = _goes_to(plan.parcel)
    return Ask(
        number=plan.parcel.tracking_number,
        carrier=carrier_code(plan.parcel.carrier),
        postcode=postcode,
        country=country,
        language=plan.store.locale[:2],
    )


def _goes_to(parcel: Parcel) -> tuple[str, str]:
    """Country and postcode; what comes back goes to the shop, as it was told when it left."""
    if parcel.comes_back:
        country, _, postcode = parcel.destination.partition("-")
        return country, postcode
    address = parcel.order.shipping_address
    return str(address.get("country", "")), str(address.get("postcode", ""))


def _batches(plans: Sequence[PollPlan], size: int) -> list[list[PollPlan]]:
    """What a carrier could not answer for is asked alone, so that it does not spoil the others' answer again."""
    alone = [[plan] for plan in plans if plan.error]
    rest = [plan for plan in plans if not plan.error]
    return [rest[at : at + size] for at in range(0, len(rest), size)] + alone


@transaction.atomic
def settle(reports: Sequence[Report], now: datetime) -> None:
    """Keeps what carriers answered, and plans when each parcel is asked for next."""
    received = [call for report in reports if (call := _received(report))]
    if received:
        inbox.put(received, now)
    for report in reports:
        _settle_account(report, now)
    _settle_plans(reports, now)


def _received(report: Report) -> Received | None:
    """The answer as the inbox takes it. Carriers do not always repeat the number: where one was asked for, the topic
    names it."""
    answer, errand = report.answer, report.errand
    if answer is None or not _is_readable(report):
        return None
    topic = f"poll:{errand.asks[0].number}" if len(errand.asks) == 1 else "poll"
    topic = topic if len(topic) <= LONGEST_TOPIC else "poll"
    body = text_of(answer)
    return Received(errand.store_id, ROOM, errand.adapter, topic, body_key(topic, body.encode()), body)


def _is_readable(report: Report) -> bool:
    """An answer, or a refusal in which the adapter reads that the carrier does not know the number."""
    if report.verdict != errands.DECLINED or report.answer is None:
        return report.verdict == errands.ANSWERED
    try:
        return not any(
            isinstance(doc, BadScan) for doc in ADAPTERS[report.errand.adapter].parse("poll", text_of(report.answer))
        )
    except BadScan:
        return False


def text_of(answer: Answer) -> str:
    """The body in the encoding that its header or its XML declaration names; no database takes the zero character."""
    named = re.search(r"charset=\"?([A-Za-z0-9._-]{1,20})", answer.headers.get("content-type", ""))
    declared = _ENCODING.match(answer.body)
    encoding = named[1] if named else declared[1].decode() if declared else "utf-8"
    try:
        text = answer.body.decode(encoding, errors="replace")
    except (LookupError, UnicodeError):
        text = answer.body.decode(errors="replace")
    # Some encodings know halves of characters, which no database takes either.
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def _settle_account(report: Report, now: datetime) -> None:
    account = CarrierAccount.objects.select_for_update().filter(pk=report.errand.account_id).first()
    if account is None:
        return
    if report.token:
        account.sealed_token = tokens.seal(report.token.value)
        account.token_until = now + timedelta(seconds=report.token.seconds) - EARLY
        account.save(update_fields=["sealed_token", "token_until"])
    if report.verdict in (errands.ANSWERED, errands.DECLINED):
        CarrierAccount.objects.filter(pk=account.pk).update(answered_at=now, error="", failures=0)
    else:
        _rest(account, now + _how_long(report, account, now), report.said)


def _how_long(report: Report, account: CarrierAccount, now: datetime) -> timedelta:
    if report.verdict == errands.REFUSED:
        return polling.REFUSED_REST
    said = report.answer.headers.get("retry-after", "") if report.answer else ""
    failures = account.failures + 1
    return polling.retry_after(said, now) or polling.rest(failures, polling.spread(account.pk + failures))


def _rest(account: CarrierAccount, until: datetime, error: str) -> None:
    CarrierAccount.objects.filter(pk=account.pk).update(
        rests_until=until, error=error[:300], failures=F("failures") + 1, sealed_token="", token_until=None
    )


def _settle_plans(reports: Sequence[Report], now: datetime) -> None:
    """After an answer, by the pace of the parcel; when there was none, as soon as the account is asked again."""
    by_store: dict[int, list[PollPlan]] = defaultdict(list)
    verdicts = {pk: report for report in reports for pk in report.errand.plan_ids}
    for plan in PollPlan.objects.filter(pk__in=verdicts).select_related("parcel", "store"):
        by_store[plan.store_id].append(plan)
    for store_id, plans in by_store.items():
        heard = planning.heard(plans[0].store, plans)
        for plan in plans:
            report = verdicts[plan.pk]
            if report.verdict in (errands.ANSWERED, errands.DECLINED):
                plan.quiet += 1
                plan.due_at = _due_again(plan, report, heard, now)
                plan.error = "" if _is_readable(report) else report.said[:300]
                plan.asked_at = now
            else:
                plan.due_at = now
        PollPlan.objects.of(store_id).bulk_update(plans, ["quiet", "due_at", "error", "asked_at"])


def _due_again(plan: PollPlan, report: Report, heard: planning.Heard, now: datetime) -> datetime:
    """Of several numbers one spoilt the answer: each is asked for alone, at once."""
    if len(report.errand.asks) > 1 and not _is_readable(report):
        return now
    return planning.due(plan.store, plan, now, pushed=heard.is_pushed(plan, now))
