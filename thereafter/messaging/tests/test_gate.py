"""Who may be written to, about what, by which way, and when: the table of docs/contact-rules.md, clause by clause."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from thereafter.messaging.rules import pacing
from thereafter.messaging.rules.contact_rules import Cap, Caps, Consent, ContactRules, Pause, Quiet
from thereafter.messaging.rules.gate import (
    CONFIRMED,
    Candidate,
    Closed,
    Contact,
    Facts,
    Said,
    Verdict,
    is_in_control,
    judge,
    judge_all,
    opened,
)
from thereafter.messaging.rules.replies import meaning

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ADDRESSES = {"email": "ana@example.com", "sms": "+491701234567", "whatsapp": "+491701234567", "push": "1 browser"}
YES, NO = Said(granted=True, source="shop"), Said(granted=False, source="shop")
ORDER, SURVEY, OFFER = "transactional", "service", "marketing"


def candidate(message_class: str = OFFER, *channels: str, **more: Any) -> Candidate:
    given: dict[str, Any] = {"key": 1, "customer_id": 1, "due_at": NOW} | more
    return Candidate(message_class=message_class, channels=channels or ("email",), **given)


def facts(said: Mapping[tuple[str, str], Said] | None = None, **more: Any) -> Facts:
    given: dict[str, Any] = {"rules": ContactRules(), "addresses": ADDRESSES, "zones": ("Europe/Berlin",)}
    return Facts(said={("email", "marketing"): YES} if said is None else said, **(given | more))


def why(message_class: str, channel: str, said: Mapping[tuple[str, str], Said], **more: Any) -> str:
    return judge(candidate(message_class, channel), facts(said, **more), NOW).why


@pytest.mark.parametrize(
    ("message_class", "channel", "said", "expected"),
    [
        (ORDER, "email", {}, ""),
        (ORDER, "email", {("email", "marketing"): NO, ("email", "orders"): NO}, ""),
        (ORDER, "sms", {}, ""),
        (ORDER, "sms", {("sms", "orders"): NO}, "objected"),
        (ORDER, "push", {}, ""),
        (ORDER, "push", {("push", "orders"): NO}, "objected"),
        (ORDER, "whatsapp", {}, "no_consent"),
        (ORDER, "whatsapp", {("whatsapp", "orders"): YES}, ""),
        (SURVEY, "email", {}, ""),
        (SURVEY, "email", {("email", "surveys"): NO}, "objected"),
        (SURVEY, "email", {("email", "marketing"): NO}, ""),
        (SURVEY, "sms", {}, "no_consent"),
        (SURVEY, "sms", {("sms", "marketing"): YES}, ""),
        (SURVEY, "whatsapp", {("whatsapp", "surveys"): YES}, ""),
        (SURVEY, "push", {}, ""),
        (OFFER, "email", {}, "no_consent"),
        (OFFER, "email", {("email", "marketing"): YES}, ""),
        (OFFER, "email", {("email", "marketing"): NO}, "no_consent"),
        (OFFER, "sms", {("email", "marketing"): YES}, "no_consent"),
        (OFFER, "sms", {("sms", "marketing"): YES}, ""),
        (OFFER, "whatsapp", {("sms", "marketing"): YES}, "no_consent"),
        (OFFER, "push", {}, "no_consent"),
        (OFFER, "push", {("push", "marketing"): YES}, ""),
    ],
)
def test_each_class_needs_its_own_word_on_each_channel(
    message_class: str, channel: str, said: Mapping[tuple[str, str], Said], expected: str
) -> None:
    assert why(message_class, channel, said) == expected


def test_only_buyers_are_asked_how_they_like_it_unless_they_said_yes() -> None:
    assert why(SURVEY, "email", {}, is_buyer=False) == "not_a_buyer"
    assert why(SURVEY, "email", {("email", "surveys"): YES}, is_buyer=False) == ""


def test_a_shop_may_ask_for_a_yes_to_surveys_and_to_order_news_by_text() -> None:
    strict = ContactRules(consent=Consent(service="consent", order_sms="yes"))
    assert why(SURVEY, "email", {}, rules=strict) == "no_consent"
    assert why(ORDER, "sms", {}, rules=strict) == "no_consent"


def test_where_every_yes_is_to_be_proved_the_shops_word_is_not_enough() -> None:
    strict = ContactRules(consent=Consent(double_opt_in="all"))
    assert why(OFFER, "email", {("email", "marketing"): YES}, rules=strict) == "unconfirmed"
    proved = {("email", "marketing"): Said(granted=True, source=CONFIRMED)}
    assert why(OFFER, "email", proved, rules=strict) == ""


def test_a_newsletter_about_a_topic_nobody_wants_stays_here() -> None:
    said = {("email", "marketing"): YES, ("any", "topic.running"): NO}
    assert judge(candidate(topic="running"), facts(said), NOW).why == "other_topics"
    assert judge(candidate(topic="hiking"), facts(said), NOW).answer == "go"


@pytest.mark.parametrize(
    ("scope", "reason", "message_class", "expected"),
    [
        ("all", "hard_bounce", ORDER, "suppressed:hard_bounce"),
        ("all", "complaint", ORDER, "suppressed:complaint"),
        ("all", "soft_bounces", SURVEY, "suppressed:soft_bounces"),
        ("marketing", "unsubscribed", ORDER, ""),
        ("marketing", "unsubscribed", SURVEY, "unsubscribed"),
        ("marketing", "unsubscribed", OFFER, "unsubscribed"),
        ("marketing", "manual", OFFER, "suppressed:manual"),
    ],
)
def test_a_closed_address_gets_nothing_of_what_it_is_closed_to(
    scope: str, reason: str, message_class: str, expected: str
) -> None:
    assert judge(candidate(message_class), facts(closed={"email": Closed(scope, reason)}), NOW).why == expected


def test_the_first_channel_that_reaches_somebody_is_taken_and_the_others_say_why_not() -> None:
    said = {("push", "marketing"): YES, ("sms", "marketing"): NO, ("email", "marketing"): YES}
    without_browser = {channel: address for channel, address in ADDRESSES.items() if channel != "push"}
    verdict = judge(candidate(OFFER, "push", "sms", "email"), facts(said, addresses=without_browser), NOW)
    assert (verdict.answer, verdict.channel) == ("go", "email")
    assert verdict.passed_over == (("push", "no_address"), ("sms", "no_consent"))


def test_when_no_channel_will_do_the_one_that_came_nearest_says_why() -> None:
    said = {("email", "marketing"): YES}
    closed = {"email": Closed("marketing", "unsubscribed")}
    verdict = judge(candidate(OFFER, "email", "sms"), facts(said, closed=closed), NOW)
    assert (verdict.answer, verdict.why) == ("skip", "unsubscribed")


def test_what_is_of_no_use_any_more_is_not_sent() -> None:
    over = candidate(ORDER, expires_at=NOW)
    assert judge(over, facts(), NOW) == Verdict("skip", "expired")
    assert judge(candidate(expires_at=NOW, held_for="open:claim"), facts(), NOW).why == "expired:open:claim"


def test_the_control_group_gets_no_marketing_and_everything_else() -> None:
    verdicts = {kind: judge(candidate(kind), facts(in_control=True), NOW).why for kind in (ORDER, SURVEY, OFFER)}
    assert verdicts == {ORDER: "", SURVEY: "", OFFER: "control_group"}


def test_the_control_group_keeps_its_members_when_it_grows() -> None:
    small = {each for each in range(20_000) if is_in_control(7, each, 5)}
    large = {each for each in range(20_000) if is_in_control(7, each, 10)}
    assert small < large
    assert 900 < len(small) < 1_100
    assert small != {each for each in range(20_000) if is_in_control(8, each, 5)}


def test_nobody_with_an_open_claim_is_asked_or_offered_anything_until_it_is_settled() -> None:
    waiting = facts(open=opened({"open.claim": True, "open.ticket": 0, "tier": "gold"}))
    assert judge(candidate(ORDER), waiting, NOW).answer == "go"
    held = judge(candidate(SURVEY), waiting, NOW)
    assert (held.answer, held.why) == ("hold", "open:claim")
    assert held.until is not None
    assert held.until > NOW
    assert held.expires == NOW + timedelta(days=14)
    assert judge(candidate(SURVEY), facts(), held.until).answer == "go"


def test_a_shop_says_which_open_matters_pause_what() -> None:
    lenient = ContactRules(pause=Pause(classes=(OFFER,), not_for=("return",)))
    assert judge(candidate(SURVEY), facts(open=("claim",), rules=lenient), NOW).answer == "go"
    assert judge(candidate(OFFER), facts(open=("return",), rules=lenient), NOW).answer == "go"
    assert judge(candidate(OFFER), facts(open=("claim", "return"), rules=lenient), NOW).why == "open:claim"


def capped(most: int = 2, days: int = 7, **more: Any) -> ContactRules:
    caps = Caps(limits=(Cap(classes=(OFFER,), most=most, days=days),), **({"hours_between": 0} | more))
    return ContactRules(caps=caps, hold_hours=336)


def got(*days_ago: float, message_class: str = OFFER, channel: str = "email") -> list[Contact]:
    return [Contact(NOW - timedelta(days=ago), message_class, channel) for ago in days_ago]


def test_who_had_enough_waits_until_the_oldest_is_out_of_the_window() -> None:
    verdict = judge(candidate(), facts(rules=capped(), history=got(6, 3, 1)), NOW)
    assert (verdict.answer, verdict.why) == ("hold", "frequency_cap")
    assert verdict.until == NOW + timedelta(days=4)
    assert judge(candidate(), facts(rules=capped(), history=got(6, 8)), NOW).answer == "go"


def test_a_cap_counts_only_what_it_is_about_and_never_order_news() -> None:
    history = got(1, 2, message_class=SURVEY)
    assert judge(candidate(), facts(rules=capped(), history=history), NOW).answer == "go"
    full = facts(rules=capped(), history=got(1, 2))
    assert judge(candidate(ORDER), full, NOW).answer == "go"
    by_text = Caps(limits=(Cap(classes=(OFFER,), channels=("sms",), most=1, days=7),), hours_between=0)
    texted = facts({("sms", "marketing"): YES}, rules=ContactRules(caps=by_text), history=got(1))
    assert judge(candidate(OFFER, "sms"), texted, NOW).answer == "go"


def test_a_shop_may_have_the_rest_left_out_instead_of_waiting() -> None:
    verdict = judge(candidate(), facts(rules=capped(when_full="skip"), history=got(1, 2)), NOW)
    assert (verdict.answer, verdict.why) == ("skip", "frequency_cap")


def test_what_would_wait_past_its_use_is_left_out_at_once_and_says_for_what() -> None:
    late = candidate(expires_at=NOW + timedelta(days=1))
    assert judge(late, facts(rules=capped(), history=got(1, 2)), NOW).why == "expired:frequency_cap"


def test_between_two_messages_that_nobody_asked_for_is_some_time() -> None:
    rules = ContactRules(caps=Caps(limits=(), hours_between=16))
    verdict = judge(candidate(), facts(rules=rules, history=got(0.25, message_class=SURVEY)), NOW)
    assert verdict.until == NOW + timedelta(hours=10)


def test_who_wants_fewer_offers_gets_one_a_week_and_all_the_surveys() -> None:
    rules = ContactRules(caps=Caps(limits=(), hours_between=0), hold_hours=336)
    fewer = facts(rules=rules, history=got(3), pace="weekly")
    assert judge(candidate(), fewer, NOW).until == NOW + timedelta(days=4)
    assert judge(candidate(SURVEY), fewer, NOW).answer == "go"


def test_of_two_due_at_once_the_more_important_goes_and_counts_against_the_other() -> None:
    shared = facts(rules=capped(most=1))
    campaign = candidate(key=1, origin="campaign:3", due_at=NOW - timedelta(hours=3))
    journey = candidate(key=2, origin="journey:5:offer")
    urgent = candidate(key=3, origin="campaign:4", priority=5)
    verdicts = judge_all([(one, shared) for one in (campaign, journey)], NOW)
    assert {key: one.answer for key, one in verdicts.items()} == {1: "hold", 2: "go"}
    fresh = facts(rules=capped(most=1))
    verdicts = judge_all([(one, fresh) for one in (campaign, journey, urgent)], NOW)
    assert {key: one.answer for key, one in verdicts.items()} == {1: "hold", 2: "hold", 3: "go"}


def test_the_night_of_the_reader_is_kept_and_that_of_the_shop_does_not_matter() -> None:
    quiet = ContactRules(quiet=Quiet(channels=("email",)))
    tokyo = judge(candidate(), facts(rules=quiet, zones=("Asia/Tokyo",)), NOW)
    assert (tokyo.answer, tokyo.why, tokyo.until) == ("hold", "quiet_hours", datetime(2026, 3, 3, 23, tzinfo=UTC))
    assert judge(candidate(), facts(rules=quiet), NOW).answer == "go"
    assert judge(candidate(ORDER), facts(rules=quiet, zones=("Asia/Tokyo",)), NOW).answer == "go"


def test_order_news_by_text_waits_for_the_morning_only_where_the_shop_wants_it() -> None:
    night: dict[str, Any] = {"zones": ("Asia/Tokyo",)}
    assert judge(candidate(ORDER, "sms"), facts(**night), NOW).answer == "go"
    kind = ContactRules(quiet=Quiet(order_sms=True))
    assert judge(candidate(ORDER, "sms"), facts(rules=kind, **night), NOW).why == "quiet_hours"
    assert judge(candidate(ORDER, "push"), facts(rules=kind, **night), NOW).answer == "go"


def test_a_channel_gives_out_what_fits_into_its_pace_and_fills_again() -> None:
    going, bucket = pacing.take(None, 100, 60, NOW)
    assert going == 10
    assert pacing.take(bucket, 100, 60, NOW)[0] == 0
    assert pacing.take(bucket, 100, 60, NOW + timedelta(seconds=4))[0] == 4
    assert pacing.take(bucket, 100, 60, NOW + timedelta(hours=1))[0] == 10
    assert pacing.take(None, 5, 1, NOW)[0] == 1


def test_over_any_minute_the_pace_holds_but_for_what_the_bucket_held() -> None:
    sent, bucket = 0, None
    for second in range(600):
        going, bucket = pacing.take(bucket, 1_000, 90, NOW + timedelta(seconds=second))
        sent += going
    assert 900 <= sent <= 900 + 15


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("STOP", "stop"),
        ("stop.", "stop"),
        ("Stop please!", "stop"),
        ("please stop texting me", "stop"),
        ("STOPALL", "stop"),
        ("Bitte keine SMS mehr", "stop"),
        ("ARRÊT", "stop"),
        ("arrêtez svp", "stop"),
        ("Baja", "stop"),
        ("não me envie mais", "stop"),
        ("opt out", "stop"),
        ("Remove me from this list", "stop"),
        ("don’t text me again", "stop"),
        ("Start", "start"),
        ("UNSTOP", "start"),
        ("hilfe", "help"),
        ("AIDE", "help"),
        ("When does the bus stop there?", ""),
        ("Can you stop the delivery, I am away", ""),
        ("yes please bring it tomorrow", ""),
        ("the end of the street", ""),
        ("", ""),
        ("👍", ""),
    ],
)
def test_a_reply_means_what_a_person_would_read_in_it(text: str, meant: str) -> None:
    assert meaning(text) == meant


def test_rules_that_cannot_be_are_refused() -> None:
    for wrong in ({"quiet": {"start": "25:00"}}, {"caps": {"hours_between": -1}}, {"control_percent": 90}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, ContactRules)
