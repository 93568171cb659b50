"""An address that leads nowhere is told in the look of whoever asks."""

import pytest
from django.test import Client

from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


def test_a_shopper_who_mistypes_is_shown_the_way_to_the_order() -> None:
    store = make_store()
    answer = Client().get(f"/s/{store.slug}/no-such-page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert f"/s/{store.slug}/look-up/" in page
    assert "/console/" not in page


@pytest.mark.parametrize(
    "path", ["/no-such-page/", "/s/", "/s/nobody/x/", "/s/%00/", "/console/x/y/z/", "/console/%00/"]
)
def test_outside_a_shop_the_page_is_ours(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert "Thereafter" in answer.content.decode()


def test_an_address_that_no_database_can_look_for_is_not_found() -> None:
    store = make_store()
    for path in (f"/s/{store.slug}/o/a%00b", "/api/v1/journeys/a%00b/trigger", f"/hooks/{store.slug}/a%00b"):
        assert Client().post(path).status_code == 404
