from datetime import timedelta

import pytest
from django.test import override_settings

from thereafter.kit import tokens
from thereafter.kit.tokens import BadToken


def test_a_token_is_good_for_its_purpose_only() -> None:
    token = tokens.sign("order", 1, 42)
    assert tokens.read("order", token, max_age_days=1) == [1, 42]
    with pytest.raises(BadToken):
        tokens.read("account", token, max_age_days=1)


def test_an_altered_or_old_token_is_refused() -> None:
    token = tokens.sign("order", 1, 42)
    with pytest.raises(BadToken):
        tokens.read("order", token[:-1] + ("A" if token[-1] != "A" else "B"), max_age_days=1)
    with pytest.raises(BadToken):
        tokens.read("order", token, max_age_days=-timedelta(seconds=1).total_seconds())


def test_a_sealed_secret_can_be_read_only_with_the_same_key() -> None:
    sealed = tokens.seal("hush")
    assert "hush" not in sealed
    assert tokens.unseal(sealed) == "hush"
    with override_settings(SECRET_KEY="another"), pytest.raises(BadToken):
        tokens.unseal(sealed)
