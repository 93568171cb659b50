"""Shared links: one page, for reading, without names, for as long as whoever made them may share."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from thereafter.commerce.models import Product
from thereafter.console.tests.tools import signed_in
from thereafter.insights import sharing
from thereafter.insights.actions import links as actions
from thereafter.insights.actions import outlooks
from thereafter.insights.actions.links import CannotShare, Wanted, share, withdraw
from thereafter.insights.console.pages import PAGES
from thereafter.insights.models import SharedLink
from thereafter.insights.tests.shared_shop import NOW, SECRET, with_orders
from thereafter.journeys.actions.segments import create as create_segment
from thereafter.journeys.actions.segments import delete as delete_segment
from thereafter.kit import clock
from thereafter.stores.models import Audit, Membership, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
WANTED = Wanted("retention", {"days": "90"}, "Agency", 30)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def marketer(store: Store) -> Staff:
    return make_staff(store, role="marketer")


def opened(token: str, at: Any = NOW) -> Any:
    with clock.at(at):
        return Client().get(f"/shared/figures/{token}/")


def test_a_link_shows_its_page_to_whoever_has_it(store: Store, marketer: Staff) -> None:
    with_orders(store)
    link, token = share(store, WANTED, by=marketer, now=NOW)
    page = opened(token)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Stride &amp; Co" in text
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert "/console/" not in text
    link.refresh_from_db()
    assert link.last_opened_at == NOW


def test_no_page_behind_a_link_names_a_customer_or_leads_into_the_console(store: Store, marketer: Staff) -> None:
    with_orders(store)
    for key in PAGES:
        _, token = share(store, WANTED._replace(page=key), by=marketer, now=NOW)
        text = opened(token).content.decode()
        assert SECRET not in text, key
        assert "John Runner" not in text, key
        assert "/console/" not in text, key


def test_the_token_is_kept_nowhere_and_long_enough(store: Store, marketer: Staff) -> None:
    link, token = share(store, WANTED, by=marketer, now=NOW)
    assert len(token) >= 43
    kept = " ".join(str(value) for value in SharedLink.objects.values().get(pk=link.pk).values())
    assert token not in kept
    assert link.hint == token[-4:]


def test_a_link_ends_on_its_day_and_when_it_is_withdrawn(store: Store, marketer: Staff) -> None:
    link, token = share(store, WANTED, by=marketer, now=NOW)
    end = NOW + timedelta(days=30)
    assert sharing.opened(token, end - timedelta(seconds=1)) == link
    assert sharing.opened(token, end) is None
    withdraw(link, by=marketer, now=NOW)
    assert sharing.opened(token, NOW) is None
    assert opened(token).status_code == 404
    assert list(Audit.objects.of(store).filter(verb__startswith="insights.").values_list("verb", flat=True)) == [
        "insights.link_made",
        "insights.link_withdrawn",
    ]


@pytest.mark.parametrize("what", ["role", "left", "closed"])
def test_a_link_dies_with_the_right_of_who_made_it(store: Store, marketer: Staff, what: str) -> None:
    _, token = share(store, WANTED, by=marketer, now=NOW)
    assert sharing.opened(token, NOW)
    place = Membership.objects.of(store).filter(staff=marketer)
    if what == "role":
        place.update(role="analyst")
    elif what == "left":
        place.delete()
    else:
        Staff.objects.filter(pk=marketer.pk).update(is_active=False)
    assert sharing.opened(token, NOW) is None
    assert opened(token).status_code == 404
    assert [listed.may_share for listed in sharing.links_of(store)] == [False]


def test_a_wrong_address_gets_the_same_answer_as_an_ended_link(store: Store, marketer: Staff) -> None:
    _, token = share(store, WANTED, by=marketer, now=NOW)
    ended = opened(token, NOW + timedelta(days=31))
    for wrong in ("x", token[:-1], token + "x", "a" * 500):
        answer = opened(wrong)
        assert (answer.status_code, answer.content) == (404, ended.content)


def test_a_link_to_a_segment_that_is_gone_shows_nothing_rather_than_everybody(store: Store, marketer: Staff) -> None:
    with_orders(store)
    segment = create_segment(store, name="VIP", condition="customer.orders > 1", by=None, now=NOW)
    _, token = share(store, WANTED._replace(filters={"segment": segment.key}), by=marketer, now=NOW)
    assert opened(token).status_code == 200
    delete_segment(segment, by=None, now=NOW)
    assert opened(token).status_code == 404


def test_a_link_only_reads(store: Store, marketer: Staff) -> None:
    _, token = share(store, WANTED, by=marketer, now=NOW)
    assert Client().post(f"/shared/figures/{token}/").status_code == 405


def test_a_link_is_good_for_a_year_at_most_and_there_are_not_endlessly_many(
    store: Store, marketer: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CannotShare, match="1 to 365"):
        share(store, WANTED._replace(days=400), by=marketer, now=NOW)
    monkeypatch.setattr(actions, "MOST_OPEN", 1)
    share(store, WANTED, by=marketer, now=NOW)
    with pytest.raises(CannotShare, match="Withdraw some"):
        share(store, WANTED, by=marketer, now=NOW)


def test_a_link_is_made_listed_and_withdrawn_in_the_console(store: Store, marketer: Staff) -> None:
    browser = signed_in(marketer)
    with clock.at(NOW):
        page = browser.get("/console/stride/insights/links/?page=delivery&days=30&country=FR").content.decode()
        assert 'value="delivery" selected' in page
        assert "France" in page
        given = {"page": "delivery", "query": "days=30&country=FR&junk=1", "label": "Board", "days": "7"}
        made = browser.post("/console/stride/insights/links/", given).content.decode()
        link = SharedLink.objects.of(store).get()
        assert link.filters == {"days": "30", "country": "FR"}
        assert link.expires_at == NOW + timedelta(days=7)
        assert "/shared/figures/" in made
        assert "/shared/figures/" not in browser.get("/console/stride/insights/links/").content.decode()
        browser.post(f"/console/stride/insights/links/{link.pk}/withdraw/")
    link.refresh_from_db()
    assert link.revoked_at == NOW


def test_who_only_reads_makes_no_link(store: Store) -> None:
    browser = signed_in(make_staff(store, role="analyst"))
    assert browser.post("/console/stride/insights/links/", {"page": "retention"}).status_code == 403
    assert not SharedLink.objects.of(store).exists()


def made_in_the_console(store: Store, marketer: Staff, query: str, page: str = "retention") -> str:
    """The token of a link that somebody made from a page with these filters; "" where it was refused."""
    with clock.at(NOW):
        browser = signed_in(marketer)
        form = browser.get(f"/console/{store.slug}/insights/links/?page={page}&{query}").content.decode()
        kept = html.unescape(re.findall(r'name="query" value="([^"]*)"', form)[0])
        given = {"page": page, "label": "Agency", "days": "30", "query": kept}
        told = browser.post(f"/console/{store.slug}/insights/links/", given).content.decode()
    return next(iter(re.findall(r"/shared/figures/([\w-]+)/", told)), "")


def test_a_link_to_a_product_stays_with_it_whatever_others_are_called_later(store: Store, marketer: Staff) -> None:
    with_orders(store)
    product = Product.objects.of(store).order_by("pk")[0]
    token = made_in_the_console(store, marketer, urlencode({"product": product.title, "item": product.pk}))
    name, product.title = product.title, "Something new"
    product.save()
    Product.objects.create(store=store, source="api", external_id="other", title=name, changed_at=NOW)
    text = opened(token).content.decode()
    assert "Something new" in text
    product.delete()
    assert opened(token).status_code == 404


def test_a_link_shows_no_more_than_the_page_it_was_made_on(store: Store, marketer: Staff) -> None:
    with_orders(store)
    product = Product.objects.of(store).order_by("pk")[0]
    product.title = "Беговая обувь " * 18
    product.save()
    query = {"days": "all", "product": product.title.strip(), "item": product.pk, "country": "DE"}
    token = made_in_the_console(store, marketer, urlencode(query))
    (link,) = SharedLink.objects.of(store)
    assert (token[-4:], link.filters["country"], link.filters["item"]) == (link.hint, "DE", str(product.pk))
    # What is gone by now would leave everybody.
    assert not made_in_the_console(store, marketer, "segment=gone")
    assert SharedLink.objects.of(store).count() == 1


def test_customer_value_is_shared_on_so_many_customers(store: Store, marketer: Staff) -> None:
    with_orders(store)
    outlooks.renew(store, now=NOW)
    _, token = share(store, Wanted("value", {}, "Board", 30), by=marketer, now=NOW)
    text = opened(token).content.decode()
    assert re.search(r"on \d+ customers?", text)
    assert not re.search(r"on \d+ orders?", text)
