"""Which shares of refunds are to go out, and what became of them. The network is not in here.

A share is taken for the length of a lease and asked for again with the same key when we never hear what became of it:
a provider that did it already says so, and no money goes twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from thereafter.returns.actions import accounts, credit, granting
from thereafter.returns.models import GrantShare, RefundRoute, ShareTry
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Ask, Told
from thereafter.returns.queries import case_of_grant
from thereafter.timeline.models import MOST_TRIES, next_try

State = GrantShare.State
LEASE = timedelta(minutes=5)
# A bank that is still at it is asked again so often.
LOOK = timedelta(hours=6)
OLD_KEY = "This installation's secret key has changed: connect the account again."


@dataclass(frozen=True)
class Errand:
    """A share for a provider; with `ref` a refund of which it is to be asked what became."""

    share: GrantShare
    adapter: str
    credentials: dict[str, str]
    ask: Ask
    ref: str = ""


@dataclass(frozen=True)
class Report:
    """What became of an errand: `told`, or why not. `verdict`: "later", "refused" or "account"."""

    errand: Errand
    told: Told | None = None
    verdict: str = ""
    why: str = ""
    seconds: int = 0


@transaction.atomic
def claim(now: datetime) -> tuple[int, Errand | None]:
    """The share that waits longest: (1, what to ask whom), (1, None) when it needed no network, (0, None) when none is
    due."""
    share = _due(now)
    if share is None:
        return 0, None
    adapter = share.adapter if share.state == State.SENT else _way(share)
    if adapter == registry.MANUAL:
        put(share, adapter=adapter, due_at=None)
        return 1, None
    if adapter == registry.CREDIT:
        _pay_credit(share, now)
        return 1, None
    rest = accounts.resting_until(share.store_id, adapter, now)
    if rest:
        put(share, adapter=adapter, due_at=rest)
        return 1, None
    return 1, _errand(share, adapter, now)


def _due(now: datetime) -> GrantShare | None:
    rows = GrantShare.objects.filter(due_at__lte=now, state__in=(State.GRANTED, State.FAILED, State.SENT))
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("grant__order__store").order_by("due_at", "id").first()


def _way(share: GrantShare) -> str:
    order = share.grant.order
    kind = kind_of(share)
    route = RefundRoute.objects.of(share.store_id).filter(kind=kind).first()
    return registry.choose(
        tender=share.tender,
        kind=kind,
        source=order.source,
        connected=accounts.connected(share.store_id),
        chosen=route.adapter if route else "",
    )


def kind_of(share: GrantShare) -> str:
    """The way of paying that a share goes back to, as the shop names it."""
    paid = share.grant.order.tenders.filter(external_id=share.tender).first()
    return paid.kind if paid else share.tender


def put(share: GrantShare, **changed: object) -> None:
    GrantShare.objects.of(share.store_id).filter(pk=share.pk).update(**changed)


def _pay_credit(share: GrantShare, now: datetime) -> None:
    """No network: what the shopper gets is written down together with that they got it. The bonus goes with the first
    share of the refund."""
    order, granted = share.grant.order, share.grant
    sent = granting.send(share, now=now)
    is_first = not GrantShare.objects.of(share.store_id).filter(grant=granted, pk__lt=share.pk).exists()
    account = credit.issue(
        order.customer,
        share.amount_minor,
        order.currency,
        source=f"share:{share.pk}",
        bonus_minor=granted.bonus_minor if is_first else 0,
        case=case_of_grant(share.store_id, granted.pk),
        order=order,
        now=now,
    )
    put(share, adapter=registry.CREDIT)
    granting.settle(sent, provider_ref=f"credit-{account.pk}", now=now)
    note(share, registry.CREDIT, "settled", now=now)


def _errand(share: GrantShare, adapter: str, now: datetime) -> Errand:
    if share.state == State.SENT:
        put(share, attempts=share.attempts + 1, due_at=now + LEASE)
    else:
        share = granting.send(share, now=now)
        put(share, adapter=adapter, due_at=now + LEASE, provider_ref="")
        share.provider_ref = ""
        note(share, adapter, "sent", now=now)
    order = share.grant.order
    ask = Ask(
        key=share.key,
        amount_minor=share.amount_minor,
        currency=order.currency,
        order=order.external_id,
        number=order.number,
        payment=share.tender,
        kind=kind_of(share),
    )
    return Errand(share, adapter, accounts.credentials(share.store_id, adapter), ask, share.provider_ref)


@transaction.atomic
def settle(report: Report, now: datetime) -> None:
    """Writes down what became of an errand; what a webhook told us in the meantime stands."""
    errand = report.errand
    share = granting.locked(errand.share)
    if share.state != State.SENT or share.turn != errand.share.turn:
        return
    if report.told is not None:
        accounts.note_work(share.store_id, errand.adapter, error="", now=now)
        _told(share, report.told, now)
    elif report.verdict == "refused":
        refuse(share, report.why, now)
    elif report.verdict == "account":
        accounts.note_work(share.store_id, errand.adapter, error=report.why, now=now)
        put(share, due_at=now + accounts.REFUSED_REST, error=report.why[:300])
        note(share, errand.adapter, "later", report.why, now=now)
    else:
        _later(share, report, now)


def _told(share: GrantShare, told: Told, now: datetime) -> None:
    if told.is_settled:
        granting.settle(share, provider_ref=told.ref, now=now)
        note(share, share.adapter, "settled", now=now)
        return
    if not share.provider_ref:
        note(share, share.adapter, "underway", now=now)
    put(share, provider_ref=told.ref[:120], due_at=now + LOOK, error="")


def refuse(share: GrantShare, why: str, now: datetime) -> None:
    """A definite no: no money went, or it came back. The next try has a key of its own."""
    granting.fail(share, why=why, now=now)
    put(share, turn=share.turn + 1, provider_ref="")
    note(share, share.adapter, "failed", why, now=now)


def _later(share: GrantShare, report: Report, now: datetime) -> None:
    """Whether it was done is not known; so the key stays, also when the last try was one too many."""
    note(share, share.adapter, "later", report.why, now=now)
    pause = next_try(share.attempts)
    if share.attempts >= MOST_TRIES or pause is None:
        granting.fail(share, why=f"Given up after {share.attempts} tries. {report.why}", now=now)
        return
    put(share, due_at=now + timedelta(seconds=max(report.seconds, pause)), error=report.why[:300])


def note(share: GrantShare, adapter: str, became: str, said: str = "", *, now: datetime) -> None:
    """Adds a line to what was tried."""
    ShareTry.objects.create(
        store_id=share.store_id, share_id=share.pk, adapter=adapter, at=now, became=became, said=said[:300]
    )
