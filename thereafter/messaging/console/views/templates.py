"""Merchants' pages: what was sent to whom and why not, and the templates."""

from django.http import Http404, HttpResponse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import library, queries
from thereafter.messaging.console.views.messages import shared_words
from thereafter.messaging.mail_page import mail_page
from thereafter.messaging.samples import sample

LANGUAGES = {"en": "English", "de": "Deutsch", "pt": "Português", "fr": "Français", "es": "Español"}


@staff_page("messages.read")
def templates(request: StaffRequest) -> HttpResponse:
    context = {
        "page_title": "Templates",
        "templates": list(library.templates.values()),
        "sent": queries.sent_by_template(request.store),
        **shared_words(),
    }
    return render(request, "messaging/console/templates.html", context)


@staff_page("messages.read")
def template(request: StaffRequest, key: str) -> HttpResponse:
    chosen, language = _chosen(request, key)
    languages = library.languages(key)
    context = {
        "page_title": chosen.label,
        "template": chosen,
        "language": language,
        "languages": [
            {"label": LANGUAGES.get(one, one), "url": f"?lang={one}", "current": one == language} for one in languages
        ],
        "rendered": sample(request.store, key, language, clock.now()),
        **shared_words(),
    }
    return render(request, "messaging/console/template.html", context)


@staff_page("messages.read")
def template_mail(request: StaffRequest, key: str) -> HttpResponse:
    _, language = _chosen(request, key)
    return mail_page(sample(request.store, key, language, clock.now()).html)


def _chosen(request: StaffRequest, key: str) -> tuple[library.Template, str]:
    if key not in library.templates:
        raise Http404
    languages = library.languages(key)
    asked = request.GET.get("lang") or request.store.locale[:2]
    return library.template(key), asked if asked in languages else languages[0]
