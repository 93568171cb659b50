"""Changing a survey a piece at a time, as the editor does; nothing here checks what only publishing needs."""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.feedback.rules.documents import COMMENT, SCORE, Option, Question, SurveyDocument, Words
from thereafter.feedback.rules.plain_words import PLAIN

# Kinds of questions that can be added, what they are called, what they are for, and their icon. The score is there from
# the beginning.
ADDABLE = {
    "choices": ("Choose several", "Tick all that fit", "check"),
    "choice": ("Choose one", "Pick the one that fits best", "arrow-right"),
    "scale": ("Scale", "From 1 to 5, or up to 10", "chart"),
    "text": ("In their words", "A box to write in", "text"),
    "photo": ("Photo", "Show us what you mean", "image"),
}
KIND_NAMES = {"score": "Score"} | {kind: name for kind, (name, _, _) in ADDABLE.items()}
EMPTY_OPTIONS = 2


def add(document: SurveyDocument, kind: str) -> tuple[SurveyDocument, str]:
    """A new question at the end, and its key."""
    keys = {question.id for question in document.questions}
    key = COMMENT if kind == "text" and COMMENT not in keys else _free(kind, keys)
    options = tuple(Option(id=f"a{number}") for number in range(1, EMPTY_OPTIONS + 1))
    is_chosen = kind in ("choice", "choices")
    question = Question.model_validate({"id": key, "kind": kind, "options": options if is_chosen else ()})
    return _with(document, [*document.questions, question]), key


def _free(stem: str, taken: set[str]) -> str:
    return next(name for number in range(1, len(taken) + 2) if (name := f"{stem}_{number}") not in taken)


def _with(document: SurveyDocument, questions: Sequence[Question]) -> SurveyDocument:
    return document.model_copy(update={"questions": tuple(questions)})


def move(document: SurveyDocument, key: str, by: int) -> SurveyDocument:
    """One place up (-1) or down (1). The score stays first."""
    questions = list(document.questions)
    at = next((place for place, one in enumerate(questions) if one.id == key), -1)
    there = at + by
    if at < 0 or not 0 <= there < len(questions) or SCORE in (key, questions[there].id):
        return document
    questions[at], questions[there] = questions[there], questions[at]
    return _with(document, questions)


def copy(document: SurveyDocument, key: str) -> tuple[SurveyDocument, str]:
    """The same question again, after it."""
    question = document.question(key)
    if question is None or question.kind == "score":
        return document, key
    fresh = _free(question.kind, {one.id for one in document.questions})
    at = document.questions.index(question) + 1
    copied = question.model_copy(update={"id": fresh})
    return _with(document, [*document.questions[:at], copied, *document.questions[at:]]), fresh


def drop(document: SurveyDocument, key: str) -> tuple[SurveyDocument, int]:
    """Without a question, and without the conditions on it: so many there were. The score cannot go."""
    if key == SCORE:
        return document, 0
    kept = [question for question in document.questions if question.id != key]
    lost = sum(one.question == key for question in kept for one in question.show_if)
    freed = [
        question.model_copy(update={"show_if": tuple(one for one in question.show_if if one.question != key)})
        for question in kept
    ]
    return _with(document, freed), lost


def replace(document: SurveyDocument, question: Question) -> SurveyDocument:
    """A question as it was changed; conditions on an answer that is gone lose that value, and go when none is left."""
    keys = {option.id for option in question.options}
    questions = [
        question if one.id == question.id else _without_gone(one, question, keys) for one in document.questions
    ]
    return _with(document, questions)


def _without_gone(one: Question, changed: Question, keys: set[str]) -> Question:
    if changed.kind not in ("choice", "choices"):
        return one
    kept = []
    for condition in one.show_if:
        if condition.question != changed.id:
            kept.append(condition)
        elif values := tuple(value for value in condition.values if value in keys):
            kept.append(condition.model_copy(update={"values": values}))
    return one.model_copy(update={"show_if": tuple(kept)})


def say(words: Words, texts: Mapping[str, str]) -> Words:
    """With these texts in their languages; an empty text takes its language away."""
    return {language: text for language, text in {**words, **texts}.items() if text.strip()}


def set_languages(document: SurveyDocument, languages: Sequence[str]) -> SurveyDocument:
    """In these languages; where the score is asked in our own words, a new language gets them."""
    changed = document.model_copy(update={"languages": tuple(languages)})
    score = changed.score
    if score is None:
        return changed
    ours = {language: PLAIN[document.kind][language] for language in languages if language in PLAIN[document.kind]}
    is_ours = any(text == PLAIN[document.kind].get(language) for language, text in score.text.items())
    if not is_ours:
        return changed
    filled: dict[str, Any] = {"text": {**ours, **score.text}}
    for end in ("low_text", "high_text"):
        known = PLAIN.get(f"{document.kind}_{end.removesuffix('_text')}", {})
        filled[end] = {**{one: known[one] for one in languages if one in known}, **getattr(score, end)}
    return replace(changed, score.model_copy(update=filled))


def without_lost_languages(document: SurveyDocument) -> SurveyDocument:
    """Only with words in the survey's languages: what is published says nothing it does not offer."""

    def kept(words: Words) -> Words:
        return {language: text for language, text in words.items() if language in document.languages}

    questions = [
        question.model_copy(
            update={
                **{name: kept(getattr(question, name)) for name in ("text", "help", "low_text", "high_text")},
                "options": tuple(option.model_copy(update={"text": kept(option.text)}) for option in question.options),
            }
        )
        for question in document.questions
    ]
    thanks = {band: kept(words) for band, words in document.thanks.items()}
    return _with(document, questions).model_copy(update={"intro": kept(document.intro), "thanks": thanks})
