from collections.abc import Collection

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.feedback.models import (
    Answer,
    Ask,
    FollowUp,
    Invitation,
    OpenMatter,
    ProductAnswer,
    ProductQuestion,
    QuestionMail,
    Review,
    ReviewRequest,
)

_TABLES = (Invitation, Answer, Ask, OpenMatter, FollowUp, ReviewRequest, Review, ProductQuestion)


def who_they_are(store_id: int, customer_ids: Collection[int]) -> dict[int, int]:
    """Of these, who was merged into whom; who was not is missing."""
    merged = Customer.objects.of(store_id).filter(pk__in=customer_ids, merged_into__isnull=False)
    return {pk: into for pk, into in merged.values_list("pk", "merged_into") if into}


@transaction.atomic
def merge(store_id: int, *, keep_id: int, merged_id: int) -> None:
    """Two customers were one person: what both were asked and said is now of the one that stays."""
    for table in _TABLES:
        table.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
    # Of two answers to one question, the one that stays is theirs; the other stands without a customer.
    both = ProductAnswer.objects.of(store_id).filter(customer_id=keep_id).values("question_id")
    ProductAnswer.objects.of(store_id).filter(customer_id=merged_id, question__in=both).update(customer=None)
    ProductAnswer.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
    asked = QuestionMail.objects.of(store_id).filter(customer_id=keep_id).values("question_id")
    QuestionMail.objects.of(store_id).filter(customer_id=merged_id, question__in=asked).delete()
    QuestionMail.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
