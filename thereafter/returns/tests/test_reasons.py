"""Why things come back, and what follows."""

from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy.outcomes import OUTCOMES


def test_keys_are_given_once():
    keys = [one.key for branch in reasons.TREE for one in branch.reasons]
    assert len(keys) == len(set(keys)) == len(reasons.BY_KEY)


def test_every_reason_offers_money_back_and_only_known_outcomes():
    for one in reasons.BY_KEY.values():
        assert set(one.first) <= set(OUTCOMES)
        assert "refund" in one.first


def test_a_size_that_does_not_fit_is_exchanged_first():
    assert reasons.reason("size_small").first[0] == "exchange_variant"


def test_damage_on_arrival_wants_photos_and_is_a_claim_against_the_carrier():
    one = reasons.reason("damaged_on_arrival")
    assert (one.photos, one.basis, one.fault, one.conformity) == ("needed", "carrier_claim", "carrier", True)


def test_what_never_came_needs_no_sending_back():
    assert [key for key, one in reasons.BY_KEY.items() if not one.arrives] == ["missing_item", "lost", "not_here"]


def test_what_broke_later_is_mended_first():
    assert reasons.reason("faulty_later").first[0] == "repair"


def test_nobody_must_give_a_reason():
    assert reasons.reason("") is reasons.reason("no_such_reason") is reasons.UNSAID


def test_questions_about_size_are_asked_of_clothes_and_shoes_only():
    assert "fit" in [branch.key for branch in reasons.tree("shoes")]
    assert "fit" in [branch.key for branch in reasons.tree()]
    assert "fit" not in [branch.key for branch in reasons.tree("toys")]


def test_every_text_can_be_translated():
    texts = list(reasons.texts())
    assert "Too small" in texts
    assert all(texts)
