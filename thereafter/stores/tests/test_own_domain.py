import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store(domain="help.stride.example")


def test_a_store_is_at_home_on_its_own_domain(store: Store) -> None:
    browser = Client(headers={"host": "help.stride.example"})
    assert "Stride" in browser.get("/").content.decode()
    assert browser.get(f"/s/{store.slug}/").status_code == 200


def test_neither_the_console_nor_another_store_is_found_there(store: Store) -> None:
    make_store("other")
    browser = Client(headers={"host": "help.stride.example"})
    assert browser.get("/console/sign-in/").status_code == 404
    assert browser.get("/api/v1/docs").status_code == 404
    assert browser.get("/s/other/").status_code == 404


def test_our_own_address_and_unknown_ones_belong_to_no_store(store: Store) -> None:
    for host in ("127.0.0.1:8000", "[::1]:8000", "elsewhere.example"):
        assert Client(headers={"host": host}).get("/console/sign-in/").status_code == 200
