"""The editor of a survey: its questions in order, one of them open, and how it looks on a phone; plain forms only."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import survey_words
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.console import survey_forms
from thereafter.feedback.console.survey_conditions import BadCondition, Conditions
from thereafter.feedback.console.survey_desk import Desk, survey_or_404
from thereafter.feedback.rules import survey_editing as editing
from thereafter.feedback.rules.document_checks import LONGEST, RECALLED
from thereafter.feedback.rules.documents import MOST_QUESTIONS, BadSurvey, Condition, SurveyDocument, as_document
from thereafter.feedback.rules.survey_sentences import BAND_NAMES
from thereafter.feedback.storefront.showing import score_words as face_words
from thereafter.kit import clock
from thereafter.kit.pages import render, tongue
from thereafter.kit.scores import SCALES
from thereafter.storefront.shell import choose_language, page_facts

AROUND = "around"


@staff_page("feedback.write")
@require_safe
def edit(request: StaffRequest, survey_id: int) -> HttpResponse:
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    document = desk.document
    key = request.GET.get("question", "")
    question = document.question(key)
    language = survey_forms.language_of(document, request.GET.get("lang", ""))
    context = desk.context(request, "survey_edit") | {
        "questions": desk.questions(),
        "chosen": question,
        "is_around": key == AROUND,
        "language": language,
        "tongues": survey_forms.tongues(document, language),
        "languages": desk.languages(),
        "addable": editing.ADDABLE,
        "kinds": editing.KIND_NAMES,
        "is_full": len(document.questions) >= MOST_QUESTIONS,
        "longest": LONGEST,
        "problems": [(one, desk.place_of(one)) for one in desk.problems],
        "recalled": _recalled(document, key),
    }
    if question is not None:
        context["conditions"] = Conditions(survey.store, document, question)
    if key == AROUND:
        context["offered"] = survey_forms.offered(document)
        context["bands"] = _bands(survey.kind)
    return render(request, "feedback/console/survey_edit.html", context)


def _bands(kind: str) -> list[tuple[str, str]]:
    """Whom the survey may thank in words of their own."""
    names = BAND_NAMES.get(kind, {}) if kind in SCALES else {}
    return [*((band, f"Thanks after {name}") for band, name in names.items()), ("", "Thanks after anything else")]


def _recalled(document: SurveyDocument, key: str) -> list[str]:
    """What texts of this question may have put in."""
    keys = [question.id for question in document.questions]
    earlier = keys[: keys.index(key)] if key in keys else keys
    return [*(f"{{{name}}}" for name in RECALLED), *(f"{{answer:{one}}}" for one in earlier)]


@staff_page("feedback.write")
@require_POST
def do(request: StaffRequest, survey_id: int) -> HttpResponse:
    """One change to the draft: what the form says, and what its button does."""
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    key, language = request.POST.get("question", ""), request.POST.get("lang", "")
    if request.POST.get("mark", desk.mark) != desk.mark:
        messages.error(request, "Somebody changed this survey meanwhile, so nothing was done. Here it is as it is now.")
        return redirect(desk.address("survey_edit", **_asked(key, language)))
    try:
        document, open_now = _changed(request, desk, key)
        actions.save_draft(survey, as_document(document), now=clock.now())
    except (BadCondition, BadSurvey) as wrong:
        messages.error(request, str(wrong))
        open_now = key
    there = desk.address("survey_edit", **_asked(open_now, language))
    return redirect(f"{there}#question" if open_now else there)


def _asked(key: str, language: str) -> dict[str, str]:
    asked = {"question": key, "lang": language}
    return {name: value for name, value in asked.items() if value}


def _changed(request: StaffRequest, desk: Desk, key: str) -> tuple[SurveyDocument, str]:
    """The document after it, and which question is open then."""
    document = desk.document
    verb, _, what = request.POST.get("do", "save").partition(":")
    if verb == "add" and what in editing.ADDABLE and len(document.questions) < MOST_QUESTIONS:
        return editing.add(document, what)
    if key == AROUND:
        return survey_forms.around(document, request.POST), AROUND
    if document.question(key) is None:
        raise Http404
    if verb in ("up", "down"):
        return editing.move(document, key, -1 if verb == "up" else 1), request.POST.get("open", "")
    if verb == "copy":
        return editing.copy(document, key)
    if verb == "drop":
        dropped, lost = editing.drop(document, key)
        if lost:
            messages.info(request, f"{lost} {'condition' if lost == 1 else 'conditions'} on it went with it.")
        return dropped, ""
    return survey_forms.question(desk.survey.store, document, key, request.POST), key


@staff_page("feedback.write")
@require_POST
def discard(request: StaffRequest, survey_id: int) -> HttpResponse:
    survey = survey_or_404(request, survey_id)
    actions.save_draft(survey, None, now=clock.now())
    messages.success(request, "The draft is gone. What people are asked stays as it was.")
    return redirect("feedback_console:survey", request.store.slug, survey.pk)


@staff_page("feedback.write")
@require_safe
def condition(request: StaffRequest, survey_id: int) -> HttpResponse:
    """The fields of one condition, for what was chosen just now."""
    survey = survey_or_404(request, survey_id)
    document = Desk(survey).document
    question = document.question(request.GET.get("question", ""))
    number = request.GET.get("number", "")
    if question is None or not number.isdigit():
        raise Http404
    about = request.GET.get(f"c-{number}-about", "")
    conditions = Conditions(survey.store, document, question)
    known = {value for _, choices in conditions.subjects for value, _ in choices}
    row = conditions.row(int(number), _blank(about) if about in known else None)
    return render(request, "feedback/console/_survey_values.html", {"row": row})


def _blank(about: str) -> Condition:
    subject, _, test = about.partition("|")
    kind, _, name = subject.partition(":")
    return Condition.model_validate({"question" if kind == "q" else "fact": name, "test": test})


@staff_page("feedback.read")
def preview(request: StaffRequest, survey_id: int) -> HttpResponse:
    """The draft as shoppers see it, a page for each question; with a form of the editor, as it would be once that is
    saved. Its buttons do nothing."""
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    said = request.POST if request.method == "POST" else request.GET
    key = said.get("question", "")
    document = _tried(desk, key, request.POST) if request.method == "POST" else desk.document
    language = choose_language(said.get("lang"), *document.languages)
    with translation.override(language):
        request.page_context = page_facts(survey.store, language) | {"languages": []}
        response = render(request, *_page(desk, document, key, language))
    # Its forms lead nowhere.
    response.content = response.content.replace(b'method="post"', b'method="dialog"')
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    nonce = getattr(request, "csp_nonce", "")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; script-src 'none'; img-src 'self' data: https: http:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
    )
    return response


def _tried(desk: Desk, key: str, data: QueryDict) -> SurveyDocument:
    """The draft with what is in a form; nothing of it is kept."""
    try:
        if key == AROUND:
            return survey_forms.around(desk.document, data)
        if desk.document.question(key):
            return survey_forms.question(desk.survey.store, desk.document, key, data)
    except BadCondition:
        pass
    return desk.document


def _page(desk: Desk, document: SurveyDocument, key: str, language: str) -> tuple[str, dict[str, Any]]:
    keys = [question.id for question in document.questions]
    known = survey_words.known_of(desk.survey.store, None, None) | {
        "first_name": "Ada", "order": "1001", "product": "Trail shoe",
        **{f"answer:{one}": "…" for one in keys},
    }  # fmt: skip
    voice = survey_words.Voice(document, language, known)
    if not keys:
        return "feedback/console/survey_preview_empty.html", {}
    at = keys.index(key) if key in keys else 0
    shown = {
        "survey": desk.survey,
        "kind": document.kind,
        "order": None,
        "question": voice.asked(document.questions[at]),
        "words": face_words(document.kind),
        "given": None,
        "here": "#",
        "problem": "",
        "key": "",
        "page_title": tongue(language),
    }
    if at == 0:
        more = len(keys) > 1
        return "feedback/storefront/answer.html", shown | {
            "intro": voice.say(document.intro),
            "score": None,
            "more": more,
        }
    last = at == len(keys) - 1
    place = {"place": at + 1, "of": len(keys), "is_last": last, "back": "#", "photos": (), "typed": ()}
    return "feedback/storefront/question.html", shown | place
