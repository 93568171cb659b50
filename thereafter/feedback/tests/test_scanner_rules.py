"""What speaks for a machine, and what is left for people."""

from datetime import UTC, datetime, timedelta

import pytest

from thereafter.feedback.rules import scanners
from thereafter.feedback.rules.scanners import Opening, judge

SENT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.3 Mobile/15E148 Safari/604.1"
)
HOME = "203.0.113.0/24"


def opening(key: int, score: int, after: float, agent: str = PHONE, network: str = HOME) -> Opening:
    """`after`: seconds since the mail was sent."""
    return Opening(key, score, SENT + timedelta(seconds=after), agent, network)


def test_one_link_opened_by_somebody_after_a_while_is_a_person() -> None:
    assert judge([opening(1, 9, 3600)], sent=[SENT]) == ({1: ""}, 9, 1)


def test_within_a_minute_of_sending_nobody_has_read_it() -> None:
    assert judge([opening(1, 9, 59)], sent=[SENT]).why_not == {1: "too_soon"}
    assert judge([opening(1, 9, 60)], sent=[SENT]).score == 9


def test_a_reminder_is_a_mail_of_its_own() -> None:
    again = SENT + timedelta(days=4)
    assert judge([opening(1, 9, 4 * 86_400 + 5)], sent=[SENT, again]).why_not == {1: "too_soon"}


def test_while_nobody_knows_that_the_mail_went_out_nothing_counts() -> None:
    assert judge([opening(1, 9, 3600)], sent=[]).why_not == {1: "not_sent"}
    assert judge([opening(1, 9, -5)], sent=[SENT]).why_not == {1: "not_sent"}


def test_two_scores_of_one_mail_are_nobody_s_answer() -> None:
    verdict = judge([opening(1, 9, 3600), opening(2, 3, 9000)], sent=[SENT])
    assert verdict.why_not == {1: "several_scores", 2: "several_scores"}
    assert verdict.score is None


def test_the_same_score_twice_is_one_person_who_came_back() -> None:
    verdict = judge([opening(1, 9, 3600), opening(2, 9, 9000)], sent=[SENT])
    assert (verdict.score, verdict.key) == (9, 2)


def test_three_scores_in_ten_seconds_are_a_sweep() -> None:
    swept = [opening(score, score, 3600 + score) for score in range(3)]
    assert set(judge(swept, sent=[SENT]).why_not.values()) == {"sweep"}
    slow = [opening(score, score, 3600 + 6 * score) for score in range(3)]
    assert set(judge(slow, sent=[SENT]).why_not.values()) == {"several_scores"}


def test_a_scanner_before_a_person_makes_the_person_s_tap_no_answer_but_their_button_still_is_one() -> None:
    verdict = judge([opening(1, 0, 5, agent="SafeLinks"), opening(2, 9, 7200)], sent=[SENT])
    assert verdict.score is None
    assert verdict.why_not == {1: "agent", 2: "several_scores"}


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "Wget/1.21",
        "python-requests/2.31.0",
        "Go-http-client/2.0",
        "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
        "Mozilla/5.0 (Windows NT 6.1; proofpoint) Gecko",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mimecast-URL-Protect/1.0",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36",
    ],
)
def test_machines_that_say_so(agent: str) -> None:
    assert scanners.is_machine(agent)


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
        "Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
        "Safari/605.1.15",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
        "Chrome/130.0.6723.107 Mobile Safari/537.36 GSA/15.46",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "[FBAN/FBIOS;FBAV/490.0;FBDV/iPhone15,2]",
    ],
)
def test_browsers_of_people(agent: str) -> None:
    assert not scanners.is_machine(agent)


def test_networks_of_gateways() -> None:
    assert judge([opening(1, 9, 3600, network="40.94.12.0/24")], sent=[SENT]).why_not == {1: ""}
    assert judge([opening(1, 9, 3600, network="40.107.3.0/24")], sent=[SENT]).why_not == {1: "network"}
    assert judge([opening(1, 9, 3600, network="2a01:111:f400::/48")], sent=[SENT]).why_not == {1: "network"}
    assert not scanners.is_scanners("")


def test_one_network_that_opens_three_people_s_links_within_seconds_is_a_gateway() -> None:
    at = SENT + timedelta(hours=1)
    visits = [(key, key, HOME, at + timedelta(seconds=4 * key)) for key in range(3)]
    assert scanners.crowd(visits) == {0, 1, 2}
    assert judge([opening(1, 9, 3604)], sent=[SENT], crowded={1}).why_not == {1: "crowd"}
    same_person = [(key, 7, HOME, at) for key in range(5)]
    spread = [(key, key, HOME, at + timedelta(minutes=key)) for key in range(5)]
    unknown = [(key, key, "", at) for key in range(5)]
    assert scanners.crowd([*same_person]) == scanners.crowd(spread) == scanners.crowd(unknown) == set()
