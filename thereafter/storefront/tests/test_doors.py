"""Looking an order up, signing in, the account."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.documents import Address, Person
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.events.customers import AccountLinkRequested
from thereafter.kit import clock
from thereafter.storefront import rules
from thereafter.storefront.links import account_token
from thereafter.storefront.models import Knock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded

pytestmark = pytest.mark.django_db
LOOK_UP, SIGN_IN, ACCOUNT = "/s/stride/look-up/", "/s/stride/sign-in/", "/s/stride/account/"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return make_order(store, number="#1001")


def without_nonce(page: bytes) -> str:
    return re.sub(r'nonce="[^"]+"', "", page.decode())


def look_up(client: Client, number: str, proof: str, slug: str = "stride") -> int:
    return client.post(f"/s/{slug}/look-up/", {"number": number, "proof": proof}).status_code


@pytest.mark.parametrize("proof", ["john@example.com", " JOHN@example.com", "10115", "101 15"])
@pytest.mark.parametrize("number", ["1001", "#1001"])
def test_number_and_address_or_postcode_open_the_order(client: Client, order: Order, number: str, proof: str) -> None:
    response = client.post(LOOK_UP, {"number": number, "proof": proof})
    assert response.status_code == 302
    assert response["Location"].startswith("/s/stride/o/")


@pytest.mark.parametrize("proof", ["030 123456", "+49 30 123456", "0049 30 123456", "(030) 12 34 56"])
def test_number_and_phone_open_the_order_however_the_phone_is_written(client: Client, proof: str) -> None:
    make_order(make_store(country="DE"), customer=Person(email="john@example.com", phone="030/123456"))
    assert look_up(client, "1001", proof) == 302


def test_the_phone_of_the_parcels_address_will_do(client: Client) -> None:
    address = Address(name="John", city="Wien", postcode="1010", country="AT", phone="01 5331234")
    make_order(make_store(country="DE"), shipping_address=address)
    assert look_up(client, "1001", "+43 1 5331234") == 302


@pytest.mark.parametrize("proof", ["123456", "030 123457", "+33 30 123456", "0", "+49"])
def test_another_phone_or_a_part_of_it_opens_nothing(client: Client, proof: str) -> None:
    make_order(make_store(country="DE"), customer=Person(email="john@example.com", phone="030/123456"))
    assert look_up(client, "1001", proof) == 404


def test_a_wrong_number_and_a_wrong_proof_cost_the_same_questions(client: Client, order: Order) -> None:
    asked = []
    for number, proof in (("1001", "jane@example.com"), ("9999", "jane@example.com"), ("1001", "030 123456")):
        with CaptureQueriesContext(connection) as captured:
            look_up(client, number, proof)
        asked.append(len(captured))
    assert len(set(asked)) == 1


def test_a_wrong_number_and_a_wrong_proof_are_answered_alike(client: Client, order: Order) -> None:
    answers = [
        client.post(LOOK_UP, {"number": number, "proof": proof}).content.decode()
        for number, proof in (("1001", "jane@example.com"), ("9999", "jane@example.com"))
    ]
    assert "We found no order" in answers[0]
    assert answers[0].replace("1001", "9999").count("\n") == answers[1].count("\n")


def test_an_order_cannot_be_guessed_for_long(client: Client, order: Order) -> None:
    with clock.at(PLACED):
        tries = [look_up(client, "1001", f"1011{at}") for at in range(6, 6 + rules.FOR_ORDER)]
        assert set(tries) == {404}
        assert look_up(client, "1001", "10115") == 429
    with clock.at(PLACED + timedelta(minutes=11)):
        assert look_up(client, "1001", "10115") == 302


def test_spelling_the_number_otherwise_gives_no_more_guesses(client: Client, order: Order) -> None:
    spellings = ("1001", "#1001", "# 1001", "# #1001", " ##1001")
    assert {rules.bare_number(spelling) for spelling in spellings} == {"1001"}
    with clock.at(PLACED):
        for at in range(rules.FOR_ORDER):
            look_up(client, spellings[at % len(spellings)], f"1011{at}")
        assert look_up(client, "# #1001", "10115") == 429


def test_one_address_cannot_try_many_orders(client: Client, order: Order) -> None:
    with clock.at(PLACED):
        answers = {look_up(client, str(at), "x") for at in range(rules.FROM_ADDRESS)}
        assert (answers, look_up(client, "1001", "10115")) == ({404}, 429)


def test_addresses_are_not_kept_in_clear(client: Client, order: Order) -> None:
    look_up(client, "1001", "x")
    assert not [knock.key for knock in Knock.objects.all() if "127.0.0.1" in knock.key or "1001" in knock.key]


def test_an_order_of_another_store_is_not_found(client: Client, order: Order) -> None:
    make_store("other")
    assert look_up(client, "1001", "10115", slug="other") == 404


def test_whether_an_address_is_known_is_not_given_away(client: Client, order: Order) -> None:
    known, unknown = (client.post(SIGN_IN, {"email": email}) for email in ("john@example.com", "nobody@example.com"))
    assert known.status_code == unknown.status_code == 200
    assert without_nonce(known.content).replace("john@", "nobody@") == without_nonce(unknown.content)
    assert_recorded(AccountLinkRequested, customer_id=order.customer_id)


def test_nobodys_mailbox_is_filled_with_links(client: Client, order: Order) -> None:
    with clock.at(PLACED):
        for _ in range(rules.FOR_EMAIL + 4):
            client.post(SIGN_IN, {"email": "john@example.com"})
    assert len(recorded(AccountLinkRequested)) == rules.FOR_EMAIL


def test_the_link_of_the_mail_signs_in_to_this_shop_only(client: Client, order: Order) -> None:
    make_store("other")
    assert client.get(ACCOUNT).status_code == 302
    response = client.get(f"/s/stride/account/link/{account_token(order.customer)}")
    assert response["Location"] == ACCOUNT
    page = client.get(ACCOUNT)
    assert page.status_code == 200
    assert "#1001" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert client.get("/s/other/account/").status_code == 302


def test_a_link_of_one_shop_opens_nothing_in_another(client: Client, order: Order) -> None:
    make_store("other")
    assert client.get(f"/s/other/account/link/{account_token(order.customer)}").status_code == 404


def test_a_link_leads_on_to_a_page_of_the_shop_only(client: Client, order: Order) -> None:
    link = f"/s/stride/account/link/{account_token(order.customer)}"
    assert client.get(f"{link}?next=/s/stride/look-up/")["Location"] == LOOK_UP
    for there in ("https://evil.example/", "//evil.example", "/console/"):
        assert client.get(link, {"next": there})["Location"] == ACCOUNT


def test_a_forged_cookie_signs_nobody_in(client: Client, store: Store) -> None:
    client.cookies[f"shopper_{store.pk}"] = "WzEsMV0:forged:token"
    assert client.get(ACCOUNT).status_code == 302


def test_signing_out_needs_a_click(client: Client, order: Order) -> None:
    client.get(f"/s/stride/account/link/{account_token(order.customer)}")
    assert client.get("/s/stride/account/sign-out/").status_code == 405
    client.post("/s/stride/account/sign-out/")
    assert client.get(ACCOUNT).status_code == 302


@pytest.mark.parametrize("path", ["/s/stride/", LOOK_UP, SIGN_IN])
def test_the_doors_are_there_for_everybody_and_for_no_search_engine(client: Client, store: Store, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"


def test_another_language_shows_the_same_page(client: Client, store: Store) -> None:
    page = client.get("/s/stride/?a=1&lang=fr&b=%22%3E").content.decode()
    assert 'href="?lang=de&amp;a=1&amp;b=%22%3E"' in page


def test_a_shop_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/s/nowhere/").status_code == 404
