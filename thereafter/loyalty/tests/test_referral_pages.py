"""The member's page, the friend's page, and the console."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Customer
from thereafter.commerce.queries import may_contact
from thereafter.commerce.tests.makers import make_pool
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.tests.inviting import START, accepted, buys, claim, member, rewarding
from thereafter.storefront.links import account_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
State = Referral.State


@pytest.fixture
def store() -> Store:
    store = make_store(shop_url="https://shop.stride.example")
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends")
    return store


@pytest.fixture
def ann(store: Store) -> Member:
    return member(store, name="Anna Ridge")


def friend_page(one: Member) -> str:
    return reverse("loyalty_storefront:friend", args=[one.store.slug, one.referral_code])


def accept(one: Member, email: str, **more: str) -> str:
    """What the friend reads after typing an address."""
    answer = Client().post(friend_page(one), {"email": email, **more}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def main_of(page: str) -> str:
    return page[page.index("<main") :]


def signed_in_as(one: Member) -> Client:
    browser = Client()
    browser.get(reverse("storefront:account_link", args=[one.store.slug, account_token(one.customer)]))
    return browser


def test_a_friend_reads_a_first_name_and_what_there_is(ann: Member) -> None:
    page = Client().get(friend_page(ann)).content.decode()
    assert "Anna invites you" in page
    assert "10% off your first order" in page
    assert "Ridge" not in page
    assert "ann@example.com" not in page


def test_a_code_is_read_in_any_case(ann: Member) -> None:
    page = Client().get(friend_page(ann).replace(ann.referral_code, ann.referral_code.lower()))
    assert page.status_code == 200


def test_a_friend_gets_the_code_at_once(store: Store, ann: Member) -> None:
    page = accept(ann, "bob@example.com")
    referral = Referral.objects.of(store).get()
    assert referral.state == State.CLAIMED
    assert referral.friend_coupon
    assert referral.friend_coupon.code in page
    assert referral.ip == "127.0.0.1"


def test_the_page_does_not_tell_who_is_a_customer(store: Store, ann: Member) -> None:
    buys(store, email="old@example.com", days=-5)
    refused = accept(ann, "old@example.com")
    accept(ann, "bob@example.com")
    again = accept(ann, "bob@example.com")
    assert "Look into your mailbox" in refused
    assert main_of(refused).replace("old@", "bob@") == main_of(again)
    assert Referral.objects.of(store).get(friend_email="old@example.com").state == State.REFUSED


def test_the_newsletter_is_asked_for_apart_and_never_taken_for_granted(store: Store, ann: Member) -> None:
    page = Client().get(friend_page(ann)).content.decode()
    assert 'name="wants_news"' in page
    assert "checked" not in page
    accept(ann, "bob@example.com")
    bob = Customer.objects.of(store).get(email="bob@example.com")
    assert not may_contact(store, [bob.pk], "email", "marketing")


def test_a_program_that_fills_in_everything_gets_nothing(store: Store, ann: Member) -> None:
    assert "Look into your mailbox" in accept(ann, "bot@example.com", website="https://spam.example")
    assert not Referral.objects.of(store).exists()


def test_an_address_that_is_none_is_told(ann: Member) -> None:
    answer = Client().post(friend_page(ann), {"email": "no address"})
    assert "This is no e-mail address" in answer.content.decode()


def test_an_unknown_code_leads_on_and_is_not_tried_for_ever(store: Store, ann: Member) -> None:
    there = reverse("loyalty_storefront:friend", args=[store.slug, "NOBODY22"])
    with clock.at(START):
        answer = Client().get(there)
        assert answer.status_code == 404
        assert "https://shop.stride.example" in answer.content.decode()
        for _ in range(20):
            answer = Client().get(there)
    assert answer.status_code == 429


def test_a_code_that_was_told_can_be_typed(store: Store, ann: Member) -> None:
    there = reverse("loyalty_storefront:enter_code", args=[store.slug])
    assert Client().get(there).status_code == 200
    answer = Client().post(there, {"code": f" {ann.referral_code.lower()} "}, follow=True)
    assert "Anna invites you" in answer.content.decode()


def test_an_invitation_is_over_when_the_shop_rewards_none(ann: Member) -> None:
    rewarding(ann.store, is_on=False)
    assert "This invitation is over" in Client().get(friend_page(ann)).content.decode()


def test_a_welcome_is_for_whom_it_was_made(store: Store, ann: Member) -> None:
    there = reverse("loyalty_storefront:friend_welcome", args=[store.slug, "forged"])
    assert Client().get(there).status_code == 404


def test_a_member_sees_link_code_and_what_became_of_it(store: Store, ann: Member) -> None:
    accepted(ann)
    buys(store)
    claim(ann, "ann+1@example.com")
    with clock.at(START + timedelta(days=5)):
        page = signed_in_as(ann).get(reverse("loyalty_storefront:invite", args=[store.slug])).content.decode()
    assert friend_page(ann) in page
    assert ann.referral_code in page
    assert "<svg" in page
    assert "https://wa.me/?text=" in page
    assert ". bought. Your 500 points come on Tuesday 17 March." in page
    assert "bob@example.com" not in page
    assert "does not count" not in page


def test_the_picture_of_the_code_is_an_svg(store: Store, ann: Member) -> None:
    answer = signed_in_as(ann).get(reverse("loyalty_storefront:invite_qr", args=[store.slug]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


def test_the_members_page_speaks_the_readers_language(store: Store, ann: Member) -> None:
    accepted(ann)
    page = signed_in_as(ann).get(reverse("loyalty_storefront:invite", args=[store.slug]) + "?lang=de")
    assert "Freunde einladen" in page.content.decode()


def test_what_is_held_back_is_shown_first_with_its_reasons(store: Store, ann: Member) -> None:
    rewarding(store, max_per_ip_7d=1)
    accepted(ann, "f0@example.com")
    held = claim(ann).referral
    assert held
    browser = signed_in(make_staff(store, "support"))
    listed = browser.get(reverse("loyalty_console:referrals", args=[store.slug])).content.decode()
    assert "bob@example.com" in listed
    assert "Many from one network address" in listed
    assert "f0@example.com" not in listed
    page = browser.get(reverse("loyalty_console:referral", args=[store.slug, held.pk])).content.decode()
    assert "2 invitations were accepted from one network address within 7 days" in page
    there = reverse("loyalty_console:release_referral", args=[store.slug, held.pk])
    assert browser.post(there, {"note": ""}).status_code == 422
    assert browser.post(there, {"note": "An office."}).status_code == 302
    held.refresh_from_db()
    assert (held.state, held.decision_note) == (State.CLAIMED, "An office.")


def test_who_may_only_read_does_not_decide(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    browser = signed_in(make_staff(store, "analyst"))
    assert browser.get(reverse("loyalty_console:referral", args=[store.slug, referral.pk])).status_code == 200
    there = reverse("loyalty_console:refuse_referral", args=[store.slug, referral.pk])
    assert browser.post(there, {"note": "x"}).status_code == 403


def test_numbers_are_those_of_the_invitations(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    assert referral.friend_coupon
    buys(store, "60", discount_codes=[referral.friend_coupon.code], discount="6")
    accepted(ann, "eve@example.com")
    claim(ann, "ann+1@example.com")
    browser = signed_in(make_staff(store))
    with clock.at(START + timedelta(days=5)):
        page = browser.get(reverse("loyalty_console:referrals", args=[store.slug]) + "?show=")
    numbers = page.context["numbers"] if page.context else None
    text = page.content.decode()
    assert numbers is None or numbers.claimed == 2
    assert "€54.00" in text
    assert "50% of those" in text
    assert "Invited themselves" in text
