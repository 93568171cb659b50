"""Who is due for what, and of which products people are reminded."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tables
from thereafter.kit.pages import render
from thereafter.recommendations import reorder_words as words
from thereafter.recommendations.actions import reorder_answers
from thereafter.recommendations.models import Reorder, ReorderProduct
from thereafter.recommendations.queries import due
from thereafter.recommendations.queries.due import Asked

PAGE, LONGEST = 50, 9
HEAD = ("customer", "email", "product", "quantity", "last_bought", "due_from", "due_on", "due_to", "state", "why")


@require_safe
@staff_page("recommendations.read")
def reorders(request: StaffRequest) -> HttpResponse:
    store, asked = request.store, asked_of(request)
    today = clock.day_in(clock.now(), store.time_zone)
    products = due.products_on(store)
    counts = due.counts(store, today)
    page = Paginator(due.listed(store, asked, today), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": "Reorders",
        "asked": asked,
        "tabs": _tabs(asked, counts),
        "total": counts["all"],
        "page": page,
        "rows": [_row(one, products, today) for one in page],
        "today": today,
        "choices": _choices(products),
        "query": f"?{urlencode(kept(asked))}&page=",
        "export": f"?{urlencode(kept(asked))}",
        "reminded": due.reminded(store, clock.now()),
        "build": due.build_of(store),
        "accuracy": words.shop_accuracy(due.build_of(store)),
        "products_on": len(products),
    }
    return render(request, "recommendations/console/reorders.html", context)


def asked_of(request: HttpRequest) -> Asked:
    given = request.GET
    when, product = given.get("when", "week"), given.get("product", "")
    state = given.get("state", "")
    return Asked(
        when=when if when in due.WHEN else "week",
        product_id=int(product) if product.isascii() and product.isdecimal() and len(product) <= LONGEST else 0,
        state=state if state in Reorder.State.values else "",
        q=given.get("q", "").strip()[:100],
    )


def kept(asked: Asked) -> dict[str, Any]:
    """What was asked, for links to other pages of the list."""
    said = {"when": asked.when, "product": asked.product_id, "state": asked.state, "q": asked.q}
    return {name: value for name, value in said.items() if value and (name, value) != ("when", "week")}


def _tabs(asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode(kept(asked._replace(when=when)))}",
            "current": asked.when == when,
            "count": counts[when],
        }
        for when, label in words.TABS.items()
    ]


def _choices(products: dict[int, ReorderProduct]) -> dict[str, list[tuple[str, str]]]:
    titles = sorted((row.product.title, str(pk)) for pk, row in products.items())
    return {
        "product": [("", "Any product"), *((pk, title) for title, pk in titles)],
        "state": [("", "Any state"), *((value, str(label)) for value, label in Reorder.State.choices)],
    }


def _row(one: Reorder, products: dict[int, ReorderProduct], today: date) -> dict[str, Any]:
    return {"one": one, "why": words.why_then(one, products), "state": words.state_of(one, today)}


@require_safe
@staff_page("recommendations.read")
def export(request: StaffRequest) -> StreamingHttpResponse:
    """What the list shows, all of its pages."""
    store = request.store
    today = clock.day_in(clock.now(), store.time_zone)
    rows = due.listed(store, asked_of(request), today).iterator(chunk_size=2_000)
    lines = _lines(rows, due.products_on(store))
    cells = ([tables.harmless(cell) for cell in line] for line in chain([HEAD], lines))
    answer = StreamingHttpResponse(tables.written(cells), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{store.slug}-reorders.csv"'
    return answer


def _lines(rows: Iterator[Reorder], products: dict[int, ReorderProduct]) -> Iterator[Sequence[object]]:
    for one in rows:
        yield [
            one.customer.name,
            one.customer.email,
            one.product.title,
            one.quantity,
            one.bought_on.isoformat(),
            one.due_from.isoformat(),
            one.due_on.isoformat(),
            one.due_to.isoformat(),
            one.state,
            words.why_then(one, products),
        ]


@require_safe
@staff_page("recommendations.read")
def reorder_products(request: StaffRequest) -> HttpResponse:
    """Products bought again, with a switch for each."""
    page = Paginator(due.usual(request.store), PAGE).get_page(request.GET.get("page"))
    build = due.build_of(request.store)
    context = {
        "page_title": "Products bought again",
        "page": page,
        "rows": [_product(row) for row in page],
        "build": build,
        "accuracy": words.shop_accuracy(build),
    }
    return render(request, "recommendations/console/reorder_products.html", context)


def _product(row: ReorderProduct) -> dict[str, Any]:
    return {
        "one": row,
        "usual": words.usual_days(row),
        "why": words.why_on(row),
        "accuracy": words.accuracy(row.tested, row.error_days, row.inside),
    }


@require_POST
@staff_page("recommendations.write")
def switch(request: StaffRequest, usual_id: int) -> HttpResponse:
    """On, off, or as learnt."""
    rows = ReorderProduct.objects.of(request.store).select_related("product", "store")
    row = get_object_or_404(rows, pk=usual_id)
    to = request.POST.get("to", "")
    if to in ReorderProduct.Switch.values:
        reorder_answers.switch(row, to, now=clock.now())
        messages.success(request, f"Reminders of {row.product.title} are {'on' if row.is_on else 'off'} now.")
    return redirect("recommendations_console:reorder_products", request.store.slug)
