"""Pools of coupons: what they give, who got codes, who used them, and what the shop system says."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.actions import coupon_pools, coupon_pushing
from thereafter.commerce.actions.coupon_pools import BadPool
from thereafter.commerce.connectors.shop_systems import SYSTEMS
from thereafter.commerce.console import coupon_lists, coupon_words
from thereafter.commerce.console.coupon_forms import CodesForm, PoolForm
from thereafter.commerce.models import Coupon, CouponPool, ShopAccess
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.kit.tables import harmless
from thereafter.stores.models import Store

PAGE = 50
STATES = {"": "All", "open": "Open", "used": "Used", "expired": "Expired", "free": "Not given", "failed": "Refused"}
MOST_BYTES = 8 * 1024 * 1024


@staff_page("coupons.read")
def index(request: StaffRequest) -> HttpResponse:
    archived = request.GET.get("show") == "archived"
    found = list(coupon_lists.pools(request.store, archived=archived))
    figures = coupon_lists.figures(request.store, found)
    context = {
        "rows": [
            {"pool": pool, "worth": coupon_words.worth(pool), "figures": figures.get(pool.pk, {})} for pool in found
        ],
        "archived": archived,
        "tabs": [
            {"label": "In use", "url": "?", "current": not archived},
            {"label": "Archived", "url": "?show=archived", "current": archived},
        ],
        "page_title": "Coupons",
    }
    return render(request, "commerce/console/coupons.html", context)


@staff_page("coupons.edit")
def create(request: StaffRequest) -> HttpResponse:
    return _edit(request, None)


@staff_page("coupons.edit")
def edit(request: StaffRequest, pool_id: int) -> HttpResponse:
    return _edit(request, get_object_or_404(CouponPool.objects.of(request.store), pk=pool_id))


def _edit(request: StaffRequest, pool: CouponPool | None) -> HttpResponse:
    form = PoolForm(request.store, pool, request.POST or None)
    if request.method == "POST" and form.is_valid():
        saved = _saved(request, pool, form)
        if saved:
            messages.success(request, f"{saved.name} is saved." if pool else f"{saved.name} is ready to be given out.")
            return redirect("commerce_console:coupon_pool", request.store.slug, saved.pk)
    context = {
        "form": form,
        "pool": pool,
        "is_given": bool(pool and coupon_pools.is_given(pool)),
        "words": _words(request.store, pool or _example(request.store)),
        "page_title": f"Edit {pool.name}" if pool else "New coupons",
    }
    return render(request, "commerce/console/coupon_edit.html", context)


def _saved(request: StaffRequest, pool: CouponPool | None, form: PoolForm) -> CouponPool | None:
    now = clock.now()
    try:
        if pool is None:
            return coupon_pools.make_pool(request.store, form.settings(), now=now, by=request.staff)
        coupon_pools.change_pool(pool, form.settings(), now=now, by=request.staff)
    except BadPool as wrong:
        shown = {"value": "percent", "minimum_minor": "minimum", "prefix": "beginning"}.get(wrong.field, wrong.field)
        form.add_error(shown if shown in form.fields else None, str(wrong))
        return None
    return pool


def _example(store: Store) -> CouponPool:
    form = PoolForm(store, None)
    return CouponPool(
        kind="percent",
        value=1000,
        currency=store.currency,
        valid_days=30,
        per_customer=1,
        delivery=form.initial["delivery"],
    )


@staff_page("coupons.edit")
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """The pool in plain words while it is typed in."""
    form = PoolForm(request.store, None, request.POST)
    form.fields["name"].required = False
    words = ""
    if form.is_valid():
        settings = form.settings()
        pool = CouponPool(store=request.store, created_at=clock.now(), **vars(settings))
        words = _words(request.store, pool)
    return render(request, "commerce/console/_coupon_preview.html", {"words": words})


def _words(store: Store, pool: CouponPool) -> str:
    return coupon_words.in_words(pool, coupon_lists.product_titles(store, pool.products))


@staff_page("coupons.read")
def pool(request: StaffRequest, pool_id: int) -> HttpResponse:
    """One pool: figures, what is wrong, its codes."""
    pool = get_object_or_404(CouponPool.objects.of(request.store), pk=pool_id)
    pool.store = request.store
    now = clock.now()
    asked = {name: request.GET.get(name, "")[:80].strip() for name in ("q", "state")}
    page = Paginator(coupon_lists.coupons(request.store, pool, now=now, **asked), PAGE).get_page(
        request.GET.get("page")
    )
    figures = coupon_lists.figures(request.store, [pool]).get(pool.pk, {})
    context = {
        "pool": pool,
        "words": _words(request.store, pool),
        "figures": figures,
        "revenue": coupon_lists.revenue(request.store, pool),
        "taken_off": coupon_lists.taken_off(request.store, pool),
        "page": page,
        "rows": [_row(pool, coupon, now) for coupon in page],
        "asked": asked,
        "tabs": _tabs(pool, figures, asked),
        "query": "?" + urlencode({name: value for name, value in asked.items() if value} | {"page": ""}),
        "push": _push(pool, figures),
        "codes_form": CodesForm() if pool.delivery == CouponPool.Delivery.LIST else None,
        "page_title": pool.name,
    }
    return render(request, "commerce/console/coupon_pool.html", context)


def _row(pool: CouponPool, coupon: Coupon, now: Any) -> dict[str, Any]:
    coupon.pool = pool
    label, tone = coupon_words.state(coupon, coupon.is_open(now))
    return {"coupon": coupon, "label": label, "tone": tone, "until": coupon_words.until(coupon)}


def _tabs(pool: CouponPool, figures: dict[str, int], asked: dict[str, str]) -> list[dict[str, Any]]:
    unused = {"free"} if pool.delivery != CouponPool.Delivery.LIST else set()
    unused |= set() if figures.get("failed") else {"failed"}
    return [
        {"label": label, "url": f"?{urlencode({'state': state})}" if state else "?", "current": asked["state"] == state}
        for state, label in STATES.items()
        if state not in unused
    ]


def _push(pool: CouponPool, figures: dict[str, int]) -> dict[str, Any] | None:
    """How the shop system takes the codes: connected or not, what it last said."""
    system = SYSTEMS.get(pool.delivery)
    if system is None:
        return None
    access = ShopAccess.objects.of(pool.store_id).filter(source=pool.delivery).first()
    return {
        "system": system,
        "access": access,
        "url": url("commerce_console:shop_access", pool.store.slug, system.name),
        "waiting": figures.get("waiting", 0),
        "failed": figures.get("failed", 0),
    }


@require_POST
@staff_page("coupons.edit")
def import_codes(request: StaffRequest, pool_id: int) -> HttpResponse:
    pool = get_object_or_404(CouponPool.objects.of(request.store), pk=pool_id)
    pool.store = request.store
    form = CodesForm(request.POST, request.FILES)
    if not form.is_valid() or form.cleaned_data["file"].size > MOST_BYTES:
        messages.error(request, "Choose a CSV or text file with codes, of 8 MB at most.")
        return redirect("commerce_console:coupon_pool", request.store.slug, pool_id)
    try:
        brought = coupon_pools.import_codes(
            pool, _cells(form.cleaned_data["file"].read()), now=clock.now(), by=request.staff
        )
    except BadPool as wrong:
        messages.error(request, str(wrong))
        return redirect("commerce_console:coupon_pool", request.store.slug, pool_id)
    known = f" {brought.repeated:,} were there already." if brought.repeated else ""
    messages.success(request, f"{brought.added:,} codes are added.{known}")
    for line, why in brought.refused[:3]:
        messages.warning(request, f"Line {line} was left out: {why}")
    return redirect("commerce_console:coupon_pool", request.store.slug, pool_id)


def _cells(body: bytes) -> Iterator[str]:
    text = body.decode("utf-8-sig", errors="replace").replace("\x00", "")
    delimiter = ";" if text.partition("\n")[0].count(";") else ","
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        yield row[0] if row else ""


@require_POST
@staff_page("coupons.edit")
def archive(request: StaffRequest, pool_id: int) -> HttpResponse:
    pool = get_object_or_404(CouponPool.objects.of(request.store), pk=pool_id)
    archived = request.POST.get("archived") == "1"
    coupon_pools.archive_pool(pool, archived=archived, now=clock.now(), by=request.staff)
    said = "gives no more codes; those that are out stay good." if archived else "gives codes again."
    messages.success(request, f"{pool.name} {said}")
    return redirect("commerce_console:coupon_pool", request.store.slug, pool_id)


@require_POST
@staff_page("coupons.edit")
def push_again(request: StaffRequest, pool_id: int) -> HttpResponse:
    pool = get_object_or_404(CouponPool.objects.of(request.store), pk=pool_id)
    count = coupon_pushing.push_again(pool, now=clock.now())
    messages.success(request, f"{count:,} codes are told to the shop again.")
    return redirect("commerce_console:coupon_pool", request.store.slug, pool_id)


@require_safe
@staff_page("coupons.read")
def export(request: StaffRequest, pool_id: int) -> HttpResponse:
    """All codes of a pool as a table."""
    pool = get_object_or_404(CouponPool.objects.of(request.store), pk=pool_id)
    rows = coupon_lists.coupons(request.store, pool, now=clock.now()).iterator(chunk_size=2000)
    response = HttpResponse("".join(_table(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="coupons-{pool.key}.csv"'
    return response


def _table(rows: Iterator[Coupon]) -> Iterator[str]:
    yield "code,given,until,used,order,customer\r\n"
    for coupon in rows:
        line = io.StringIO()
        csv.writer(line).writerow(
            [
                coupon.code,
                *(_stamp(at) for at in (coupon.issued_at, coupon.expires_at, coupon.redeemed_at)),
                coupon.order.number if coupon.order else coupon.redeemed_for,
                harmless(coupon.customer.email if coupon.customer else ""),
            ]
        )
        yield line.getvalue()


def _stamp(moment: Any) -> str:
    return timezone.localtime(moment).isoformat(timespec="minutes") if moment else ""
