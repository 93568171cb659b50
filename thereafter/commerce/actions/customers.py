"""What is kept about a customer: traits, consent, and the merging of two records of one person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.actions.taking import wait_turn
from thereafter.commerce.models import Consent, Customer, Identity, Order
from thereafter.commerce.queries import latest_consents
from thereafter.events.customers import ConsentChanged, CustomersMerged
from thereafter.stores.models import Store
from thereafter.timeline.log import move_customer, record


def set_trait(customer: Customer, name: str, value: Any) -> None:
    """Tells other rooms something about a customer, such as `loyalty.tier`; None takes it away."""
    customer.traits = set_traits(customer.store_id, {customer.pk: {name: value}}).get(customer.pk, customer.traits)


@transaction.atomic
def set_traits(store: Store | int, traits: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """Traits of many customers at once, by customer id; returns all traits of each."""
    ordered = Customer.objects.of(store).filter(pk__in=traits).order_by("pk")
    customers = list(ordered.select_for_update(no_key=True).only("pk", "store_id", "traits"))
    changed = []
    for customer in customers:
        merged = {key: value for key, value in {**customer.traits, **traits[customer.pk]}.items() if value is not None}
        if merged != customer.traits:
            customer.traits = merged
            changed.append(customer)
    Customer.objects.bulk_update(changed, ["traits"])
    return {customer.pk: customer.traits for customer in customers}


@transaction.atomic
def change_consent(  # noqa: PLR0913 a consent is worth nothing without its circumstances
    customer: Customer, *, channel: str, purpose: str, granted: bool, source: str, evidence: str, now: datetime
) -> bool:
    """Writes down that the person allowed or forbade a purpose on a channel; False when that is what held already."""
    held = latest_consents(customer.store_id, [customer.pk], channel, purpose).get(customer.pk)
    if held is not None and held.granted == granted:
        return False
    said = Consent(channel=channel, purpose=purpose, granted=granted, source=source[:60], evidence=evidence, at=now)
    _say(customer, said)
    return True


@transaction.atomic
def confirm_consent(
    customer: Customer, *, channel: str, purpose: str, source: str, evidence: str, now: datetime
) -> bool:
    """The person proved that the yes is theirs (double opt-in); False when they had proved it before."""
    held = latest_consents(customer.store_id, [customer.pk], channel, purpose).get(customer.pk)
    if held is not None and held.granted and held.source == source:
        return False
    _say(customer, Consent(channel=channel, purpose=purpose, granted=True, source=source, evidence=evidence, at=now))
    return True


def _say(customer: Customer, said: Consent) -> None:
    said.store_id, said.customer = customer.store_id, customer
    said.save(force_insert=True)
    record(
        consent_changed(
            customer,
            channel=said.channel,
            purpose=said.purpose,
            granted=said.granted,
            source=said.source,
            at=said.at,
        )
    )


@transaction.atomic
def choose_language(customer: Customer, locale: str) -> None:
    """The person says which language they want to be written to in."""
    Customer.objects.of(customer.store_id).filter(pk=customer.pk).update(locale=locale)
    customer.locale = locale


def consent_changed(
    customer: Customer, *, channel: str, purpose: str, granted: bool, source: str, at: datetime
) -> ConsentChanged:
    return ConsentChanged(
        store_id=customer.store_id,
        customer_id=customer.pk,
        occurred_at=at,
        channel=channel,
        purpose=purpose,
        granted=granted,
        source=source,
    )


@transaction.atomic
def merge(keep: Customer, other: Customer, now: datetime) -> None:
    """Makes two records of one person one; what hangs on `other` moves to `keep`, whose own details win."""
    if keep.pk == other.pk or keep.store_id != other.store_id:
        raise ValueError("only two records of the same store can be merged")
    store = keep.store
    wait_turn(store)
    Order.objects.of(store).filter(customer=other).update(customer=keep)
    Identity.objects.of(store).filter(customer=other).update(customer=keep)
    Consent.objects.of(store).filter(customer=other).update(customer=keep)
    Customer.objects.of(store).filter(merged_into=other).update(merged_into=keep)
    move_customer(store, old=other.pk, new=keep.pk)
    for name in ("name", "email", "phone", "locale", "country"):
        setattr(keep, name, getattr(keep, name) or getattr(other, name))
    keep.traits = {**other.traits, **keep.traits}
    keep.created_at = min(keep.created_at, other.created_at)
    keep.save(update_fields=["name", "email", "phone", "locale", "country", "traits", "created_at"])
    # The empty record stays, so that old links still find the person.
    Customer.objects.of(store).filter(pk=other.pk).update(merged_into=keep, email="", phone="", traits={})
    record(CustomersMerged(store_id=store.pk, customer_id=keep.pk, occurred_at=now, merged_id=other.pk))
