"""Whether somebody looks at a page, or a machine or a browser that looks ahead."""

from datetime import datetime

from django.http import HttpRequest

from thereafter.messaging.rules.machines import Visit, is_machine

LONGEST_AGENT = 300
# Browsers and proxies say so when they fetch what somebody may want to see.
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_somebody(request: HttpRequest, made_at: datetime | None, now: datetime) -> bool:
    """`made_at`: when the message with the link was made, for scanners follow links within moments."""
    return request.method == "GET" and not is_ahead(request) and not _is_machine(request, made_at, now)


def is_seen(request: HttpRequest, now: datetime) -> bool:
    """Whether what stands on this page is looked at. Who says nothing of themselves may be a person here."""
    if request.method == "HEAD" or is_ahead(request):
        return False
    return not request.headers.get("User-Agent") or not _is_machine(request, None, now)


def is_ahead(request: HttpRequest) -> bool:
    said = " ".join(request.headers.get(name, "") for name in _AHEAD).lower()
    return any(word in said for word in ("prefetch", "prerender", "preview"))


def _is_machine(request: HttpRequest, made_at: datetime | None, now: datetime) -> bool:
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
    return is_machine(Visit(0, 0, "clicked", "", agent, now), made_at)
