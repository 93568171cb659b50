"""Signing up for the newsletter: asked, mailed, confirmed; and the evidence of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.campaigns import links, signup_letters
from thereafter.campaigns.actions import signups
from thereafter.campaigns.models import Signup
from thereafter.campaigns.tests.makers import launched
from thereafter.commerce.models import Consent, Coupon, Customer
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.messaging import accounts
from thereafter.messaging.actions import contacts
from thereafter.messaging.actions.contacts import Closing
from thereafter.messaging.models import Message, Suppression
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
PAGE = "/s/stride/campaigns/newsletter/"


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


def ask(email: str = "ana@example.com", **more: Any) -> Any:
    with clock.at(PLACED):
        return Client().post(f"{PAGE}?lang=de", {"email": email, "website": "", **more})


def confirm(signup: Signup) -> Any:
    path = links.confirm_page(signup).partition("/s/")[2]
    with clock.at(PLACED + timedelta(minutes=5)):
        seen = Client().get(f"/s/{path}")
        assert Signup.objects.get(pk=signup.pk).confirmed_at == signup.confirmed_at, "looking is not saying yes"
        assert seen.status_code == 200
        return Client().post(f"/s/{path}")


def test_who_signs_up_is_written_to_only_after_saying_yes_from_their_mailbox(store: Store) -> None:
    assert "Postfach" in ask(" Ana@Example.com ").content.decode()
    with clock.at(PLACED):
        run_until_idle(PLACED)
    signup = Signup.objects.get()
    assert (signup.email, signup.mail, signup.language) == ("ana@example.com", "sent", "de")
    assert not Customer.objects.exists(), "nobody is made of an address that somebody typed"
    assert confirm(signup).status_code == 200
    consent = Consent.objects.get()
    assert (consent.granted, consent.channel, consent.purpose, consent.source) == (
        True,
        "email",
        "marketing",
        "double opt-in",
    )
    for part in ("127.0.0.1", signup.shown, "2026-03-03 10:00 UTC", "ana@example.com", "/campaigns/newsletter/"):
        assert part in consent.evidence
    campaign = launched(store)
    run_until_idle(PLACED + timedelta(hours=1))
    assert Message.objects.get(origin=campaign.origin).customer.email == "ana@example.com"


def test_who_is_a_customer_already_stays_the_same_one(store: Store) -> None:
    order = make_order(store, email="ana@example.com")
    ask()
    confirm(Signup.objects.get())
    confirm(Signup.objects.get())
    assert Consent.objects.get().customer_id == order.customer_id
    assert Customer.objects.get().name == "John Runner"


def test_an_address_is_written_to_once_an_hour_whoever_types_it(store: Store) -> None:
    for _ in range(3):
        assert "Postfach" in ask().content.decode()
    assert Signup.objects.count() == 1
    assert ask().status_code == 429
    assert ask("other@example.com", website="https://spam.example").status_code == 200
    assert Signup.objects.count() == 1, "a program that fills in everything is thanked and forgotten"
    assert "keine E-Mail-Adresse" in ask("nonsense").content.decode()


def test_nobody_is_written_to_day_by_day_whoever_types_their_address(store: Store) -> None:
    asked = signups.Asked(email="ana@example.com", name="", language="de", shown="Yes", source="", address="")
    for hours in range(0, 72, 2):
        signups.ask(store, asked, now=PLACED + timedelta(hours=hours))
    assert Signup.objects.count() == signups.MOST_MAILS
    assert signups.ask(store, asked, now=PLACED + timedelta(days=8)) is not None


def test_a_mailbox_that_reported_spam_gets_no_mail_by_way_of_the_form(store: Store) -> None:
    one = Closing(channel="email", address="Ana@example.com", reason=Suppression.Reason.COMPLAINT)
    contacts.close(store, [one], PLACED)
    assert "Postfach" in ask().content.decode(), "a stranger does not learn of it"
    with clock.at(PLACED):
        run_until_idle(PLACED)
    signup = Signup.objects.get()
    assert (signup.mail, signup.mail_error[:22]) == ("failed", "This address is closed")


def test_a_mail_that_cannot_go_now_goes_later_and_is_given_up_in_the_end(store: Store) -> None:
    ask()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "account_of", lambda *_: None)
        assert signup_letters.send_due(PLACED) == 1
        first = Signup.objects.get()
        assert (first.mail, first.mail_tries, first.mail_due_at) == ("queued", 1, PLACED + timedelta(seconds=5))
        assert signup_letters.send_due(PLACED) == 0
        for days in range(1, 8):
            signup_letters.send_due(PLACED + timedelta(days=days))
    last = Signup.objects.get()
    assert (last.mail, last.mail_tries) == ("failed", 8)
    assert "no account" in last.mail_error


def test_who_confirms_gets_a_code_once(store: Store) -> None:
    make_pool(store, "Welcome", prefix="HELLO")
    signups.change_form(store, now=PLACED, pool="welcome")
    ask()
    first, second = confirm(Signup.objects.get()), confirm(Signup.objects.get())
    code = Coupon.objects.get().code
    assert code in first.content.decode()
    assert code in second.content.decode()


def test_a_link_of_another_shop_an_altered_and_an_old_one_open_nothing(store: Store) -> None:
    make_store("outlet")
    ask()
    signup = Signup.objects.get()
    token = links.confirm_page(signup).rpartition("/")[2]
    assert Client().get(f"/s/outlet/campaigns/newsletter/yes/{token}").status_code == 404
    assert Client().get(f"/s/stride/campaigns/newsletter/yes/{token[:-2]}xx").status_code == 404
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "CONFIRM_DAYS", -1)
        assert Client().post(f"/s/stride/campaigns/newsletter/yes/{token}").status_code == 410
    assert Signup.objects.get().confirmed_at is None


def test_only_sites_that_the_merchant_named_may_show_the_form_in_a_frame(store: Store) -> None:
    signups.change_form(store, now=PLACED, origins=["https://shop.example"])
    there = "/s/stride/campaigns/newsletter/embed/"
    allowed = Client().get(f"{there}?in=https://shop.example")
    assert allowed.status_code == 200
    assert "frame-ancestors https://shop.example" in allowed.headers["Content-Security-Policy"]
    assert Client().get(f"{there}?in=https://evil.example").status_code == 403
    assert "frame-ancestors 'none'" in Client().get(PAGE).headers["Content-Security-Policy"]
    script = Client().get("/s/stride/campaigns/newsletter/embed.js").content.decode()
    assert "data-thereafter-newsletter" in script


def test_a_closed_form_takes_nobody(store: Store) -> None:
    signups.change_form(store, now=PLACED, is_open=False)
    assert ask().status_code == 404
    assert not Signup.objects.exists()


def test_the_merchant_sees_who_signed_up_and_sets_the_form(store: Store) -> None:
    ask()
    browser = signed_in(make_staff(store, role="marketer"))
    page = browser.get("/console/stride/campaigns/newsletter/").content.decode()
    assert "ana@example.com" in page
    given = {"is_open": "on", "pool": "", "origins": "shop.example\nhttps://Other.example/x"}
    promises = {f"promise_{code}": "" for code in ("en", "fr", "es", "pt")} | {"promise_de": "Ja, bitte."}
    assert browser.post("/console/stride/campaigns/newsletter/", given | promises).status_code == 302
    assert "Ja, bitte." in Client().get(f"{PAGE}?lang=de").content.decode()
    wrong = browser.post("/console/stride/campaigns/newsletter/", given | promises | {"origins": "javascript:alert(1)"})
    assert b"begin with https" in wrong.content
