"""What speaks against an invitation."""

from datetime import date
from typing import Any

import pytest

from thereafter.loyalty.rules import referrals as rules
from thereafter.loyalty.rules.programme import ReferralTerms, read
from thereafter.loyalty.rules.referrals import Address, Circumstances, Side

TERMS = ReferralTerms(points=500, max_per_ip_7d=10, most_per_member=5)
HOME = Address("weg 3 10115 de", "ann ridge", "Ann Ridge, Weg 3, 10115 Berlin")


def side(pk: int, email: str, **known: Any) -> Side:
    return Side(customer_id=pk, emails=frozenset({email}), **known)


ANN = side(1, "ann@example.com", name="Ann Ridge", phones=frozenset({"+4930123456"}), addresses=frozenset({HOME}))


def reasons(friend: Side, advocate: Side = ANN, **around: Any) -> list[str]:
    return [doubt.reason for doubt in rules.judge(advocate, friend, TERMS, Circumstances(**around))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane.doe@gmail.com", "janedoe+ref@googlemail.com"),
        ("Jane@Example.com", "jane+tag@example.com"),
        ("j.a.n.e@googlemail.com", "jane@gmail.com"),
    ],
)
def test_aliases_of_a_mailbox_are_one(one: str, other: str) -> None:
    assert rules.mailbox(one) == rules.mailbox(other)


def test_dots_tell_mailboxes_apart_elsewhere() -> None:
    assert rules.mailbox("jane.doe@example.com") != rules.mailbox("janedoe@example.com")


def test_nobody_invites_themselves() -> None:
    assert reasons(side(2, "ann+new@example.com"))[0] == "self_referral"
    assert reasons(side(2, "bob@example.com", phones=frozenset({"+4930123456"})))[0] == "self_referral"
    assert reasons(side(2, "bob@example.com", name="Ann Ridge", addresses=frozenset({HOME})))[0] == "self_referral"


def test_a_household_is_flagged_and_not_blocked() -> None:
    theirs = Address(HOME.place, "bob stone", "Bob Stone, Weg 3, 10115 Berlin")
    doubts = rules.judge(ANN, side(2, "bob@example.com", addresses=frozenset({theirs})), TERMS, Circumstances())
    assert [doubt.reason for doubt in doubts] == ["same_address"]
    assert rules.heaviest(doubts) is None
    assert "Bob Stone, Weg 3" in doubts[0].text


def test_a_present_for_the_member_is_no_self_referral() -> None:
    present = side(2, "bob@example.com", name="Bob Stone", addresses=frozenset({HOME}))
    assert reasons(present) == ["same_address"]


def test_who_bought_before_is_no_friend_to_bring() -> None:
    assert reasons(side(2, "bob@example.com"), bought_on=date(2026, 2, 1)) == ["existing_customer"]


def test_a_friend_is_brought_once() -> None:
    assert reasons(side(2, "bob@example.com"), invited_on=date(2026, 2, 1)) == ["already_referred"]


def test_the_eleventh_claim_from_a_network_is_held() -> None:
    assert reasons(side(2, "bob@example.com"), claims=10) == []
    doubts = rules.judge(ANN, side(2, "bob@example.com"), TERMS, Circumstances(claims=11))
    assert doubts[0].reason == "ip_velocity"
    assert doubts[0].weight == rules.Weight.HOLDS


def test_a_member_brings_no_more_than_the_programme_says() -> None:
    assert reasons(side(2, "bob@example.com"), brought=4) == []
    assert reasons(side(2, "bob@example.com"), brought=5) == ["too_many"]


def test_numbered_addresses_and_the_same_name_are_flagged() -> None:
    jane = side(1, "jane.doe7@example.com", name="Jane Doe")
    assert reasons(side(2, "janedoe8@other.example"), jane) == ["similar_email"]
    assert reasons(side(2, "x@other.example", name="Jane  Doé"), jane) == ["similar_name"]


def test_what_refuses_decides_before_what_holds() -> None:
    doubts = rules.judge(ANN, side(2, "ann+1@example.com"), TERMS, Circumstances(claims=99))
    decisive = rules.heaviest(doubts)
    assert decisive is not None
    assert decisive.reason == "self_referral"


def test_a_household_has_one_network() -> None:
    assert rules.network("2001:db8:1:2:3:4:5:6") == rules.network("2001:db8:1:2::9") == "2001:db8:1:2::"
    assert rules.network("::ffff:198.51.100.7") == rules.network("198.51.100.7") == "198.51.100.7"
    assert rules.network("unknown") is None


def test_what_is_enough_is_reckoned_in_the_programmes_currency() -> None:
    programme = read({"currencies": {"CHF": "1.1"}, "referral": {"points": 500, "min_amount": "40"}})
    terms = programme.referral
    assert terms is not None
    assert rules.is_enough(programme, terms, net_minor=4000, currency="EUR", places=2)
    assert not rules.is_enough(programme, terms, net_minor=3999, currency="EUR", places=2)
    assert rules.is_enough(programme, terms, net_minor=3637, currency="CHF", places=2)
    assert not rules.is_enough(programme, terms, net_minor=3636, currency="CHF", places=2)


def test_delivery_is_taken_to_go_back_first() -> None:
    assert rules.kept_items(items_minor=4000, total_minor=4500, back_minor=500) == 4000
    assert rules.kept_items(items_minor=4000, total_minor=4500, back_minor=501) == 3999
    assert rules.kept_items(items_minor=4000, total_minor=4500, back_minor=9000) == 0
