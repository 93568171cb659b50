"""Accepting an invitation, and what a person decides of one that looked odd."""

from datetime import timedelta

import pytest

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.models import Coupon
from thereafter.commerce.tests.makers import make_pool
from thereafter.events.loyalty import ReferralClaimed, ReferralHeld
from thereafter.kit import clock
from thereafter.loyalty.actions import members, programmes, referral_days, referrals
from thereafter.loyalty.actions.referrals import CannotDecide
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.tests.inviting import (
    START,
    accepted,
    again,
    buys,
    claim,
    member,
    person,
    points_of,
    rewarding,
)
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
State = Referral.State


@pytest.fixture
def store() -> Store:
    store = make_store()
    rewarding(store)
    return store


@pytest.fixture
def ann(store: Store) -> Member:
    return member(store)


def test_a_friend_accepts_once(ann: Member) -> None:
    first = accepted(ann)
    assert first.state == State.CLAIMED
    assert_recorded(ReferralClaimed, customer_id=first.friend_id, referral_id=first.pk, advocate_id=ann.pk)
    second = claim(ann)
    assert (second.result, second.referral) == ("duplicate", first)


def test_self_referral_through_an_alias_is_refused(store: Store) -> None:
    jane = member(store, "jane.doe@gmail.com")
    done = claim(jane, "janedoe+ref@googlemail.com")
    assert (done.result, done.reason) == ("refused", "self_referral")
    assert done.referral
    assert done.referral.state == State.REFUSED
    assert done.referral.doubts[0]["text"] == "jane.doe@gmail.com and janedoe+ref@googlemail.com are the same mailbox."


def test_the_member_is_not_their_own_friend(ann: Member) -> None:
    assert claim(ann, "ann@example.com").reason == "self_referral"


def test_who_bought_before_is_refused_and_told_since_when(store: Store, ann: Member) -> None:
    buys(store, "10", days=-28)
    done = claim(ann)
    assert (done.result, done.reason) == ("refused", "existing_customer")
    assert done.referral
    assert "1 February 2026" in done.referral.doubts[0]["text"]


def test_who_was_invited_by_another_member_is_refused(store: Store, ann: Member) -> None:
    accepted(ann)
    other = member(store, "eve@example.com")
    assert claim(other).reason == "already_referred"


def test_the_eleventh_claim_from_a_network_within_seven_days_is_held(ann: Member) -> None:
    """F04 of the worked cases, with the time it is asked again."""
    hours = (0, 1, 2, 24, 25, 26, 48, 49, 50, 72)
    for number, hour in enumerate(hours):
        accepted(ann, f"f{number}@example.com", at=START + timedelta(hours=hour))
    held = claim(ann, "f10@example.com", at=START + timedelta(days=4, hours=2))
    assert (held.result, held.reason) == ("refused", "ip_velocity")
    assert held.referral
    assert held.referral.state == State.HELD
    assert_recorded(ReferralHeld, customer_id=ann.customer_id, reasons=("ip_velocity",))
    later = claim(ann, "f10@example.com", at=START + timedelta(days=7, hours=2, minutes=30))
    assert (later.result, later.referral) == ("ok", held.referral)


def test_a_claim_of_exactly_seven_days_ago_counts_no_more(ann: Member) -> None:
    for number in range(10):
        accepted(ann, f"f{number}@example.com")
    assert claim(ann, "g@example.com", at=START + timedelta(days=7, seconds=-1)).reason == "ip_velocity"
    assert claim(ann, "h@example.com", at=START + timedelta(days=7)).result == "ok"


def test_what_was_bought_while_it_was_held_was_bought_by_a_friend(store: Store, ann: Member) -> None:
    for number in range(10):
        accepted(ann, f"f{number}@example.com")
    claim(ann)
    buys(store, days=2)
    assert points_of(ann) == (0, 0)
    assert claim(ann, at=START + timedelta(days=8)).result == "ok"
    assert points_of(ann) == (0, 500)


def test_nothing_is_given_where_invitations_are_not_rewarded() -> None:
    store = make_store("plain")
    done = claim(member(store))
    assert (done.referral, done.reason) == (None, "not_offered")


def test_a_friend_gets_a_code_and_points_once(store: Store, ann: Member) -> None:
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends", friend_points=100)
    referral = accepted(ann)
    claim(ann)
    assert referral.friend_coupon
    assert Coupon.objects.of(store).get().customer_id == referral.friend_id
    bob = Member.objects.of(store).get(customer=referral.friend_id)
    assert bob.source == Member.Source.REFERRAL
    assert points_of(bob) == (100, 0)


def test_a_list_that_ran_out_of_codes_stops_no_invitation(store: Store, ann: Member) -> None:
    make_pool(store, "Friends", delivery="list")
    rewarding(store, friend_pool="friends")
    assert accepted(ann).friend_coupon is None


def test_a_person_releases_what_was_held_with_all_that_was_bought_since(store: Store, ann: Member) -> None:
    make_pool(store, "Friends")
    rewarding(store, max_per_ip_7d=1, friend_pool="friends")
    accepted(ann, "f0@example.com")
    held = claim(ann).referral
    assert held
    assert held.friend_coupon is None
    buys(store, days=2)
    support = make_staff(store, "support")
    referrals.release(held, by=support, note="They share an office.", now=START + timedelta(days=3))
    assert (held.state, held.decided_by) == (State.QUALIFIED, "Support")
    assert held.friend_coupon is not None
    assert points_of(ann) == (0, 500)
    row = Audit.objects.get(verb="loyalty.release_referral")
    assert row.detail == {"was": "held", "note": "They share an office."}


def test_a_released_one_is_not_refused_again_for_the_same(store: Store, ann: Member) -> None:
    buys(store, "10", days=-28)
    refused = claim(ann).referral
    assert refused
    referrals.release(refused, by=make_staff(store), note="A gift to them.", now=START)
    buys(store, days=2)
    assert again(refused).state == State.QUALIFIED


def test_a_second_member_cannot_be_released_beside_the_first(store: Store, ann: Member) -> None:
    accepted(ann)
    late = claim(member(store, "eve@example.com")).referral
    assert late
    with pytest.raises(CannotDecide, match="counts already"):
        referrals.release(late, by=make_staff(store), note="x", now=START)


def test_a_person_refuses_and_both_lose_what_they_got(store: Store, ann: Member) -> None:
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends", friend_points=100)
    referral = accepted(ann)
    buys(store, days=2)
    bob = Member.objects.of(store).get(customer=referral.friend_id)
    referrals.refuse(referral, by=make_staff(store), note="One person.", now=START + timedelta(days=3))
    assert referral.state == State.REFUSED
    assert points_of(ann) == (0, 0)
    assert points_of(bob) == (0, 0)
    assert Coupon.objects.of(store).get().withdrawn_at is not None
    assert claim(ann, at=START + timedelta(days=4)).reason == "by_hand"


def test_an_invitation_lapses_and_another_member_may_invite(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    assert referral_days.lapse(START + timedelta(days=90, seconds=-1)) == 0
    assert referral_days.lapse(START + timedelta(days=90)) == 1
    assert again(referral).state == State.LAPSED
    assert claim(member(store, "eve@example.com"), at=START + timedelta(days=91)).result == "ok"


def test_where_a_claim_came_from_is_forgotten_after_ninety_days(ann: Member) -> None:
    referral = accepted(ann)
    assert referral.ip == "198.51.100.7"
    referral_days.forget_networks(START + timedelta(days=90, seconds=-1))
    assert again(referral).ip is not None
    referral_days.forget_networks(START + timedelta(days=90))
    assert again(referral).ip is None


def test_who_left_invites_nobody(ann: Member) -> None:
    members.leave(ann, now=START)
    ann.refresh_from_db()
    assert claim(ann).reason == "not_offered"


def test_who_is_left_without_rewards_for_comparison_invites_nobody(store: Store) -> None:
    document = {"holdout_percent": 50, "referral": {"points": 500}}
    programmes.publish(store, document, by=None, now=START - timedelta(days=1))
    people = [person(store, f"m{number}@example.com").pk for number in range(100)]
    everybody = members.ensure(store.pk, people, source=Member.Source.AUTOMATIC, now=START - timedelta(days=1))
    held_out = next(one for one in everybody.values() if one.is_held_out)
    assert claim(held_out).reason == "not_offered"


def test_a_member_who_turns_out_to_be_the_friend_gets_nothing(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    buys(store, days=2)
    assert points_of(ann) == (0, 500)
    with clock.at(START + timedelta(days=3)):
        merge(ann.customer, person(store, "bob@example.com"), START + timedelta(days=3))
        run_until_idle()
    assert again(referral).state == State.REFUSED
    assert again(referral).doubts[0]["reason"] == "self_referral"
    assert points_of(ann) == (0, 0)


def test_of_two_invitations_of_one_friend_the_first_counts(store: Store, ann: Member) -> None:
    first = accepted(ann)
    second = accepted(member(store, "eve@example.com"), "bob2@example.com", at=START + timedelta(hours=1))
    with clock.at(START + timedelta(days=3)):
        merge(person(store, "bob@example.com"), person(store, "bob2@example.com"), START + timedelta(days=3))
        run_until_idle()
    assert again(first).state == State.CLAIMED
    assert (again(second).state, again(second).doubts[0]["reason"]) == (State.REFUSED, "already_referred")
    assert again(second).friend_id == first.friend_id
