"""Who opened and who clicked: links that cannot lead astray, and machines that are told from readers."""

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.tests.makers import make_order
from thereafter.events.messages import MessageClicked, MessageOpened
from thereafter.kit import clock, tokens
from thereafter.messaging import links
from thereafter.messaging.actions import queueing
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import ACCEPTED, Letter, Verdict
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import ContactSettings, Message, Receipt
from thereafter.messaging.rules.contact_rules import Tracking
from thereafter.messaging.rules.machines import Visit, is_machine, scanned
from thereafter.storefront.links import absolute
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
READ = NOW + timedelta(hours=2)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
DOMAIN = "http://127.0.0.1:8000"


class Outbox:
    together = 20

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        for letter in letters:
            self.letters.append(letter)
            yield ACCEPTED


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    box = Outbox()
    monkeypatch.setattr(email, "channel", lambda url: box)
    return box


@pytest.fixture
def store() -> Store:
    return make_store(shop_url="https://stride.example")


def rule(store: Store, **tracking: bool) -> None:
    ContactSettings.objects.create(store=store, document={"tracking": tracking}, changed_at=NOW)


ITEM = {"title": "Socks", "url": "https://stride.example/socks?size=38&colour=red", "image": None, "price_minor": 900}


def sent(store: Store, outbox: Outbox, template: str = "goes_well_with") -> Letter:
    order = make_order(store)
    change_consent(
        order.customer, channel="email", purpose="marketing", granted=True, source="t", evidence="box", now=NOW
    )
    facts: dict[str, Any] = {"recommendations": {"picks": [ITEM], "currency": "EUR"}}
    queueing.send(order.customer, template=template, key="k1", now=NOW, order=order, facts=facts)
    with clock.at(NOW):
        run_until_idle()
    (letter,) = outbox.letters
    return letter


def addresses(letter: Letter) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'href="(http[^"]+)"', letter.html)]


def clicks(letter: Letter) -> list[str]:
    return [one.removeprefix(DOMAIN) for one in addresses(letter) if "/messaging/c/" in one]


def picture(letter: Letter) -> str:
    return re.findall(r'src="([^"]+/o/[^"]+\.gif)"', letter.html)[0].removeprefix(DOMAIN)


def look(address: str, agent: str = PHONE, at: datetime = READ, method: str = "get") -> Any:
    with clock.at(at):
        return getattr(Client(), method)(address, headers={"User-Agent": agent})


def work(at: datetime = READ + timedelta(minutes=1)) -> None:
    with clock.at(at):
        run_until_idle()


def test_a_link_leads_to_its_page_and_is_counted(store: Store, outbox: Outbox) -> None:
    (to_socks,) = [one for one in clicks(sent(store, outbox)) if _url(one) == ITEM["url"]]
    answer = look(to_socks)
    assert (answer.status_code, answer.headers["Location"]) == (302, ITEM["url"])
    work()
    receipt = Receipt.objects.get()
    assert (receipt.kind, receipt.url, receipt.machine, receipt.at) == ("clicked", ITEM["url"], False, READ)
    assert_recorded(MessageClicked, url=ITEM["url"], machine=False)


def _url(address: str) -> str:
    return links.read(links.CLICK, address.rpartition("/")[2], NOW).url


def test_the_same_link_again_is_another_receipt_and_no_other_event(store: Store, outbox: Outbox) -> None:
    address = clicks(sent(store, outbox))[0]
    for minutes in (0, 0, 5):
        look(address, at=READ + timedelta(minutes=minutes))
    work(READ + timedelta(minutes=10))
    assert Receipt.objects.count() == 2
    assert_recorded(MessageClicked)


def test_links_that_sign_in_or_end_something_never_lead_past_us(store: Store, outbox: Outbox) -> None:
    letter = sent(store, outbox)
    kept = Message.objects.get().facts["links"]
    direct = addresses(letter)
    for name, url in kept.items():
        if url and name not in links.COUNTED:
            assert html.unescape(url) in direct, name
    assert kept["unsubscribe"] in letter.headers["List-Unsubscribe"]


def test_what_is_kept_of_a_message_is_what_its_template_made(store: Store, outbox: Outbox) -> None:
    letter = sent(store, outbox)
    message = Message.objects.select_related("version").get()
    assert "/messaging/c/" not in render_again(message).html
    assert "/messaging/c/" not in letter.text


def test_order_mail_is_not_watched(store: Store, outbox: Outbox) -> None:
    letter = sent(store, outbox, "order_confirmation")
    assert "/messaging/c/" not in letter.html
    assert "/messaging/o/" not in letter.html


def test_a_shop_may_watch_nothing(store: Store, outbox: Outbox) -> None:
    rule(store, opens=False, clicks=False)
    letter = sent(store, outbox)
    assert "/messaging/c/" not in letter.html
    assert "/messaging/o/" not in letter.html


def test_links_to_the_shop_say_where_somebody_came_from(store: Store, outbox: Outbox) -> None:
    rule(store, opens=False, clicks=False, utm=True)
    found = [one for one in addresses(sent(store, outbox)) if "/socks" in one]
    assert found == [
        f"{ITEM['url']}&utm_source=thereafter&utm_medium=email&utm_campaign=goes_well_with",
    ]


@pytest.mark.parametrize("harm", ["another-url", "another-message", "another-purpose", "cut", "nonsense"])
def test_an_altered_link_leads_nowhere(store: Store, outbox: Outbox, harm: str) -> None:
    letter = sent(store, outbox)
    address = clicks(letter)[0]
    head, token = address.rsplit("/", 1)
    told, seal = token.split(".")
    plain = links._bytes(told)
    wrong = {
        "another-url": f"{links._text(plain.replace(b'stride.example', b'evil.example.com'))}.{seal}",
        "another-message": f"{links._text(plain.replace(b':', b':1', 1))}.{seal}",
        "another-purpose": picture(letter).rpartition("/")[2].removesuffix(".gif"),
        "cut": told,
        "nonsense": "a.b",
    }[harm]
    assert look(f"{head}/{wrong}").status_code == 404
    assert not Inbound.objects.exists()


def test_a_link_of_another_shop_leads_nowhere(store: Store, outbox: Outbox) -> None:
    make_store("other", name="Other")
    address = clicks(sent(store, outbox))[0]
    assert look(address.replace("/s/stride/", "/s/other/")).status_code == 404


def test_a_link_ends_after_a_year_and_says_so(store: Store, outbox: Outbox) -> None:
    address = clicks(sent(store, outbox))[0]
    assert look(address, at=NOW + timedelta(days=399)).status_code == 302
    assert look(address, at=NOW + timedelta(days=402)).status_code == 410


def test_an_opening_is_told_once_for_a_reader_and_once_for_machines(store: Store, outbox: Outbox) -> None:
    address = picture(sent(store, outbox))
    for agent, minutes in (("Mozilla/5.0", 0), (PHONE, 60), (PHONE, 120)):
        answer = look(address, agent, READ + timedelta(minutes=minutes))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/gif")
    work(READ + timedelta(hours=4))
    assert sorted(Receipt.objects.values_list("machine", flat=True)) == [False, False, True]
    assert_recorded(MessageOpened, times=2)


def test_a_scanner_that_follows_every_link_is_a_machine(store: Store, outbox: Outbox) -> None:
    letter = sent(store, outbox)
    to_order = absolute(store, "/s/stride/messaging/c/")
    message = Message.objects.select_related("store").get()
    more = [f"{to_order}{links._signed(links.CLICK, message, 3000, f'https://stride.example/{n}')}" for n in range(3)]
    for place, address in enumerate([*clicks(letter)[:1], *(one.removeprefix(DOMAIN) for one in more)]):
        look(address, at=READ + timedelta(seconds=place))
    work()
    assert set(Receipt.objects.values_list("machine", flat=True)) == {True}


def test_looking_where_a_link_leads_counts_for_nothing(store: Store, outbox: Outbox) -> None:
    letter = sent(store, outbox)
    assert look(clicks(letter)[0], method="head").status_code == 302
    assert look(picture(letter), method="head").status_code == 200
    assert not Inbound.objects.exists()


GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
EARLY = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0"
)


@pytest.mark.parametrize(
    ("agent", "seconds", "kind", "machine"),
    [
        (PHONE, 3600, "opened", False),
        (PHONE, 2, "opened", True),
        (PHONE, 2, "clicked", True),
        ("Mozilla/5.0", 3600, "opened", True),
        (GMAIL, 5, "opened", True),
        (GMAIL, 900, "opened", False),
        (EARLY, 900, "opened", True),
        ("BarracudaCentral link scanner", 900, "clicked", True),
        ("python-requests/2.31", 900, "clicked", True),
        ("", 900, "clicked", True),
    ],
)
def test_machines_are_told_from_readers(agent: str, seconds: int, kind: str, machine: bool) -> None:
    visit = Visit(1, 1, kind, "https://a.example", agent, NOW + timedelta(seconds=seconds))
    assert is_machine(visit, NOW) == machine


def test_two_links_in_a_row_are_a_reader() -> None:
    visits = [Visit(n, 1, "clicked", f"https://a.example/{n % 2}", PHONE, NOW + timedelta(seconds=n)) for n in range(6)]
    assert scanned(visits) == set()


def test_links_of_an_html_page_are_found_wherever_they_stand(store: Store, outbox: Outbox) -> None:
    sent(store, outbox)
    message = Message.objects.select_related("store").get()
    page = (
        '<link href="https://fonts.example/a.css"><a class="x" href="https://a.example/?b=1&amp;c=2">a</a>'
        '<v:roundrect href="https://b.example"></v:roundrect><a href="mailto:a@b.example">m</a><a href="#top">t</a>'
    )
    letter = links.tracked(Letter(**{**vars(outbox.letters[0]), "html": page}), message, Tracking(opens=False), NOW)
    assert [_url(one.removeprefix(DOMAIN)) for one in addresses(letter) if "/c/" in one] == [
        "https://a.example/?b=1&c=2",
        "https://b.example",
    ]
    assert "https://fonts.example/a.css" in addresses(letter)


def test_a_token_of_something_else_is_no_link() -> None:
    with pytest.raises(tokens.BadToken):
        links.read(links.CLICK, tokens.sign("click", 1, 2), NOW)
