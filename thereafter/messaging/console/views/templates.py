"""The templates of a store: all of them, and one with its previews, history and what can be done with it."""

from typing import Any

from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, tongue
from thereafter.messaging import catalogue, library, numbers, proofs
from thereafter.messaging.actions import templates as actions
from thereafter.messaging.actions.templates import BadDocument, NotReady, Who
from thereafter.messaging.channels.letters import Answer
from thereafter.messaging.console.desk import Desk, desk_of, reader_of
from thereafter.messaging.console.forms import NewTemplateForm
from thereafter.messaging.console.views.messages import shared_words
from thereafter.messaging.mail_page import mail_page
from thereafter.messaging.models import MessageTemplate, TemplateRevision
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender, Rendered
from thereafter.messaging.rules import documents
from thereafter.messaging.samples import Scene, preview

_DARK = "@media (prefers-color-scheme: dark)"


@staff_page("messages.read")
def templates(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    shown = request.GET.get("show", "")
    context = {
        "page_title": "Templates",
        "groups": _groups(request, shown),
        "numbers": numbers.of_templates(request.store, now),
        "nothing": numbers.NOTHING,
        "used": numbers.users(request.store, now),
        "shown": shown,
        "tabs": _tabs(request, shown),
        "q": request.GET.get("q", "").strip()[:80],
        **shared_words(),
    }
    return render(request, "messaging/console/templates.html", context)


def _tabs(request: StaffRequest, shown: str) -> list[dict[str, Any]]:
    rows = MessageTemplate.objects.of(request.store)
    archived = rows.filter(archived_at__isnull=False).count()
    names = [("", "All"), ("own", "Changed or your own"), ("drafts", "With unpublished changes")]
    tabs = [*names, ("archived", "Archived")] if archived or shown == "archived" else names
    return [{"label": label, "url": f"?show={name}" if name else "?", "current": name == shown} for name, label in tabs]


def _groups(request: StaffRequest, shown: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The rows of the list under their headings; those of a store's own stand under what they changed."""
    rows = {row.key: row for row in MessageTemplate.objects.of(request.store).order_by("name", "pk")}
    live = {one.key: one for one in catalogue.templates(request.store)}
    listed = [
        _listed(live.get(key) or library.templates.get(key), rows.get(key)) for key in [*live, *_missing(rows, live)]
    ]
    words = request.GET.get("q", "").strip().lower()
    kept = [one for one in listed if _is_shown(one, shown) and words in f"{one['name']} {one['when']}".lower()]
    grouped = [(label, [one for one in kept if one["group"] == name]) for name, label in library.GROUPS.items()]
    return [(label, ones) for label, ones in grouped if ones]


def _missing(rows: dict[str, MessageTemplate], live: dict[str, catalogue.Template]) -> list[str]:
    """Those that were never published, and those in the archive."""
    return [key for key in rows if key not in live]


def _listed(template: catalogue.Template | None, row: MessageTemplate | None) -> dict[str, Any]:
    about = template or row
    assert about  # noqa: S101 one of both is there; for mypy
    original = library.templates.get(about.key)
    return {
        "key": about.key,
        "name": row.name if row and not template else template.label if template else "",
        "when": about.when,
        "message_class": about.message_class,
        "channels": list(about.channels),
        "languages": list(about.languages),
        "group": original.group if original else "own",
        "is_live": template is not None,
        "is_changed": bool(row and row.live_id and original),
        "has_draft": bool(row and row.has_changes and _says_something(row)),
        "is_archived": bool(row and row.archived_at),
    }


def _says_something(row: MessageTemplate) -> bool:
    """A copy that nobody changed yet is no draft."""
    return row.live_id is not None or row.key not in library.templates or row.draft_id is not None


def _is_shown(one: dict[str, Any], shown: str) -> bool:
    if shown == "archived":
        return bool(one["is_archived"])
    if one["is_archived"]:
        return False
    return bool({"own": one["is_changed"] or one["group"] == "own", "drafts": one["has_draft"]}.get(shown, True))


@staff_page("messages.read")
def template(request: StaffRequest, key: str) -> HttpResponse:
    """What is sent under a key, and what can be done with it."""
    chosen, language = _chosen(request, key)
    row = MessageTemplate.objects.of(request.store).filter(key=key).first()
    context = {
        "page_title": chosen.label,
        "template": chosen,
        "row": row,
        "language": language,
        "languages": [
            {"label": tongue(one), "url": f"?lang={one}", "current": one == language} for one in chosen.languages
        ],
        "rendered": _looked_at(request, chosen, language),
        "short": _short(request, chosen, language),
        "numbers": numbers.of_templates(request.store, clock.now()).get(key, numbers.NOTHING),
        "original": library.templates.get(key),
        **shared_words(),
    }
    return render(request, "messaging/console/template.html", context)


def _looked_at(request: StaffRequest, chosen: catalogue.Template, language: str) -> Rendered | None:
    if "email" not in chosen.channels:
        return None
    try:
        return preview(Scene(request.store, clock.now()), catalogue.document(chosen), language)
    except (CannotPublish, CannotRender):
        return None


def _short(request: StaffRequest, chosen: catalogue.Template, language: str) -> list[tuple[str, Rendered]]:
    """The texts of the channels that are no mail."""
    scene, document = Scene(request.store, clock.now()), catalogue.document(chosen)
    return [(channel, preview(scene, document, language, channel)) for channel in chosen.channels if channel != "email"]


@staff_page("messages.read")
def template_mail(request: StaffRequest, key: str) -> HttpResponse:
    """The mail alone, for a frame: what is live, the draft, or a revision; for somebody made up or a real customer."""
    now = clock.now()
    desk = desk_of(request.store, key, request.GET, now)
    if desk is None:
        raise Http404
    asked = request.GET
    document = desk.document if "draft" in asked else _document(request, key, desk, asked.get("revision", ""))
    scene = Scene(request.store, now, reader_of(request.store, asked.get("reader", "")))
    spoken = documents.languages_of(document)
    language = asked.get("lang", "") if asked.get("lang") in spoken else desk.language
    try:
        html = preview(scene, document, language, marked="marked" in asked).html
    except (CannotPublish, CannotRender) as error:
        body = render(request, "messaging/console/mail_wrong.html", {"why": str(error)}).content.decode()
        return mail_page(body, open_to_editor=True)
    return mail_page(html.replace(_DARK, "@media all") if "dark" in asked else html, open_to_editor="marked" in asked)


def _document(request: StaffRequest, key: str, desk: Desk, revision: str) -> dict[str, Any]:
    if revision.isdigit() and desk.row:
        found = TemplateRevision.objects.of(request.store).filter(template=desk.row, pk=int(revision)).first()
        if found is None:
            raise Http404
        return dict(found.document)
    if desk.row and desk.row.live_id is None and key not in library.templates:
        return desk.document
    return catalogue.document(catalogue.template(request.store, key))


@staff_page("messages.edit")
def template_new(request: StaffRequest) -> HttpResponse:
    """A template from nothing, or like another."""
    form = NewTemplateForm(request.POST or None, store=request.store)
    if request.method == "POST" and form.is_valid():
        row = actions.create(request.store, form.document(), Who(request.staff, clock.now()))
        return redirect("messaging_console:template_edit", request.store.slug, row.key)
    return render(request, "messaging/console/template_new.html", {"page_title": "New template", "form": form})


@require_POST
@staff_page("messages.edit")
def template_publish(request: StaffRequest, key: str) -> HttpResponse:
    row = _row(request, key)
    try:
        actions.publish(row, Who(request.staff, clock.now()))
    except NotReady as error:
        told.error(request, f"Not published: {error.findings[0].text}")
        return redirect("messaging_console:template_edit", request.store.slug, key)
    told.success(request, "Published. What is sent from now on looks like this.")
    return redirect("messaging_console:template", request.store.slug, key)


@require_POST
@staff_page("messages.edit")
def template_test(request: StaffRequest, key: str) -> HttpResponse:
    """The draft, to one's own address."""
    desk = desk_of(request.store, key, request.POST, clock.now())
    if desk is None:
        raise Http404
    _send_proof(request, desk)
    where = request.POST.get("next", "")
    safe = where.startswith(reverse("messaging_console:templates", args=[request.store.slug]))
    return redirect(where if safe else desk.address())


def _send_proof(request: StaffRequest, desk: Desk) -> None:
    if "email" not in documents.channels_of(desk.document):
        told.error(request, "There is no mail in this template yet.")
        return
    try:
        mail = preview(desk.scene, desk.document, desk.language)
    except (CannotPublish, CannotRender) as error:
        told.error(request, f"This cannot be sent: {error}")
        return
    verdict = proofs.send_proof(request.store, mail, request.staff)
    if verdict.answer != Answer.ACCEPTED:
        told.error(request, f"The mail server did not take it: {verdict.detail}")
    elif proofs.sends_nothing(request.store):
        told.warning(request, "It was made, but this installation sends no mail (THEREAFTER_MAIL is null:).")
    else:
        told.success(request, f"A test is on its way to {request.staff.email}.")


@staff_page("messages.read")
def template_history(request: StaffRequest, key: str) -> HttpResponse:
    """Every version that was published and the latest steps, to look at and to go back to."""
    desk = desk_of(request.store, key, request.GET, clock.now())
    if desk is None:
        raise Http404
    steps = TemplateRevision.objects.of(request.store).filter(template=desk.row).select_related("by").order_by("-pk")
    revisions = list(steps.defer("document")[:60]) if desk.row else []
    wanted = request.GET.get("revision", "")
    chosen = next((one for one in revisions if str(one.pk) == wanted), None)
    context = {
        "page_title": "History",
        "desk": desk,
        "revisions": revisions,
        "published": [one for one in revisions if one.published_at],
        "chosen": chosen,
    }
    return render(request, "messaging/console/template_history.html", context)


@require_POST
@staff_page("messages.edit")
def template_do(request: StaffRequest, key: str) -> HttpResponse:
    """Archive, restore, the original again, an earlier version, without the changes, a copy."""
    row, who = _row(request, key), Who(request.staff, clock.now())
    verb = request.POST.get("do", "")
    if verb == "original" and key in library.templates:
        actions.back_to_original(row, who)
        told.success(request, "The original is sent again. Your version stays in the history.")
    elif verb == "archive" and key not in library.templates:
        actions.archive(row, who)
        told.success(request, f"{row.name} is in the archive. What uses it goes on doing so.")
        return redirect("messaging_console:templates", request.store.slug)
    elif verb == "restore":
        actions.restore(row, who)
    elif verb == "discard":
        actions.discard(row)
        told.success(request, "The changes are gone; undo brings them back.")
    elif verb == "go_back":
        return _go_back(request, row, who)
    elif verb == "copy":
        return _copy(request, key, who)
    return redirect("messaging_console:template", request.store.slug, key)


def _go_back(request: StaffRequest, row: MessageTemplate, who: Who) -> HttpResponse:
    wanted = request.POST.get("revision", "")
    try:
        actions.go_back(row, int(wanted) if wanted.isdigit() else 0, who)
    except TemplateRevision.DoesNotExist:
        raise Http404 from None
    told.success(request, "This version is the draft now. Publish it to send it again.")
    return redirect("messaging_console:template_edit", request.store.slug, row.key)


def _copy(request: StaffRequest, key: str, who: Who) -> HttpResponse:
    desk = desk_of(request.store, key, request.GET, who.now)
    if desk is None:
        raise Http404
    document = {**desk.document, "name": f"{desk.document['name']} (copy)"}
    try:
        row = actions.create(request.store, document, who)
    except BadDocument as error:
        told.error(request, str(error))
        return redirect("messaging_console:template", request.store.slug, key)
    return redirect("messaging_console:template_edit", request.store.slug, row.key)


def _row(request: StaffRequest, key: str) -> MessageTemplate:
    """The store's own row; one is made for what comes along."""
    try:
        return actions.own(request.store, key, Who(request.staff, clock.now()))
    except library.UnknownTemplate:
        raise Http404 from None


def _chosen(request: StaffRequest, key: str) -> tuple[catalogue.Template, str]:
    try:
        chosen = catalogue.template(request.store, key)
    except catalogue.UnknownTemplate:
        raise Http404 from None
    asked = request.GET.get("lang") or request.store.locale[:2]
    return chosen, asked if asked in chosen.languages else chosen.languages[0]
