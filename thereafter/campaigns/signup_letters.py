"""The mail that asks whether somebody meant to sign up."""

from datetime import datetime

from thereafter.campaigns import links
from thereafter.campaigns.models import Signup
from thereafter.messaging import confirmations
from thereafter.messaging.confirmations import Kind, Question


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    return confirmations.send_due(_KIND, now)


def _question(signup: Signup) -> Question:
    return Question(
        to=signup.email,
        language=signup.language,
        page=links.confirm_page(signup),
        key=f"signup:{signup.pk}",
        first_name=signup.name.split(" ")[0],
    )


_KIND = Kind(Signup, "confirm_offers", _question)
