"""The portal as a shopper walks it, without scripts: links, forms, answers."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Order, Variant
from thereafter.commerce.tests.makers import make_product
from thereafter.kit import clock
from thereafter.returns import links, paying
from thereafter.returns.actions import policies, releasing
from thereafter.returns.models import Case, CreditAccount, NewGoods, Photo, ReturnParcel, Visit
from thereafter.returns.refund_queries import credits_of
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests.visits import ASKED, delivered_order
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    made = make_store(country="DE")
    sizes = [VariantDoc(external_id=f"v{size}", title=str(size), sku=f"TR2-{size}", price="89.90") for size in (42, 43)]
    make_product(made, variants=sizes)
    make_product(made, "ultra", title="Ultra", variants=[VariantDoc(external_id="u", sku="U", price="129.90")])
    return made


class Shopper:
    """Presses buttons and follows where they lead."""

    def __init__(self, order: Order) -> None:
        self.client, self.order = Client(), order
        self.lines = {line.external_id: line.pk for line in order.lines.all()}
        self.at = f"/s/{order.store.slug}/returns/o/{order_token(order)}"
        self.page: Any = None

    def press(self, **given: Any) -> "Shopper":
        with clock.at(ASKED):
            self.page = self.client.post(self.at, given)
            if self.page.status_code == 302:
                self.look(self.page["Location"])
        return self

    def look(self, at: str = "") -> "Shopper":
        self.at = at or self.at
        with clock.at(ASKED):
            self.page = self.client.get(self.at)
            while self.page.status_code == 302:
                self.at = self.page["Location"]
                self.page = self.client.get(self.at)
        return self

    @property
    def text(self) -> str:
        plain = re.sub(r"<[^>]+>", " ", self.page.content.decode())
        return re.sub(r"\s+", " ", plain).replace("\xa0", " ")

    def chooses(self, *lines: str, reason: str = "size_small") -> "Shopper":
        self.look()
        self.press(**{f"line-{self.lines[line]}": "1" for line in lines})
        return self.press(**{f"reason-{self.lines[line]}": reason for line in lines})


def test_john_gets_his_money_back(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1", reason="changed_mind")
    assert "Money back" in john.text
    assert "At the latest 14 days from today" in john.text
    john.press(**{"outcome-0": "refund"}).press(method="own_carrier")
    assert "€89.90" in john.text
    john.press()
    assert "We have it, thank you" in john.text
    case = Case.objects.of(store).get()
    assert (case.outcome, case.method, case.state, case.basis) == ("refund", "own_carrier", "open", "withdrawal")


def test_another_size_stands_first_and_money_is_never_hidden(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1")
    outcomes = re.findall(r'name="outcome-0" value="(\w+)"', john.page.content.decode())
    assert outcomes[0] == "exchange_variant"
    assert "refund" in outcomes
    size = Variant.objects.of(store).get(sku="TR2-43")
    john.press(**{"outcome-0": "exchange_variant", "variant-0": str(size.pk)}).press(method="label")
    john.press()
    assert NewGoods.objects.of(store).get().sku == "TR2-43"


def test_something_else_from_the_shop_is_chosen_and_paid_for(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1")
    john.press(**{"outcome-0": "exchange_shop"})
    assert "to spend" in john.text
    assert "Ultra" in john.text
    dear = Variant.objects.of(store).get(sku="U")
    john.press(variant=str(dear.pk))
    assert "Chosen: Ultra" in john.text
    john.press(**{"outcome-0": "exchange_shop"}).press(method="own_carrier")
    assert "To pay" in john.text
    john.press()
    case = Case.objects.of(store).get()
    assert case.quote["charge"] > 0


def test_each_item_can_end_in_its_own_way(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1", "2", reason="changed_mind")
    john.press(apart="1")
    john.press(**{"outcome-0": "store_credit", "outcome-1": "refund"}).press(method="own_carrier").press()
    assert sorted(case.outcome for case in Case.objects.of(store)) == ["refund", "store_credit"]
    assert ReturnParcel.objects.of(store).exclude(state="cancelled").count() == 1


def test_the_last_button_pressed_twice_makes_one_case(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1", reason="changed_mind")
    john.press(**{"outcome-0": "refund"}).press(method="own_carrier")
    check = john.at
    john.press()
    john.at = check
    john.press()
    assert Case.objects.of(store).count() == 1
    assert "Return R1001" in john.text


def test_nothing_chosen_is_said_so(store: Store) -> None:
    john = Shopper(delivered_order(store)).look().press()
    assert john.page.status_code == 400
    assert "Choose what you want to send back" in john.text


def test_a_photo_that_is_none_is_refused_and_nothing_is_lost(store: Store) -> None:
    john = Shopper(delivered_order(store)).look()
    john.press(**{f"line-{john.lines['1']}": "1"})
    with open(__file__, "rb") as no_photo:
        john.press(**{f"reason-{john.lines['1']}": "damaged_on_arrival", "photos": no_photo})
    assert john.page.status_code == 400
    assert not Photo.objects.of(store).exists()
    assert Visit.objects.of(store).get().items[0]["reason"] == "damaged_on_arrival"


def test_a_gift_comes_back_without_a_word_of_money(store: Store) -> None:
    order = delivered_order(store)
    anna = Shopper(order)
    anna.at = f"/s/{store.slug}/returns/gift/{links.gift_token(order)}"
    anna.chooses("1", reason="gift_unwanted")
    assert "Money back" not in anna.text
    anna.press(**{"outcome-0": "store_credit"}).press(method="own_carrier")
    assert "€89.90" not in anna.text
    anna.press()
    assert "e-mail address" in anna.text
    anna.press(email="anna@example.com")
    case = Case.objects.of(store).get()
    assert (case.is_gift, case.email) == (True, "anna@example.com")
    john = Shopper(order).look()
    assert case.number not in john.text


def test_found_by_number_and_postcode_and_a_wrong_guess_tells_nothing(store: Store) -> None:
    order = delivered_order(store)
    client = Client()
    find = f"/s/{store.slug}/returns/"
    good = client.post(find, {"number": order.number, "proof": "10115"})
    assert good.status_code == 302
    wrong: list[HttpResponse] = [
        client.post(find, {"number": number, "proof": proof})  # type: ignore[misc]  # Django's own response of tests
        for number, proof in ((order.number, "99999"), ("4711", "10115"))
    ]
    assert {answer.status_code for answer in wrong} == {404}
    gift = client.post(find, {"number": order.number, "proof": "10115", "gift": "1"})
    assert "/gift/" in gift["Location"]


def test_links_of_others_open_nothing(store: Store) -> None:
    order = delivered_order(store)
    other = make_store("other")
    token = order_token(order)
    for path in (
        f"/s/other/returns/o/{token}",
        f"/s/{store.slug}/returns/o/{token}x",
        f"/s/{store.slug}/returns/case/1",
    ):
        assert Client().get(path).status_code == 404
    assert other.pk != store.pk


def test_taken_back_while_it_may_be(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1", reason="changed_mind")
    john.press(**{"outcome-0": "refund"}).press(method="own_carrier").press()
    case = Case.objects.of(store).get()
    token = links.case_token(case)
    john.at = f"/s/{store.slug}/returns/case/{token}/cancel"
    john.press()
    assert "It is cancelled" in john.text
    assert Case.objects.of(store).get().state == "cancelled"


def test_label_and_slip_are_pdfs_and_the_number_is_followed(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1", reason="changed_mind")
    john.press(**{"outcome-0": "refund"}).press(method="own_carrier").press()
    case = Case.objects.of(store).get()
    base = f"/s/{store.slug}/returns/case/{links.case_token(case)}"
    assert john.client.get(f"{base}/slip").content.startswith(b"%PDF")
    john.at = f"{base}/number"
    john.press(carrier="dhl", number="0034 0434 1610 9404 2565")
    assert ReturnParcel.objects.of(store).get().tracking_number == "00340434161094042565"


def test_credit_for_a_gift_is_not_shown_to_who_gave_it(store: Store) -> None:
    order = delivered_order(store)
    anna = Shopper(order)
    anna.at = f"/s/{store.slug}/returns/gift/{links.gift_token(order)}"
    anna.chooses("1", reason="gift_unwanted")
    anna.press(**{"outcome-0": "store_credit"}).press(method="own_carrier").press(email="anna@example.com")
    case = Case.objects.of(store).get()
    releasing.release_by_hand(case, by=make_staff(store), now=ASKED)
    paying.pay_due(ASKED)
    account = CreditAccount.objects.of(store).get()
    assert account.case == case
    assert not credits_of(order.customer).exists()


def test_the_bonus_for_taking_credit_is_in_the_credit(store: Store) -> None:
    by = make_staff(store)
    policies.save_draft(store, ready_policies.document("exchange_first_45", "EUR"), by=by, now=ASKED)
    policies.publish(store, by=by, now=ASKED)
    john = Shopper(delivered_order(store)).chooses("1", reason="changed_mind")
    john.press(**{"outcome-0": "store_credit"}).press(method="own_carrier").press()
    case = Case.objects.of(store).get()
    assert case.quote["bonus"] == 450
    releasing.release_by_hand(case, by=by, now=ASKED)
    paying.pay_due(ASKED)
    account = CreditAccount.objects.of(store).get()
    assert (account.paid_minor, account.bonus_minor) == (8990, 450)


def test_what_was_asked_for_can_be_changed_while_nothing_has_left(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1", reason="changed_mind")
    john.press(**{"outcome-0": "refund"}).press(method="own_carrier").press()
    case = Case.objects.of(store).get()
    john.at = f"/s/{store.slug}/returns/case/{links.case_token(case)}/change"
    john.press()
    assert "What do you want to send back?" in john.text
    assert Case.objects.of(store).get().state == "cancelled"


def test_returns_of_two_orders_go_in_one_parcel(store: Store) -> None:
    johns = [Shopper(delivered_order(store, number=number)) for number in ("1001", "1002")]
    for john in johns:
        john.chooses("1", reason="changed_mind")
        john.press(**{"outcome-0": "refund"}).press(method="own_carrier").press()
    john = johns[-1]
    assert "Send both in one parcel" in john.text
    second = Case.objects.of(store).latest("pk")
    john.at = f"/s/{store.slug}/returns/case/{links.case_token(second)}/together"
    john.press()
    assert "Both go into one parcel now" in john.text
    parcel = ReturnParcel.objects.of(store).exclude(state="cancelled").get()
    assert parcel.cases.count() == 2
