"""What a survey asks of whom, and what keeps it from being published."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.feedback.rules import documents, reachability
from thereafter.feedback.rules.answers import KINDS
from thereafter.feedback.rules.document_checks import check, gaps
from thereafter.feedback.rules.documents import BadSurvey, SurveyDocument

SCORE: dict[str, Any] = {"id": "score", "kind": "score", "text": {"en": "How was it?"}, "required": True}
WHY: dict[str, Any] = {
    "id": "why",
    "kind": "choice",
    "text": {"en": "Why?"},
    "options": [{"id": "late", "text": {"en": "Late"}}, {"id": "size", "text": {"en": "Size"}}],
}
WORDS: dict[str, Any] = {"id": "comment", "kind": "text", "text": {"en": "Anything else?"}}


def survey(*questions: dict[str, Any], kind: str = "csat", languages: tuple[str, ...] = ("en",), **more: Any) -> Any:
    return documents.read({"kind": kind, "languages": languages, "questions": questions, **more})


def when(about: str, test: str, *values: int | str) -> dict[str, Any]:
    name = "fact" if about in documents.FACTS else "question"
    return {name: about, "test": test, "values": values}


def asked(document: SurveyDocument, replies: dict[str, Any], facts: dict[str, Any] | None = None) -> list[str]:
    return [one.id for one in documents.questions_for(document, replies, facts or {})]


def said(document: SurveyDocument, kind: str = "csat") -> str:
    return " ".join(problem.text for problem in check(document, kind))


@pytest.mark.parametrize(
    ("condition", "low", "high"),
    [
        (when("score", "band", "low"), 1, 2),
        (when("score", "band", "low", "middle"), 1, 3),
        (when("score", "is", 4), 4, 4),
        (when("score", "from", 3), 3, 5),
        (when("score", "to", 2), 1, 2),
    ],
)
def test_a_question_is_asked_for_some_scores_only(condition: dict[str, Any], low: int, high: int) -> None:
    document = survey(SCORE, {**WORDS, "show_if": [condition]})
    shown = [score for score in range(1, 6) if "comment" in asked(document, {"score": score})]
    assert shown == list(range(low, high + 1))


def test_nobody_is_asked_what_depends_on_an_answer_they_did_not_give() -> None:
    document = survey(SCORE, WHY, {**WORDS, "show_if": [when("why", "not", "late")]})
    assert asked(document, {"score": 1}) == ["score", "why"]
    assert asked(document, {"score": 1, "why": "size"}) == ["score", "why", "comment"]


def test_all_conditions_must_hold() -> None:
    conditions = [when("score", "band", "low"), when("why", "is", "size", "late")]
    document = survey(SCORE, WHY, {**WORDS, "show_if": conditions})
    assert "comment" not in asked(document, {"score": 4, "why": "late"})
    assert "comment" in asked(document, {"score": 1, "why": "late"})


def test_a_reply_to_a_question_that_is_no_longer_asked_decides_nothing() -> None:
    """Somebody said "1, too late", then changed the 1 to a 5."""
    document = survey(
        SCORE, {**WHY, "show_if": [when("score", "band", "low")]}, {**WORDS, "show_if": [when("why", "is", "late")]}
    )
    assert asked(document, {"score": 1, "why": "late"}) == ["score", "why", "comment"]
    assert asked(document, {"score": 5, "why": "late"}) == ["score"]


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        (when("late", "is", "yes"), {"late": True}),
        (when("carrier", "is", "dhl", "ups"), {"carrier": "DHL"}),
        (when("channel", "is", "qr"), {"channel": "qr"}),
        (when("product", "is", "17"), {"product_ids": [3, 17]}),
        (when("category", "is", "Boots"), {"categories": ["Socks", "boots"]}),
        (when("country", "not", "DE"), {"country": "AT"}),
        (when("language", "is", "pt"), {"language": "pt"}),
        (when("orders_before", "from", 1), {"orders_before": 1}),
    ],
)
def test_a_question_is_asked_for_what_is_known_of_the_order(condition: dict[str, Any], facts: dict[str, Any]) -> None:
    document = survey(SCORE, {**WORDS, "show_if": [condition]})
    assert "comment" in asked(document, {"score": 3}, facts)
    assert "comment" not in asked(document, {"score": 3}, {}), "what is not known never holds"
    other = {
        "late": False,
        "carrier": "gls",
        "channel": "mail",
        "product_ids": [3],
        "country": "DE",
        "orders_before": 0,
    }
    assert "comment" not in asked(document, {"score": 3}, other)


def test_words_fall_back_to_the_base_language_then_to_the_first_of_the_survey() -> None:
    words = {"de": "Hallo", "en": "Hello", "fr": ""}
    assert documents.in_language(words, "de-AT", ["en", "de"]) == "Hallo"
    assert documents.in_language(words, "fr", ["en", "de"]) == "Hello"
    assert documents.in_language({"de": "Hallo"}, "es", ["en"]) == "Hallo"
    assert documents.in_language({}, "es", ["en"]) == ""


def test_earlier_answers_are_recalled_and_what_is_unknown_leaves_no_hole() -> None:
    values = {"first_name": "Ana", "answer:why": "the size"}
    assert documents.recall("{first_name}, what about {answer:why}?", values) == "Ana, what about the size?"
    assert documents.recall("Hello, {first_name}! From {shop}.", {}) == "Hello! From."


@pytest.mark.parametrize("kind", KINDS)
def test_a_survey_without_words_of_its_own_is_sound_and_complete(kind: str) -> None:
    document = documents.plain(kind)
    assert check(document, kind) == []
    assert gaps(document) == {}
    assert documents.read(documents.as_document(document)) == document


def test_a_survey_with_our_words_may_ask_a_question_of_the_shop() -> None:
    document = documents.plain("csat", "All well?")
    assert document.score
    assert set(document.score.text.values()) == {"All well?"}


@pytest.mark.parametrize("kind", ["csat", "nps", "ces"])
def test_a_survey_with_a_score_begins_with_it(kind: str) -> None:
    assert "must begin with the question for its score" in said(survey(WORDS, SCORE, kind=kind), kind)
    assert "must begin" in said(survey(kind=kind), kind)
    assert said(survey(SCORE, WORDS, kind=kind), kind) == ""


def test_a_score_is_asked_of_everybody_and_once() -> None:
    assert "asked of everybody" in said(survey({**SCORE, "required": False}))
    again = {**SCORE, "id": "second"}
    assert "Only the first question" in said(survey(SCORE, again))


def test_a_form_has_no_score() -> None:
    assert "has no score" in said(survey(SCORE, kind="form"), "form")
    assert said(survey(WORDS, kind="form"), "form") == ""
    assert "no question yet" in said(survey(kind="form"), "form")


def test_the_document_is_of_the_kind_of_its_survey() -> None:
    assert "another kind" in said(survey(SCORE, kind="nps"), "csat")


def test_every_question_and_answer_has_words() -> None:
    mute = {**WHY, "options": [{"id": "late", "text": {"en": "Late"}}, {"id": "size"}]}
    problems = check(survey(SCORE, mute, {**WORDS, "text": {}}), "csat")
    named = {problem.where: problem.text for problem in problems}
    assert named["questions.why.options.size"] == "Answer 2 of question 2 “Why?” has no words."
    assert named["questions.comment.text"] == "Question 3 has no words."


def test_one_language_must_be_complete_the_others_fall_back() -> None:
    german = {**WORDS, "text": {"de": "Sonst noch etwas?"}}
    both = survey(SCORE, german, languages=("en", "de"))
    assert "No language is complete" in said(both)
    assert gaps(both) == {"en": ["question 2 “Sonst noch etwas?”"], "de": ["question 1 “How was it?”"]}
    assert said(survey(SCORE, {**WORDS, "text": {"en": "More?"}}, languages=("de", "en"))) == ""
    assert "at least one language" in said(survey(SCORE, languages=()))


def test_a_choice_has_two_answers_to_choose_from() -> None:
    assert "needs at least two answers" in said(survey(SCORE, {**WHY, "options": WHY["options"][:1]}))
    assert "same key" in said(survey(SCORE, {**WHY, "options": [WHY["options"][0]] * 2}))


def test_a_condition_is_about_an_earlier_question() -> None:
    early = {**WORDS, "show_if": [when("why", "is", "late")]}
    problems = check(survey(SCORE, early, WHY), "csat")
    assert [one.where for one in problems] == ["questions.comment.show_if.0"]
    assert "about question 3, which is asked later" in problems[0].text
    gone = {**WORDS, "show_if": [when("gone", "is", "late")]}
    assert "not there any more" in said(survey(SCORE, gone))


def test_questions_that_wait_for_each_other_are_named() -> None:
    one = {**WORDS, "show_if": [when("why", "is", "late")]}
    two = {**WHY, "show_if": [when("comment", "answered")]}
    assert "it and question 3 wait for each other" in said(survey(SCORE, one, two))
    assert "cannot depend on itself" in said(survey(SCORE, {**WHY, "show_if": [when("why", "is", "late")]}))


@pytest.mark.parametrize(
    "condition",
    [when("why", "is", "colour"), when("score", "is", 9), when("score", "from", 6), when("score", "band", "superb")],
)
def test_a_condition_names_what_can_be_answered(condition: dict[str, Any]) -> None:
    assert check(survey(SCORE, WHY, {**WORDS, "show_if": [condition]}), "csat")


@pytest.mark.parametrize(
    "conditions",
    [
        [when("score", "band", "low"), when("score", "from", 4)],
        [when("score", "band", "high"), when("score", "not", 4, 5)],
        [when("why", "is", "late"), when("why", "is", "size")],
        [when("late", "is", "yes"), when("late", "is", "no")],
        [when("carrier", "is", "dhl"), when("carrier", "not", "DHL")],
        [when("orders_before", "from", 3), when("orders_before", "to", 2)],
        [when("orders_before", "from", 3), when("orders_before", "is", 2)],
    ],
)
def test_a_question_nobody_can_ever_see_is_refused(conditions: list[dict[str, Any]]) -> None:
    assert "is never asked" in said(survey(SCORE, WHY, {**WORDS, "show_if": conditions}))


def test_what_an_earlier_question_waits_for_counts_too() -> None:
    """The reason is asked of the unhappy only, so nothing that depends on it is asked of the happy."""
    why = {**WHY, "show_if": [when("score", "band", "low")]}
    words = {**WORDS, "show_if": [when("why", "is", "late"), when("score", "band", "high")]}
    assert "is never asked" in said(survey(SCORE, why, words))


def test_several_products_or_answers_may_hold_at_once() -> None:
    both = [when("product", "is", "1"), when("product", "is", "2"), when("reasons", "is", "late")]
    several = {**WHY, "id": "reasons", "kind": "choices"}
    both.append(when("reasons", "is", "size"))
    assert said(survey(SCORE, several, {**WORDS, "show_if": both})) == ""


def test_a_survey_stays_short() -> None:
    many = [{**WORDS, "id": f"words_{number}"} for number in range(20)]
    assert "There are 21 questions; at most 20" in said(survey(SCORE, *many))
    assert "too long: 201 characters, at most 200" in said(survey({**SCORE, "text": {"en": "x" * 201}}))
    assert "too long" in said(survey(SCORE, thanks={"low": {"en": "x" * 601}}))


def test_a_survey_does_not_ask_for_a_good_score() -> None:
    problems = check(survey({**SCORE, "text": {"en": "Please give us 5 stars"}}), "csat")
    assert [one.where for one in problems] == ["questions.score.text"]
    assert "“5 stars”" in problems[0].text


def test_only_what_is_known_is_recalled() -> None:
    later = {**SCORE, "text": {"en": "You said {answer:why}?"}}
    assert "not asked before" in said(survey(later, WHY))
    assert "nothing is known of" in said(survey({**SCORE, "text": {"en": "Hello {nickname}"}}))
    assert said(survey(SCORE, WHY, {**WORDS, "text": {"en": "More on {answer:why}, {first_name}?"}})) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"questions": [{"id": "Score!", "kind": "score"}]},
        {"questions": [{"id": "score", "kind": "smell"}]},
        {"questions": [{**WORDS, "show_if": [{"test": "is", "values": ["a"]}]}]},
        {"questions": [{**WORDS, "show_if": [{"fact": "weather", "test": "is", "values": ["a"]}]}]},
        {"surprise": 1},
    ],
)
def test_what_is_no_survey_is_refused_with_a_place(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadSurvey) as refused:
        documents.read(wrong)
    assert all(where and text.endswith(".") for where, text in refused.value.problems)


CONDITIONS = st.one_of(
    st.builds(lambda bands: when("score", "band", *bands), st.lists(st.sampled_from(reachability.BANDS), min_size=1)),
    st.builds(
        lambda test, number: when("score", test, number),
        st.sampled_from(["is", "not", "from", "to"]),
        st.integers(1, 5),
    ),
    st.builds(
        lambda test, key: when("why", test, key), st.sampled_from(["is", "not"]), st.sampled_from(["late", "size"])
    ),
    st.builds(lambda value: when("late", "is", value), st.sampled_from(["yes", "no"])),
)
NO_WHY = CONDITIONS.filter(lambda one: one.get("question") != "why")


@settings(max_examples=300, deadline=None)
@given(st.lists(NO_WHY, max_size=3), st.lists(CONDITIONS, max_size=4))
def test_a_question_is_called_unreachable_exactly_when_no_answers_lead_to_it(
    first: list[dict[str, Any]], last: list[dict[str, Any]]
) -> None:
    document = survey(SCORE, {**WHY, "show_if": first}, {**WORDS, "show_if": last})
    people = product(range(1, 6), ("late", "size"), (True, False))
    reached = any(
        "comment" in asked(document, {"score": score, "why": why}, {"late": late}) for score, why, late in people
    )
    assert reachability.can_be_seen(document, 2) == reached
