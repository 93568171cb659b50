"""Holds on cards for instant exchanges: offered, begun, heard of; what follows is replayed. No network here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from thereafter.events.returns import ReturnAnswered
from thereafter.kit.clock import day_in
from thereafter.kit.money import exponent
from thereafter.kit.pages import day as day_text
from thereafter.returns import links
from thereafter.returns.actions import accounts, charges, releasing
from thereafter.returns.actions.steps import about
from thereafter.returns.models import Case, CaseUnit, Hold, HoldEvent, NewGoods
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Page
from thereafter.returns.queries import settings_of
from thereafter.returns.rules.money import holds as rules
from thereafter.returns.rules.policy.outcomes import EXCHANGES
from thereafter.storefront.links import page as page_of
from thereafter.timeline.log import record

State = Hold.State
# A bank lets a hold on a card lapse after this.
BANKS_DAYS = 7
# Carriers tell of a scan hours later: so long after the last day nothing is taken yet.
GRACE = timedelta(hours=12)
TOKEN = {3: 1000}
_LEFT = ("shipped", "delivered")


class NothingToHold(ValueError):
    """No instant exchange is to be had in this case now."""


@dataclass(frozen=True)
class Offer:
    """What is held, what the deadline takes, and the last day for the carrier's scan."""

    amount_minor: int
    due_minor: int
    last_day: date


def offer(case: Case, *, now: datetime) -> Offer | None:
    """What is offered on the page of the case; None where nothing is."""
    settings = settings_of(case.order.store)
    if not settings.instant_exchange or not _waits(case) or registry.STRIPE not in accounts.connected(case.store_id):
        return None
    due = _due(case)
    known = Hold.objects.of(case.store_id).filter(case=case).exclude(state=State.ENDED).first()
    if due <= 0 or (known and known.state not in Hold.LIVE):
        return None
    day = day_in(now, case.order.store.time_zone) + timedelta(days=settings.hold_days)
    last_day = min(day, case.send_by) if case.send_by else day
    if known:
        return Offer(known.amount_minor, known.due_minor, max(last_day, known.last_day))
    amount = min(due, TOKEN.get(exponent(case.currency), 100)) if settings.hold_kind == "token" else due
    return Offer(amount, due, last_day)


def _waits(case: Case) -> bool:
    """New goods wait for what comes back, and nothing of it is on its way; a gift shows no amounts."""
    if case.state != "open" or case.is_gift or case.review or case.method == "none" or case.release == "at_once":
        return False
    if case.handed_in_at or case.received_at or case.outcome not in (*EXCHANGES, "replacement"):
        return False
    if case.quote.get("charge") and case.charged_at is None:
        return False
    return bool(NewGoods.objects.of(case.store_id).filter(case=case, state="reserved").exists())


def _due(case: Case) -> int:
    """What is still unpaid of the new goods should nothing come back: never more than what was to come is worth."""
    rows = NewGoods.objects.of(case.store_id).filter(case=case).exclude(state="cancelled")
    new = sum(row.price_minor * row.quantity for row in rows)
    return min(case.value_minor, new) if new else case.value_minor


def again(held: Hold) -> Hold:
    """The hold as it stands, kept for this transaction, after its case: the job does not take it up meanwhile."""
    rows = Hold.objects.of(held.store_id).select_related("case__order__store").select_for_update(of=("self",))
    found: Hold = rows.get(pk=held.pk)
    return found


@transaction.atomic
def begin(case: Case, *, now: datetime) -> Hold:
    """The open page of a case, or a new one; raises `NothingToHold`."""
    locked = charges.hold(case.pk, case.store_id)
    found = offer(locked, now=now)
    if found is None:
        raise NothingToHold
    live = Hold.objects.of(locked.store_id).filter(case=locked, state__in=Hold.LIVE).first()
    if live and (live.state == State.OPEN or (live.ends_at and now < live.ends_at - charges.TOO_LATE)):
        live = again(live)
        put(live, now, last_day=found.last_day)
        return live
    if live:
        put(live, now, state=State.ENDED, due_at=None)
    made = Hold.objects.create(
        store_id=locked.store_id,
        case=locked,
        provider=registry.STRIPE,
        amount_minor=found.amount_minor,
        due_minor=found.due_minor,
        currency=locked.currency,
        last_day=found.last_day,
        asked=_asked(locked),
        ends_at=now + charges.PAGE_LIFE,
        created_at=now,
        changed_at=now,
    )
    return again(made)


def _asked(case: Case) -> dict[str, str]:
    token = links.case_token(case)
    return {
        "title": gettext("Held for your exchange %(number)s, not charged") % {"number": case.number},
        "email": case.email or case.customer.email or "",
        "back": page_of(case.order.store, "returns_storefront:case", token),
        "done": page_of(case.order.store, "returns_storefront:held", token),
    }


def is_wanted(case: Case) -> bool:
    """A page is worth keeping open while its case waits for goods."""
    return _waits(case)


@transaction.atomic
def heard(hold: Hold, page: Page, *, now: datetime) -> Hold:
    """What the provider says of a page; told twice, it counts once. Returns the hold as it stands then."""
    case = charges.hold(hold.case_id, hold.store_id)
    held = again(hold)
    if held.state not in (*Hold.LIVE, State.ENDED):
        return held
    if held.state == State.ENDED and page.state != "held":
        put(held, now, due_at=None)
    elif page.state == "held":
        _held(held, case, page, now)
    elif page.state == "ended":
        put(held, now, state=State.ENDED, due_at=None, error="")
    else:
        rest = charges.FIRST_LOOK if held.state == State.ASKED else charges.EVERY_LOOK
        known = {"page_ref": page.ref, "page_url": page.url or held.page_url}
        put(held, now, state=State.OPEN, due_at=now + rest, error="", **known)
    return held


def _held(held: Hold, case: Case, page: Page, now: datetime) -> None:
    """The goods leave for it if the case still waits; else the hold goes at once."""
    today = day_in(now, case.order.store.time_zone)
    known = {"page_ref": page.ref, "payment_ref": page.payment, "held_on": today, "attempts": 0, "error": ""}
    others = Hold.objects.of(held.store_id).filter(case=case).exclude(pk=held.pk).exclude(state__in=Hold.OVER)
    is_right = (page.amount_minor, page.currency) == (held.amount_minor, held.currency)
    # A page that had ended here may be gone through all the same while another one holds: it is given up quietly.
    if others.exists():
        put(held, now, state=State.RELEASING, due_at=now, **known)
        return
    put(held, now, state=State.HELD, due_at=None, expires_on=today + timedelta(days=BANKS_DAYS), **known)
    note(held, "authorised", at=now, now=now)
    if not is_right or not _waits(case) or not releasing.secured(case, now=now):
        note(held, "cancelled", at=now, now=now, why="" if is_right else "Another amount was held than was asked for.")


@transaction.atomic
def not_opened(hold: Hold, why: str, *, now: datetime) -> None:
    held = again(hold)
    if held.state == State.ASKED:
        put(held, now, state=State.ENDED, due_at=None, error=why[:300])


def put(held: Hold, now: datetime, **changed: object) -> None:
    for name, value in {**changed, "changed_at": now}.items():
        setattr(held, name, value)
    held.save(update_fields=[*changed, "changed_at"])


def note(held: Hold, what: rules.HoldEvent, *, at: datetime, now: datetime, why: str = "") -> None:
    """Writes down what happened at `at` to a hold that is kept for this transaction, and lets follow what follows."""
    day = (day_in(at, held.case.order.store.time_zone) - (held.held_on or held.last_day)).days
    _row, is_new = HoldEvent.objects.get_or_create(
        store_id=held.store_id, hold=held, what=what, defaults={"day": day, "at": at, "why": why[:200]}
    )
    if is_new:
        go_on(held, now)


def replayed(held: Hold) -> rules.Hold:
    """What the hold comes to by all that happened."""
    days = (held.last_day - held.held_on).days if held.held_on else 0
    rows = HoldEvent.objects.of(held.store_id).filter(hold=held).order_by("day", "pk")
    told = [rules.Happening(row.day, cast(rules.HoldEvent, row.what)) for row in rows]
    return rules.replay(rules.Hold(amount=held.amount_minor, days=days, due=held.due_minor), told)


def go_on(held: Hold, now: datetime) -> None:
    """Takes up at the provider what the replay says and was not done yet."""
    wanted = replayed(held).state
    if wanted == "captured" and held.state == State.HELD:
        _take_up(held, State.CAPTURING, now)
    elif wanted in ("released", "refunded"):
        # What may be under way at the provider right now is waited for: its report goes on from there.
        is_still = held.attempts == 0 or held.due_at is None
        if held.state == State.HELD or (held.state == State.CAPTURING and is_still):
            _take_up(held, State.RELEASING, now)
        elif held.state == State.CAPTURED:
            _take_up(held, State.REFUNDING, now)


def _take_up(held: Hold, state: str, now: datetime) -> None:
    put(held, now, state=state, due_at=now, attempts=0, error="")


@transaction.atomic
def happened(store_id: int, case_id: int, what: rules.HoldEvent, *, at: datetime, now: datetime) -> None:
    """Something happened to a case: its hold, if it has one, hears of it."""
    rows = Hold.objects.of(store_id).filter(case_id=case_id, held_on__isnull=False)
    if not rows.exists():
        return
    charges.hold(case_id, store_id)
    for one in rows.exclude(state__in=Hold.OVER):
        note(again(one), what, at=at, now=now)


def came_back(store_id: int, case_id: int, *, at: datetime, now: datetime) -> None:
    """The warehouse has it. Where something is missing or another thing came, a person decides."""
    units = CaseUnit.objects.of(store_id).filter(case_id=case_id)
    if not units.filter(state__in=("expected", "missing", "wrong_item")).exists():
        happened(store_id, case_id, "returned", at=at, now=now)


@transaction.atomic
def came_to_nothing(store_id: int, case_id: int, *, now: datetime) -> None:
    """The case is over, or its goods cannot be had: the hold goes, unless goods have left for it."""
    left = NewGoods.objects.of(store_id).filter(case_id=case_id, state__in=_LEFT)
    still = NewGoods.objects.of(store_id).filter(case_id=case_id, state__in=("reserved", "released"))
    over = Case.objects.of(store_id).filter(pk=case_id, state="resolved")
    Hold.objects.of(store_id).filter(case_id=case_id, state=State.OPEN).update(due_at=now)
    if over.exists() or not (left.exists() or still.exists()):
        happened(store_id, case_id, "cancelled", at=now, now=now)


def see_to_days(now: datetime, limit: int = 500) -> int:
    """Tells shoppers a day before the deadline, and lets it pass where nothing was scanned; returns how many."""
    near = (now + timedelta(days=2)).date()
    rows = Hold.objects.filter(state=State.HELD, last_day__lte=near).filter(
        Q(reminded_at=None) | Q(last_day__lt=now.date())
    )
    touched = 0
    for held in rows.select_related("case__order__store").order_by("last_day", "pk")[:limit]:
        zone = held.case.order.store.time_zone
        if day_in(now - GRACE, zone) > held.last_day:
            deadline(held, now=now)
        elif day_in(now, zone) >= held.last_day - timedelta(days=1) and not held.reminded_at:
            _remind(held, now)
        else:
            continue
        touched += 1
    return touched


@transaction.atomic
def deadline(hold: Hold, *, now: datetime) -> None:
    """Nothing was scanned in time. Nobody pays for goods that have not left: then the hold goes, and a person looks."""
    case = charges.hold(hold.case_id, hold.store_id)
    held = again(hold)
    if held.state != State.HELD:
        return
    if NewGoods.objects.of(case.store_id).filter(case=case, state__in=_LEFT).exists():
        note(held, "deadline_passed_no_scan", at=now, now=now)
        return
    note(held, "cancelled", at=now, now=now)
    why = (
        "The hold on the shopper's card has ended, and the new goods have not left. Wait for the return before sending."
    )
    releasing.ask_a_person(case, why, now=now)


@transaction.atomic
def _remind(hold: Hold, now: datetime) -> None:
    case = charges.hold(hold.case_id, hold.store_id)
    held = again(hold)
    if held.state != State.HELD or held.reminded_at:
        return
    put(held, now, reminded_at=now)
    with translation.override(case.locale or case.customer.locale or case.order.store.locale):
        text = gettext(
            "Please hand your parcel in by %(day)s. If nothing is scanned by then, %(amount)s is charged to your card. "
            "You get it back when the parcel arrives later."
        )
        told = {"day": day_text(held.last_day), "amount": held.due.format(translation.get_language())}
        record(ReturnAnswered(**about(case, now), text=text % told))


def named(store_id: int, *, ref: str, key: str) -> Hold | None:
    """The hold whose page a provider speaks of."""
    rows = Hold.objects.of(store_id)
    found = rows.filter(page_ref=ref).first() if ref else None
    number = key.removeprefix(f"thereafter-hold-{store_id}-")
    if found or number == key or not number.isdecimal() or len(number) > len("999999999999999999"):
        return found
    return rows.filter(pk=int(number)).first()


@transaction.atomic
def look_soon(store_id: int, page: Page, key: str, *, now: datetime) -> None:
    """A provider's news of a page: the job asks what became of it, because the page itself does not say."""
    found = named(store_id, ref=page.ref, key=key)
    if found is None:
        return
    charges.hold(found.case_id, store_id)
    held = again(found)
    if held.state in Hold.LIVE:
        put(held, now, state=State.OPEN, page_ref=page.ref, due_at=now, error="")
    elif held.state == State.ENDED and page.state in ("underway", "paid"):
        put(held, now, page_ref=page.ref, due_at=now)
