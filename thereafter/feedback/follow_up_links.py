"""Signed links to where a customer and the shop write to each other about a bad answer, and the block in the mail."""

from collections.abc import Sequence
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.feedback.models import FollowUp, FollowUpNote
from thereafter.feedback.rules.answers import LINK_DAYS
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.links import page, row_in, row_token
from thereafter.stores.models import Store

_PURPOSE = "feedback.follow_up"


def talk_page(follow_up: FollowUp) -> str:
    return page(follow_up.store, "feedback_storefront:talk", row_token(_PURPOSE, follow_up))


def read_talk(store: Store, token: str) -> FollowUp | None:
    """Raises `BadToken`."""
    row_id = row_in(store, _PURPOSE, token, max_age_days=LINK_DAYS)
    return FollowUp.objects.of(store).filter(pk=row_id).select_related("order__store", "customer").first()


@block(
    "follow_up",
    of_event=True,
    label="Answer to a bad score",
    hint="What somebody of the shop wrote, and the way to answer",
    sample={"lines": ["Dear Ann, we are sorry. A new pair left today."], "url": "#", "by": "Sam"},
)
def follow_up(customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]) -> list[Any]:
    """Nothing where the note is not of this customer."""
    ids = {int(event.get("note_id") or 0) for event in events}
    stores = {customer.store_id for customer in customers}
    found = FollowUpNote.objects.filter(store_id__in=stores, pk__in=ids, kind=FollowUpNote.Kind.TO_CUSTOMER)
    notes = {note.pk: note for note in found.select_related("follow_up__store", "by")}
    return [
        _facts(notes.get(int(event.get("note_id") or 0)), customer)
        for customer, event in zip(customers, events, strict=True)
    ]


def _facts(note: FollowUpNote | None, customer: Customer) -> Facts | None:
    if note is None or note.follow_up.customer_id != customer.pk:
        return None
    lines = [line for line in note.text.splitlines() if line.strip()]
    return {"lines": lines, "url": talk_page(note.follow_up), "by": note.by.name if note.by else ""}
