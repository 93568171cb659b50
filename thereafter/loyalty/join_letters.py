"""The mail with the link by which somebody joins, or signs in again."""

from datetime import datetime

from thereafter.loyalty import links
from thereafter.loyalty.models import JoinRequest
from thereafter.messaging import confirmations
from thereafter.messaging.confirmations import Kind, Question


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    return confirmations.send_due(_KIND, now)


def _question(request: JoinRequest) -> Question:
    return Question(
        to=request.email,
        language=request.language,
        page=links.join_page(request),
        key=f"loyalty-join:{request.pk}",
    )


_KIND = Kind(JoinRequest, "loyalty_join", _question)
