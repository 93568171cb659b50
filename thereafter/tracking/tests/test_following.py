"""Following a delivery: who is asked, who is told what and how often, and how it ends."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import ACCEPTED, Letter, Verdict
from thereafter.messaging.models import Suppression
from thereafter.messaging.tests.servers import Service, listening
from thereafter.messaging.tests.test_webpush import opened, text
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking import links
from thereafter.tracking.actions import subscriptions
from thereafter.tracking.models import Notice, Parcel, Subscription
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Mailbox:
    together = 20

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        for letter in letters:
            self.letters.append(letter)
            yield ACCEPTED

    def to(self, address: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to == address]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    box = Mailbox()
    monkeypatch.setattr(email, "channel", lambda url: box)
    return box


@pytest.fixture
def store() -> Store:
    return make_store(country="DE", shop_url="https://stride.example")


@pytest.fixture
def parcel(store: Store) -> Parcel:
    return make_parcel(store, number="1001")


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        yield heard


def page(order: Order) -> str:
    return f"/s/stride/tracking/o/{order_token(order)}/follow/"


def ask(order: Order, at: datetime = NOW, **given: str) -> Any:
    with clock.at(at):
        answer = Client().post(page(order), given)
        run_until_idle()
    return answer


def path_in(letter: Letter, kind: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/s/stride/tracking/{kind}/[^\s]+)", letter.text)
    assert found, letter.text
    return found[1]


def follow_by_mail(parcel: Parcel, mailbox: Mailbox, address: str = "ann@example.com") -> str:
    """The address of the follower's page, after saying yes."""
    ask(parcel.order, channel="email", email=address)
    with clock.at(NOW):
        return str(Client().post(path_in(mailbox.to(address)[-1], "yes"))["Location"]).partition("?")[0]


def out_for_delivery(store: Store, at: datetime = NOW + timedelta(hours=1), status: str = "out_for_delivery") -> None:
    scan(store, scan_doc(status, at), now=at)
    with clock.at(at):
        run_until_idle()


def test_an_address_is_written_to_only_after_its_owner_said_yes(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    assert ask(parcel.order, channel="email", email="ann@example.com")["Location"].endswith("?asked=email")
    (asked,) = mailbox.to("ann@example.com")
    assert "List-Unsubscribe" not in asked.headers
    with clock.at(NOW):
        assert Client().get(path_in(asked, "yes")).status_code == 200
    out_for_delivery(store)
    assert len(mailbox.to("ann@example.com")) == 1


def test_who_said_yes_hears_what_happens_once(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    follow_by_mail(parcel, mailbox)
    for _ in range(2):
        out_for_delivery(store)
    told = mailbox.to("ann@example.com")[1:]
    assert [letter.subject for letter in told] == ["Stride & Co: Your parcel arrives today"]


def test_followers_see_when_it_comes_and_nothing_of_the_buyers(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    there = follow_by_mail(parcel, mailbox)
    out_for_delivery(store)
    with clock.at(NOW + timedelta(hours=2)):
        shown = Client().get(there).content.decode()
    assert "Arriving today" in shown
    told = shown + mailbox.to("ann@example.com")[-1].html + mailbox.to("ann@example.com")[-1].text
    secrets = ("1001", "Trail Runner", "89.90", "John", "10115", parcel.tracking_number, "/o/", "john@example.com")
    assert [secret for secret in secrets if secret in told] == []


def test_a_followers_link_opens_no_other_page(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    token = follow_by_mail(parcel, mailbox).rsplit("/", 1)[1]
    make_store("other")
    client = Client()
    for path in (f"/s/stride/o/{token}", f"/s/stride/tracking/o/{token}/report/", f"/s/other/tracking/f/{token}"):
        assert client.get(path).status_code == 404
    forged = ("A" if token[0] != "A" else "B") + token[1:]
    for wrong in (forged, token + "1", token[:14], token[:14] + "²", "x"):
        assert client.get(f"/s/stride/tracking/f/{wrong}").status_code == 404
    assert client.get(f"/s/stride/tracking/yes/{token}").status_code == 404


def test_the_buyer_is_told_that_these_mails_come_already(parcel: Parcel, mailbox: Mailbox) -> None:
    answer = ask(parcel.order, channel="email", email=" JOHN@example.com")
    assert answer["Location"].endswith("?asked=own")
    assert not Subscription.objects.exists()


def test_one_click_in_the_mail_program_ends_it(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    follow_by_mail(parcel, mailbox)
    out_for_delivery(store)
    letter = mailbox.to("ann@example.com")[-1]
    address = letter.headers["List-Unsubscribe"].strip("<>")
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/s/" + address.partition("/s/")[2]
    client = Client(enforce_csrf_checks=True)
    client.get(path)
    assert Subscription.objects.get().ended_at is None
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    out_for_delivery(store, NOW + timedelta(hours=3), "delivered")
    assert len(mailbox.to("ann@example.com")) == 2
    assert Subscription.objects.get().sealed_address == ""


def test_it_ends_by_itself_with_the_last_news(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    follow_by_mail(parcel, mailbox)
    out_for_delivery(store, status="delivered")
    assert mailbox.to("ann@example.com")[-1].subject.endswith("Your parcel was delivered")
    assert Subscription.objects.get().ended_at is not None


def test_it_goes_on_while_another_parcel_may_come(store: Store, mailbox: Mailbox) -> None:
    parcel = make_parcel(store, number="1001")
    Order.objects.filter(pk=parcel.order_id).update(status="open")
    follow_by_mail(parcel, mailbox)
    out_for_delivery(store, status="delivered")
    assert Subscription.objects.get().ended_at is None


def test_old_news_are_told_to_nobody(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    follow_by_mail(parcel, mailbox)
    later = NOW + timedelta(days=20)
    scan(store, scan_doc("out_for_delivery", NOW + timedelta(hours=1)), now=later)
    with clock.at(later):
        run_until_idle()
    assert len(mailbox.to("ann@example.com")) == 1


def test_a_closed_address_gets_nothing(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    Suppression.objects.create(store=store, address="ann@example.com", scope="all", reason="bounced", at=NOW)
    ask(parcel.order, channel="email", email="Ann@example.com")
    assert mailbox.letters == []


def test_nobodys_mailbox_is_filled(parcel: Parcel, mailbox: Mailbox) -> None:
    answers = [ask(parcel.order, channel="email", email="ann@example.com").status_code for _ in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert len(mailbox.to("ann@example.com")) == 3


def test_nobodys_mailbox_is_filled_in_a_day_either(parcel: Parcel, mailbox: Mailbox) -> None:
    for minutes in range(0, 200, 10):
        ask(parcel.order, at=NOW + timedelta(minutes=minutes), channel="email", email="ann@example.com")
    assert len(mailbox.to("ann@example.com")) == 6
    next_day = ask(parcel.order, at=NOW + timedelta(days=1), channel="email", email="ann@example.com")
    assert next_day.status_code == 302


def test_addresses_are_kept_sealed(parcel: Parcel, mailbox: Mailbox) -> None:
    follow_by_mail(parcel, mailbox)
    row = Subscription.objects.get()
    assert "ann" not in f"{row.sealed_address}{row.fingerprint}"


def test_a_question_that_nobody_answers_is_forgotten(parcel: Parcel, mailbox: Mailbox) -> None:
    ask(parcel.order, channel="email", email="ann@example.com")
    late = NOW + timedelta(days=8)
    with clock.at(late):
        assert Client().post(path_in(mailbox.letters[0], "yes")).status_code == 410
    assert subscriptions.forget(late)
    assert not Subscription.objects.exists()


def test_news_are_in_the_followers_language(store: Store, parcel: Parcel, mailbox: Mailbox) -> None:
    with clock.at(NOW):
        Client().post(page(parcel.order) + "?lang=de", {"channel": "email", "email": "ann@example.com"})
        run_until_idle()
        Client().post(path_in(mailbox.letters[0], "yes"))
    out_for_delivery(store)
    assert mailbox.letters[0].subject == "Möchtest du Neuigkeiten zu dieser Lieferung?"
    assert mailbox.to("ann@example.com")[1].subject == "Stride & Co: Dein Paket kommt heute"


BROWSER = ec.generate_private_key(ec.SECP256R1())
AUTH = bytes(range(16))


def given_by_browser(endpoint: str) -> str:
    point = BROWSER.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return json.dumps({"endpoint": endpoint, "keys": {"p256dh": text(point), "auth": text(AUTH)}})


@pytest.fixture
def device(settings: Any, service: Service) -> str:
    settings.PUSH_HOSTS = ["127.0.0.1"]
    return given_by_browser(f"{service.address}/device/1")


def test_a_device_is_told_what_only_it_can_read(
    store: Store, parcel: Parcel, service: Service, device: str, mailbox: Mailbox
) -> None:
    answer = ask(parcel.order, channel="push", subscription=device)
    assert answer.status_code == 200
    out_for_delivery(store)
    (call,) = service.calls
    told = json.loads(opened(call.body, BROWSER, AUTH))
    assert (told["title"], told["url"]) == ("Stride & Co: Your parcel arrives today", answer.json()["follow"])
    assert call.headers["topic"] == told["tag"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_ends_it(
    store: Store, parcel: Parcel, service: Service, device: str, mailbox: Mailbox, status: int
) -> None:
    service.answers = [(status, b"")]
    ask(parcel.order, channel="push", subscription=device)
    out_for_delivery(store)
    out_for_delivery(store, NOW + timedelta(hours=3), "delivered")
    assert len(service.calls) == 1
    row = Subscription.objects.get()
    assert (row.ended_at is not None, row.sealed_address) == (True, "")


def test_a_service_that_is_busy_is_asked_again_later(
    store: Store, parcel: Parcel, service: Service, device: str, mailbox: Mailbox
) -> None:
    service.answers = [(429, b""), (201, b"")]
    ask(parcel.order, channel="push", subscription=device)
    at = NOW + timedelta(hours=1)
    out_for_delivery(store, at)
    assert [notice.state for notice in Notice.objects.all()] == ["queued"]
    with clock.at(at + timedelta(minutes=2)):
        run_until_idle()
    assert [notice.state for notice in Notice.objects.all()] == ["sent"]
    assert len(service.calls) == 2


def test_we_call_no_address_that_a_stranger_names(parcel: Parcel) -> None:
    answer = ask(parcel.order, channel="push", subscription=given_by_browser("http://169.254.169.254/x"))
    assert answer.status_code == 400
    assert not Subscription.objects.exists()


@pytest.fixture
def phones(settings: Any, service: Service) -> Service:
    settings.SMS_ACCOUNT, settings.SMS_TOKEN, settings.SMS_FROM = "AC1", "secret", "+4930123456"
    settings.SMS_URL = service.address
    return service


def test_text_messages_are_offered_only_where_there_is_an_account(parcel: Parcel, settings: Any) -> None:
    assert "text message" not in Client().get(page(parcel.order)).content.decode()
    assert ask(parcel.order, channel="sms", phone="0170 1234567").status_code == 404


def sent(service: Service, at: int = -1) -> str:
    return parse_qs(service.calls[at].body.decode())["Body"][0]


def test_the_owner_of_a_phone_types_a_code_and_gets_news_in_one_segment(
    store: Store, parcel: Parcel, phones: Service, mailbox: Mailbox
) -> None:
    shown = ask(parcel.order, channel="sms", phone="0170 1234567")
    assert "+491701234567" in shown.content.decode()
    (code,) = re.findall(r"\b\d{6}\b", sent(phones))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert ask(parcel.order, channel="code", phone="+491701234567", code=wrong).status_code == 404
    out_for_delivery(store)
    assert len(phones.calls) == 1
    assert ask(parcel.order, channel="code", phone="+491701234567", code=code).status_code == 302
    out_for_delivery(store, NOW + timedelta(hours=3), "delivered")
    assert len(phones.calls) == 2
    assert sent(phones).startswith("Stride & Co: Your parcel was delivered http")
    assert sent(phones).endswith("STOP to end")
    assert len(sent(phones)) <= 160


@pytest.mark.parametrize(
    ("until", "says"),
    [("next week", "Your parcel can be picked up"), ("2026-03-09 18:00", "It waits until Monday 9 March")],
)
def test_a_last_day_that_nobody_can_read_keeps_no_news_back(
    store: Store, parcel: Parcel, mailbox: Mailbox, until: str, says: str
) -> None:
    follow_by_mail(parcel, mailbox)
    scan(store, scan_doc("available_for_pickup", NOW), now=NOW, pickup={"name": "Kiosk", "until": until})
    with clock.at(NOW):
        run_until_idle()
    assert says in mailbox.letters[-1].text


def test_a_code_cannot_be_guessed_for_long(parcel: Parcel, phones: Service) -> None:
    ask(parcel.order, channel="sms", phone="0170 1234567")
    answers = [
        ask(parcel.order, channel="code", phone="+491701234567", code=f"{at:06d}").status_code for at in range(8)
    ]
    assert answers[-1] == 429
    assert ask(parcel.order, channel="code", phone="  +491701234567 ", code="000000").status_code == 429


def test_a_phone_that_answered_stop_is_left_alone(
    store: Store, parcel: Parcel, phones: Service, mailbox: Mailbox
) -> None:
    ask(parcel.order, channel="sms", phone="0170 1234567")
    subscriptions.confirm(Subscription.objects.get(), now=NOW)
    phones.answers = [(400, b'{"code": 21610, "message": "unsubscribed"}')]
    out_for_delivery(store)
    out_for_delivery(store, NOW + timedelta(hours=3), "delivered")
    assert len(phones.calls) == 2
    assert Subscription.objects.get().ended_at is not None


def test_the_worker_of_the_browser_is_served_below_the_store(store: Store) -> None:
    answer = Client().get("/s/stride/tracking/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert b"messaging/worker.js" in answer.content


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt"])
@pytest.mark.parametrize("asked", ["", "own", "email", "sms"])
def test_the_page_opens_without_a_cookie(parcel: Parcel, language: str, asked: str) -> None:
    with clock.at(NOW):
        answer = Client().get(f"{page(parcel.order)}?lang={language}&asked={asked}")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_link_is_short_enough_for_a_text_message(parcel: Parcel, mailbox: Mailbox) -> None:
    ask(parcel.order, channel="email", email="ann@example.com")
    assert len(links.token(links.FOLLOW, Subscription.objects.get())) < 30
