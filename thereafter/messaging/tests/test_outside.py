"""What journeys tell others than the customer: signed calls, team posts, tickets; and who may be called at all."""

import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from pytest_django import Settings

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.messages import MessageFailed, MessageSent, MessageSkipped
from thereafter.kit import clock
from thereafter.messaging import accounts
from thereafter.messaging.actions import channels
from thereafter.messaging.actions.outside import Telling, tell_many
from thereafter.messaging.channels import email, guarded, mime, team
from thereafter.messaging.channels.letters import ACCEPTED, Account, Answer, Letter, Verdict
from thereafter.messaging.models import Message
from thereafter.messaging.tests.servers import Service, listening
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        heard.answers = [(200, b"thank you")]
        yield heard


@pytest.fixture
def order(db: None, settings: Settings) -> Order:
    settings.MAIL_URL, settings.PRIVATE_HOOKS = "smtp://127.0.0.1:9", True
    return make_order(make_store())


def tell(order: Order, channel: str, key: str = "run:1:call", **asked: str) -> Message:
    telling = Telling(
        store_id=order.store_id, customer_id=order.customer_id, channel=channel, key=key, due_at=NOW, settings=asked,
        order_id=order.pk, event={"reason": "damaged"}, origin="journey:1:call",
    )  # fmt: skip
    with clock.at(NOW):
        tell_many([telling, telling], NOW)
    return Message.objects.get(key=key)


def work(now: datetime = NOW) -> None:
    with clock.at(now):
        run_until_idle()


def test_a_webhook_is_signed_and_says_who_and_what(order: Order, service: Service) -> None:
    url = f"{service.address}/hook"
    message = tell(order, "webhook", url=url, title="About {{ order.number }}", text="{{ event.reason }}")
    work()
    (call,) = service.calls
    stamp, signature = call.headers["x-thereafter-timestamp"], call.headers["x-thereafter-signature"]
    secret = accounts.hook_secret(order.store_id)
    assert signature == "sha256=" + hmac.digest(secret.encode(), stamp.encode() + b"." + call.body, "sha256").hex()
    told = json.loads(call.body)
    assert (told["title"], told["text"]) == (f"About {order.number}", "damaged")
    assert told["customer"]["email"] == order.customer.email
    assert told["order"]["items"][0]["title"] == order.lines.get().title
    assert told["event"] == {"reason": "damaged"}
    message.refresh_from_db()
    assert (message.state, message.reason) == ("sent", "200 thank you")
    assert_recorded(MessageSent, channel="webhook")


def test_a_webhook_that_is_not_heard_is_called_again_under_the_same_name(order: Order, service: Service) -> None:
    service.answers = [(503, b"not now"), (200, b"")]
    message = tell(order, "webhook", url=f"{service.address}/hook")
    work()
    assert Message.objects.get().reason == "503 not now"
    work(NOW + timedelta(minutes=2))
    assert len({call.headers["x-thereafter-id"] for call in service.calls}) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, len(service.calls)) == ("sent", 2, 2)


def test_a_webhook_that_is_refused_ends(order: Order, service: Service) -> None:
    service.answers = [(404, b"nobody here")]
    tell(order, "webhook", url=f"{service.address}/hook")
    work()
    work(NOW + timedelta(days=1))
    assert len(service.calls) == 1
    assert_recorded(MessageFailed, reason="404 nobody here")


def test_a_new_secret_signs_from_then_on(order: Order, service: Service) -> None:
    secret = channels.new_hook_secret(order.store, by=make_staff(order.store), now=NOW)
    tell(order, "webhook", url=f"{service.address}/hook")
    work()
    (call,) = service.calls
    signed = hmac.digest(
        secret.encode(), call.headers["x-thereafter-timestamp"].encode() + b"." + call.body, "sha256"
    ).hex()
    assert call.headers["x-thereafter-signature"] == f"sha256={signed}"


def test_our_own_network_is_not_called_for_a_merchant(order: Order, service: Service, settings: Settings) -> None:
    settings.PRIVATE_HOOKS = False
    tell(order, "webhook", url=f"{service.address}/hook")
    tell(order, "webhook", key="run:2:call", url="https://127.0.0.1/hook")
    work()
    assert service.calls == []
    assert {message.state for message in Message.objects.all()} == {"failed"}


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "nonsense",
    ],
)  # fmt: skip
def test_numbers_of_private_networks_are_known(number: str) -> None:
    assert not guarded.is_public(number)


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_numbers_of_the_world_are_called(number: str) -> None:
    assert guarded.is_public(number)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/", "ftp://shop.example/", "https://", "https://user:pw@shop.example/", "https://a b/",
        "https://shop.example\\@127.0.0.1/", "https://shöp.example/", "https://shop.example:x/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_that_could_mean_something_else_are_refused(url: str) -> None:
    with pytest.raises(guarded.Forbidden):
        guarded.checked(url)


def test_a_redirect_is_not_followed(order: Order, service: Service) -> None:
    service.answers = [(302, b"")]
    tell(order, "webhook", url=f"{service.address}/hook")
    work()
    assert (Message.objects.get().state, len(service.calls)) == ("failed", 1)


class Desk:
    together = 5

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> list[Verdict]:
        self.letters += letters
        return [ACCEPTED for _ in self.letters]


def test_a_ticket_is_a_mail_to_the_desk_that_answers_the_customer(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    monkeypatch.setattr(email, "channel", lambda url: desk)
    tell(order, "ticket", title="Damaged: {{ order.number }}", text="Please call {{ customer.first_name }}.")
    work()
    (letter,) = desk.letters
    assert (letter.to, letter.reply_to) == ("help@stride.example", order.customer.email)
    assert letter.subject == f"Damaged: {order.number}"
    for told in (order.customer.email, f"Order: {order.number} of", "Please call", "/s/stride/o/"):
        assert told in letter.text
    assert letter.headers["X-Thereafter-Order"] == order.number
    assert b"Reply-To" in mime.as_bytes(letter)


def test_a_shop_without_a_support_address_opens_no_ticket(order: Order) -> None:
    Store.objects.update(support_email="")
    tell(order, "ticket", title="x", text="y")
    work()
    assert_recorded(MessageSkipped, reason="no_support_address")


def test_words_that_cannot_be_filled_fail_and_say_so(order: Order) -> None:
    tell(order, "ticket", title="{{ order.", text="y")
    work()
    (message,) = Message.objects.all()
    assert message.state == "failed"
    assert message.reason.startswith("template:")


def test_a_team_is_posted_to_where_it_is(order: Order, service: Service) -> None:
    staff = make_staff(order.store)
    place = service.address.removeprefix("http://")
    channels.add_place(order.store, "Support room", f"json://{place}/room", by=staff, now=NOW)
    channels.add_place(order.store, "Owner", f"json://{place}/owner", by=staff, now=NOW)
    tell(order, "team", text="{{ order.number }} is damaged", place="Support room")
    tell(order, "team", key="run:2:call", text="Everybody", place="")
    work()
    told = sorted((json.loads(call.body)["message"], call.path) for call in service.calls)
    assert told == [(f"{order.number} is damaged", "/room"), ("Everybody", "/owner"), ("Everybody", "/room")]


def test_what_a_customer_is_called_is_no_markup_to_the_team(monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[str] = []

    def post(url: str, data: str, **_: object) -> requests.Response:
        posted.append(data)
        answer = requests.Response()
        answer.status_code, answer._content = 200, b'{"ok": true}'
        return answer

    monkeypatch.setattr("requests.post", post)
    room = team.Posts(Account.of("team", "apprise", {"private": "1"}))
    name = "Ana <a href='http://evil.example'>Refund</a> & 3 < 4"
    verdict = room.post("tgram://123456789:abcdefg_hijklmnop/12315544/", name, f"{name} is damaged")
    assert verdict.answer == Answer.ACCEPTED
    assert "&lt;a href=" in posted[-1]
    assert "<a " not in posted[-1]


def test_nobody_to_post_to_is_said(order: Order) -> None:
    tell(order, "team", text="Hello", place="Nowhere")
    work()
    assert_recorded(MessageSkipped, reason="no_place")


def test_without_apprise_somebody_is_told_what_to_install(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "apprise", None)
    with pytest.raises(channels.CannotConnect, match="pip install"):
        channels.add_place(order.store, "Room", "slack://a/b/c", by=make_staff(order.store), now=NOW)


@pytest.mark.parametrize("url", ["nonsense", "dbus://", "syslog://localhost", "json://127.0.0.1/x", "json://localhost"])
def test_places_that_are_none_are_refused(order: Order, settings: Settings, url: str) -> None:
    settings.PRIVATE_HOOKS = False
    with pytest.raises(channels.CannotConnect):
        channels.add_place(order.store, "Room", url, by=make_staff(order.store), now=NOW)


def test_keys_of_places_are_sealed(order: Order) -> None:
    url = "json://user:very-secret@chat.example/room"
    place = channels.add_place(order.store, "Room", url, by=make_staff(order.store), now=NOW)
    assert "very-secret" not in place.sealed_url
    assert place.service


def test_who_sends_no_mail_calls_nobody(order: Order, service: Service, settings: Settings) -> None:
    settings.MAIL_URL = "null:"
    tell(order, "webhook", url=f"{service.address}/hook")
    work()
    assert (Message.objects.get().state, service.calls) == ("sent", [])


def test_steps_of_journeys_tell_with_what_started_them(order: Order, service: Service) -> None:
    from_steps: Any = pytest.importorskip("thereafter.journeys.steps.outside")
    registry: Any = pytest.importorskip("thereafter.journeys.registry")
    visit = registry.Visit(
        store_id=order.store_id, run_id=5, customer_id=order.customer_id, order_id=order.pk, step="call",
        settings={"url": f"{service.address}/hook"}, facts={"reason": "lost"}, now=NOW, journey_id=9,
    )  # fmt: skip
    with clock.at(NOW):
        assert from_steps.webhook([visit, visit]) == [registry.Go(), registry.Go()]
    work()
    (call,) = service.calls
    told = json.loads(call.body)
    assert (told["event"], told["journey"]) == ({"reason": "lost"}, "journey:9:call")
