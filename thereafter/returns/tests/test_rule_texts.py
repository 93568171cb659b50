from thereafter.returns.rule_texts import TEXTS
from thereafter.returns.rules import reasons, sentences

# These only carry what a merchant wrote.
_BARE = ("rejected", "tier")


def test_every_sentence_of_the_rules_is_gathered_for_translation() -> None:
    said = {text for key, text in sentences.SENTENCES.items() if key not in _BARE}
    assert {*reasons.texts(), *said, *sentences.EXCEPTIONS.values()} <= set(TEXTS)
