"""The address of a survey about an order, for whoever prints what lies in the parcel."""

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from thereafter.commerce.queries import find_order
from thereafter.feedback import links
from thereafter.feedback.actions.asking import SATISFACTION, UnknownSurvey, survey_of
from thereafter.kit.codes import qr
from thereafter.stores.api import Bearer

router = Router(tags=["Feedback"])


class CardOut(Schema):
    """`url` opens the survey for this order alone, for a year; `qr` is its code as SVG, without a border."""

    url: str
    qr: str


@router.get(
    "/survey-cards", auth=Bearer("feedback:write"), response=CardOut, summary="Read the survey card of an order"
)
def card(request: HttpRequest, order_number: str, survey: str = SATISFACTION) -> CardOut:
    """The link and QR code to print on the packing slip of an order. Nobody counts as asked until they answer; printing
    it again gives a link to the same question."""
    store = request.auth.store  # type: ignore[attr-defined]  # set by Bearer
    order = find_order(store, order_number[:80])
    if order is None:
        raise HttpError(404, "There is no order with this number.")
    try:
        wanted = survey_of(store.pk, survey)
    except UnknownSurvey as error:
        raise HttpError(404, f"{error}") from None
    if wanted.archived_at:
        raise HttpError(409, "This survey is put away and asks nobody any more.")
    order.store = store
    url = links.order_survey(order, wanted)
    return CardOut(url=url, qr=qr(url))
