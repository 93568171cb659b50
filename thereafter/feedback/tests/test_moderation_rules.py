"""Reasons, hints, hide rates, mending and groups: what holds whatever the stars."""

import inspect

import pytest

from thereafter.feedback import moderation_words
from thereafter.feedback.rules import hide_rates, moderation, review_groups, screening
from thereafter.feedback.rules.hide_rates import fisher
from thereafter.feedback.rules.review_groups import Grouped, UnlikeProducts
from thereafter.feedback.rules.screening import Beside


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Call me at +49 170 1234567", ["phone"]),
        ("Write to anna(at)example.com", ["email"]),
        ("Hauptstraße 12 in Berlin", ["address"]),
        ("I live at 12 rue de Paris", ["address"]),
        ("See www.cheap.shop for more", ["link"]),
        ("YOU SHOULD NEVER BUY THESE SHOES AT ALL", ["capitals"]),
        ("noooooooo", ["repeats"]),
        ("Le facteur est un connard", ["abuse"]),
        ("Damn good coffee, killer headphones, sex of my dog: great", []),
        ("Size 42.5, bought on 2024-05-01 for 1,299.99, after 10000 steps", []),
        ("Le colis est arrivé en retard", []),
        ("Con mucho gusto; de puta madre", []),
        ("They fit well. It is what I wanted.", []),
    ],
)
def test_hints_find_what_deserves_a_look(text: str, codes: list[str]) -> None:
    assert [hint.code for hint in screening.hints("", text)] == codes


def test_hints_are_never_told_the_stars() -> None:
    told = set(inspect.signature(screening.hints).parameters) | set(inspect.signature(Beside).parameters)
    assert not {"rating", "stars", "score", "review"} & told


def test_copies_crowds_and_insiders_are_hinted_at() -> None:
    long = "The sole is soft and the upper keeps the water out for hours."
    beside = Beside(same_words=2, same_network=1, author="ceo@mail.stride.example", insider_domains=["stride.example"])
    assert [hint.code for hint in screening.hints("", long, beside)] == ["same_words", "same_network", "insider"]
    assert [hint.code for hint in screening.hints("", "Great!", Beside(same_words=40))] == []


# By R's fisher.test.
@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((3, 1, 1, 3), 0.4857),
        ((8, 2, 1, 5), 0.03497),
        ((1, 9, 11, 3), 0.002759),
        ((0, 10, 0, 10), 1.0),
        ((0, 0, 0, 0), 1.0),
    ],
)
def test_fisher_s_exact_test(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher(*table) == pytest.approx(p, rel=1e-3)


def test_a_warning_needs_more_than_chance_and_the_wrong_direction() -> None:
    assert hide_rates.hide_rates({1: 50, 5: 500}, {1: 12, 5: 5}).warns
    assert not hide_rates.hide_rates({1: 5, 5: 50}, {1: 1, 5: 2}).warns
    assert not hide_rates.hide_rates({1: 500, 5: 50}, {1: 5, 5: 12}).warns
    assert not hide_rates.hide_rates({5: 50}, {5: 12}).warns


@pytest.mark.parametrize(
    ("before", "after", "is_typo"),
    [
        ("Teh shoes are grate", "The shoes are great", True),
        ("I like alot of it", "I like a lot of it", True),
        ("the the shoe", "the shoe", True),
        ("Bequem  aber teuer", "Bequem, aber teuer", True),
        ("not good", "good", False),
        ("not good", "now good", False),
        ("bad", "good", False),
        ("It is very bad", "It is bad", False),
        ("It broke after 2 days", "It broke after 20 days", False),
        ("terible quality", "terrific quality", False),
        ("", "Great", False),
    ],
)
def test_mending_changes_letters_and_no_meaning(before: str, after: str, is_typo: bool) -> None:
    assert moderation.is_mending(before, after) == is_typo


def test_every_reason_is_told_to_the_author_and_none_is_about_what_they_think() -> None:
    assert set(moderation_words.TOLD) == set(moderation.REASONS)
    words = " ".join(f"{one.code} {one.label} {one.meaning}" for one in moderation.REASONS.values()).lower()
    assert not {"stars", "rating", "negative", "unfair", "bad for"} & set(words.split())
    assert "negative" not in words


@pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
def test_few_stars_are_hidden_by_two(rating: int) -> None:
    assert moderation.needs_second(rating) == (rating <= 3)


SOCK = Grouped("Trail Sock, blue, 3-pack", "Socks")


@pytest.mark.parametrize("title", ["Trail Sock black", "Trail Sock XL", "trail sock (pack of 6)", "Trail Socks"[:10]])
def test_variants_of_one_thing_share_their_reviews(title: str) -> None:
    review_groups.check([SOCK, Grouped(title, "Socks")])


@pytest.mark.parametrize(
    "other",
    [
        Grouped("Trail Sock black", "Caps"),
        Grouped("Road Sock black", "Socks"),
        Grouped("Trail Sock Pro", "Socks"),
        Grouped("Trail Sock 2", "Socks"),
    ],
)
def test_unlike_products_do_not(other: Grouped) -> None:
    with pytest.raises(UnlikeProducts):
        review_groups.check([SOCK, other])
    with pytest.raises(UnlikeProducts):
        review_groups.check([Grouped(SOCK.title, ""), Grouped(SOCK.title, "")])
