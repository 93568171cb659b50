"""Asking for an honest answer is allowed, asking for a good one is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.feedback.rules.wording import asks_for_stars

# fmt: off
WISHES = [
    "Give us 10!",
    "Please give us a 10 on the next page",
    "Leave us a 5-star review",
    "We hope for five stars",
    "5 stars would make our day",
    "Rate us 10/10",
    "Rate us 5 stars",
    "★★★★★ please",
    "Leave a positive review",
    "Please leave us a great rating",
    "We work for top marks",
    "If you are happy with your shoes, leave us a review",
    "If you loved it, rate us",
    "Happy? Review us!",
    "Wenn du zufrieden bist, schreib uns eine Bewertung",
    "Gib uns 5 Sterne",
    "Gib uns eine 10",
    "Bewerte uns mit fünf Sternen",
    "Hinterlasse eine positive Bewertung",
    "Wir freuen uns über eine 5-Sterne-Bewertung",
    "Wir wünschen uns die Bestnote",
    "Bitte gib die volle Punktzahl",
    "Bist du zufrieden? Dann bewerte uns",
    "Donnez-nous 10",
    "Mettez-nous 5 étoiles",
    "Laissez un avis positif",
    "Donnez la note maximale",
    "Si vous êtes satisfait, laissez un avis",
    "Danos un 10",
    "Danos 5 estrellas",
    "Déjanos una buena reseña",
    "Déjanos una reseña positiva",
    "Dinos la puntuación máxima",
    "Si te ha gustado, déjanos tu opinión",
    "Dê-nos nota 10",
    "Avalie com 5 estrelas",
    "Deixe uma avaliação positiva",
    "Queremos a nota máxima",
    "Se você gostou, deixe sua avaliação",
    "Give us a ten",
    "Gebt uns zehn",
]
HONEST = [
    "How satisfied are you with this order?",
    "How likely are you to recommend us to a friend?",
    "Rate us from 1 to 5 stars",
    "From 1 star (bad) to 5 stars (great)",
    "Open the link of your score, from 1 (very bad) to 5 (great):",
    "On a scale of 0 to 10, how likely are you to recommend us?",
    "Give your answer from 0 to 10",
    "Give a score between 0 and 10",
    "4.8 of 5 stars from 2,000 buyers",
    "Rated 4,8 von 5 Sternen",
    "over 2,000 5-star reviews",
    "Write a review. Every one is shown, good or bad.",
    "Leave us a review, whatever it says",
    "Öffne den Link zu deiner Note, von 1 (sehr schlecht) bis 5 (sehr gut):",
    "Bewerte uns mit 1 bis 5 Sternen",
    "Wie zufrieden bist du mit dieser Bestellung?",
    "Gib uns 10 % Feedback",
    "Write at least 10 words",
    "Schreib uns in 5 Minuten, wie es war",
    "Notez de 1 à 5",
    "Donnez votre avis, de 1 à 5 étoiles",
    "Abre el enlace de tu nota, de 1 (muy mal) a 5 (genial):",
    "Valora de 1 a 5 estrellas",
    "Dê sua nota de 0 a 10",
    "Abra o link da sua nota, de 1 (muito ruim) a 5 (ótimo):",
    "Avalie de 1 a 5 estrelas",
    "Qual é a sua satisfação com este pedido?",
    "Honest reviews help others",
    "Give us 5 minutes",
    "Give us 10 days",
    "Good reviews and bad ones are both shown",
    "Are you happy with the size?",
    "Tell us what went wrong",
    "If you need help, write to us",
    "Was the parcel late? Give us a moment.",
    "Give 10% to a friend and get 5 euro",
    "You get 10 points for a review, whatever it says",
    "Bist du mit der Größe zufrieden?",
    "Wenn du unzufrieden bist, schreib uns",
    "Se você precisar de ajuda, escreva",
    "Si no te gusta, devuélvelo en 14 días",
    "Invite 5 friends and get 10 euro",
    "Give 10 friends a code",
    "Donnez 10 € à vos amis",
    "Was it good? Tell us, and if it was not, tell us too",
]
# fmt: on


@pytest.mark.parametrize("text", WISHES)
def test_words_that_ask_for_a_good_score_are_found(text: str) -> None:
    assert asks_for_stars(f"Hello! {text}. Thank you.")


@pytest.mark.parametrize("text", HONEST)
def test_words_that_ask_for_an_honest_one_pass(text: str) -> None:
    assert asks_for_stars(text) is None


def test_the_offending_words_are_named_as_they_stand_there() -> None:
    assert asks_for_stars("Please leave us a 5-star review, thanks") == "5-star review"
    assert asks_for_stars("Donnez-nous 5\u00a0étoiles") == "5 étoiles"


def test_what_a_message_may_not_say_a_survey_may_not_either() -> None:
    assert asks_for_stars("Like your shoes? Share your great feedback and get 10 % off")


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    found = asks_for_stars(text)
    assert found is None or found
