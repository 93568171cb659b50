"""The second step, with a clock that stands still."""

from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from thereafter.console import rules
from thereafter.console.views.account import NEW_SECRET
from thereafter.kit import clock, tokens
from thereafter.stores.actions import turn_on_second_factor
from thereafter.stores.models import Audit, Staff, Store
from thereafter.stores.tests.makers import OPENED, PASSWORD

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LATER = OPENED + timedelta(hours=1)
CODE_PAGE = "/console/sign-in/code/"


def code(at=LATER) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.fixture
def recovery(owner: Staff) -> list[str]:
    codes = turn_on_second_factor(owner, secret=SECRET, code=code(OPENED), now=OPENED)
    assert codes
    return codes


@pytest.fixture
def half_in(client: Client, owner: Staff, recovery: list[str]) -> Client:
    with clock.at(LATER):
        answer = client.post(
            "/console/sign-in/", {"email": owner.email, "password": PASSWORD, "next": "/console/stride/"}
        )
    assert answer.headers["Location"] == CODE_PAGE
    return client


def is_in(client: Client) -> bool:
    return client.get("/console/").headers["Location"] == "/console/stride/"


def test_the_password_alone_does_not_open_the_door(half_in: Client) -> None:
    assert not is_in(half_in)


def test_the_code_of_the_app_opens_the_door_and_leads_on(half_in: Client) -> None:
    with clock.at(LATER):
        assert half_in.post(CODE_PAGE, {"code": code()}).headers["Location"] == "/console/stride/"
    assert is_in(half_in)


def test_a_code_works_once(half_in: Client, owner: Staff) -> None:
    with clock.at(LATER):
        half_in.post(CODE_PAGE, {"code": code()})
        half_in.logout()
        half_in.post("/console/sign-in/", {"email": owner.email, "password": PASSWORD})
        assert "does not fit" in half_in.post(CODE_PAGE, {"code": code()}).content.decode()
    assert not is_in(half_in)


def test_a_recovery_code_opens_the_door_once(half_in: Client, owner: Staff, recovery: list[str]) -> None:
    with clock.at(LATER):
        half_in.post(f"{CODE_PAGE}?recovery", {"code": recovery[3]})
    assert is_in(half_in)
    owner.refresh_from_db()
    assert len(owner.recovery_codes) == 9


def test_the_half_open_door_closes_after_ten_minutes(half_in: Client) -> None:
    with clock.at(LATER + rules.HALF_SIGNED_IN):
        assert (
            half_in.post(CODE_PAGE, {"code": code(LATER + rules.HALF_SIGNED_IN)}).headers["Location"]
            == "/console/sign-in/"
        )
    assert not is_in(half_in)


def test_the_half_open_door_closes_when_the_password_changes(half_in: Client, owner: Staff) -> None:
    owner.set_password("another long password")
    owner.save()
    with clock.at(LATER):
        assert half_in.post(CODE_PAGE, {"code": code()}).headers["Location"] == "/console/sign-in/"


def test_guessing_codes_is_stopped(half_in: Client) -> None:
    with clock.at(LATER):
        for _ in range(rules.MOST_CODES):
            half_in.post(CODE_PAGE, {"code": "000000"})
        assert "Too many tries" in half_in.post(CODE_PAGE, {"code": code()}).content.decode()
    assert not is_in(half_in)


def test_the_code_page_is_nothing_without_the_password(client: Client, recovery: list[str]) -> None:
    assert client.get(CODE_PAGE).headers["Location"] == "/console/sign-in/"


def test_turning_on_shows_recovery_codes_once_and_is_written_down(browser_of_owner: Client, owner: Staff) -> None:
    page = browser_of_owner.get("/console/security/turn-on/").content.decode()
    assert "<svg" in page
    secret = tokens.unseal(browser_of_owner.session[NEW_SECRET])
    assert secret[:4] in page
    with clock.at(LATER):
        shown = browser_of_owner.post("/console/security/turn-on/", {"code": pyotp.TOTP(secret).at(LATER)})
    owner.refresh_from_db()
    assert owner.has_second_factor
    assert "Write them down now" in shown.content.decode()
    assert browser_of_owner.get("/console/security/turn-on/").headers["Location"] == "/console/security/"
    assert Audit.objects.filter(verb="account.turn_on_second_factor").count() == 1


def test_a_wrong_code_turns_nothing_on(browser_of_owner: Client, owner: Staff) -> None:
    browser_of_owner.get("/console/security/turn-on/")
    assert "does not fit" in browser_of_owner.post("/console/security/turn-on/", {"code": "123456"}).content.decode()
    owner.refresh_from_db()
    assert not owner.has_second_factor


def test_turning_off_needs_the_password(
    browser_of_owner: Client, store: Store, owner: Staff, recovery: list[str]
) -> None:
    browser_of_owner.post("/console/security/turn-off/", {"password": "not it"})
    owner.refresh_from_db()
    assert owner.has_second_factor
    browser_of_owner.post("/console/security/turn-off/", {"password": PASSWORD})
    owner.refresh_from_db()
    assert not owner.has_second_factor
