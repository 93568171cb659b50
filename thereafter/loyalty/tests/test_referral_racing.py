"""Many friends at once, on connections of their own, on both databases."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from thereafter.config.scratch import Scratch, empty_database_for_threads
from thereafter.kit import clock
from thereafter.loyalty.actions import referrals
from thereafter.loyalty.models import Referral
from thereafter.loyalty.tests.inviting import IP, START, member, person, points_of, rewarding
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
AT_ONCE = 12


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with clock.at(START), empty_database_for_threads() as scratch:
        yield scratch


def at_once(scratch: Scratch, ask: Callable[[int], str]) -> Counter[str]:
    ready = Barrier(AT_ONCE)

    def one(number: int) -> str:
        with scratch.joined(), clock.at(START):
            ready.wait(60)
            return ask(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


def test_no_more_than_so_many_pass_from_one_network_however_many_come_at_once(scratch: Scratch) -> None:
    store = make_store()
    rewarding(store, max_per_ip_7d=5)
    ann = member(store)
    friends = [person(store, f"f{number}@example.com") for number in range(AT_ONCE)]

    def ask(number: int) -> str:
        return referrals.claim(ann, friends[number], ip=IP, channel="link", now=START).result

    assert at_once(scratch, ask) == {"ok": 5, "refused": AT_ONCE - 5}


def test_a_friend_is_brought_by_one_member_however_many_invite_at_once(scratch: Scratch) -> None:
    store = make_store()
    rewarding(store, on="joining", max_per_ip_7d=100)
    inviting = [member(store, f"m{number}@example.com") for number in range(AT_ONCE)]
    bob = person(store, "bob@other.example")

    def ask(number: int) -> str:
        return referrals.claim(inviting[number], bob, ip=IP, channel="link", now=START).result

    assert at_once(scratch, ask) == {"ok": 1, "refused": AT_ONCE - 1}
    assert Referral.objects.of(store).exclude(state="refused").count() == 1
    assert sum(points_of(one)[1] for one in inviting) == 500


def test_the_same_friend_who_presses_often_accepts_once(scratch: Scratch) -> None:
    store = make_store()
    rewarding(store)
    ann, bob = member(store), person(store, "bob@example.com")

    def ask(number: int) -> str:
        return referrals.claim(ann, bob, ip=IP, channel="link", now=START).result

    assert at_once(scratch, ask) == {"ok": 1, "duplicate": AT_ONCE - 1}
    assert Referral.objects.of(store).count() == 1
