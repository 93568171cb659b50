"""The editor of a template: blocks on the left, the mail in the middle, the chosen block on the right."""

from typing import Any

from babel.core import Locale
from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.http import wants_fragment
from thereafter.kit.pages import render
from thereafter.messaging import pictures, readers, vocabulary, words
from thereafter.messaging.actions import templates as actions
from thereafter.messaging.actions.pictures import add_picture
from thereafter.messaging.actions.templates import BadDocument, Did, Who
from thereafter.messaging.channels import sms
from thereafter.messaging.console import forms_of_blocks
from thereafter.messaging.console.acts import Asked, change_of
from thereafter.messaging.console.desk import TABS, Desk, desk_of, palette
from thereafter.messaging.models import Picture
from thereafter.messaging.rules import documents, editing
from thereafter.messaging.rules.documents import Document
from thereafter.messaging.rules.editing import CannotEdit
from thereafter.messaging.rules.pictures import LARGEST, BadPicture

MOST_PRODUCTS = 8
# After these the form that was typed into stays as it is: to renew it would take the cursor away.
_TYPING = {"block", "words", "head", "push", "source"}


@staff_page("messages.edit")
def template_edit(request: StaffRequest, key: str) -> HttpResponse:
    desk = desk_of(request.store, key, request.GET, clock.now())
    if desk is None:
        raise Http404
    if request.method == "POST":
        return _change(request, desk)
    response = _show(request, desk)
    if wants_fragment(request) and not desk.asked["find_reader"]:
        response.headers["HX-Push-Url"] = desk.address(block=desk.asked["block"])
    return response


def _show(request: StaffRequest, desk: Desk, **more: Any) -> HttpResponse:
    context = {
        "page_title": desk.document["name"],
        "desk": desk,
        "tabs_of": TABS,
        "palette": palette(desk),
        "form": forms_of_blocks.fields(desk.block, desk.document, desk.language) if desk.block else {},
        "facts": _menu(),
        "links_of": vocabulary.LINKS,
        "classes": words.CLASSES,
        "found_products": _products(desk) if desk.asked.get("find") else None,
        "found_readers": readers.find(desk.store, desk.asked.get("find_reader", "")),
        "pictures": _pictures(desk),
        "spoken": _languages(desk),
        **more,
    }
    return render(request, "messaging/console/editor.html", context)


def _menu() -> list[tuple[str, list[vocabulary.Fact]]]:
    """The variables, in groups."""
    groups: dict[str, list[vocabulary.Fact]] = {}
    for fact in vocabulary.FACTS:
        groups.setdefault(vocabulary.GROUPS[fact.group], []).append(fact)
    return list(groups.items())


def _pictures(desk: Desk) -> list[dict[str, str]]:
    if desk.block is None or desk.block["kind"] != "image":
        return []
    rows = Picture.objects.of(desk.store).defer("content").order_by("-pk")[:12]
    return [{"name": row.name, "address": pictures.address(desk.store, row)} for row in rows]


def _products(desk: Desk) -> list[Product]:
    asked = desk.asked.get("find", "")[:80]
    known = Product.objects.of(desk.store).filter(is_active=True, title__icontains=asked)
    return list(known.order_by("title")[:MOST_PRODUCTS])


def _languages(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "label": Locale.parse(code.partition("-")[0]).get_display_name("en") or code,
            "missing": desk.missing(code),
            "url": desk.address(lang=code, block=desk.asked.get("block", "")),
            "current": code == desk.language,
        }
        for code in documents.languages_of(desk.document)
    ]


def _change(request: StaffRequest, desk: Desk) -> HttpResponse:
    """Carries out what a form asks for; answers with the renewed parts, or without scripts with the page again."""
    asked = Asked(request.POST, desk.language)
    wrong = ""
    try:
        _carry_out(request, desk, asked)
    except (CannotEdit, BadDocument) as error:
        wrong = str(error)
    if not wants_fragment(request):
        if wrong or asked.told:
            (told.error if wrong else told.info)(request, wrong or asked.told)
        return redirect(desk.address(lang=asked.language, block=asked.chosen))
    seen = request.GET.copy()
    seen["lang"], seen["block"] = asked.language, asked.chosen
    renewed = desk_of(request.store, desk.key, seen, clock.now())
    if renewed is None:
        raise Http404
    is_typing = request.POST.get("do") in _TYPING
    response = _show(request, renewed, changed=True, keeps_form=is_typing, wrong=wrong, told=asked.told)
    if asked.chosen != desk.asked.get("block", "") or asked.language != desk.language:
        response.headers["HX-Push-Url"] = renewed.address(block=asked.chosen)
    response.headers["HX-Trigger-After-Settle"] = "mail-changed"
    return response


def _carry_out(request: StaffRequest, desk: Desk, asked: Asked) -> None:
    """Raises `CannotEdit` or `BadDocument`."""
    who = Who(request.staff, desk.now)
    row = actions.own(request.store, desk.key, who)
    verb = request.POST.get("do", "")
    asked.chosen = asked.block or desk.asked.get("block", "")
    if verb in ("undo", "redo"):
        did = actions.undo(row) if verb == "undo" else actions.redo(row)
        asked.told = "" if did else f"There is nothing to {verb}."
    elif verb == "add_product":
        product = Product.objects.of(request.store).filter(pk=_number(request.POST.get("product", ""))).first()
        if product is None:
            raise CannotEdit("This product is not in the shop any more.")
        actions.edit(row, lambda document: _with_product(document, asked.block, product), Did("Added a product"), who)
    elif verb == "upload":
        address = pictures.address(request.store, _uploaded(request, desk))
        actions.edit(
            row,
            lambda document: editing.set_block(document, asked.block, {"src": address}),
            Did("Added a picture"),
            who,
        )
    elif verb == "plainer":
        actions.edit(row, lambda document: _plainer(document, desk), Did("Plain punctuation"), who)
    else:
        change, did_what = change_of(asked)
        actions.edit(row, change, did_what, who)


def _uploaded(request: StaffRequest, desk: Desk) -> Picture:
    file = request.FILES.get("picture")
    if file is None:
        raise CannotEdit("Choose a file first.")
    try:
        return add_picture(request.store, file.name or "picture", file.read(LARGEST + 1), desk.now)
    except BadPicture as error:
        raise CannotEdit(str(error)) from error


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _with_product(document: Document, block_id: str, product: Product) -> Document:
    """What the block shows of it is written down now: a mail that was sent stays as it was."""
    chosen = editing.find(document, block_id).get("products", [])
    variant = product.variants.exclude(price_minor=None).order_by("price_minor").first()
    one = {
        "title": product.title,
        "url": product.url,
        "image": product.image_url,
        "price_minor": variant.price_minor if variant else None,
        "currency": product.store.currency,
    }
    return editing.set_block(document, block_id, {"products": [*chosen, one]})


def _plainer(document: Document, desk: Desk) -> Document:
    """The text message without the signs that make it cost twice as much."""
    said = document["words"].get(desk.language, {}).get(desk.tab, "")
    return editing.set_words(document, desk.language, {desk.tab: sms.plainer(said)})
