"""Who is who: found by shop id, e-mail and phone, merged with care."""

from datetime import timedelta

import pytest

from thereafter.commerce.actions import customers
from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import Address, CustomerDoc, Person
from thereafter.commerce.models import Consent, Customer, Order
from thereafter.commerce.queries import find_customer, may_contact
from thereafter.commerce.tests.makers import PLACED, make_order, order_doc, taken
from thereafter.events.customers import ConsentChanged, CustomerJoined, CustomersMerged
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db
PHONE = "+491712345678"


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def bought_by(store: Store, number: str, **person: object) -> Customer:
    doc = order_doc(number, customer=Person(**person), shipping_address=Address(country="DE"))  # type: ignore[arg-type]  # keywords from a dictionary
    return taken(store, doc).customer


def living(store: Store) -> int:
    return Customer.objects.of(store).filter(merged_into=None).count()


def test_the_same_email_is_the_same_person(store: Store) -> None:
    assert make_order(store).customer == make_order(store, email=" JOHN@example.com ").customer
    assert_recorded(CustomerJoined)


def test_an_account_and_an_email_of_one_order_are_one_person(store: Store) -> None:
    guest = bought_by(store, "1", email="john@example.com")
    account = bought_by(store, "2", external_id="7")
    both = bought_by(store, "3", external_id="7", email="john@example.com")
    assert both == guest
    account.refresh_from_db()
    assert account.merged_into == guest
    assert Order.objects.of(store).filter(customer=guest).count() == 3
    assert_recorded(CustomersMerged, customer_id=guest.pk, merged_id=account.pk)
    assert not Entry.objects.of(store).filter(customer_id=account.pk).exists()


def test_who_turns_out_to_be_one_within_a_batch_never_was_two(store: Store) -> None:
    people = [
        Person(email="john@example.com"),
        Person(external_id="7"),
        Person(external_id="7", email="john@example.com"),
    ]
    take_customers(store, [CustomerDoc(person=person) for person in people], source="api", now=PLACED)
    assert Customer.objects.of(store).count() == 1
    assert_recorded(CustomersMerged, times=0)


def test_a_phone_alone_finds_a_person(store: Store) -> None:
    assert bought_by(store, "1", phone="0171 2345678") == bought_by(store, "2", phone=PHONE)


def test_nobody_is_merged_on_a_phone_when_the_emails_differ(store: Store) -> None:
    john = bought_by(store, "1", email="john@example.com", phone=PHONE)
    mary = bought_by(store, "2", email="mary@example.com")
    assert bought_by(store, "3", email="mary@example.com", phone=PHONE) == mary
    assert bought_by(store, "4", email="new@example.com", phone=PHONE) not in (john, mary)
    assert living(store) == 3


def test_typing_somebody_elses_email_at_the_checkout_does_not_give_their_orders(store: Store) -> None:
    mallory = bought_by(store, "1", external_id="7", email="mallory@example.com")
    john = bought_by(store, "2", email="john@example.com")
    assert bought_by(store, "3", external_id="7", email="john@example.com") == mallory
    assert bought_by(store, "4", external_id="7", email="mary@example.com") == mallory
    assert bought_by(store, "5", email="mary@example.com") not in (mallory, john)
    assert find_customer(store, email="john@example.com") == john
    assert living(store) == 3


def test_the_shops_own_record_merges_who_changed_their_email(store: Store) -> None:
    john = bought_by(store, "1", external_id="7", email="john@example.com")
    bought_by(store, "2", email="new@example.com")
    doc = CustomerDoc(person=Person(external_id="7", email="new@example.com"))
    take_customers(store, [doc], source="api", now=PLACED)
    assert find_customer(store, email="new@example.com") == john
    assert living(store) == 1


def test_a_phone_merges_who_has_no_email_with_who_has(store: Store) -> None:
    caller = bought_by(store, "1", phone=PHONE)
    bought_by(store, "2", email="john@example.com")
    assert bought_by(store, "3", email="john@example.com", phone=PHONE) == caller
    assert living(store) == 1


def test_two_accounts_of_one_shop_stay_two(store: Store) -> None:
    """Who pays for an order of their partner with their own e-mail is still another customer of the shop."""
    john = bought_by(store, "1", external_id="1", email="john@example.com")
    bought_by(store, "2", external_id="2", email="mary@example.com")
    assert bought_by(store, "3", external_id="1", email="mary@example.com") == john
    assert living(store) == 2


def test_account_ids_of_two_shop_systems_are_not_the_same(store: Store) -> None:
    one = taken(store, order_doc("1", customer=Person(external_id="7")), source="shopify").customer
    two = taken(store, order_doc("2", customer=Person(external_id="7")), source="woocommerce").customer
    assert one != two
    assert find_customer(store, external_id="7", source="shopify") == one


def test_orders_fill_what_is_missing_and_profiles_replace(store: Store) -> None:
    bought_by(store, "1", external_id="7")
    john = bought_by(store, "2", external_id="7", name="John", email="john@example.com")
    assert bought_by(store, "3", external_id="7", name="Johnny").name == "John"
    doc = CustomerDoc(person=Person(external_id="7", name="John Runner", email="new@example.com"))
    take_customers(store, [doc], source="api", now=PLACED)
    john.refresh_from_db()
    assert (john.name, john.email) == ("John Runner", "new@example.com")
    assert find_customer(store, email="john@example.com") == find_customer(store, email="new@example.com") == john


def test_consent_is_written_with_its_evidence_when_it_changes(store: Store) -> None:
    yes = {"accepts_marketing": True, "consent_at": PLACED, "consent_evidence": "box at the checkout"}
    john = bought_by(store, "1", email="john@example.com", **yes)
    bought_by(store, "2", email="john@example.com", **yes)
    consent = Consent.objects.of(store).get()
    assert (consent.granted, consent.evidence, consent.source) == (True, "box at the checkout", "api")
    assert_recorded(ConsentChanged, customer_id=john.pk, granted=True, purpose="marketing")
    assert may_contact(store, [john.pk], "email", "marketing") == {john.pk}


def test_an_old_yes_does_not_outweigh_a_newer_no(store: Store) -> None:
    yes = {"accepts_marketing": True, "consent_at": PLACED}
    john = bought_by(store, "1", email="john@example.com", **yes)
    no = {"channel": "email", "purpose": "marketing", "source": "unsubscribe", "evidence": "link in mail 5"}
    customers.change_consent(john, granted=False, now=PLACED + timedelta(days=1), **no)
    bought_by(store, "2", email="john@example.com", **yes)
    assert may_contact(store, [john.pk], "email", "marketing") == set()
    assert not customers.change_consent(john, granted=False, now=PLACED + timedelta(days=2), **no)


def test_who_never_said_anything_gets_no_marketing_but_their_mails_of_orders(store: Store) -> None:
    john = make_order(store).customer
    assert may_contact(store, [john.pk], "email", "marketing") == set()
    assert may_contact(store, [john.pk], "email", "transactional") == {john.pk}


def test_traits_are_told_by_other_rooms(store: Store) -> None:
    john = make_order(store).customer
    customers.set_trait(john, "loyalty.tier", "gold")
    customers.set_traits(store, {john.pk: {"loyalty.points": 5}})
    john.refresh_from_db()
    assert john.traits == {"loyalty.tier": "gold", "loyalty.points": 5}
    customers.set_trait(john, "loyalty.tier", None)
    assert john.trait("loyalty.tier") is None


def test_traits_of_another_store_are_out_of_reach(store: Store) -> None:
    john = make_order(store).customer
    assert customers.set_traits(make_store("other"), {john.pk: {"x": 1}}) == {}
    john.refresh_from_db()
    assert john.traits == {}


def test_stores_do_not_find_each_others_customers(store: Store) -> None:
    make_order(store)
    assert find_customer(make_store("other"), email="john@example.com") is None


def test_records_of_two_stores_cannot_be_merged(store: Store) -> None:
    here, there = make_order(store).customer, make_order(make_store("other")).customer
    with pytest.raises(ValueError, match="same store"):
        customers.merge(here, there, PLACED)
