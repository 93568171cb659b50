"""The mail that asks whether a review is theirs."""

from datetime import datetime

from thereafter.feedback import review_links
from thereafter.feedback.models import ReviewConfirmation
from thereafter.messaging import confirmations
from thereafter.messaging.confirmations import Kind, Question


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    return confirmations.send_due(_KIND, now)


def _question(asked: ReviewConfirmation) -> Question:
    return Question(
        to=asked.email, language=asked.language, page=review_links.confirm_page(asked), key=f"review-yes:{asked.pk}"
    )


_KIND = Kind(ReviewConfirmation, "review_confirm", _question)
