"""What a merchant puts into the shop so that returns and withdrawal are found: text links, ready to copy."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.returns import finding, links
from thereafter.returns.rules.legal import law
from thereafter.storefront.links import in_language, page
from thereafter.stores.models import Store


class Snippet(NamedTuple):
    """`label` and `url` are what the preview shows; `code` is what is copied: text that the page has to escape."""

    place: str
    label: str
    url: str
    code: str


@require_safe
@staff_page("returns.settings")
def links_page(request: StaffRequest) -> HttpResponse:
    language = request.GET.get("language", request.store.locale[:2])
    language = language if language in dict(settings.LANGUAGES) else "en"
    address = in_language(links.withdraw_page(request.store), language, request.store)
    label = law.current().labels(language)[0]
    context: dict[str, Any] = {
        "language_tabs": [
            {"label": name, "url": f"?language={code}", "current": code == language}
            for code, name in settings.LANGUAGES
        ],
        "withdraw": _snippets(label, address),
        "returns": _returns(request.store, language),
        "is_needed": finding.shows_withdrawal(request.store),
        "country": request.store.country,
        "page_title": "Links for your shop",
    }
    return render(request, "returns/console/links.html", context)


def _snippets(label: str, address: str) -> list[Snippet]:
    link = f'<a href="{escape(address)}">{escape(label)}</a>'
    button = (
        f'<a href="{escape(address)}" style="display:inline-block;padding:12px 18px;border:1px solid currentColor;'
        f'border-radius:6px;color:inherit;text-decoration:none">{escape(label)}</a>'
    )
    return [Snippet("Footer", label, address, link), Snippet("Home page", label, address, button)]


_START = {
    "en": "Send something back",
    "de": "Etwas zurückschicken",
    "fr": "Renvoyer un article",
    "es": "Devolver un artículo",
    "pt": "Devolver um item",
}


def _returns(store: Store, language: str) -> list[Snippet]:
    """The page on which an order is found to be sent back."""
    address = page(store, "returns_storefront:find")
    return _snippets(_START[language], in_language(address, language, store))
