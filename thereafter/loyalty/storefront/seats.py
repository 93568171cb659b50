"""A seat at an event as a file for the member's calendar: from their page, or by the link in a mail."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from thereafter.kit import clock, tokens
from thereafter.loyalty.models import Redemption
from thereafter.loyalty.queries import rewards as queries
from thereafter.loyalty.queries.standings import Standing
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.seat_files import seat_file
from thereafter.loyalty.storefront.doors import member_page
from thereafter.storefront.guards import ShopperRequest, shopper_page

PURPOSE = "loyalty seat"
# As long as somebody may look up where they were.
GOOD_DAYS = 400


def seat_path(slug: str, redemption_id: int) -> str:
    """The address of the file for a mail: whoever has it sees when and where, and nothing of the member."""
    return reverse("loyalty_storefront:seat_by_link", args=[slug, tokens.sign(PURPOSE, redemption_id)])


@member_page
def mine(request: ShopperRequest, one: Standing, redemption_id: int) -> HttpResponse:
    rows = queries.redemptions(request.store).filter(account=one.account if one.account.pk else 0)
    return _file(get_object_or_404(rows, pk=redemption_id, reward__kind=rules.SEAT))


@shopper_page
def by_link(request: ShopperRequest, token: str) -> HttpResponse:
    try:
        (redemption_id,) = tokens.read(PURPOSE, token, max_age_days=GOOD_DAYS)
    except (tokens.BadToken, ValueError):
        raise Http404 from None
    return _file(get_object_or_404(queries.redemptions(request.store), pk=redemption_id, reward__kind=rules.SEAT))


def _file(one: Redemption) -> HttpResponse:
    details = one.reward.details if one.reward else {}
    begins = rules.begins_at(details)
    if begins is None or one.state == Redemption.State.HELD:
        raise Http404
    text = seat_file(
        uid=f"seat-{one.store_id}-{one.pk}@thereafter",
        title=str(one.said.get("name", "")),
        starts_at=begins,
        ends_at=rules.ends_at(details),
        place=str(details.get("place", "")),
        note=str(details.get("note", "")),
        stamped_at=clock.now(),
        is_cancelled=one.state != Redemption.State.TAKEN,
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="seat.ics"'
    return response
