"""A store's policy: drafts, versions, and which one holds."""

from datetime import UTC, datetime, timedelta

import pytest

from thereafter.returns import store_policies
from thereafter.returns.actions import policies
from thereafter.returns.models import PolicyVersion
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.rules.policy.policies import BadPolicy
from thereafter.stores.models import Audit, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store(currency="EUR")


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


def document(days: int = 30, **parts: object) -> dict[str, object]:
    return {"name": f"{days} days", "window": {"days": days}, **parts}


def published(store: Store, owner: Staff, days: int) -> PolicyVersion:
    assert policies.save_draft(store, document(days), by=owner, now=NOW) == []
    return policies.publish(store, by=owner, now=NOW, note=f"{days} days now")


def test_a_store_that_published_none_has_the_classic_one_in_its_currency() -> None:
    version, policy = store_policies.current(make_store(currency="USD"))
    assert (version, policy.name, policy.currency) == (None, "Classic, 30 days", "USD")


def test_a_draft_holds_for_nobody(store: Store, owner: Staff) -> None:
    policies.save_draft(store, document(99), by=owner, now=NOW)
    assert store_policies.current(store)[1].window.days == 30
    assert store_policies.draft(store) is not None


def test_publishing_makes_the_draft_a_version(store: Store, owner: Staff) -> None:
    published(store, owner, 40)
    version, policy = store_policies.current(store)
    assert version is not None
    assert (version.number, version.saved_by, version.note, policy.window.days) == (1, owner, "40 days now", 40)
    assert store_policies.draft(store) is None


def test_old_versions_are_kept_and_one_goes_back_to_them_by_a_new_one(store: Store, owner: Staff) -> None:
    first = published(store, owner, 40)
    published(store, owner, 50)
    policies.save_draft(store, document(60), by=owner, now=NOW)
    third = policies.go_back(store, 1, by=owner, now=NOW + timedelta(days=1))
    assert (third.number, third.document, third.note) == (3, first.document, "Back to version 1")
    assert store_policies.current(store)[1].window.days == 40
    assert store_policies.draft(store) is not None
    assert PolicyVersion.objects.of(store).published().count() == 3


def test_what_is_wrong_is_kept_as_a_draft_but_never_published(store: Store, owner: Staff) -> None:
    bad = document(30, outcomes=["nothing"], rules=[{"name": "", "then": []}])
    problems = policies.save_draft(store, bad, by=owner, now=NOW)
    with pytest.raises(BadPolicy) as refused:
        policies.publish(store, by=owner, now=NOW)
    assert [str(one) for one in refused.value.problems] == [str(one) for one in problems]
    assert len(problems) == 3
    assert store_policies.current(store)[0] is None


def test_a_discarded_draft_leaves_what_held(store: Store, owner: Staff) -> None:
    published(store, owner, 40)
    policies.save_draft(store, document(50), by=owner, now=NOW)
    policies.discard_draft(store, by=owner, now=NOW)
    assert store_policies.draft(store) is None
    assert store_policies.current(store)[1].window.days == 40


def test_each_change_of_the_policy_is_written_down(store: Store, owner: Staff) -> None:
    published(store, owner, 40)
    policies.save_draft(store, document(50), by=owner, now=NOW)
    policies.save_draft(store, document(51), by=owner, now=NOW)
    policies.discard_draft(store, by=owner, now=NOW)
    verbs = list(
        Audit.objects.of(store).filter(verb__startswith="returns.").order_by("pk").values_list("verb", flat=True)
    )
    assert verbs == [
        "returns.draft_policy", "returns.publish_policy", "returns.draft_policy", "returns.discard_policy",
    ]  # fmt: skip


def test_shops_have_their_own(store: Store, owner: Staff) -> None:
    published(store, owner, 40)
    other = make_store("other")
    assert store_policies.current(other)[0] is None
    assert published(other, make_staff(other), 10).number == 1


def test_the_same_document_is_compiled_once(store: Store, owner: Staff) -> None:
    published(store, owner, 40)
    assert store_policies.current(store)[1] is store_policies.current(store)[1]


def test_ready_policies_can_be_published_in_any_currency(store: Store, owner: Staff) -> None:
    for key in ready_policies.KEYS:
        assert policies.save_draft(store, ready_policies.document(key, "JPY"), by=owner, now=NOW) == []
