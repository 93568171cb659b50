import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def browser_of_owner(owner: Staff) -> Client:
    return signed_in(owner)
