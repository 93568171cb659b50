import pytest

from thereafter.stores import rules


@pytest.mark.parametrize(
    ("role", "verb", "allowed"),
    [
        ("owner", "settings.edit", True),
        ("marketer", "journeys.edit", True),
        ("marketer", "returns.approve", False),
        ("marketer", "audit.read", False),
        ("support", "returns.approve", True),
        ("support", "journeys.edit", False),
        ("warehouse", "returns.receive", True),
        ("warehouse", "returns.approve", False),
        ("warehouse", "customers.read", False),
        ("analyst", "orders.read", True),
        ("analyst", "orders.edit", False),
        ("analyst", "keys.read", False),
        ("stranger", "orders.read", False),
    ],
)
def test_a_role_includes_its_verbs_and_no_others(role: str, verb: str, allowed: bool) -> None:
    assert rules.may(role, verb) is allowed


@pytest.mark.parametrize(
    ("slug", "good"), [("stride", True), ("s-2", True), ("console", False), ("-a", False), ("Ä", False)]
)
def test_a_slug_is_a_plain_word_that_our_pages_do_not_use(slug: str, good: bool) -> None:
    assert rules.is_slug(slug) is good
