"""A campaign in the making: to whom, what, when; each change is kept and checked as it is made."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.campaigns import estimating
from thereafter.campaigns.actions import editing
from thereafter.campaigns.actions.editing import NotReady, TooLate
from thereafter.campaigns.console import charts, words
from thereafter.campaigns.console.forms import CampaignForm
from thereafter.campaigns.estimating import Estimate
from thereafter.campaigns.models import Campaign
from thereafter.campaigns.queries import known_segments, known_templates
from thereafter.campaigns.rules import plans
from thereafter.campaigns.rules.plans import NAMES, Plan
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.console import conditions
from thereafter.journeys.console.conditions import Editor
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import BadCondition
from thereafter.kit import clock
from thereafter.kit.pages import number, render
from thereafter.messaging import catalogue, proofs, rules
from thereafter.messaging.channels.letters import Answer
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender, Rendered
from thereafter.messaging.samples import Scene, preview
from thereafter.messaging.words import why
from thereafter.stores.models import Store

CONDITION = "if"


@staff_page("campaigns.edit")
def edit(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The whole campaign on one page. What is sent is kept, then shown again or, by its button, sent off."""
    found = _found(request, campaign_id)
    if not found.is_editable:
        return redirect("campaigns_console:campaign", request.store.slug, found.pk)
    plan = found.settings
    if request.method != "POST":
        editor = conditions.stored(request.store, vocabulary.segment(), plan.condition, name=CONDITION)
        return _page(request, found, CampaignForm(request.store, plan, found.name), editor)
    form, editor = _taken(request, found)
    if _is_fine(form, editor) and not _wants_more(request):
        there = "campaigns_console:send" if "send" in request.POST else "campaigns_console:edit"
        return redirect(there, request.store.slug, found.pk)
    if _wants_more(request):
        form = CampaignForm(request.store, found.settings, found.name)
    return _page(request, found, form, editor)


def _found(request: StaffRequest, campaign_id: int) -> Campaign:
    found = get_object_or_404(Campaign.objects.of(request.store), pk=campaign_id)
    found.store = request.store
    return found


def _wants_more(request: StaffRequest) -> bool:
    return "add_variant" in request.POST or "drop_variant" in request.POST


def _is_fine(form: CampaignForm, editor: Editor) -> bool:
    return form.is_valid() and not editor.pressed and not editor.error


def _taken(request: StaffRequest, found: Campaign) -> tuple[CampaignForm, Editor]:
    """Keeps what is right of what was sent; the wrong fields stay as they were and say why."""
    form = CampaignForm(request.store, found.settings, found.name, request.POST)
    editor = conditions.posted(request.store, vocabulary.segment(), request.POST, name=CONDITION)
    form.is_valid()
    condition = found.settings.condition if editor.pressed or editor.error else editor.text
    name = form.cleaned_data.get("name") or found.name
    try:
        editing.change(found, name=name, plan=form.filled(condition))
    except TooLate as late:
        messages.error(request, str(late))
    return form, editor


def _page(request: StaffRequest, found: Campaign, form: CampaignForm, editor: Editor) -> HttpResponse:
    context = {
        "campaign": found,
        "form": form,
        "editor": editor,
        "plan": found.settings,
        "templates": known_templates(request.store),
        "most_variants": plans.MOST_VARIANTS,
        "checked": None,
        "page_title": found.name,
    }
    return render(request, "campaigns/console/editor.html", context)


@staff_page("campaigns.edit")
def check(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Keeps what the page has by now, and says whom it would reach."""
    found = _found(request, campaign_id)
    if request.method == "POST" and found.is_editable:
        _taken(request, found)
    return render(request, "campaigns/console/_check.html", _checked(request.store, found))


def _checked(store: Store, found: Campaign) -> dict[str, Any]:
    now, plan = clock.now(), found.settings
    problems = list(plans.problems(plan, templates=known_templates(store), segments=known_segments(store)))
    facts: dict[str, Any] = {"campaign": found, "plan": plan, "problems": problems, "estimate": None, "words": words}
    try:
        if not any(problem.where == "message" for problem in problems):
            facts |= _estimated(store, plan, now)
        else:
            facts["total"] = estimating.count(store, plan, now)
    except BadCondition as wrong:
        problems.append(plans.Problem("audience", f"The condition cannot be asked: {wrong.sentence}"))
    except (KeyError, ValueError) as wrong:
        problems.append(plans.Problem("audience", f"The audience cannot be counted: {wrong}"))
    return facts


def _estimated(store: Store, plan: Plan, now: datetime) -> dict[str, Any]:
    told = estimating.estimate(store, plan, now)
    return {
        "estimate": told,
        "total": told.total,
        "channels": [
            {"label": words.channel(name), "value": count, "text": number(count)} for name, count in told.by_channel
        ],
        "why_not": [(why(reason), count) for reason, count in told.why_not],
        "hours": charts.per_hour(told.per_hour),
        "turns": _turns(told),
    }


def _turns(told: Estimate) -> list[dict[str, Any]]:
    return [
        {
            "at": turn.at,
            "where": turn.zones[0].split("/")[-1].replace("_", " "),
            "more": len(turn.zones) - 1,
            "offset": f"UTC{turn.offset:+g}" if turn.offset else "UTC",
            "people": turn.people,
        }
        for turn in told.turns
    ]


@staff_page("campaigns.edit")
def send(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The last look: to how many, when; and the button that sends it off."""
    found = _found(request, campaign_id)
    if not found.is_editable:
        return redirect("campaigns_console:campaign", request.store.slug, found.pk)
    if request.method == "POST":
        try:
            editing.launch(found, now=clock.now(), by=request.staff)
        except (NotReady, TooLate) as refusal:
            messages.error(request, str(refusal))
            return redirect("campaigns_console:edit", request.store.slug, found.pk)
        is_now = found.settings.when == "now"
        messages.success(request, f"{found.name} is on its way." if is_now else f"{found.name} is scheduled.")
        return redirect("campaigns_console:campaign", request.store.slug, found.pk)
    context = _checked(request.store, found) | {
        "labels": editing.labels(found.settings, known_templates(request.store)),
        "audience": words.audience(found.settings, known_segments(request.store)),
        "page_title": f"Send {found.name}",
    }
    return render(request, "campaigns/console/send.html", context)


@require_POST
@staff_page("campaigns.edit")
def test(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Every variant, to one's own address."""
    found = _found(request, campaign_id)
    if found.is_editable and "name" in request.POST:
        _taken(request, found)
    plan, sent = found.settings, 0
    for at, variant in enumerate(plan.variants):
        try:
            mail = _sample(request, variant.template, variant.subject)
        except (CannotPublish, CannotRender, catalogue.UnknownTemplate, KeyError) as error:
            messages.error(
                request, f"{NAMES[at]} cannot be sent: {error}" if variant.template else "Choose a template first."
            )
            continue
        verdict = proofs.send_proof(request.store, mail, request.staff)
        if verdict.answer != Answer.ACCEPTED:
            messages.error(request, f"The mail server did not take it: {verdict.detail}")
        else:
            sent += 1
    if sent and proofs.sends_nothing(request.store):
        messages.warning(request, "It was made, but this installation sends no mail (THEREAFTER_MAIL is null:).")
    elif sent:
        messages.success(request, f"A test is on its way to {request.staff.email}.")
    return redirect("campaigns_console:edit", request.store.slug, found.pk)


def _sample(request: StaffRequest, key: str, subject: str) -> Rendered:
    """As a made-up shopper would get it."""
    template = catalogue.template(request.store, key)
    document = catalogue.document(template)
    language = rules.choose_language(template.languages, request.store.locale)
    scene = Scene(request.store, clock.now())
    if subject:
        spoken = {name: {**said, "subject": subject} for name, said in document["words"].items()}
        document = {**document, "words": spoken}
    return preview(scene, document, language)
