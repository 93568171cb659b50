"""How ready a shop is for returns, from its own pages over real calls."""

import time
from datetime import timedelta

import pytest
from pytest_django import Settings

from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.messaging.channels import guarded
from thereafter.returns.actions import readiness as actions
from thereafter.returns.models import ReadinessCheck
from thereafter.returns.readiness import looking, own_checks, shop_pages
from thereafter.returns.readiness.crawling import MOST_CALLS, Crawl, NotSeen
from thereafter.returns.rules.figures.readiness import BY_KEY, CHECKS, Finding, lix, score
from thereafter.returns.tests.shop_server import BAD, GOOD, a_shop
from thereafter.returns.tests.visits import ASKED, ask, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store


def look(url: str, *, product: str = "", seconds: float = 5) -> dict[str, Finding]:
    asked = shop_pages.Wanted(url, product, "https://us.example/r/", "https://us.example/w/", shows_withdrawal=True)
    return {one.key: one for one in shop_pages.look(asked, Crawl(private=True, seconds_a_call=seconds))}


def states(found: dict[str, Finding]) -> dict[str, str]:
    return {key: one.state for key, one in found.items()}


def test_a_good_shop_passes_everything_in_few_calls() -> None:
    with a_shop(GOOD) as shop:
        found = look(shop.url)
    assert states(found) == dict.fromkeys(shop_pages.KEYS, "passed")
    assert "“Returns” leads to" in found["footer"].evidence
    assert len(shop.asked) == 4
    assert shop.asked[0] == "/robots.txt"


def test_a_bad_shop_is_told_what_is_missing() -> None:
    with a_shop(BAD) as shop:
        found = look(shop.url)
    assert states(found) == {
        "footer": "failed", "home": "failed", "product": "unknown", "policy_page": "failed",
        "withdraw_link": "failed", "reading": "unknown", "accessible": "failed",
    }  # fmt: skip
    assert "1 pictures" in found["accessible"].evidence or "does not name" in found["accessible"].evidence


def test_a_link_in_the_footer_is_not_a_word_on_the_page() -> None:
    only_footer = GOOD | {"/": GOOD["/"].replace("30-day returns, start here.", "Shoes.")}
    with a_shop(only_footer) as shop:
        found = look(shop.url)
    assert (found["footer"].state, found["home"].state) == ("passed", "failed")


def test_a_shop_that_drips_is_left_in_time_and_nothing_is_held_against_it() -> None:
    with a_shop({"/": 30.0}) as shop:
        began = time.monotonic()
        found = look(shop.url, seconds=0.5)
        took = time.monotonic() - began
    assert took < 5
    assert set(states(found).values()) == {"unknown"}
    assert "too long" in found["footer"].evidence or "could not be reached" in found["footer"].evidence


def test_of_a_huge_page_only_the_beginning_is_read() -> None:
    with a_shop(GOOD | {"/": GOOD["/"] + "x" * 20_000_000}) as shop:
        answer = guarded.get(shop.url, private=True, most_bytes=100_000)
        assert (len(answer.text), answer.is_cut) == (100_000, True)
        assert look(shop.url)["footer"].state == "passed"


def test_robots_are_obeyed() -> None:
    with a_shop(GOOD | {"/robots.txt": "User-agent: *\nDisallow: /"}) as shop:
        found = look(shop.url)
    assert shop.asked == ["/robots.txt"]
    assert "robots.txt" in found["footer"].evidence


def test_redirects_are_followed_a_few_times() -> None:
    with a_shop(GOOD | {"/old": (301, "/"), "/round": (302, "/round")}) as shop:
        assert Crawl(private=True).page(f"{shop.url}/old").title == "Shoes"
        crawl = Crawl(private=True)
        with pytest.raises(NotSeen, match="on and on"):
            crawl.page(f"{shop.url}/round")
        assert crawl.calls <= MOST_CALLS


def test_a_redirect_into_a_private_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop itself stands for a public one; where it leads to is checked like any other address."""
    with a_shop({"/": (302, "https://10.0.0.8/admin")}) as shop:
        port = str(shop.server_address[1])
        real, checked = guarded.number_of, guarded.checked
        monkeypatch.setattr(guarded, "number_of", lambda host, at, *, private: real(host, at, private=str(at) == port))
        monkeypatch.setattr(guarded, "checked", lambda url, *, private: checked(url, private=f":{port}" in url))
        with pytest.raises(NotSeen, match="private network"):
            Crawl().page(shop.url)


def test_a_private_shop_is_not_called_at_all() -> None:
    with a_shop(GOOD) as shop:
        with pytest.raises(NotSeen):
            Crawl().page(shop.url)
        with pytest.raises(NotSeen, match="private network"):
            Crawl().page(f"https://127.0.0.1:{shop.server_address[1]}/")
    assert shop.asked == []


def test_the_score_is_the_weight_of_what_could_be_told() -> None:
    assert score([]) is None
    everything = [Finding(check.key, "passed", "") for check in CHECKS]
    assert score(everything) == 100
    footer, home = BY_KEY["footer"].weight, BY_KEY["home"].weight
    some = [Finding("footer", "passed", ""), Finding("home", "failed", ""), Finding("reading", "unknown", "")]
    assert score(some) == round(100 * footer / (footer + home))


def test_long_sentences_of_long_words_read_badly() -> None:
    easy = "You can send it back. We pay the post. " * 10
    hard = "Notwithstanding aforementioned contractual stipulations, reimbursement presupposes documentation " * 12
    assert lix("Too short") is None
    assert (lix(easy) or 99) < 20
    assert (lix(hard) or 0) > 90


@pytest.fixture
def store(db: None) -> Store:
    return make_store(country="DE")


def test_our_own_mails_and_policy_are_looked_at(store: Store) -> None:
    before = {one.key: one.state for one in own_checks.look(store, ASKED)}
    assert (before["mail_block"], before["mail_received"], before["window"]) == ("failed", "failed", "passed")
    install_recipes(store, ASKED)
    after = {one.key: one for one in own_checks.look(store, ASKED)}
    assert {key: one.state for key, one in after.items() if key.startswith("mail")} == {
        "mail_block": "passed", "mail_withdrawal": "passed", "mail_received": "passed", "mail_refund": "passed",
    }  # fmt: skip
    assert after["ways"].state in ("passed", "failed")
    assert "An ordinary order has" in after["ways"].evidence


def test_outside_europe_nothing_is_asked_of_withdrawal(db: None) -> None:
    keys = {one.key for one in own_checks.look(make_store("us", country="US"), ASKED)}
    assert "mail_withdrawal" not in keys


def test_a_look_is_carried_out_once_and_kept(store: Store, settings: Settings) -> None:
    settings.PRIVATE_HOOKS = True
    with a_shop(GOOD) as shop:
        Store.objects.filter(pk=store.pk).update(shop_url=shop.url)
        store.refresh_from_db()
        first = actions.ask(store, by=None, now=ASKED)
        assert actions.ask(store, by=None, now=ASKED) == first
        assert (looking.look_at_next(ASKED), looking.look_at_next(ASKED)) == (1, 0)
    done = ReadinessCheck.objects.of(store).get()
    assert done.score is not None
    assert 0 < done.score < 100
    assert {one["key"] for one in done.findings} == {check.key for check in CHECKS}


def test_a_look_that_was_dropped_is_taken_up_again(store: Store) -> None:
    actions.ask(store, by=None, now=ASKED)
    assert actions.take_up(ASKED) is not None
    assert actions.take_up(ASKED) is None
    assert actions.take_up(ASKED + timedelta(minutes=6)) is not None


def test_every_week_for_shops_that_take_returns(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(shop_url="https://shop.example")
    make_store("idle")
    assert looking.ask_weekly(ASKED) == 0
    ask(delivered_order(store))
    assert looking.ask_weekly(ASKED) == 1
    assert looking.ask_weekly(ASKED + timedelta(days=1)) == 0


def test_the_page_shows_what_is_to_do_and_where(store: Store) -> None:
    client = signed_in(make_staff(store))
    path = f"/console/{store.slug}/returns/readiness/"
    assert b"Nobody has looked yet" in client.get(path).content
    assert b"A look is under way" in client.post(f"{path}look/", follow=True).content
    looking.look_at_next(ASKED)
    page = client.get(path).content.decode()
    assert "of 100" in page
    assert "No journey that is on sends an order confirmation." in page
    assert f"/console/{store.slug}/messages/templates/" in page
    analyst = signed_in(make_staff(store, "analyst"))
    assert b"Look again" not in analyst.get(path).content
    assert analyst.post(f"{path}look/").status_code == 403
