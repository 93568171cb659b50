"""Asking for good stars is seen in five languages; asking for an opinion is not mistaken for it."""

import json
from pathlib import Path

import pytest

from thereafter.kit.wording import HAPPY, REWARD, STARS, asks_for_stars


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Leave us a 5-star review!", STARS),
        ("Please give us five stars.", STARS),
        ("Get a 10% coupon for a 5-star review", REWARD),
        ("We'd appreciate a positive review", STARS),
        ("★★★★★ – write it now", STARS),
        ("Gib uns 5 Sterne", STARS),
        ("Hinterlasse eine positive Bewertung", STARS),
        ("Für eine 5-Sterne-Bewertung bekommst du einen Gutschein", REWARD),
        ("Schenk uns fünf Sterne", STARS),
        ("Laisse-nous un avis 5 étoiles", STARS),
        ("Donnez-nous un avis positif", STARS),
        ("Un bon d’achat pour un avis 5 étoiles", REWARD),
        ("Déjanos una reseña de 5 estrellas", STARS),
        ("Danos cinco estrellas", STARS),
        ("Un cupón por una reseña positiva", REWARD),
        ("Deixa uma avaliação de 5 estrelas", STARS),
        ("Dá-nos cinco estrelas", STARS),
        ("Desconto por uma avaliação positiva", REWARD),
        ("Happy with your shoes? Leave us a review.", HAPPY),
        ("If you love it, please write a review.", HAPPY),
        ("Zufrieden? Dann schreib eine Bewertung.", HAPPY),
        ("Wenn es dir gefällt, bewerte uns.", HAPPY),
        ("Si tu es satisfait, laisse un avis.", HAPPY),
        ("Si te gusta, déjanos una reseña.", HAPPY),
        ("Se gostaste, deixa uma avaliação.", HAPPY),
        ("Satisfeito? Deixa uma avaliação.", HAPPY),
    ],
)
def test_what_asks_for_good_stars_is_seen(text: str, kind: str) -> None:
    assert [asked.kind for asked in asks_for_stars(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "What do you think of your shoes?",
        "Rate it from 1 to 5 stars.",
        "Write a review, good or bad: 50 points for it, whatever it says.",
        "Our customers give us 4.8 of 5 stars.",
        "How satisfied are you?",
        "50 points for your review.",
        "Schreib, was du denkst.",
        "Gib 1 bis 5 Sterne",
        "Deine Bewertung, egal wie viele Sterne, bringt 50 Punkte.",
        "Bist du zufrieden? Sag uns, was wir besser machen können.",
        "Donne une note de 1 à 5 étoiles",
        "Quel que soit ton avis, 5 étoiles ou une",
        "Deja tu reseña, buena o mala",
        "Deixa a tua avaliação, boa ou má",
        "Puntúa de 1 a 5 estrellas",
        "Thanks for your five-star review",
        "If you like it, keep it. If not, send it back.",
        "Free returns for 30 days.",
        "Bonne journée et bon achat, laisse ton adresse",
        "Does your review still say what you think?",
    ],
)
def test_an_honest_question_is_left_alone(text: str) -> None:
    assert asks_for_stars(text) == []


def test_liquid_and_markup_do_not_hide_it() -> None:
    (asked,) = asks_for_stars("<p>Hi {{ customer.first_name }}, please <b>leave us</b> a 5-star review.</p>")
    assert "5-star review" in asked.quote
    assert "honest review" in str(asked)


def test_nothing_that_comes_with_the_product_asks_for_good_stars() -> None:
    room = Path(__file__).parents[2]
    texts = [
        (file.name, text)
        for file in room.glob("*/templates/*/*/*.json")
        for text in json.loads(file.read_text()).values()
        if isinstance(text, str)
    ]
    assert len(texts) > 1000
    assert [(name, asks_for_stars(text)) for name, text in texts if asks_for_stars(text)] == []
