"""A survey as its pages show it: its state in words, its tabs, its draft and what keeps it from being published."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from thereafter.console.guards import StaffRequest
from thereafter.feedback.console.survey_conditions import value_names
from thereafter.feedback.models import Survey
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.rules import document_checks
from thereafter.feedback.rules.document_checks import Problem
from thereafter.feedback.rules.documents import Question, SurveyDocument, as_document
from thereafter.feedback.rules.survey_editing import KIND_NAMES
from thereafter.feedback.rules.survey_sentences import Change, changes, conditions
from thereafter.kit.pages import tongue
from thereafter.kit.tokens import fingerprint

TABS = (
    ("survey", "Overview"),
    ("survey_edit", "Questions"),
    ("survey_settings", "How it is asked"),
    ("survey_links", "Links and QR codes"),
    ("survey_history", "Versions"),
)


def survey_or_404(request: StaffRequest, survey_id: int) -> Survey:
    found = Survey.objects.of(request.store).select_related("store").filter(pk=survey_id).first()
    if found is None:
        raise Http404
    return found


def state_of(survey: Survey) -> tuple[str, str]:
    """What a survey is, and the tone of its badge."""
    if survey.archived_at:
        return "Archived", "neutral"
    if survey.version:
        return "Published", "good"
    return ("Our own words", "info") if survey.draft is None else ("Not published", "warn")


class Desk:
    """One survey with its draft."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey

    @property
    def title(self) -> str:
        return queries.title_of(self.survey)

    @cached_property
    def published(self) -> SurveyDocument:
        return queries.document_of(self.survey)

    @cached_property
    def document(self) -> SurveyDocument:
        return queries.draft_of(self.survey)

    @property
    def has_draft(self) -> bool:
        return self.survey.draft is not None

    @cached_property
    def problems(self) -> list[Problem]:
        return document_checks.check(self.document, self.survey.kind)

    @cached_property
    def gaps(self) -> dict[str, list[str]]:
        return document_checks.gaps(self.document)

    @cached_property
    def changes(self) -> list[Change]:
        return changes(self.published, self.document, self.names) if self.has_draft else []

    @cached_property
    def mark(self) -> str:
        """Of the draft, so that a form is not applied to what somebody else made of it meanwhile."""
        return fingerprint(str(as_document(self.document)))[:16]

    @cached_property
    def names(self) -> dict[str, str]:
        return value_names(self.survey.store, self.document)

    def questions(self, document: SurveyDocument | None = None) -> list[dict[str, Any]]:
        """In words, with the problems of each."""
        shown = document or self.document
        wrong = self.wrong_questions if document is None else set()
        return [self._question(question, shown, wrong) for question in shown.questions]

    def _question(self, question: Question, document: SurveyDocument, wrong: set[str]) -> dict[str, Any]:
        words = next((question.text[one] for one in document.languages if question.text.get(one)), "")
        return {
            "question": question,
            "text": words or "No words yet",
            "kind": KIND_NAMES[question.kind],
            "only": conditions(document, question, self.names),
            "options": len(question.options),
            "is_wrong": question.id in wrong,
        }

    @cached_property
    def wrong_questions(self) -> set[str]:
        return {one.where.split(".")[1] for one in self.problems if one.where.startswith("questions.")}

    def languages(self) -> list[dict[str, Any]]:
        """Those of the survey, with what each still lacks."""
        return [
            {"code": code, "name": tongue(code), "missing": self.gaps.get(code, [])} for code in self.document.languages
        ]

    def place_of(self, problem: Problem) -> str:
        """The address of where a problem can be mended."""
        parts = problem.where.split(".")
        key = parts[1] if parts[0] == "questions" and len(parts) > 1 else "around" if parts[0] != "questions" else ""
        return self.address("survey_edit", **({"question": key} if key else {}))

    def address(self, name: str, **asked: str) -> str:
        path = reverse(f"feedback_console:{name}", args=[self.survey.store.slug, self.survey.pk])
        return f"{path}?{urlencode(asked)}" if asked else path

    def context(self, request: StaffRequest, current: str) -> dict[str, Any]:
        """What the frame of each of its pages needs."""
        may_write = request.membership.may("feedback.write")
        tabs = [
            {"label": label, "url": self.address(name), "current": name == current}
            for name, label in TABS
            if may_write or name in ("survey", "survey_history")
        ]
        return {
            "page_title": self.title,
            "survey": self.survey,
            "desk": self,
            "state": state_of(self.survey),
            "tabs": tabs,
            "may_write": may_write,
            "tongue": tongue,
        }
