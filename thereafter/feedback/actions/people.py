from django.db import transaction

from thereafter.feedback.models import Answer, Invitation


@transaction.atomic
def merge(store_id: int, *, keep_id: int, merged_id: int) -> None:
    """Two customers were one person: what both were asked and said is now of the one that stays."""
    for table in (Invitation, Answer):
        table.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
