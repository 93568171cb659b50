"""The API of segments: which there are, and who is in them."""

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.errors import HttpError

from thereafter.journeys.models import Segment, SegmentMember
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Segments"])
_scope = Bearer("customers:read")
MOST = 500


@router.get("/segments", auth=_scope, summary="The segments of the shop")
def get_segments(request: HttpRequest) -> list[dict[str, Any]]:
    """`condition` is empty for a list that somebody filled."""
    rows = Segment.objects.of(_store(request)).order_by("name", "pk")
    return [dict(row) for row in rows.values("key", "name", "condition", "people", "counted_at", "trouble")]


@router.get("/segments/{key}/members", auth=_scope, summary="Who is in a segment")
def get_members(request: HttpRequest, key: str, after: int = 0, limit: int = 100) -> dict[str, Any]:
    """Up to 500 at a time; `next` is the `after` of the following page, null on the last."""
    segment = Segment.objects.of(_store(request)).filter(key=key).first()
    if segment is None:
        raise HttpError(404, f"There is no segment {key} in this store.")
    count = min(max(limit, 1), MOST)
    rows = SegmentMember.objects.of(segment.store_id).filter(
        segment=segment, left_at__isnull=True, pk__gt=max(after, 0)
    )
    found = list(rows.select_related("customer").order_by("pk")[: count + 1])
    return {
        "count": segment.people,
        "members": [_member(stay) for stay in found[:count]],
        "next": found[count - 1].pk if len(found) > count else None,
    }


def _member(stay: SegmentMember) -> dict[str, Any]:
    return {
        "name": stay.customer.name,
        "email": stay.customer.email,
        "phone": stay.customer.phone,
        "country": stay.customer.country,
        "since": stay.entered_at,
        "visit": stay.visit,
    }


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store
