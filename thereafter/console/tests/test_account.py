"""A person's own pages."""

import pytest
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.stores.models import Audit, Staff
from thereafter.stores.tests.makers import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "seven quiet mountains"


def change(client: Client, password: str = PASSWORD, new: str = NEW, again: str = NEW):
    return client.post("/console/security/", {"password": password, "new": new, "again": again})


def test_a_new_password_ends_every_other_session(browser_of_owner: Client, owner: Staff) -> None:
    elsewhere = signed_in(owner)
    assert change(browser_of_owner).status_code == 302
    assert browser_of_owner.get("/console/profile/").status_code == 200
    assert elsewhere.get("/console/profile/").status_code == 302
    assert Audit.objects.filter(verb="account.change_password").count() == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"password": "not it"}, "not your password"),
        ({"again": "another long password"}, "differ"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": "password123", "again": "password123"}, "too common"),
    ],
)
def test_a_bad_change_of_password_says_why(browser_of_owner: Client, owner: Staff, fields: dict, says: str) -> None:
    assert says in change(browser_of_owner, **fields).content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_people_change_their_name(browser_of_owner: Client, owner: Staff) -> None:
    browser_of_owner.post("/console/profile/", {"name": "Maya Lindgren"})
    assert "Maya Lindgren" in browser_of_owner.get("/console/profile/").content.decode()


def test_the_pages_keep_the_menu_of_the_shop_one_was_in(browser_of_owner: Client) -> None:
    page = browser_of_owner.get("/console/profile/").content.decode()
    assert "/console/stride/attention/" in page
