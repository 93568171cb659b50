"""What a reader does with a mail: follows a link, looks at it. Written down in one insert, looked at by a job."""

import base64
import hashlib
from datetime import datetime, timedelta

import msgspec
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from thereafter.kit import clock, tokens
from thereafter.messaging import links
from thereafter.messaging.actions.intake import NEWS, READERS, ROOM, Reading
from thereafter.messaging.links import Followed
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received

PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
# Scanners follow all links of a mail at once: what came together is looked at together.
PATIENCE = timedelta(seconds=10)
LONGEST_AGENT = 300


@require_safe
@never_cache
@shopper_page
def click(request: ShopperRequest, token: str) -> HttpResponse:
    """On to the page behind a link. A HEAD is a machine's; it learns where the link leads, and counts for nothing."""
    now = clock.now()
    try:
        followed = _read(request, links.CLICK, token, now)
    except tokens.Expired:
        return refuse(request, 410)
    if request.method == "GET":
        _keep(request, followed, "clicked", now)
    # Wherever the shop's mail leads: it was checked when it was signed.
    answer = HttpResponseRedirect(followed.url)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_safe
@never_cache
@shopper_page
def open_picture(request: ShopperRequest, token: str) -> HttpResponse:
    """A picture of one point; whoever fetches it has the mail before them, or is a machine."""
    now = clock.now()
    try:
        seen = _read(request, links.OPEN, token, now)
    except tokens.Expired:
        return HttpResponse(PICTURE, content_type="image/gif")
    if request.method == "GET":
        _keep(request, seen, "opened", now)
    return HttpResponse(PICTURE, content_type="image/gif")


def _read(request: ShopperRequest, purpose: str, token: str, now: datetime) -> Followed:
    try:
        followed = links.read(purpose, token, now)
    except tokens.Expired:
        raise
    except tokens.BadToken:
        raise Http404 from None
    if followed.store_id != request.store.pk:
        raise Http404
    return followed


def _keep(request: ShopperRequest, followed: Followed, kind: str, now: datetime) -> None:
    agent = str(request.headers.get("User-Agent", ""))[:LONGEST_AGENT]
    seen = Reading(message=followed.message_id, kind=kind, url=followed.url, agent=agent, at=now)
    # The same within the same minute is one.
    told = f"{followed.message_id}\n{kind}\n{followed.url}\n{agent}\n{now:%Y-%m-%d %H:%M}"
    key = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
    body = msgspec.json.encode(seen).decode()
    inbox.put([Received(request.store.pk, ROOM, READERS, NEWS, key, body)], now + PATIENCE)
