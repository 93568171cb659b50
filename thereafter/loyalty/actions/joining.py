"""Joining by mail: somebody types an address, the owner of the mailbox says yes."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.loyalty.actions import members
from thereafter.loyalty.models import JoinRequest, Member
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.stores.models import Store
from thereafter.timeline.models import MOST_TRIES, next_try

SOURCE = "loyalty"
LEASE = timedelta(minutes=5)
# Nobody floods a stranger's mailbox through us: one mail in a while, and few in a week.
QUIET = timedelta(minutes=2)
MOST_MAILS, MAILS_WITHIN = 5, timedelta(days=7)


@transaction.atomic
def ask(store: Store, email: str, *, language: str, now: datetime, then: str = "") -> JoinRequest | None:
    """Queues the mail with the link, which leads on to `then`, a page of the shop. None when the same address asked a
    moment ago, or too often."""
    before = JoinRequest.objects.of(store).filter(email=email, asked_at__gt=now - MAILS_WITHIN)
    lately = before.order_by("-asked_at").values_list("asked_at", flat=True)[:MOST_MAILS]
    if len(lately) == MOST_MAILS or (lately and lately[0] > now - QUIET):
        return None
    return JoinRequest.objects.create(
        store=store, email=email, language=language[:10], then=then, asked_at=now, mail_due_at=now
    )


@transaction.atomic
def confirm(request: JoinRequest, *, now: datetime) -> Member:
    """The owner of the mailbox takes part from now on; the second time changes nothing."""
    customer = _customer(request, now)
    member = members.join(customer, source=Member.Source.PAGE, now=now)
    rows = JoinRequest.objects.of(request.store_id).filter(pk=request.pk, confirmed_at=None)
    rows.update(confirmed_at=now, customer=customer)
    return member


def _customer(request: JoinRequest, now: datetime) -> Customer:
    """Who has this address already, or somebody new."""
    found = find_customer(request.store, email=request.email)
    if found is None:
        person = Person(email=request.email, locale=request.language)
        take_customers(request.store, [CustomerDoc(person=person, changed_at=now)], source=SOURCE, now=now)
        found = find_customer(request.store, email=request.email)
    if found is None:
        raise LookupError(f"nobody was made of the request {request.pk}")
    return found


@transaction.atomic
def claim(now: datetime, limit: int) -> list[JoinRequest]:
    """Requests whose mail is due, for this worker alone for some minutes."""
    rows = JoinRequest.objects.filter(mail=JoinRequest.Mail.QUEUED, mail_due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    claimed = list(rows.select_related("store").order_by("mail_due_at", "pk")[:limit])
    JoinRequest.objects.filter(pk__in=[one.pk for one in claimed]).update(mail_due_at=now + LEASE)
    return claimed


@transaction.atomic
def settle(request: JoinRequest, verdict: Verdict, now: datetime) -> None:
    rows = JoinRequest.objects.of(request.store_id).filter(pk=request.pk)
    if verdict.answer == Answer.ACCEPTED:
        rows.update(mail=JoinRequest.Mail.SENT, mail_error="")
        return
    tries = request.mail_tries + 1
    wait = next_try(tries) if verdict.answer == Answer.LATER and tries < MOST_TRIES else None
    rows.update(
        mail=JoinRequest.Mail.QUEUED if wait else JoinRequest.Mail.FAILED,
        mail_due_at=now + timedelta(seconds=wait or 0),
        mail_tries=tries,
        mail_error=verdict.detail[:300],
    )
