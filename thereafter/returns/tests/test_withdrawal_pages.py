"""The withdrawal function as shoppers meet it: two steps and a receipt, with nothing needed but what the law names."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import SHOES, make_order
from thereafter.kit import clock
from thereafter.returns import links
from thereafter.returns.models import Withdrawal
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 8, 9, 30, 15, tzinfo=UTC)
PAGE = "/s/stride/returns/withdraw/"
TYPED = {"name": "Ana Runner", "contract": "1001", "email": "Ana@Example.com", "items": "", "postcode": ""}
SOCKS = Line(external_id="2", title="Socks", quantity=3, unit_price="9.00", product_id="socks", sku="S")


@pytest.fixture(autouse=True)
def store(db: None) -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin", shop_url="https://stride.example")


def order_of(store: Store, **more: Any) -> Order:
    return make_order(store, placed_at=NOW - timedelta(days=5), lines=[SHOES, SOCKS], **more)


def post(path: str, **data: Any) -> Any:
    """A browser that keeps no cookie."""
    with clock.at(NOW):
        return Client(enforce_csrf_checks=True).post(path, data)


def path_of(address: str) -> str:
    return "/s/" + address.partition("/s/")[2]


def sealed(page: str) -> str:
    found = re.search(r'name="statement" value="([^"]+)"', page)
    assert found, page
    return unescape(found.group(1))


def declare(path: str = PAGE, **data: Any) -> Any:
    """Both steps; the receipt's page."""
    second = post(path, **(TYPED | data)).content.decode()
    answer = post(path, statement=sealed(second), confirm="1")
    assert answer.status_code == 303
    with clock.at(NOW):
        return Client().get(answer.url)


def test_the_two_steps_carry_the_words_of_the_law_in_every_language() -> None:
    for language, (link, button) in {
        "en": ("Withdraw from contract here", "Confirm withdrawal"),
        "de": ("Vertrag widerrufen", "Widerruf bestätigen"),
        "fr": ("Renoncer au contrat ici", "Confirmer la rétractation"),
        "es": ("Desistir del contrato aquí", "Confirmar desistimiento"),
        "pt": ("Retrate-se do contrato aqui", "Confirmar retratação"),
    }.items():
        assert link in Client().get(f"{PAGE}?lang={language}").content.decode()
        assert button in post(f"{PAGE}?lang={language}", **TYPED).content.decode()


def test_nothing_is_declared_before_the_button_is_pressed() -> None:
    page = post(PAGE, **TYPED).content.decode()
    for part in ("Ana Runner", "Contract: 1001", "ana@example.com", "everything in this contract"):
        assert part in page
    assert not Withdrawal.objects.exists()


def test_what_was_shown_is_kept_word_for_word_with_the_second_it_came() -> None:
    shown = post(PAGE, **TYPED).content.decode()
    page = declare().content.decode()
    kept = Withdrawal.objects.get()
    assert all(line in unescape(shown) for line in kept.text.splitlines())
    assert kept.declared_at == NOW
    assert (kept.name, kept.contract, kept.email, kept.channel) == ("Ana Runner", "1001", "ana@example.com", "page")
    assert "July 8, 2026, 11:30:15 (UTC+02:00, Europe/Berlin)" in page


def test_the_receipt_can_be_kept_as_a_file() -> None:
    page = declare().content.decode()
    path = re.search(r'href="(/s/stride/returns/withdraw/received/[^"]+/text)"', page)
    assert path
    file = Client().get(path.group(1))
    assert file["Content-Disposition"].startswith("attachment")
    assert "11:30:15" in file.content.decode()
    assert Withdrawal.objects.get().text in file.content.decode()


def test_everybody_gets_the_same_answer_at_the_same_cost(store: Store, django_assert_num_queries: Any) -> None:
    order = order_of(store)
    declare()  # The first reads what a process keeps.
    pages = []
    tries = ((order.number, order.customer.email), (order.number, "eve@example.com"), ("99999", "x@y.test"))
    for number, email in tries:
        second = sealed(post(PAGE, **(TYPED | {"contract": number, "email": email})).content.decode())
        with django_assert_num_queries(15):
            answer = post(PAGE, statement=second, confirm="1")
        page = Client().get(answer.url).content.decode()
        for own in (email, number, re.escape(answer.url)):
            page = re.sub(re.escape(own) if own != re.escape(answer.url) else own, "…", page)
        pages.append(re.sub(r'(nonce="|received/)[^"]+', "…", page))
    assert pages[0] == pages[1] == pages[2]


def test_pressed_twice_it_is_declared_once() -> None:
    statement = sealed(post(PAGE, **TYPED).content.decode())
    answers = [post(PAGE, statement=statement, confirm="1") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {303}
    assert Withdrawal.objects.count() == 1


def test_what_was_confirmed_cannot_be_changed_on_the_way() -> None:
    statement = sealed(post(PAGE, **TYPED).content.decode())
    assert post(PAGE, statement=statement[:-2] + "xx", confirm="1").status_code == 200
    assert post("/s/stride/returns/withdraw/", statement="", confirm="1").status_code == 200
    assert not Withdrawal.objects.exists()


def test_who_wants_to_change_something_finds_what_was_typed() -> None:
    statement = sealed(post(PAGE, **(TYPED | {"items": "the blue one"})).content.decode())
    page = post(PAGE, statement=statement, change="1").content.decode()
    assert 'value="Ana Runner"' in page
    assert "the blue one" in page
    assert not Withdrawal.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "required"),
        ({"email": "ana"}, "needs an @"),
        ({"contract": ""}, "required"),
        ({"name": "See https://evil.example"}, "web pages"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(wrong: dict[str, str], said: str) -> None:
    page = post(PAGE, **(TYPED | wrong)).content.decode()
    assert said in page
    assert 'aria-invalid="true"' in page


def test_a_link_of_the_order_knows_its_number_and_its_items_and_shows_no_address(store: Store) -> None:
    order = order_of(store)
    path = path_of(links.withdraw_page(store, order))
    page = Client().get(path).content.decode()
    assert "Order 1001" in page
    assert "Socks" in page
    assert order.customer.email not in page
    assert 'name="contract"' not in page
    lines = {line.external_id: line.pk for line in order.lines.all()}
    some = {f"line_{lines['2']}": "2", "name": "Ana", "email": "ana@example.com"}
    statement = sealed(post(path, **some).content.decode())
    post(path, statement=statement, confirm="1")
    kept = Withdrawal.objects.get()
    assert kept.picks == [{"line": "2", "quantity": 2}]
    assert "2 × Socks" in kept.text
    assert (kept.order_id, kept.matched_by) == (order.pk, "link")


def test_all_of_an_order_is_the_whole_contract_and_none_of_it_is_asked_again(store: Store) -> None:
    order = order_of(store)
    path = path_of(links.withdraw_page(store, order))
    one, many = (line.pk for line in order.lines.order_by("id"))
    who = {"name": "Ana", "email": "ana@example.com"}
    assert "Choose at least one item" in post(path, **who, **{f"line_{many}": "0"}).content.decode()
    page = post(path, **who, **{f"line_{one}": "on", f"line_{many}": "3"}).content.decode()
    assert "everything in this contract" in page


def test_a_link_that_does_not_open_leads_to_the_page_for_everybody(store: Store) -> None:
    answer: Any = Client().get(f"{PAGE}nonsense")
    assert (answer.status_code, answer.url) == (302, PAGE)


def test_a_receipt_of_another_shop_does_not_open_here() -> None:
    page = declare()
    make_store(slug="other", name="Other")
    path = page.request["PATH_INFO"].replace("/s/stride/", "/s/other/")
    assert Client().get(path).status_code == 404


def test_nobody_floods_a_mailbox_through_the_form() -> None:
    for _ in range(3):
        declare()
    statement = sealed(post(PAGE, **TYPED).content.decode())
    assert post(PAGE, statement=statement, confirm="1").status_code == 429
    later = NOW + timedelta(hours=1)
    for place in range(3):
        with clock.at(later + timedelta(minutes=11 * place)):
            second = Client().post(PAGE, TYPED).content.decode()
            Client().post(PAGE, {"statement": sealed(second), "confirm": "1"})
    with clock.at(later + timedelta(hours=3)):
        second = Client().post(PAGE, TYPED).content.decode()
        assert Client().post(PAGE, {"statement": sealed(second), "confirm": "1"}).status_code == 429
    assert Withdrawal.objects.count() == 6
