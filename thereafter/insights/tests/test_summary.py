"""The weekly summary: to who asked for it, once, on Monday at eight where the shop is, and honest about noise."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.tests.makers import order_doc
from thereafter.console.tests.tools import signed_in
from thereafter.insights.actions import summaries as actions
from thereafter.insights.actions.summaries import MOST_TRIES, last_due, subscribe, unsubscribe
from thereafter.insights.export.bringing import bring
from thereafter.insights.figures.weekly import weekly
from thereafter.insights.models import SummaryReader, SummarySent
from thereafter.insights.rules.summary import Line, headline, told, usual
from thereafter.insights.summary_jobs import send_summaries
from thereafter.insights.summary_mail import leave_url, written
from thereafter.insights.tests.shared_shop import NOW, SECRET, with_orders
from thereafter.kit import clock
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import ACCEPTED, Answer, Letter, Verdict
from thereafter.stores.models import Membership, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
WEEK = date(2026, 3, 2)
BEFORE = NOW - timedelta(days=3)
State = SummarySent.State


class Server:
    """A mail server that answers as it is told and remembers what it got."""

    together = 1

    def __init__(self) -> None:
        self.answers: list[Verdict] = []
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        for letter in letters:
            self.letters.append(letter)
            yield self.answers.pop(0) if self.answers else ACCEPTED


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(email, "channel", lambda url: made)
    return made


def sent(now: datetime = NOW) -> None:
    with clock.at(now):
        send_summaries(now)


def test_who_asked_gets_it_once_on_monday_at_eight_where_the_shop_is(
    store: Store, owner: Staff, server: Server
) -> None:
    with_orders(store)
    make_staff(store, role="analyst")
    subscribe(store, owner, BEFORE)
    sent(NOW - timedelta(minutes=31))
    assert server.letters == []
    for minutes in (0, 10, 600):
        sent(NOW + timedelta(minutes=minutes))
    (letter,) = server.letters
    assert letter.to == owner.email
    assert "2–8 Mar 2026" in letter.subject.replace(" ", " ").replace(" – ", "–")
    assert SummarySent.objects.of(store).get().state == State.SENT
    sent(NOW + timedelta(days=7))
    assert len(server.letters) == 2


def test_the_mail_tells_the_week_in_html_and_in_plain_text(store: Store, owner: Staff) -> None:
    with_orders(store)
    mail = written(weekly(store, WEEK), owner)
    assert "Orders" in mail.text
    assert re.search(r"Orders: 7\n", mail.text)
    assert "as in the week before" in mail.text
    assert mail.text.count("http") >= 4
    assert "&amp;" not in mail.text
    for words in ("Orders by week", "May be noise", mail.leave):
        assert words in mail.html
    assert SECRET not in mail.html + mail.text
    assert "<script" not in mail.html


def test_the_mail_can_be_left_with_one_click_but_not_by_a_scanner(store: Store, owner: Staff, server: Server) -> None:
    with_orders(store)
    subscribe(store, owner, BEFORE)
    sent()
    headers = server.letters[0].headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>")
    # The links hold the second in which they were signed.
    assert address.split(":")[:-2] == leave_url(store, owner).split(":")[:-2]
    path = "/shared" + address.partition("/shared")[2]
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(path).status_code == 200
    assert SummaryReader.objects.of(store).exists()
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not SummaryReader.objects.of(store).exists()
    assert browser.post(path).status_code == 200
    assert browser.get(path[:-3] + "x/").status_code == 404


def test_a_link_to_leave_ends_nothing_of_another_shop(store: Store, owner: Staff) -> None:
    other = make_store("outlet")
    Membership.objects.create(store=other, staff=owner, role="owner")
    for one in (store, other):
        subscribe(one, owner, BEFORE)
    Client().post("/shared" + leave_url(other, owner).partition("/shared")[2])
    assert [reader.store for reader in SummaryReader.objects.all()] == [store]


def test_who_left_the_shop_or_may_not_read_figures_gets_nothing(store: Store, owner: Staff, server: Server) -> None:
    with_orders(store)
    subscribe(store, owner, BEFORE)
    Membership.objects.of(store).filter(staff=owner).delete()
    sent()
    assert server.letters == []
    assert SummarySent.objects.of(store).get().state == State.SKIPPED


def test_a_mail_server_that_is_away_is_tried_again_and_given_up_after_some_time(
    store: Store, owner: Staff, server: Server
) -> None:
    with_orders(store)
    subscribe(store, owner, BEFORE)
    server.answers = [Verdict(Answer.LATER, "busy"), ACCEPTED]
    sent()
    row = SummarySent.objects.of(store).get()
    assert (row.state, row.detail, row.tries) == (State.QUEUED, "busy", 1)
    sent(NOW + timedelta(minutes=31))
    row.refresh_from_db()
    assert (row.state, len(server.letters)) == (State.SENT, 2)
    assert server.letters[0].message_id == server.letters[1].message_id
    SummarySent.objects.of(store).update(state=State.QUEUED, tries=MOST_TRIES - 1)
    server.answers = [Verdict(Answer.LATER, "still busy")]
    sent(NOW + timedelta(hours=2))
    row.refresh_from_db()
    assert (row.state, row.detail) == (State.FAILED, "still busy")


def test_what_a_worker_had_in_hand_when_it_died_is_not_sent_twice(store: Store, owner: Staff, server: Server) -> None:
    with_orders(store)
    subscribe(store, owner, BEFORE)
    actions.queue_due(NOW)
    assert len(actions.claim(NOW)) == 1
    assert actions.claim(NOW) == []
    sent(NOW + timedelta(hours=1))
    assert server.letters == []
    assert SummarySent.objects.of(store).get().state == State.FAILED


def test_news_of_monday_are_not_sent_on_thursday_nor_to_who_asked_later(
    store: Store, owner: Staff, server: Server
) -> None:
    with_orders(store)
    subscribe(store, owner, NOW + timedelta(hours=1))
    sent(NOW + timedelta(hours=2))
    SummaryReader.objects.of(store).update(since=BEFORE)
    sent(NOW + timedelta(days=3))
    assert not SummarySent.objects.of(store).exists()
    assert server.letters == []


def test_a_shop_in_which_nothing_happened_for_nine_weeks_is_left_in_peace(
    store: Store, owner: Staff, server: Server
) -> None:
    subscribe(store, owner, BEFORE)
    sent()
    assert (SummarySent.objects.of(store).get().state, server.letters) == (State.SKIPPED, [])


def test_figures_that_are_older_than_the_week_are_brought_up_to_date_first(
    store: Store, owner: Staff, server: Server
) -> None:
    with_orders(store, brought=False)
    subscribe(store, owner, BEFORE)
    sent()
    assert "Orders: 7" in server.letters[0].text


def test_eight_in_the_morning_is_that_of_the_shop_also_when_clocks_change() -> None:
    berlin, sydney = Store(time_zone="Europe/Berlin"), Store(time_zone="Australia/Sydney")
    spring = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
    assert last_due(berlin, spring) == spring
    assert last_due(berlin, spring - timedelta(seconds=1)) == datetime(2026, 3, 23, 7, 0, tzinfo=UTC)
    assert last_due(sydney, NOW) == datetime(2026, 3, 8, 21, 0, tzinfo=UTC)


def test_leaving_stops_what_is_queued_already(store: Store, owner: Staff, server: Server) -> None:
    with_orders(store)
    subscribe(store, owner, BEFORE)
    actions.queue_due(NOW)
    unsubscribe(store, owner, NOW)
    sent(NOW + timedelta(minutes=5))
    assert (SummarySent.objects.of(store).get().state, server.letters) == (State.SKIPPED, [])


def test_a_week_that_is_far_from_the_usual_is_told_first(store: Store) -> None:
    with_orders(store, weeks=9)
    more = [
        order_doc(f"more-{n}", email=f"m{n}@example.com", placed_at=NOW - timedelta(days=1 + n % 7)) for n in range(30)
    ]
    take_orders(store, more, source="api", now=NOW)
    bring(store, now=NOW)
    week = weekly(store, WEEK)
    assert [line.key for line in week.lines if line.is_real][:2] == ["orders", "revenue"]
    assert week.lines[0].value == "37"
    assert "usually" in week.lines[0].beside
    assert week.lines[0].good is True
    assert week.headline == "Orders and revenue up, orders of returning customers down"


def test_the_usual_is_as_wide_as_one_more_week_may_lie() -> None:
    assert usual([10, 12, 11]) is None
    assert usual([0, 0, 0, 0]) is None
    found = usual([10, 12, 11, 9, 10, 12, 11, 9])
    assert found
    assert found.mean == 10.5
    # t of 7 degrees 2.365, s 1.195, sqrt(1 + 1/8) 1.061: 3.0 to each side.
    assert [found.low, found.high] == pytest.approx([7.50, 13.50], abs=0.01)
    counted = usual([10, 12, 11, 9, 10, 12, 11, 9], counts=True)
    assert counted
    assert counted.low == pytest.approx(2.37, abs=0.01)
    assert counted.has(16)


def test_what_is_sure_comes_first_and_six_lines_are_enough() -> None:
    def line(key: str, is_real: bool | None) -> Line:
        return Line(key, f"The {key}", "1", "", is_real, key != "f", "retention")

    lines = [line(key, key in "df") for key in "abcdefgh"]
    assert [one.key for one in told(lines)] == ["d", "f", "a", "b", "c", "e"]
    assert headline(told(lines)) == "The d up, the f down"
    assert (lines[3].good, lines[5].good, lines[0].good) == (True, False, None)
    assert headline([line("a", None)]) == "A week as usual"
    assert line("a", None).verdict == "too few to tell"


def test_it_is_asked_for_left_and_tried_in_the_console(store: Store, server: Server) -> None:
    with_orders(store)
    me = make_staff(store, role="analyst")
    browser: Any = signed_in(me)
    with clock.at(NOW):
        browser.post("/console/stride/insights/summary/", {"action": "want"})
        assert SummaryReader.objects.of(store).get().staff == me
        browser.post("/console/stride/insights/summary/", {"action": "send"})
        assert (server.letters[0].to, SummarySent.objects.count()) == (me.email, 0)
        assert "It goes to Analyst" in browser.get("/console/stride/insights/summary/").content.decode()
        preview = browser.get("/console/stride/insights/summary/preview/")
        assert b"Orders by week" in preview.content
        assert "sandbox" in preview.headers["Content-Security-Policy"]
        browser.post("/console/stride/insights/summary/", {"action": "leave"})
    assert not SummaryReader.objects.of(store).exists()


def test_the_mail_says_until_when_by_the_shops_own_clock(store: Store, owner: Staff) -> None:
    store.time_zone = "Pacific/Auckland"
    week = replace(weekly(store, WEEK), as_of=datetime(2026, 3, 8, 19, 5, tzinfo=UTC))
    with clock.at(NOW):
        assert "9 Mar, 08:05" in written(week, owner).text
