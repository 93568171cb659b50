"""What is learnt from words: the model of how pleased they sound, and the themes."""

import numpy as np
import pytest

from thereafter.feedback.rules.words import changes, logistic, matching, ngrams, packing, sentiment, themes, tokens
from thereafter.feedback.rules.words.changes import Shares
from thereafter.feedback.rules.words.packing import Learnt
from thereafter.feedback.rules.words.sentiment import NotEnough
from thereafter.feedback.rules.words.sparse import Sparse
from thereafter.feedback.tests.words_makers import FIT, LATE, PRAISE, REFUND, spoken

HAPPY, UNHAPPY = [*spoken(FIT, 80), *spoken(PRAISE, 40)], [*spoken(LATE, 70), *spoken(REFUND, 50)]
TEXTS, IS_CONTENT = [*HAPPY, *UNHAPPY], np.array([True] * 120 + [False] * 120)


def test_runs_of_letters_are_counted_within_each_text_and_over_its_spaces() -> None:
    counted = ngrams.counts(["ab", "ab", "a b", "abab"])
    of = [set(counted.pieces[counted.owners == text].tolist()) for text in range(3)]
    assert of[0] == of[1]
    # " a", "ab", "b ", " ab", "ab ", " ab "
    assert len(of[0]) == 6
    assert len(of[0] & of[2]) == 2
    assert set(counted.times[counted.owners < 3].tolist()) == {1}
    # "ab" twice, all others once.
    assert sorted(counted.times[counted.owners == 3].tolist())[-2:] == [1, 2]


def test_accents_capitals_digits_and_drawn_out_letters_make_no_difference() -> None:
    assert ngrams.plain("ÓTIMOOOO  às 14h") == ngrams.plain("otimoo as 27h") == "otimoo as 00h"


def test_no_text_at_all_is_counted_as_nothing() -> None:
    counted = ngrams.counts([])
    assert len(counted.pieces) == len(counted.runs) == counted.texts == 0
    assert sentiment.fit(TEXTS, IS_CONTENT).content([]).tolist() == []


def test_sums_of_a_sparse_matrix_are_those_of_the_full_one() -> None:
    full = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    rows, columns = np.nonzero(full)
    cells = Sparse(rows, columns, full[rows, columns], full.shape)
    by_column, by_row = np.array([1.0, 10.0, 100.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert cells.times(by_column).tolist() == (full @ by_column).tolist()
    assert cells.back(by_row).tolist() == (full.T @ by_row).tolist()
    chosen = np.array([True, True, True, False])
    assert cells.where(chosen).times(by_column).tolist() == (full[:3] @ by_column).tolist()


def test_logistic_regression_finds_the_weights_that_calculus_gives() -> None:
    """Two rows of one column, one true, one false: the slope is zero where w = C s(-w), s being 1 / (1 + exp)."""
    cells = Sparse(np.array([0, 1]), np.array([0, 0]), np.array([1.0, -1.0]), (2, 1))
    weights, bias = logistic.fit_logistic(cells, np.array([True, False]), looseness=1.0)
    assert weights[0] == pytest.approx(2 / (1 + np.exp(weights[0])), abs=1e-3)
    assert bias == pytest.approx(0, abs=1e-3)


def test_words_it_has_not_seen_are_told_apart_by_the_letters_they_share() -> None:
    model = sentiment.fit(TEXTS, IS_CONTENT)
    late, fits, happy = model.content(["parcels are so late!!", "this size fitted", "perfectly happy"])
    assert late < 0.2
    assert min(fits, happy) > 0.8


def test_cross_validation_is_the_same_twice_and_names_what_it_is_based_on() -> None:
    quality = sentiment.cross_validate(TEXTS, IS_CONTENT)
    assert quality == sentiment.cross_validate(TEXTS, IS_CONTENT)
    assert quality.accuracy > 0.97
    assert quality.auc > 0.99
    assert (quality.content, quality.unhappy) == (120, 120)


def test_stars_that_have_nothing_to_do_with_the_words_cannot_be_learnt() -> None:
    """Whatever leaks from the fold that is judged into what is learnt would show here."""
    words = np.random.default_rng(1).integers(0, 40, size=(400, 5))
    texts = [" ".join(f"w{'abcdefghij'[one % 10]}{'klmn'[one // 10]}" for one in row) for row in words]
    chance = np.random.default_rng(2).permutation([True, False] * 200)
    assert 0.4 < sentiment.cross_validate(texts, chance).accuracy < 0.6


def test_each_fold_has_its_share_of_both_kinds() -> None:
    dealt = sentiment.folds(np.array([True] * 100 + [False] * 50), seed=1)
    assert np.bincount(dealt[:100]).tolist() == [20] * 5
    assert np.bincount(dealt[100:]).tolist() == [10] * 5


@pytest.mark.parametrize(("content", "unhappy"), [(150, 49), (300, 39), (39, 300)])
def test_with_too_few_comments_nothing_is_learnt_and_it_says_so(content: int, unhappy: int) -> None:
    texts, kinds = ["word"] * (content + unhappy), np.array([True] * content + [False] * unhappy)
    with pytest.raises(NotEnough, match=f"{content} content, {unhappy} unhappy"):
        sentiment.fit(texts, kinds)


def test_auc_is_the_share_of_pairs_in_the_right_order_with_ties_counting_half() -> None:
    told, is_content = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert sentiment.quality(told, is_content).auc == pytest.approx(3.5 / 4)


def test_a_model_comes_back_from_the_database_as_it_was() -> None:
    model = sentiment.fit(TEXTS, IS_CONTENT)
    again = packing.unpack(packing.pack(Learnt(model, {"en": {"late": 1.5}}, "en")))
    assert again.model is not None
    assert again.model.content(TEXTS[:9]) == pytest.approx(model.content(TEXTS[:9]), abs=1e-5)
    assert (again.rarity, again.usual) == ({"en": {"late": 1.5}}, "en")
    assert packing.unpack(packing.pack(Learnt(None, {}))).model is None


@pytest.mark.parametrize(
    ("text", "language", "stems"),
    [
        ("Não recebi o produto, ainda!", "pt", ["!recebi", "produt"]),
        ("Entregue no prazo", "pt", ["entreg", "prazo"]),
        ("The size didn’t fit", "en", ["size", "!fit"]),
        ("Die Größe passt nicht wirklich, Farbe schon", "de", ["grosse", "passt", "!farbe"]),
        ("No llegó el paquete", "es", ["!llego", "paquet"]),
        ("La livraison était parfaite", "fr", ["livrai"]),
    ],
)
def test_words_are_known_by_their_first_letters_and_negations_stay(text: str, language: str, stems: list[str]) -> None:
    assert [word.stem for word in tokens.words(text, language)] == stems


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das Paket ist nicht gekommen und ich habe noch gewartet", "de"),
        ("Ainda não recebi o meu produto e já faz um mês", "pt"),
        ("Je n’ai pas encore reçu le colis de ma fille", "fr"),
        ("Todavía no ha llegado el paquete y ya hace un mes", "es"),
        ("The parcel did not come and they do not answer", "en"),
        ("Top", "nl"),
    ],
)
def test_the_language_is_that_of_the_little_words_else_the_one_told(text: str, language: str) -> None:
    assert tokens.language_of(text, "nl-NL") == language


def test_a_single_little_word_tells_the_language_only_where_none_was_told() -> None:
    assert tokens.language_of("Muito bom", "") == "pt"
    assert tokens.language_of("Muito bom", "es") == "es"
    assert tokens.language_of("Top", "") == ""


def found(comments: list[str]) -> tuple[list[themes.Found], dict[str, float], list[list[tokens.Word]]]:
    said = [tokens.words(text, "en") for text in comments]
    rarity = themes.rarity_of(said)
    return themes.find(said, rarity), rarity, said


def test_what_people_speak_of_becomes_themes_named_by_their_own_words() -> None:
    all_of_them, rarity, said = found(TEXTS)
    names = {word for theme in all_of_them for word in theme.name.split(", ")}
    assert {"parcel", "late", "refund", "return", "shoes", "size"} & names >= {"refund", "shoes"}
    owner = themes.nearest(said, rarity, [theme.centre for theme in all_of_them])
    of_fit, of_late, of_refund = (
        {owner[TEXTS.index(text)] for text in spoken(phrases, 50)} for phrases in (FIT, LATE, REFUND)
    )
    assert not of_fit & of_refund
    assert not of_late & of_refund
    assert sum(theme.comments for theme in all_of_them) <= len(TEXTS)


def test_mere_praise_is_no_theme() -> None:
    all_of_them, rarity, _ = found(TEXTS)
    praise = [tokens.words(text, "en") for text in ("Great", "Very good!", "All perfect, thank you")]
    assert themes.nearest(praise, rarity, [theme.centre for theme in all_of_them]) == [None, None, None]


def test_the_same_comments_give_the_same_themes() -> None:
    assert found(TEXTS)[0] == found(TEXTS)[0]


def test_a_word_of_few_comments_never_names_a_theme() -> None:
    rare = [*TEXTS, *["Parcel from Anastasia Petrova was late"] * (themes.RAREST - 1)]
    assert "petrov" not in found(rare)[1]


def test_too_few_comments_have_no_themes() -> None:
    assert found(spoken(LATE, 10))[0] == []


def test_each_old_theme_goes_on_in_the_new_one_most_like_it() -> None:
    old = [{"late": 1.0}, {"refund": 0.8, "return": 0.6}]
    new = [{"colour": 1.0}, {"refund": 0.6, "return": 0.8}, {"late": 0.8, "wait": 0.6}]
    assert matching.known_again(old, new) == {1: 1, 2: 0}
    assert matching.known_again([{"late": 1.0}], [{"late": 0.9}, {"late": 1.0}]) == {1: 0}


def test_a_change_is_told_only_where_chance_would_hardly_do_it() -> None:
    told = changes.verdicts([Shares(60, 200, 20, 200), Shares(20, 200, 60, 200), Shares(22, 200, 20, 200)])
    assert told == [changes.MORE, changes.LESS, changes.SAME]
    assert changes.verdicts([Shares(10, 20, 1, 200)]) == [changes.TOO_FEW]
    assert changes.verdicts([Shares(3, 200, 0, 200)]) == [changes.TOO_FEW]


def test_the_more_themes_are_looked_at_the_more_it_takes() -> None:
    """30 against 15 of 200 has p = 0.018: something alone, and nothing among ten."""
    one, still = Shares(30, 200, 15, 200), Shares(20, 200, 20, 200)
    assert changes.verdicts([one]) == [changes.MORE]
    assert changes.verdicts([one, *[still] * 9]) == [changes.SAME] * 10
