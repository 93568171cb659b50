"""Following an order's delivery: asking for it, saying yes, and ending it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.kit import tokens
from thereafter.stores.models import Store
from thereafter.tracking import links
from thereafter.tracking.models import Notice, Parcel, Subscription

CONFIRM = "confirm"
Channel = Subscription.Channel
# What nobody answers is forgotten, and so is the address of who stopped following.
UNANSWERED, FORGET_AFTER = timedelta(days=7), timedelta(days=7)
LONGEST = timedelta(days=120)


def fingerprint(store_id: int, address: str) -> str:
    """Finds an address again without keeping it in clear."""
    return tokens.hmac_sha256(settings.SECRET_KEY, f"follower:{store_id}:{address.strip().lower()}".encode()).hex()


@transaction.atomic
def follow(order: Order, channel: str, address: str, *, language: str, now: datetime) -> Subscription:
    """An address that wants to follow an order. A browser has said yes by then; others are asked first, once per
    call: who calls limits how often."""
    sealed, is_browser = tokens.seal(address), channel == Channel.PUSH
    subscription, _ = Subscription.objects.of(order.store_id).get_or_create(
        order=order,
        channel=channel,
        fingerprint=fingerprint(order.store_id, address),
        defaults={"store_id": order.store_id, "sealed_address": sealed, "language": language, "created_at": now},
    )
    if _is_live(subscription):
        return subscription
    subscription.sealed_address, subscription.language, subscription.created_at = sealed, language, now
    subscription.confirmed_at, subscription.ended_at = (now if is_browser else None), None
    subscription.save(update_fields=["sealed_address", "language", "created_at", "confirmed_at", "ended_at"])
    if not is_browser:
        _ask(subscription, now)
    return subscription


def _is_live(subscription: Subscription) -> bool:
    return subscription.confirmed_at is not None and subscription.ended_at is None


def _ask(subscription: Subscription, now: datetime) -> None:
    again = {"state": Notice.State.QUEUED, "tries": 0, "error": "", "due_at": now, "made_at": now}
    Notice.objects.of(subscription.store_id).update_or_create(
        subscription=subscription,
        key=CONFIRM,
        defaults=again,
        create_defaults=again | {"store_id": subscription.store_id},
    )


@transaction.atomic
def confirm(subscription: Subscription, *, now: datetime) -> bool:
    """The owner of the address says yes; False when it was ended or asked too long ago."""
    if subscription.confirmed_at is None and now - subscription.created_at > UNANSWERED:
        return False
    waiting = Subscription.objects.of(subscription.store_id).filter(pk=subscription.pk, ended_at__isnull=True)
    return bool(waiting.filter(confirmed_at__isnull=True).update(confirmed_at=now) or waiting.exists())


def confirm_by_code(order: Order, phone: str, code: str, *, now: datetime) -> bool:
    """The owner of the phone types what we sent; who calls limits how often."""
    asked = Subscription.objects.of(order.store_id).filter(
        order=order, channel=Channel.SMS, fingerprint=fingerprint(order.store_id, phone)
    )
    subscription = asked.first()
    if subscription is None or not tokens.same(code.strip().encode(), links.code(subscription).encode()):
        return False
    return confirm(subscription, now=now)


@transaction.atomic
def end(subscription: Subscription, now: datetime) -> None:
    """No more news, from this moment; the address is forgotten."""
    Subscription.objects.of(subscription.store_id).filter(pk=subscription.pk).update(ended_at=now, sealed_address="")
    Notice.objects.of(subscription.store_id).filter(subscription=subscription, state=Notice.State.QUEUED).delete()


def end_finished(store: Store, order_ids: Collection[int], now: datetime) -> int:
    """Ends what has no news to come; what is queued still goes out."""
    on_the_way = Parcel.objects.of(store).on_the_way().filter(order_id__in=order_ids).values("order_id")
    done = Subscription.objects.of(store).filter(order_id__in=order_ids, ended_at__isnull=True)
    # While the shop has not sent all of it, another parcel may come.
    return int(done.exclude(order_id__in=on_the_way).exclude(order__status=Order.Status.OPEN).update(ended_at=now))


@transaction.atomic
def forget(now: datetime) -> int:
    """Ends what has run too long, and forgets the addresses of who no longer follows or never said yes."""
    rows = Subscription.objects.exclude(sealed_address="")
    rows.filter(created_at__lt=now - LONGEST, ended_at__isnull=True).update(ended_at=now)
    unanswered = Subscription.objects.filter(confirmed_at__isnull=True, created_at__lt=now - UNANSWERED)
    deleted, _ = unanswered.delete()
    return deleted + rows.filter(ended_at__lt=now - FORGET_AFTER).update(sealed_address="")
