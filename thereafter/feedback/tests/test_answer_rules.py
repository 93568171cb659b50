import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.feedback.rules import answers as rules
from thereafter.kit import scores
from thereafter.kit.shares import wilson


def test_eighty_of_a_hundred_satisfied() -> None:
    score = scores.csat({5: 50, 4: 30, 3: 10, 2: 6, 1: 4})
    assert score.share == 0.8
    assert (round(score.low or 0, 3), round(score.high or 0, 3)) == (0.711, 0.867)
    assert score.mean == pytest.approx(4.16)


def test_ten_of_ten_satisfied_is_no_certainty() -> None:
    score = scores.csat({5: 10})
    assert (round(score.low or 0, 3), score.high) == (0.722, 1.0)


def test_nobody_answered() -> None:
    assert scores.csat({}) == scores.Csat(0, 0, None, None, None, None)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(given_answers: tuple[int, int]) -> None:
    successes, n = given_answers
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_beside_the_scale_is_refused(score: int) -> None:
    with pytest.raises(rules.BadScore):
        rules.check_score("csat", score)


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("unix:", ""), ("", "")],
)
def test_of_an_address_only_the_network_is_kept(address: str, network: str) -> None:
    assert rules.network_of(address) == network


def test_a_comment_is_text_and_ends_somewhere() -> None:
    assert rules.clean_comment("  Péssimo\x00\u202e!\n<b>ok</b> ") == "Péssimo!\n<b>ok</b>"
    assert len(rules.clean_comment("a" * 9000)) == 4000
