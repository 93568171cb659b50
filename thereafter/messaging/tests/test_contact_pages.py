"""Merchants' pages about who may be written to: rules, the tester, closed addresses, consent, why not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.commerce.actions.customers import change_consent, set_trait
from thereafter.commerce.models import Consent, Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging.actions import contacts
from thereafter.messaging.actions.contact_rules import change_rules
from thereafter.messaging.actions.contacts import Closing
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.messaging.console.contact_forms import ContactForm, taken_from
from thereafter.messaging.models import Message, Receipt, Suppression
from thereafter.messaging.queries import contact_rules
from thereafter.messaging.rules.contact_rules import Caps, ContactRules, Quiet, Topic
from thereafter.messaging.rules.contact_rules import Consent as ConsentRules
from thereafter.messaging.rules_words import explained
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 3, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_leaves(settings: Any) -> None:
    settings.MAIL_URL = "null:"


@pytest.fixture
def store(client: Client) -> Store:
    store = make_store()
    client.force_login(make_staff(store))
    return store


def there(path: str) -> str:
    return f"/console/stride/{path}"


def shown(client: Client, path: str, **asked: str) -> str:
    answer = client.get(there(path), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def filled(rules: ContactRules, **changed: Any) -> dict[str, Any]:
    """The form as the page shows it, with some fields changed."""
    form = ContactForm(rules, "en")
    fields = {name: form[name].value() for name in form.fields} | changed
    return {
        name: "on" if value is True else value
        for name, value in fields.items()
        if value not in (None, "", []) and value is not False
    }


def test_the_page_shows_what_holds_and_saving_it_unchanged_changes_nothing(store: Store, client: Client) -> None:
    before = contact_rules(store)
    assert "Between 21:00 and 08:00" in shown(client, "messages/rules/")
    answer = client.post(there("messages/rules/"), filled(before))
    assert answer.status_code == 302, answer.content.decode()
    assert contact_rules(store) == before
    assert not Audit.objects.of(store).filter(verb="messages.rules").exists()


def test_rules_are_kept_audited_and_told_in_plain_words(store: Store, client: Client) -> None:
    changed = {
        "channels": ["email", "sms"],
        "start": "20:00",
        "marketing_week": "1",
        "both_day": "",
        "silent_days": ["6"],
        "control_percent": "5",
        "email_minute": "600",
        "topics": "New shoes | de: Neue Schuhe\nRunning",
        "double_opt_in": "all",
    }
    assert client.post(there("messages/rules/"), filled(ContactRules(), **changed)).status_code == 302
    rules = contact_rules(store)
    assert (rules.quiet.start, rules.quiet.channels, rules.quiet.silent_days) == ("20:00", ("email", "sms"), (6,))
    assert rules.consent.topics[0] == Topic(key="new_shoes", name={"en": "New shoes", "de": "Neue Schuhe"})
    page = shown(client, "messages/rules/")
    for sentence in ("not on Sundays", "more than once a week", "5 % of customers", "600 by E-mail", "Neue Schuhe"):
        assert sentence in page
    line = Audit.objects.of(store).get(verb="messages.rules")
    assert "quiet" in line.detail


def test_rules_under_which_nothing_could_ever_go_are_refused(store: Store, client: Client) -> None:
    silent = filled(ContactRules(), channels=["email"], silent_days=["0", "1", "2", "3", "4", "5", "6"])
    answer = client.post(there("messages/rules/"), silent)
    assert "Nothing could ever go out" in answer.content.decode()
    assert contact_rules(store) == ContactRules()
    asked = {name: value for name, value in silent.items() if isinstance(value, str)} | {"hours_between": "x"}
    assert "needs another look" in shown(client, "messages/rules/explained/", **asked)


def test_a_topic_keeps_its_key_when_a_translation_is_added() -> None:
    known = ContactRules(consent=ConsentRules(topics=(Topic(key="run", name={"en": "Running"}),)))
    form = ContactForm(known, "en", filled(known, topics="Running | de: Laufen"))
    assert form.is_valid(), form.errors
    assert form.put_together().consent.topics == (Topic(key="run", name={"en": "Running", "de": "Laufen"}),)
    assert taken_from(form.put_together(), "en")["topics"] == "Running | de: Laufen"


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (ContactRules(quiet=Quiet(channels=(), us_law=False)), "There are no quiet hours."),
        (ContactRules(quiet=Quiet(weekend_start="22:00")), "Friday and Saturday nights 22:00 to 08:00"),
        (ContactRules(caps=Caps(when_full="skip")), "What is too much is left out"),
        (ContactRules(caps=Caps(limits=(), hours_between=16)), "at least 16 hours"),
        (ContactRules(consent=ConsentRules(service="consent")), "only to who said yes to them"),
    ],
)
def test_what_results_is_said(rules: ContactRules, sentence: str) -> None:
    assert sentence in " ".join(explained(rules))


@pytest.fixture
def ana(store: Store) -> Customer:
    customer = make_order(store, email="ana@example.com").customer
    change_consent(customer, channel="email", purpose="marketing", granted=True, source="shop", evidence="box", now=NOW)
    return customer


def test_the_tester_says_what_would_reach_a_customer_now_and_why_not(
    store: Store, client: Client, ana: Customer
) -> None:
    change_rules(store, ContactRules(quiet=Quiet(channels=("email",))), by=None, now=NOW)
    set_trait(ana, "open.claim", True)
    with clock.at(NOW):
        page = shown(client, "messages/would-it-go/", who="ana@example.com")
        assert "The customer has a claim open" in page
        assert "Goes now" in page
    set_trait(ana, "open.claim", None)
    with clock.at(NIGHT):
        page = shown(client, "messages/would-it-go/", who=str(ana.pk))
        assert "Quiet hours, until" in page
        assert "Europe/Berlin" in page
    assert "Nobody has this address" in shown(client, "messages/would-it-go/", who="nobody@example.com")


def test_another_shops_customer_is_nobody_to_the_tester(store: Store, client: Client) -> None:
    other = make_order(make_store("other"), email="eva@example.com").customer
    for who in ("eva@example.com", str(other.pk)):
        assert "Nobody has this address" in shown(client, "messages/would-it-go/", who=who)


def test_addresses_are_closed_found_and_opened_by_hand(store: Store, client: Client) -> None:
    closing = {"channel": "email", "address": "Eva@Example.com", "scope": "all", "note": "asked by phone"}
    assert client.post(there("messages/closed/close/"), closing).status_code == 302
    row = Suppression.objects.of(store).get()
    assert (row.address, row.reason, row.note) == ("eva@example.com", "manual", "asked by phone")
    assert "eva@example.com" in shown(client, "messages/closed/", q="EVA", channel="email", reason="manual")
    assert "Nothing found" in shown(client, "messages/closed/", q="nobody")
    assert (
        "no e-mail address"
        in client.post(there("messages/closed/close/"), closing | {"address": "eva"}).content.decode()
    )
    path = f"messages/closed/{row.pk}/open/"
    assert "Why" in shown(client, path)
    assert client.post(there(path), {"note": ""}).status_code == 200
    assert client.post(there(path), {"note": "she asked again"}).status_code == 302
    assert not Suppression.objects.exists()


def test_a_list_is_brought_in_and_taken_out(store: Store, client: Client) -> None:
    file = SimpleUploadedFile("list.csv", b"email,reason\na@b.example,bounce\nnobody,spam\n")
    answer = client.post(there("messages/closed/import/"), {"file": file}, follow=True).content.decode()
    assert "1 addresses were closed" in answer
    assert "line 3: nobody is no e-mail address." in answer
    exported = client.get(there("messages/closed/export.csv"))
    assert b"a@b.example" in exported.content
    wrong = SimpleUploadedFile("list.csv", b"a,b\n1,2\n")
    assert "No column is named" in client.post(there("messages/closed/import/"), {"file": wrong}).content.decode()


def test_who_may_only_read_can_close_and_open_nothing(store: Store, client: Client) -> None:
    contacts.close(store, [Closing(channel="email", address="a@b.example", reason="manual")], NOW)
    row = Suppression.objects.get()
    client.force_login(make_staff(store, "analyst"))
    assert "Bring in a list" not in shown(client, "messages/closed/")
    for path in (f"messages/closed/{row.pk}/open/", "messages/rules/", f"customers/{row.pk}/consent/"):
        assert client.get(there(path)).status_code == 403


def queued(customer: Customer, key: str, now: datetime = NOW, template: str = "loyalty_invite", **more: Any) -> Message:
    request = SendRequest(
        store_id=customer.store_id, customer_id=customer.pk, template=template, key=key, due_at=now, **more
    )
    send_many([request], now)
    with clock.at(now):
        run_until_idle()
    return Message.objects.get(key=key)


def test_what_is_held_says_until_when_and_why_wherever_it_is_shown(store: Store, client: Client, ana: Customer) -> None:
    change_rules(store, ContactRules(quiet=Quiet(channels=("email",))), by=None, now=NOW)
    message = queued(ana, "k", NIGHT)
    for path in ("messages/", "messages/?state=held", f"messages/{message.pk}/", f"customers/{ana.pk}/"):
        page = client.get(there(path)).content.decode()
        assert "Held" in page, path
        assert "Quiet hours" in page or "It is night" in page, path
        assert "4 Mar" in page or "Mar 4" in page, path
    assert "No messages found" in shown(client, "messages/", state="queued")


def test_the_summary_counts_by_reason_and_says_what_to_do(store: Store, client: Client, ana: Customer) -> None:
    contacts.close(store, [Closing(channel="email", address="ana@example.com", reason="hard_bounce")], NOW)
    with clock.at(NOW):
        for key in ("k1", "k2"):
            queued(ana, key, template="delivered")
        page = shown(client, "messages/why-not-sent/")
    assert "Bounced" in page
    assert "Nothing helps but a new address" in page
    listed = shown(client, "messages/", state="skipped", reason="suppressed:hard_bounce")
    assert "Because: Bounced" in listed


def test_the_course_of_a_message_marks_what_machines_did(store: Store, client: Client, ana: Customer) -> None:
    message = queued(ana, "k", template="delivered")
    told = {"store": store, "message": message, "at": NOW}
    Receipt.objects.create(kind="opened", machine=True, key="1", **told)
    Receipt.objects.create(kind="clicked", url="https://shop.example/x", key="2", **told)
    page = shown(client, f"messages/{message.pk}/")
    assert "Opened by a machine" in page
    assert "https://shop.example/x" in page
    assert "Clicked" in shown(client, "messages/")


def test_staff_write_down_what_a_customer_told_them(store: Store, client: Client, ana: Customer) -> None:
    assert "Offers and news" in shown(client, f"customers/{ana.pk}/")
    path = f"customers/{ana.pk}/consent/"
    said = {"channel": "email", "purpose": "marketing", "granted": "no"}
    assert client.post(there(path), said).status_code == 200
    assert client.post(there(path), said | {"why": "by phone, 3 March"}).status_code == 302
    consent = Consent.objects.of(store).latest("pk")
    assert (consent.granted, consent.source) == (False, "staff")
    assert "by phone, 3 March (written down by" in consent.evidence
    assert Audit.objects.of(store).get(verb="customers.consent").detail["why"] == "by phone, 3 March"
    page = shown(client, path)
    assert "by phone, 3 March" in page
    assert "box" in page
