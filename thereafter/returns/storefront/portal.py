"""The portal: find the order, choose items, say why, choose how it ends and how it comes back, confirm.

Every step is a page of its own that works without scripts; what was chosen is kept, so going back loses nothing.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from thereafter.commerce.models import Order, OrderLine
from thereafter.commerce.rules.text import normal_email
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.returns import links, visiting
from thereafter.returns.actions import photos, visits
from thereafter.returns.actions.opening import CannotOpen
from thereafter.returns.actions.visits import Choice, Item
from thereafter.returns.models import Case, Photo, Visit
from thereafter.returns.rules.policy.offers import LineOffer
from thereafter.returns.storefront import portal_words
from thereafter.returns.storefront.doors import gift_holder, may_try, order_holder, visitor
from thereafter.returns.wording import told
from thereafter.storefront import actions, queries, rules
from thereafter.storefront.forms import LookUpForm
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import order_token
from thereafter.storefront.rules import FOR_ORDER

MOST_UNITS = 20
STEPS = ("items", "why", "ways", "how", "check")


@shopper_page
def find(request: ShopperRequest) -> HttpResponse:
    """Order number and something only the buyer knows; whoever got it as a gift says so. A wrong try never tells
    which of the two was wrong."""
    form = LookUpForm(request.POST or None)
    facts: dict[str, Any] = {"form": form, "is_gift": request.POST.get("gift") == "1"}
    if request.method != "POST" or not form.is_valid():
        return render(request, "returns/storefront/find.html", facts)
    number, proof = form.cleaned_data["number"], form.cleaned_data["proof"]
    named = f"order:{rules.bare_number(number)}"
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, named: rules.FOR_ORDER}
    if not actions.knock(request.store, tries, clock.now()):
        return refuse(request, 429)
    found = queries.order_by_proof(request.store, number, proof)
    if found is None:
        return render(request, "returns/storefront/find.html", {**facts, "not_found": True}, status=404)
    if facts["is_gift"]:
        return redirect("returns_storefront:gift", request.store.slug, links.gift_token(found))
    return redirect("returns_storefront:start", request.store.slug, order_token(found))


@order_holder
def start(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    return _items(request, order, token, is_gift=False)


@gift_holder
def gift(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    return _items(request, order, token, is_gift=True)


def _items(request: ShopperRequest, order: Order, token: str, *, is_gift: bool) -> HttpResponse:
    """Which items? What cannot come back says why."""
    now = clock.now()
    offers = visiting.offers_for(order, [], visiting.today_of(order, now), is_gift=is_gift)
    lines = {line.external_id: line for line in order.lines.select_related("product")}
    shown = [_row(lines[offer.line], offer) for offer in offers.lines if offer.line in lines and not offer.is_hidden]
    problem = ""
    if request.method == "POST":
        items = [item for row in shown if (item := _asked(request, row))]
        if items:
            made = visits.begin(order, items, is_gift=is_gift, locale=get_language() or "", now=now)
            return redirect("returns_storefront:why", request.store.slug, links.visit_token(made))
        problem = _("Choose what you want to send back.")
    facts = {
        "order": order,
        "token": token,
        "is_gift": is_gift,
        "rows": [row for row in shown if row["most"]],
        "closed": [row for row in shown if not row["most"]],
        "cases": [] if is_gift else _cases(order),
        "withdraw_url": "" if is_gift else _withdraw(offers.lines, request, order),
        "problem": problem,
    }
    return render(request, "returns/storefront/items.html", facts, status=400 if problem else 200)


def _row(line: OrderLine, offer: LineOffer) -> dict[str, Any]:
    return {
        "line": line,
        "name": f"line-{line.pk}",
        # A line of which nothing may come back for a change of mind may still be complained of.
        "most": min(offer.quantity, MOST_UNITS),
        "why_not": told(offer.why_not),
        "until": offer.until,
        "days_left": offer.days_left,
    }


def _asked(request: HttpRequest, row: dict[str, Any]) -> Item | None:
    given = request.POST.get(row["name"], "")
    most = {str(count): count for count in range(1, row["most"] + 1)}
    return Item(line=row["line"].external_id, quantity=most[given]) if given in most else None


def _cases(order: Order) -> list[dict[str, Any]]:
    rows = Case.objects.of(order.store_id).filter(order=order, is_gift=False).order_by("-submitted_at")[:20]
    return [{"case": case, "token": links.case_token(case)} for case in rows]


def _withdraw(offers: Any, request: ShopperRequest, order: Order) -> str:
    """The way out of the contract that the law gives, while it is open for any of it."""
    if not any("withdrawal" in offer.bases for offer in offers):
        return ""
    return reverse("returns_storefront:withdraw_order", args=[request.store.slug, order_token(order)])


@visitor
def why(request: ShopperRequest, visit: Visit, token: str) -> HttpResponse:
    """Why, in the shopper's words, with photos where they help."""
    if visit.done_at:
        return _to_cases(request, visit)
    items = visits.items_of(visit)
    lines = {line.external_id: line for line in visit.order.lines.select_related("product")}
    problems: list[str] = []
    if request.method == "POST":
        if not may_try(request, {f"return:{visit.order_id}": FOR_ORDER * 10}):
            return refuse(request, 429)
        visits.explain(visit, [_explained(request, item, lines[item.line]) for item in items if item.line in lines])
        files = request.FILES.getlist("photos")
        if files:
            _kept, problems = photos.add(visit.store, files, belongs_to=visit.key, taken_by="shopper", now=clock.now())
        if not problems and "more" not in request.POST:
            return redirect("returns_storefront:ways", request.store.slug, token)
    looked = visiting.Looked(visit, clock.now())
    kept = Photo.objects.of(visit.store_id).filter(upload=visit.key).order_by("pk")
    facts = {
        "visit": visit,
        "token": token,
        "order": visit.order,
        "rows": [
            {"line": lines[item.line], "item": item, "tree": portal_words.reason_choices(_group(looked, item))}
            for item in visits.items_of(visit)
            if item.line in lines
        ],
        "photos": [links.photo_page(photo, small=True) for photo in kept],
        "problems": problems,
    }
    return render(request, "returns/storefront/why.html", facts, status=400 if problems else 200)


def _group(looked: visiting.Looked, item: Item) -> str:
    return next((one.offer.reason_group for one in looked.wanted if one.item == item), "")


def _explained(request: HttpRequest, item: Item, line: OrderLine) -> Item:
    return Item(
        line=item.line,
        quantity=item.quantity,
        reason=request.POST.get(f"reason-{line.pk}", ""),
        note=request.POST.get(f"note-{line.pk}", "").strip(),
        unsealed=request.POST.get(f"unsealed-{line.pk}") == "on",
    )


@visitor
def ways(request: ShopperRequest, visit: Visit, token: str) -> HttpResponse:
    """Everything it can end in, side by side, with what each comes to. Exchange stands first, money is never hidden."""
    if visit.done_at:
        return _to_cases(request, visit)
    if request.method == "POST" and "apart" in request.POST:
        visits.take_apart(visit, apart=request.POST["apart"] == "1")
        return redirect("returns_storefront:ways", request.store.slug, token)
    looked = visiting.Looked(visit, clock.now())
    problem = ""
    if request.method == "POST":
        chosen = _chosen(request, looked)
        visits.choose(visit, chosen)
        looked = visiting.Looked(visit, clock.now())
        missing = _without_goods(looked, chosen)
        if missing is not None:
            there = reverse("returns_storefront:instead", args=[request.store.slug, token, missing])
            return redirect(there)
        if looked.is_chosen:
            return redirect("returns_storefront:how", request.store.slug, token)
        problem = _("Choose how it should end for each item.")
    facts = {
        "visit": visit,
        "token": token,
        "order": visit.order,
        "looked": looked,
        "words": portal_words,
        "closed": [(one.line, told(one.offer.why_not)) for one in looked.closed],
        "problem": problem,
    }
    return render(request, "returns/storefront/ways.html", facts, status=400 if problem else 200)


def _chosen(request: HttpRequest, looked: visiting.Looked) -> dict[int, Choice]:
    found = {}
    for bundle in looked.bundles:
        outcome = request.POST.get(f"outcome-{bundle.place}", "")
        way = next((one for one in bundle.ways if one.outcome == outcome), None)
        if way is None:
            continue
        goods = tuple((variant.pk, count) for variant, count in way.goods)
        if way.variants:
            wanted = request.POST.get(f"variant-{bundle.place}", "")
            count = sum(one.item.quantity for one in bundle.items)
            goods = tuple((one.pk, count) for one in way.variants if str(one.pk) == wanted)
        found[bundle.place] = Choice(outcome=outcome, goods=goods)
    return found


def _without_goods(looked: visiting.Looked, chosen: dict[int, Choice]) -> int | None:
    """The first bundle that is exchanged for other goods of which none were chosen."""
    for place, choice in chosen.items():
        if choice.outcome in {"exchange_product", "exchange_shop"} and not choice.goods:
            return place
    return None


@visitor
def instead(request: ShopperRequest, visit: Visit, token: str, place: int) -> HttpResponse:
    """Other goods to choose from: of the same kind, or of the whole shop."""
    looked = visiting.Looked(visit, clock.now())
    bundle = next((one for one in looked.bundles if one.place == place), None)
    outcome = visit.choices.get(str(place), {}).get("outcome", "")
    way = next((one for one in bundle.ways if one.outcome == outcome), None) if bundle else None
    if visit.done_at or bundle is None or way is None:
        return redirect("returns_storefront:ways", request.store.slug, token)
    like = bundle.items[0].line.product if outcome == "exchange_product" else None
    q = request.GET.get("q", "").strip()[:80]
    rows = visiting.other_goods(visit.order, like=like, q=q)
    wanted = request.POST.get("variant", "")
    if request.method == "POST" and wanted.isascii() and wanted.isdigit():
        variant = visiting.other_goods(visit.order, like=like, q="").filter(pk=int(wanted[:18])).first()
        if variant is not None:
            visits.choose(visit, {place: Choice(outcome=outcome, goods=((variant.pk, 1),))})
            return redirect("returns_storefront:ways", request.store.slug, token)
    facts = {
        "visit": visit,
        "token": token,
        "order": visit.order,
        "place": place,
        "way": way,
        "q": q,
        "products": visiting.by_product(rows[: visiting.SHOWN]),
        "more": rows[visiting.SHOWN : visiting.SHOWN + 1].exists(),
    }
    return render(request, "returns/storefront/instead.html", facts)


@visitor
def how(request: ShopperRequest, visit: Visit, token: str) -> HttpResponse:
    """How it comes back: every way that is open, with what is left of the money by each."""
    if visit.done_at:
        return _to_cases(request, visit)
    looked = visiting.Looked(visit, clock.now())
    if not looked.is_chosen:
        return redirect("returns_storefront:ways", request.store.slug, token)
    methods = looked.methods
    if not methods:
        return redirect("returns_storefront:check", request.store.slug, token)
    if request.method == "POST" and request.POST.get("method") in methods:
        visits.choose_method(visit, request.POST["method"])
        return redirect("returns_storefront:check", request.store.slug, token)
    facts = {
        "visit": visit,
        "token": token,
        "order": visit.order,
        "totals": [looked.total(method) for method in methods],
        "words": portal_words,
        "perks": [note for note in looked.offers.notes if note.key.startswith("perk_free")],
        "problem": _("Choose how you want to send it.") if request.method == "POST" else "",
    }
    return render(request, "returns/storefront/how.html", facts)


@visitor
def check(request: ShopperRequest, visit: Visit, token: str) -> HttpResponse:
    """All of it once more; the button makes it so."""
    if visit.done_at:
        return _to_cases(request, visit)
    looked = visiting.Looked(visit, clock.now())
    if not looked.is_chosen:
        return redirect("returns_storefront:ways", request.store.slug, token)
    if looked.methods and visit.method not in looked.methods:
        return redirect("returns_storefront:how", request.store.slug, token)
    problem, email = "", request.POST.get("email", "").strip()
    if request.method == "POST":
        if not may_try(request, {f"return:{visit.order_id}": FOR_ORDER * 10}):
            return refuse(request, 429)
        problem = _finished(visit, looked, email)
        if not problem:
            return _to_cases(request, visit)
    facts = {
        "visit": visit,
        "token": token,
        "order": visit.order,
        "looked": looked,
        "total": looked.total(visit.method or "none"),
        "words": portal_words,
        "problem": problem,
        "email": email,
        "photos": Photo.objects.of(visit.store_id).filter(upload=visit.key).count(),
    }
    return render(request, "returns/storefront/check.html", facts, status=400 if problem else 200)


def _finished(visit: Visit, looked: visiting.Looked, email: str) -> str:
    """Makes the cases; says why when it cannot."""
    address = normal_email(email)
    if email and not address:
        return _("This is not an e-mail address. Look at it once more.")
    try:
        visits.finish(visit, looked.wishes(), email=address, now=clock.now())
    except CannotOpen as refusal:
        return str(refusal)
    return ""


def _to_cases(request: ShopperRequest, visit: Visit) -> HttpResponse:
    """Where it goes on: the page of the first case of the visit, which knows the others."""
    made = Case.objects.of(visit.store_id).filter(source__startswith=f"{visit.source}/").order_by("pk").first()
    if made is None:
        return refuse(request, 404)
    there = reverse("returns_storefront:case", args=[request.store.slug, links.case_token(made)])
    return redirect(f"{there}?done=1" if request.method == "POST" else there)
