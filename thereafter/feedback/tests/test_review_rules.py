"""What holds for every review, whatever its stars."""

import inspect
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from thereafter.feedback.rules import reviews as rules

BERLIN = ZoneInfo("Europe/Berlin")
DELIVERED = datetime(2026, 3, 20, 11, 0, tzinfo=UTC)
FIT = {
    "key": "fit",
    "kind": "scale",
    "label": {"en": "How does it fit?", "de": "Wie passt es?"},
    "options": [{"key": "small", "label": {"en": "Small"}}, {"key": "true", "label": {"en": "True to size"}}],
}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anna Maria Schmidt", "Anna Maria S."),
        ("Anna", "Anna"),
        ("  anna   schmidt ", "anna S."),
        ("Anna von der Heide", "Anna H."),
        ("anna@example.com", ""),
        ("Anna anna.schmidt@example.com", "Anna"),
        ("Anna Schmidt 0170 1234567", "Anna S."),
        ("Ørsted Åse", "Ørsted Å."),
        ("王 小明", "王 小."),
        ("", ""),
    ],
)
def test_a_surname_is_cut_to_its_letter_and_an_address_is_never_shown(name: str, shown: str) -> None:
    assert rules.shown_name(name) == shown


def test_products_whose_waits_lie_near_are_asked_about_together_when_the_longest_is_over() -> None:
    (one,) = rules.when_to_ask(DELIVERED, {1: 7, 2: 14}, BERLIN)
    assert one.product_ids == (1, 2)
    assert one.due_at.astimezone(BERLIN).isoformat() == "2026-04-03T18:00:00+02:00"


def test_a_sofa_is_asked_about_later_than_socks() -> None:
    socks, sofa = rules.when_to_ask(DELIVERED, {1: 5, 2: 30, 3: 12}, BERLIN)
    assert (socks.product_ids, sofa.product_ids) == ((1, 3), (2,))
    assert (sofa.due_at - socks.due_at).days == 18


def test_without_a_wait_the_question_comes_after_the_parcel() -> None:
    late = datetime(2026, 3, 20, 20, 0, tzinfo=UTC)
    (one,) = rules.when_to_ask(late, {1: 0}, BERLIN)
    assert one.due_at > late


def test_when_is_decided_by_days_alone() -> None:
    """Nobody can hand in stars, lateness or a complaint: there is no such argument."""
    for rule in (rules.when_to_ask, rules.settled, rules.shown_name, rules.chosen):
        assert not {"rating", "score", "stars", "late", "complaint"} & set(inspect.signature(rule).parameters)


def test_a_product_s_rule_comes_before_its_category_s_and_leaving_out_holds() -> None:
    category, product = rules.Rule(wait_days=30, attributes=(FIT,)), rules.Rule(wait_days=5)
    assert rules.settled(14, category, product) == rules.Rule(True, 5, (FIT,))
    assert rules.settled(14, None, None) == rules.Rule(True, 14, ())
    assert not rules.settled(14, rules.Rule(asks=False), product).asks


@pytest.mark.parametrize(
    ("email", "is_one"),
    [
        ("anna@stride.example", True),
        ("anna@mail.Stride.example", True),
        ("anna@notstride.example", False),
        ("stride.example@gmail.com", False),
        ("", False),
    ],
)
def test_the_shop_s_own_people_are_known_by_their_domain(email: str, is_one: bool) -> None:
    assert rules.is_insider(email, ["@stride.example", ""]) == is_one


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_stars_are_one_to_five(rating: int) -> None:
    with pytest.raises(rules.BadReview, match="rating"):
        rules.check(rating, "", "")


def test_only_answers_of_the_schema_are_taken() -> None:
    assert rules.chosen([FIT], {"fit": "small", "age": "30"}) == {"fit": "small"}
    assert rules.chosen([FIT], {"fit": "huge"}) == {}


def test_a_schema_says_what_is_wrong_with_it() -> None:
    assert rules.schema_problems([FIT]) == []
    assert rules.schema_problems("fit")
    (twice,) = rules.schema_problems([FIT, FIT])
    assert "twice" in twice
    broken = rules.schema_problems([{"key": "fit", "kind": "stars", "label": {}, "options": [{"key": "a"}]}])
    assert len(broken) == 3


def test_words_come_in_the_reader_s_language_or_another() -> None:
    words = {"de": "50 Punkte", "en": "50 points"}
    assert rules.in_language(words, "de-AT") == "50 Punkte"
    assert rules.in_language(words, "fr") == "50 points"
    assert rules.in_language({"pt": "50 pontos"}, "fr") == "50 pontos"
    assert rules.in_language({}, "fr") == ""
