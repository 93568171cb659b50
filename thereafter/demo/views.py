"""The demo's own pages: John's story step by step, and the mails that were sent. They exist in the demo only."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from thereafter.commerce.models import Order
from thereafter.commerce.panels import tellers
from thereafter.demo import mailbox, seed, story
from thereafter.kit import clock
from thereafter.kit.pages import humanise, render
from thereafter.storefront import links
from thereafter.storefront.shell import page_facts
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

_PLACE = settings.VAR / "story.json"
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Place:
    """Which order of John's is being told, and how many steps of its story have happened."""

    number: int = story.FIRST_NUMBER
    done: int = 0

    @classmethod
    def read(cls) -> "Place":
        return cls(**json.loads(_PLACE.read_text())) if _PLACE.exists() else cls()

    def write(self) -> None:
        _PLACE.write_text(json.dumps({"number": self.number, "done": self.done}))


def demo_page(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        store = Store.objects.filter(slug=seed.SLUG).first() if settings.DEMO else None
        if store is None:
            if request.path == "/":
                return redirect("/console/")
            raise Http404
        setattr(request, "page_context", page_facts(store, "en"))  # noqa: B010 HttpRequest declares no such field
        with timezone.override(store.time_zone):
            return view(request, store=store, **kwargs)

    return guarded


@require_GET
@demo_page
def home(request: HttpRequest, store: Store) -> HttpResponse:
    place = Place.read()
    order = Order.objects.of(store).filter(external_id=str(place.number)).select_related("customer", "store").first()
    context = {
        "steps": [_step(step, at, place.done) for at, step in enumerate(story.STEPS)],
        "is_over": place.done == len(story.STEPS),
        "started": place.done > 0,
        "order": order,
        "links": _links(store, order),
        "entries": _told(store, order),
        "mails": mailbox.mails(story.EMAIL)[:8],
        "password": seed.PASSWORD,
        "people": seed.sign_ins(),
        "toasts": messages.get_messages(request),
    }
    return render(request, "demo/home.html", context)


def _step(step: story.Step, at: int, done: int) -> dict[str, str]:
    state = "done" if at < done else "current" if at == done else "todo"
    return {"title": step.title, "what": step.what, "state": state}


def _links(store: Store, order: Order | None) -> dict[str, str]:
    found = {"overview": reverse("insights_console:overview", args=[store.slug])}
    if order:
        found |= {
            "tracking": links.order_page(order),
            "account": links.account_page(order.customer),
            "customer": reverse("commerce_console:customer", args=[store.slug, order.customer_id]),
        }
    return found


def _told(store: Store, order: Order | None) -> list[dict[str, Any]]:
    if order is None:
        return []
    rows = Entry.objects.of(store).filter(order_id=order.pk).order_by("-id")[:20]
    return [_tell(row) for row in rows]


def _tell(row: Entry) -> dict[str, Any]:
    teller = tellers.get(row.name)
    icon, title, body = teller(row.payload) if teller else ("info", humanise(row.name), "")
    return {"icon": icon, "title": title, "body": body, "at": row.occurred_at}


@require_POST
@demo_page
def next_step(request: HttpRequest, store: Store) -> HttpResponse:
    place = Place.read()
    if place.done < len(story.STEPS):
        try:
            story.STEPS[place.done].happen(store, place.number, clock.now())
        except (story.NotTaken, OSError) as trouble:
            messages.error(request, f"The webhook was not taken: {trouble}")
        else:
            Place(place.number, place.done + 1).write()
    return redirect("demo:home")


@require_POST
@demo_page
def again(request: HttpRequest, store: Store) -> HttpResponse:
    Place(Place.read().number + 1).write()
    return redirect("demo:home")


@require_GET
@demo_page
def mail_list(request: HttpRequest, store: Store) -> HttpResponse:
    return render(request, "demo/mails.html", {"mails": mailbox.mails()})


@require_GET
@demo_page
def mail(request: HttpRequest, store: Store, name: str) -> HttpResponse:
    found = mailbox.read(name)
    if found is None:
        raise Http404
    return render(request, "demo/mail.html", {"mail": found})


@require_GET
@demo_page
def mail_body(request: HttpRequest, store: Store, name: str) -> HttpResponse:
    """The mail's HTML for a sandboxed frame: no scripts, nothing of ours within reach."""
    found = mailbox.read(name)
    if found is None:
        raise Http404
    response = HttpResponse(found.html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
