"""What the friend and the member are written, once, in their languages."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from thereafter.commerce.tests.makers import make_pool
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.loyalty.models import Member
from thereafter.loyalty.tests.inviting import START, accepted, buys, claim, member, rewarding
from thereafter.messaging import library, samples
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import ACCEPTED, Letter, Verdict
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "de", "fr", "es", "pt")
OURS = [key for key in library.templates if key.startswith("referral_")]


class Outbox:
    together = 20

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> list[Verdict]:
        taken = list(letters)
        self.letters += taken
        return [ACCEPTED for _ in taken]

    def about(self, words: str) -> list[Letter]:
        return [one for one in self.letters if words in one.subject]


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    made = Outbox()
    monkeypatch.setattr(email, "channel", lambda url: made)
    return made


@pytest.fixture
def store(outbox: Outbox) -> Store:
    store = make_store(shop_url="https://stride.example")
    install_recipes(store, START - timedelta(days=40))
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends", friend_points=100)
    return store


@pytest.fixture
def ann(store: Store) -> Member:
    return member(store, name="Anna Ridge")


def test_the_friend_is_written_the_code_once(outbox: Outbox, ann: Member) -> None:
    with clock.at(START):
        referral = accepted(ann)
        claim(ann)
        run_until_idle()
    (letter,) = outbox.about("Your present from Stride")
    assert referral.friend_coupon
    assert referral.friend_coupon.code in letter.html
    assert "Anna has invited you" in letter.html
    assert "10% off your first order" in letter.html
    assert "100 points" in letter.html
    assert "Ridge" not in letter.html


def test_who_is_refused_is_written_nothing(outbox: Outbox, ann: Member) -> None:
    with clock.at(START):
        claim(ann, "ann+1@example.com")
        run_until_idle()
    assert outbox.letters == []


def test_the_member_is_written_when_the_friend_bought(store: Store, outbox: Outbox, ann: Member) -> None:
    buys(store, email="ann@example.com", days=-20)
    with clock.at(START):
        accepted(ann)
    buys(store)
    (letter,) = outbox.about("500 points are on their way")
    assert "Tuesday, March 17" in letter.html or "17 March" in letter.html
    assert f"/r/{ann.referral_code}" in letter.html


@pytest.mark.parametrize("key", OURS)
def test_every_message_is_drawn_in_every_language(store: Store, key: str) -> None:
    subjects = set()
    for language in LANGUAGES:
        drawn = samples.sample(store, key, language, START)
        assert "{{" not in drawn.subject + drawn.html + drawn.text
        assert "{%" not in drawn.html
        subjects.add(drawn.subject)
    assert len(subjects) == len(LANGUAGES)
