"""The API of journeys: what the shop's own programs tell us about customers, and letting one into a journey.

A call is checked, kept and answered with 202; the worker takes it a moment later.
"""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from thereafter.commerce.api import takes
from thereafter.journeys.actions import telling
from thereafter.journeys.actions.telling import Call, Told
from thereafter.journeys.models import Journey
from thereafter.journeys.rules.entries import CALLED
from thereafter.kit import clock
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Journeys"])
_scope = Bearer("events:write")


@router.post("/events", auth=_scope, openapi_extra=takes(Told), summary="Tell what happened with a customer")
def post_event(request: HttpRequest) -> HttpResponse:
    """`topic` names what happened (`cart.abandoned`): journeys start with it, wait for it and ask about it.

    The same `key` (or `Idempotency-Key`, or content) again is answered with 200 and changes nothing.
    """
    try:
        told = telling.read(request.body, Told, now=clock.now())
    except telling.Unreadable as wrong:
        return _json({"status": "refused", "reason": str(wrong)}, 422)
    if told.topic.startswith(CALLED):
        return _json({"status": "refused", "reason": f"A topic does not begin with {CALLED}"}, 422)
    return _keep(request, told)


@router.post("/journeys/{key}/trigger", auth=_scope, openapi_extra=takes(Call), summary="Let a customer into a journey")
def trigger(request: HttpRequest, key: str) -> HttpResponse:
    """For journeys that start by API. Whether the customer enters is for the journey to say (its conditions, and how
    often one may be in it)."""
    journey = Journey.objects.of(_store(request)).filter(key=key, archived_at=None).select_related("version").first()
    if journey is None or journey.version is None:
        return _json({"status": "refused", "reason": f"There is no published journey {key} in this store."}, 404)
    if not journey.version.document["trigger"].get("api"):
        return _json({"status": "refused", "reason": f"{journey.name} does not start by API."}, 409)
    if not journey.live:
        return _json({"status": "refused", "reason": f"{journey.name} is turned off."}, 409)
    try:
        call = telling.read(request.body, Call, now=clock.now())
    except telling.Unreadable as wrong:
        return _json({"status": "refused", "reason": str(wrong)}, 422)
    told = Told(topic=f"{CALLED}{key}", customer=call.customer, key=call.key, order=call.order, about=call.about)
    return _keep(request, told)


def _keep(request: HttpRequest, told: Told) -> HttpResponse:
    new = telling.keep(_store(request), told, given=request.headers.get("Idempotency-Key", ""), now=clock.now())
    return _json({"status": "accepted"}, 202) if new else _json({"status": "duplicate"}, 200)


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store


def _json(content: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)
