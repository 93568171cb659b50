"""Joining by mail: somebody types an address, the owner of the mailbox says yes."""

from datetime import datetime, timedelta

from django.db import transaction

from thereafter.commerce.actions.people import known_by_address
from thereafter.loyalty.actions import members
from thereafter.loyalty.models import JoinRequest, Member
from thereafter.stores.models import Store

SOURCE = "loyalty"
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
    customer = known_by_address(request.store, request.email, name="", locale=request.language, source=SOURCE, now=now)
    member = members.join(customer, source=Member.Source.PAGE, now=now)
    rows = JoinRequest.objects.of(request.store_id).filter(pk=request.pk, confirmed_at=None)
    rows.update(confirmed_at=now, customer=customer)
    return member
