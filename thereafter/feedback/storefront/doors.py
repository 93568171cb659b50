"""From the links people come by to the survey they sit before. A link that does not open has no sitting: forged, of
another shop, too old, or of a survey that is over; we do not say which."""

from thereafter.commerce.models import Order
from thereafter.feedback import links
from thereafter.feedback.models import Answer
from thereafter.feedback.queries import results as queries
from thereafter.feedback.queries import sittings
from thereafter.feedback.queries.sittings import Sitting
from thereafter.kit.tokens import BadToken
from thereafter.stores.models import Store


def by_mail(store: Store, token: str) -> tuple[Sitting, int | None] | None:
    """With the score that the link says, if there is one on the survey's scale."""
    try:
        invitation_id, score = links.read_score(store, token)
    except (BadToken, ValueError):
        return None
    invitation = queries.invitation(store, invitation_id)
    if invitation is None:
        return None
    sitting = sittings.of_invitation(invitation)
    asked = sitting.document.score
    low, high = asked.ends(sitting.document.kind) if asked else (1, 0)
    return sitting, score if score is not None and low <= score <= high else None


def by_order(store: Store, token: str) -> Sitting | None:
    try:
        order_id, survey_id, place = links.read_order(store, token)
    except (BadToken, ValueError):
        return None
    order = Order.objects.of(store).filter(pk=order_id).select_related("store", "customer").first()
    return sittings.of_order(order, survey_id, via=place) if order else None


def by_code(store: Store, code: str) -> Sitting | None:
    """None as well where the link or its survey is closed."""
    sitting = sittings.of_open_link(store, code)
    if sitting is None or sitting.link is None or sitting.link.closed_at or sitting.survey.archived_at:
        return None
    return sitting


def begun(store: Store, token: str) -> Sitting | None:
    """An answer that was begun, by the link to its further pages or to its thanks."""
    answer_id = _answer_id(store, token)
    return sittings.of_answer(store, answer_id) if answer_id else None


def _answer_id(store: Store, token: str) -> int | None:
    try:
        return links.read_given(store, token)
    except (BadToken, ValueError):
        pass
    try:
        asked = links.read_thanks(store, token)
    except (BadToken, ValueError):
        return None
    return Answer.objects.of(store).filter(invitation=asked).values_list("pk", flat=True).first()
