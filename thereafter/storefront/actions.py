"""Changes that the shoppers' shell makes: order documents, knocks, links to the account."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from thereafter.commerce.models import Order
from thereafter.commerce.queries import find_customer
from thereafter.events.customers import AccountLinkRequested
from thereafter.storefront import rules
from thereafter.storefront.models import Knock, OrderDocument
from thereafter.stores.models import Store
from thereafter.timeline.log import record


def drop_documents(store_id: int, order_ids: Collection[int]) -> int:
    """Something happened on these orders: their pages are gathered anew when next asked for."""
    if not order_ids:
        return 0
    rows = OrderDocument.objects.of(store_id).filter(order_id__in=order_ids)
    return rows.update(revision=F("revision") + 1, version="", body="", made_on=None)


def reserve_document(order: Order) -> int:
    """The revision to gather for; ask before reading what the page shows."""
    document, _ = OrderDocument.objects.of(order.store_id).get_or_create(
        order=order, defaults={"store_id": order.store_id}
    )
    return document.revision


def keep_document(order: Order, *, revision: int, body: str, made_on: date, made_by: str) -> str:
    """Keeps a gathered page unless something has happened since `revision`; returns its version."""
    version = hashlib.blake2b(f"{made_by}|{body}".encode(), digest_size=12).hexdigest()
    OrderDocument.objects.of(order.store_id).filter(order=order, revision=revision).update(
        version=version, body=body, made_on=made_on, made_by=made_by
    )
    return version


@transaction.atomic
def knock(store: Store, tries: Mapping[str, int], now: datetime) -> bool:
    """Counts a try for each key; whether all of them are within their limits (`tries` maps key to limit)."""
    since = rules.stretch(now)
    hashed = {_hashed(key): limit for key, limit in tries.items()}
    Knock.objects.bulk_create([Knock(store=store, key=key, since=since) for key in hashed], ignore_conflicts=True)
    mine = Knock.objects.of(store).filter(key__in=hashed, since=since)
    mine.update(count=F("count") + 1)
    return all(one.count <= hashed[one.key] for one in mine)


def _hashed(key: str) -> str:
    """Who knocked is nobody's business: addresses and e-mails are not kept."""
    kind, _, value = key.partition(":")
    return f"{kind}:{hashlib.blake2b(value.strip().lower().encode(), digest_size=16).hexdigest()}"


def forget_knocks(now: datetime) -> int:
    deleted, _ = Knock.objects.filter(since__lt=now - timedelta(days=1)).delete()
    return deleted


@transaction.atomic
def request_account_link(store: Store, email: str, now: datetime) -> bool:
    """Asks for a mail with a link to the account, if we know the address and it has not had several just now."""
    customer = find_customer(store, email=email)
    if customer is None or not knock(store, {f"email:{email}": rules.FOR_EMAIL}, now):
        return False
    record(AccountLinkRequested(store_id=store.pk, occurred_at=now, customer_id=customer.pk))
    return True
