"""Coming in and going out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.console import rules
from thereafter.console.jobs import forget_old_tries
from thereafter.console.models import SignInTry
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import OPENED, PASSWORD, make_staff, make_store

pytestmark = pytest.mark.django_db
SIGN_IN = "/console/sign-in/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"email": email, "password": password, **more})


def test_the_right_password_opens_the_only_shop(client: Client, store: Store, owner: Staff) -> None:
    answer = sign_in(client, owner.email.upper())
    assert answer.headers["Location"] == reverse("console:choose")
    assert client.get(answer.headers["Location"]).headers["Location"] == reverse("console:home", args=[store.slug])


def test_the_home_of_a_shop_is_the_first_page_of_the_menu(browser_of_owner: Client, store: Store) -> None:
    assert browser_of_owner.get(f"/console/{store.slug}/").headers["Location"] == reverse(
        "insights_console:overview", args=[store.slug]
    )


def test_a_wrong_password_says_nothing_of_which_part_is_wrong(client: Client, owner: Staff) -> None:
    known = sign_in(client, owner.email, "wrong password").content.decode()
    unknown = sign_in(client, "nobody@stride.example", "wrong password").content.decode()
    assert "do not fit together" in known
    assert "do not fit together" in unknown
    assert client.get("/console/").headers["Location"].startswith(SIGN_IN)


def test_who_left_the_house_cannot_sign_in(client: Client, owner: Staff) -> None:
    Staff.objects.filter(pk=owner.pk).update(is_active=False)
    assert "do not fit together" in sign_in(client, owner.email).content.decode()


def test_after_eight_wrong_tries_even_the_right_password_waits(client: Client, owner: Staff) -> None:
    with clock.at(OPENED):
        for _ in range(rules.MOST_BY_PERSON):
            sign_in(client, owner.email, "wrong password")
        assert "Too many tries" in sign_in(client, owner.email).content.decode()
    with clock.at(OPENED + rules.WINDOW + timedelta(seconds=1)):
        assert sign_in(client, owner.email).status_code == 302


def test_guesses_from_elsewhere_do_not_lock_a_person_out(client: Client, owner: Staff) -> None:
    for _ in range(rules.MOST_BY_PERSON + 1):
        client.post(SIGN_IN, {"email": owner.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    assert sign_in(client, owner.email).status_code == 302


def test_one_address_that_tries_many_accounts_is_stopped(client: Client, owner: Staff) -> None:
    now = clock.now()
    SignInTry.objects.bulk_create(
        SignInTry(factor="password", email=f"{n}@example.com", address="127.0.0.1", at=now)
        for n in range(rules.MOST_BY_ADDRESS)
    )
    assert "Too many tries" in sign_in(client, owner.email).content.decode()


def test_the_right_password_forgets_the_slips_before_it(client: Client, owner: Staff) -> None:
    sign_in(client, owner.email, "wrong password")
    sign_in(client, owner.email)
    assert not SignInTry.objects.exists()


def test_old_tries_are_forgotten(client: Client, owner: Staff) -> None:
    with clock.at(OPENED):
        sign_in(client, owner.email, "wrong password")
    forget_old_tries(OPENED + timedelta(hours=23))
    assert SignInTry.objects.count() == 1
    forget_old_tries(OPENED + timedelta(hours=25))
    assert not SignInTry.objects.exists()


def test_after_signing_in_one_goes_on_where_one_was(client: Client, store: Store, owner: Staff) -> None:
    wanted = f"/console/{store.slug}/attention/?q=x"
    answer = client.get(wanted)
    assert answer.headers["Location"] == f"{SIGN_IN}?next=/console/{store.slug}/attention/%3Fq%3Dx"
    assert sign_in(client, owner.email, next=wanted).headers["Location"] == wanted


def test_a_part_of_a_page_leads_back_to_the_page_after_signing_in(client: Client, store: Store) -> None:
    page = f"/console/{store.slug}/attention/"
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}?q=x#top"}
    answer = client.get(page, headers=asked)
    assert answer.headers["HX-Redirect"] == f"{SIGN_IN}?next={page}%3Fq%3Dx%23top"


@pytest.mark.parametrize("elsewhere", [None, "https://evil.example/", "nonsense", "http://testserver.evil.example/x"])
def test_a_part_of_another_host_leads_nowhere(client: Client, store: Store, elsewhere: str | None) -> None:
    asked = {"HX-Request": "true"} | ({"HX-Current-URL": elsewhere} if elsewhere else {})
    assert client.get(f"/console/{store.slug}/attention/", headers=asked).headers["HX-Redirect"] == SIGN_IN


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_signing_in_never_leads_to_another_host(client: Client, owner: Staff, elsewhere: str) -> None:
    assert sign_in(client, owner.email, next=elsewhere).headers["Location"] == reverse("console:choose")
    assert client.get(SIGN_IN, {"next": elsewhere}).headers["Location"] == reverse("console:choose")


def test_the_session_gets_a_new_key_when_somebody_signs_in(client: Client, owner: Staff) -> None:
    client.session["planted"] = "by somebody else"
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    sign_in(client, owner.email)
    assert client.session.session_key != before


def test_staying_signed_in_is_a_choice(client: Client, owner: Staff) -> None:
    sign_in(client, owner.email)
    assert client.session.get_expire_at_browser_close()
    client.logout()
    sign_in(client, owner.email, stay="on")
    assert not client.session.get_expire_at_browser_close()


def test_signing_out_needs_a_post(browser_of_owner: Client) -> None:
    assert browser_of_owner.get("/console/sign-out/").status_code == 405
    browser_of_owner.post("/console/sign-out/")
    assert browser_of_owner.get("/console/").headers["Location"].startswith(SIGN_IN)


def test_who_works_in_two_shops_chooses(store: Store, owner: Staff) -> None:
    make_staff(make_store("outlet", name="Stride Outlet"), role="support", email=owner.email)
    page = signed_in(owner).get("/console/").content.decode()
    assert "Stride Outlet" in page
    assert "You are support" in page


def test_who_works_nowhere_is_told_what_to_do(store: Store) -> None:
    stranger = Staff.objects.create(email="new@example.com", name="New")
    page = signed_in(stranger).get("/console/").content.decode()
    assert "You do not work in a shop yet" in page
