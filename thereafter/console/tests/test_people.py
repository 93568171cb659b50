"""Who works in a shop."""

import pytest
from django.test import Client

from thereafter.console.actions.account import WELCOME_DAYS, welcome_token
from thereafter.console.actions.people import invite
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.stores.models import Audit, Membership, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
PEOPLE = "/console/stride/settings/people/"
TOM = {"name": "Tom Okafor", "email": "tom@stride.example", "role": "support"}


def membership(staff: Staff, store: Store) -> Membership:
    return Membership.objects.of(store).get(staff=staff)


def role_of(staff: Staff, store: Store) -> str:
    return membership(staff, store).role


def test_an_invited_person_chooses_a_password_by_a_link_that_works_once(
    browser_of_owner: Client, client: Client
) -> None:
    page = browser_of_owner.post(PEOPLE, TOM).content.decode()
    tom = Staff.objects.get(email="tom@stride.example")
    link = f"/console/welcome/{welcome_token(tom).split(':')[0]}"
    assert link in page
    link = f"/console/welcome/{welcome_token(tom)}/"
    assert "Welcome, Tom Okafor" in client.get(link).content.decode()
    answer = client.post(link, {"new": "seven quiet mountains", "again": "seven quiet mountains"})
    assert client.get(answer.headers["Location"]).headers["Location"] == "/console/stride/"
    client.logout()
    assert client.get(link).status_code == 410


def test_a_welcome_link_is_over_after_three_days(client: Client, owner: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    tom = Staff(email="tom@stride.example", name="Tom")
    tom.set_unusable_password()
    tom.save()
    token = welcome_token(tom)
    with monkeypatch.context() as patch:
        patch.setattr("thereafter.console.actions.account.WELCOME_DAYS", -1)
        assert client.get(f"/console/welcome/{token}/").status_code == 410
    assert WELCOME_DAYS == 3
    assert client.get(f"/console/welcome/{token}x/").status_code == 410


def test_who_has_an_account_elsewhere_gets_no_link_that_could_take_it_over(browser_of_owner: Client) -> None:
    other = make_staff(make_store("outlet"), email="tom@stride.example")
    answer = browser_of_owner.post(PEOPLE, TOM)
    assert answer.headers["Location"] == PEOPLE
    other.refresh_from_db()
    assert other.has_usable_password()
    assert [one.role for one in Membership.objects.filter(staff=other).order_by("pk")] == ["owner", "support"]


def test_who_was_invited_elsewhere_gets_no_link_that_could_take_it_over(browser_of_owner: Client) -> None:
    outlet = make_store("outlet")
    invite(outlet, **TOM, by=make_staff(outlet, email="boss@outlet.example"), now=clock.now())
    answer = browser_of_owner.post(PEOPLE, TOM)
    assert answer.headers["Location"] == PEOPLE
    tom = Staff.objects.get(email="tom@stride.example")
    assert {one.store.slug for one in tom.memberships} == {"outlet", "stride"}


def test_inviting_a_colleague_again_changes_nothing(browser_of_owner: Client, store: Store, owner: Staff) -> None:
    page = browser_of_owner.post(PEOPLE, TOM | {"email": owner.email.upper()}).content.decode()
    assert "works here already" in page
    assert role_of(owner, store) == "owner"


def test_a_role_is_changed_and_written_down(browser_of_owner: Client, store: Store) -> None:
    tom = make_staff(store, role="support")
    browser_of_owner.post(f"{PEOPLE}{membership(tom, store).pk}/role/", {"role": "analyst"})
    assert role_of(tom, store) == "analyst"
    assert Audit.objects.of(store).get(verb="staff.change_role").detail == {"role": ["support", "analyst"]}


def test_an_unknown_role_is_refused(browser_of_owner: Client, store: Store) -> None:
    tom = make_staff(store, role="support")
    browser_of_owner.post(f"{PEOPLE}{membership(tom, store).pk}/role/", {"role": "emperor"})
    assert role_of(tom, store) == "support"


def test_the_last_owner_stays_owner(browser_of_owner: Client, store: Store, owner: Staff) -> None:
    own = membership(owner, store).pk
    browser_of_owner.post(f"{PEOPLE}{own}/role/", {"role": "analyst"})
    browser_of_owner.post(f"{PEOPLE}{own}/remove/")
    assert role_of(owner, store) == "owner"


def test_one_of_two_owners_may_leave_and_lands_outside(browser_of_owner: Client, store: Store, owner: Staff) -> None:
    make_staff(store, email="second@stride.example")
    answer = browser_of_owner.post(f"{PEOPLE}{membership(owner, store).pk}/remove/")
    assert answer.headers["Location"] == "/console/"
    assert browser_of_owner.get(PEOPLE).status_code == 404


def test_removing_asks_first(browser_of_owner: Client, store: Store) -> None:
    tom = make_staff(store, role="support")
    address = f"{PEOPLE}{membership(tom, store).pk}/remove/"
    assert "loses access" in browser_of_owner.get(address).content.decode()
    assert Membership.objects.of(store).filter(staff=tom).exists()
    browser_of_owner.post(address)
    assert not Membership.objects.of(store).filter(staff=tom).exists()


def test_who_was_removed_sees_nothing_any_more(browser_of_owner: Client, store: Store) -> None:
    tom = make_staff(store, role="support")
    browser_of_tom = signed_in(tom)
    assert browser_of_tom.get("/console/stride/orders/").status_code == 200
    browser_of_owner.post(f"{PEOPLE}{membership(tom, store).pk}/remove/")
    assert browser_of_tom.get("/console/stride/orders/").status_code == 404
