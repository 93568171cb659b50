"""Signing up for the newsletter, and proving that it was the owner of the mailbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.campaigns.models import Signup, SignupForm
from thereafter.commerce.actions.coupons import issue
from thereafter.commerce.actions.customers import confirm_consent
from thereafter.commerce.actions.people import known_by_address
from thereafter.commerce.models import Coupon
from thereafter.commerce.queries import coupon_pools
from thereafter.messaging.actions.contacts import open_to_offers
from thereafter.messaging.rules.gate import CONFIRMED, OFFERS
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

SOURCE = "newsletter"
# The same address again within this time gets no second mail: nobody floods a stranger's mailbox through us.
QUIET = timedelta(hours=1)
# Nor drop by drop: the link of an earlier mail is good for a week.
MOST_MAILS, MAILS_WITHIN = 3, timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody typed in, and the circumstances that prove it later."""

    email: str
    name: str
    language: str
    shown: str
    source: str
    address: str


@transaction.atomic
def ask(store: Store, asked: Asked, *, now: datetime) -> Signup | None:
    """Keeps that somebody asked, and queues the mail. None when the same address asked a moment ago, or too often."""
    before = Signup.objects.of(store).filter(email=asked.email, asked_at__gt=now - MAILS_WITHIN)
    lately = before.order_by("-asked_at").values_list("asked_at", flat=True)[:MOST_MAILS]
    if len(lately) == MOST_MAILS or (lately and lately[0] > now - QUIET):
        return None
    return Signup.objects.create(
        store=store,
        email=asked.email,
        name=asked.name[:200],
        language=asked.language[:10],
        source=asked.source[:200],
        shown=asked.shown,
        address=asked.address[:60],
        asked_at=now,
        mail_due_at=now,
    )


@transaction.atomic
def confirm(signup: Signup, *, address: str, now: datetime) -> Coupon | None:
    """The owner of the mailbox says yes: a customer, with a consent and its evidence; and the code, if there is one.

    Once is enough; the second time changes nothing.
    """
    won = Signup.objects.of(signup.store_id).filter(pk=signup.pk, confirmed_at=None)
    if won.update(confirmed_at=now, confirmed_from=address[:60]):
        customer = known_by_address(
            signup.store, signup.email, name=signup.name, locale=signup.language, source=SOURCE, now=now
        )
        Signup.objects.of(signup.store_id).filter(pk=signup.pk).update(customer=customer)
        open_to_offers(signup.store_id, "email", customer.email)
        confirm_consent(
            customer,
            channel="email",
            purpose=OFFERS,
            source=CONFIRMED,
            evidence=_evidence(signup, address, now),
            now=now,
        )
        signup.customer = customer
    return _welcome(signup, now)


def _evidence(signup: Signup, address: str, now: datetime) -> str:
    lines = (
        f"Signed up {signup.asked_at:%Y-%m-%d %H:%M} UTC from {signup.address or 'an unknown address'}",
        f"on {signup.source}" if signup.source else "",
        f"reading “{signup.shown}”;",
        f"confirmed by the link sent to {signup.email}, {now:%Y-%m-%d %H:%M} UTC from {address or 'unknown'}.",
    )
    return " ".join(line for line in lines if line)


def _welcome(signup: Signup, now: datetime) -> Coupon | None:
    form = SignupForm.objects.of(signup.store_id).filter(pool__gt="").first()
    pool = coupon_pools(signup.store_id).filter(key=form.pool).first() if form and signup.customer_id else None
    if pool is None or signup.customer_id is None:
        return None
    pool.store = signup.store
    return issue(pool, signup.customer_id, source=f"newsletter:{signup.customer_id}", now=now)


@transaction.atomic
def change_form(store: Store, *, now: datetime, by: Staff | None = None, **settings: object) -> SignupForm:
    form, _ = SignupForm.objects.of(store).update_or_create(store=store, defaults={**settings, "changed_at": now})
    audit(store, by=by, verb="campaigns.change_form", now=now, subject="Newsletter form")
    return form
