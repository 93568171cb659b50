import pytest

from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.stores.turns import in_each_store


@pytest.mark.django_db
def test_a_store_that_fails_keeps_no_other_waiting_and_is_told_of() -> None:
    first, second = make_store(slug="first"), make_store(slug="second")
    seen: list[Store] = []

    def work(store: Store) -> int:
        seen.append(store)
        if store == first:
            raise ValueError("broken")
        return 1

    with pytest.raises(ValueError, match="broken") as told:
        in_each_store(work)
    assert seen == [first, second]
    assert told.value.__notes__ == ["in the store first"]


@pytest.mark.django_db
def test_what_was_done_is_added_up() -> None:
    make_store(slug="first"), make_store(slug="second")
    assert in_each_store(lambda store: 2) == 4
