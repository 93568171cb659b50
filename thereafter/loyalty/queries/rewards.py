"""What is asked of rewards: which there are, who took them, what is to be handed over, what they cost."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum

from thereafter.commerce.models import Coupon, CouponPool, Order, ShopAccess, Variant
from thereafter.kit.money import Money
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Store, StoreQuerySet

State, Handing = Redemption.State, Redemption.Handing
# Longer than that nothing of ours takes, unless something is wrong.
SOON = timedelta(hours=1)


def terms_of(reward: Reward) -> rules.Terms:
    return rules.Terms(
        kind=reward.kind,
        cost=reward.cost,
        value=reward.value,
        currency=reward.currency,
        is_stepped=reward.is_stepped,
        most_points=reward.most_points,
        minimum_minor=reward.minimum_minor,
        products=frozenset(map(str, reward.products)),
        tiers=frozenset(reward.tiers),
    )


def in_order(store: Store | int, *, archived: bool = False) -> StoreQuerySet[Reward]:
    """As the shop put them; those put away the newest first."""
    found = Reward.objects.of(store).filter(archived_at__isnull=not archived).select_related("pool")
    return found.order_by("-archived_at", "-pk") if archived else found.order_by("place", "id")


def is_to_be_had(reward: Reward, now: datetime) -> bool:
    """Whether anybody can take it now: offered, not used up, and of an event only until it begins."""
    is_over = reward.kind == rules.SEAT and rules.is_over(reward.details, now)
    return reward.is_offered(now) and reward.stock != 0 and not is_over


def last_address(store_id: int, customer_id: int) -> dict[str, str]:
    """Where the customer's newest order went; nothing when there is none."""
    orders = Order.objects.of(store_id).filter(customer_id=customer_id).order_by("-placed_at", "-pk")
    address = orders.values_list("shipping_address", flat=True).first()
    return rules.clean_address(address or {})


def price_of(store: Store | int, external_id: str) -> int | None:
    """What a product costs today in its dearest variant, in minor units; None where the shop did not say."""
    variants = Variant.objects.of(store).filter(product__external_id=external_id)
    found: int | None = variants.aggregate(price=Max("price_minor"))["price"]
    return found


def usual_delivery(store: Store) -> str:
    """How codes most likely get to this shop's checkout: the shop system whose key we have, else it asks us."""
    there = ShopAccess.objects.of(store).filter(source__in=["shopify", "woocommerce"]).order_by("pk")
    return there.values_list("source", flat=True).first() or CouponPool.Delivery.API.value


def codes_left(pools: Iterable[int], store: Store) -> dict[int, int]:
    """Of pools that are lists: how many codes nobody has yet, by pool id."""
    free = Coupon.objects.of(store).filter(pool__in=list(pools), issued_at=None, withdrawn_at=None).order_by()
    return dict(free.values_list("pool_id").annotate(n=Count("pk")))


def readiness(redemption: Redemption, now: datetime) -> str:
    """What the member has of it: ready (a code to use, a seat, credit), used, expired, on_its_way (not in the shop
    system yet, credit being booked), waiting (for somebody to send or pay it), sent, paid_out, refused (by the shop
    system), or its state when it is no more: held, cancelled, released, lapsed."""
    if redemption.state != State.TAKEN:
        return str(redemption.state)
    if redemption.coupon:
        return _of_code(redemption.coupon, now)
    if redemption.reward_id is None:
        # Points that paid a part of an order.
        return "used"
    kind, done = redemption.said.get("kind", ""), redemption.handing == Handing.DONE
    if kind == rules.CREDIT:
        return ("used" if redemption.said.get("credit_used") else "ready") if done else "on_its_way"
    if kind in rules.BY_HAND:
        return {rules.GIFT: "sent", rules.DONATION: "paid_out"}[kind] if done else "waiting"
    # Without a code it lowered the price at a checkout.
    return "used" if kind in rules.COUPONS else "ready"


def _of_code(coupon: Coupon, now: datetime) -> str:
    if coupon.redeemed_at:
        return "used"
    if coupon.withdrawn_at or (coupon.expires_at and coupon.expires_at <= now):
        return "expired"
    pushed = {Coupon.Push.WAITING: "on_its_way", Coupon.Push.ASKED: "on_its_way", Coupon.Push.FAILED: "refused"}
    return pushed.get(Coupon.Push(coupon.push_state), "ready")


def redemptions(store: Store | int) -> StoreQuerySet[Redemption]:
    """With all that a page says of them, the newest first."""
    rows = Redemption.objects.of(store).select_related("account__customer", "reward", "coupon__pool", "order")
    return rows.order_by("-made_at", "-id")


def taken_counts(account_id: int, store: Store | int) -> dict[int, int]:
    """How often a member took each reward and has it still or has used it; by reward id."""
    rows = Redemption.objects.of(store).filter(account_id=account_id, state__in=[State.TAKEN, State.HELD])
    counted = rows.filter(reward__isnull=False).order_by().values("reward_id").annotate(n=Count("pk"))
    return {row["reward_id"]: row["n"] for row in counted}


@dataclass(frozen=True)
class Figures:
    """Of one reward: how often taken, for how many points, how many codes were used, what it cost the shop so far."""

    taken: int
    points: int
    used: int
    has_codes: bool
    cost: Sequence[Money]


def figures(store: Store, wanted: Iterable[Reward]) -> dict[int, Figures]:
    """By reward id; what was cancelled is not in it. A code costs when it is used, everything else when it is taken."""
    good = Q(state=State.TAKEN)
    used = good & Q(coupon__redeemed_at__isnull=False)
    rows = Redemption.objects.of(store).filter(reward__in=[one.pk for one in wanted]).order_by()
    counted = rows.values("reward_id").annotate(
        taken=Count("pk", filter=good),
        spent=Sum("points", filter=good, default=0),
        back=Sum("restored", filter=good, default=0),
        used=Count("pk", filter=used),
        codes=Count("pk", filter=good & Q(coupon__isnull=False)),
    )
    costs = _costs(rows.filter(good).filter(Q(coupon=None) | Q(coupon__redeemed_at__isnull=False)), store)
    return {
        row["reward_id"]: Figures(
            row["taken"], row["spent"] - row["back"], row["used"], bool(row["codes"]), costs[row["reward_id"]]
        )
        for row in counted
    }


def _costs(rows: StoreQuerySet[Redemption], store: Store) -> dict[int, list[Money]]:
    """What was promised is the same for many: grouped by it, a reward of years is a few rows."""
    said = rows.values("reward_id", "said__cost_minor", "said__currency").annotate(n=Count("pk"))
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in said:
        currency = row["said__currency"] or store.currency
        sums[row["reward_id"]][currency] += int(row["said__cost_minor"] or 0) * row["n"]
    return defaultdict(
        list, {pk: [Money(minor, code) for code, minor in by.items() if minor] for pk, by in sums.items()}
    )


def waiting(store: Store | int, kind: str) -> StoreQuerySet[Redemption]:
    """What somebody has to hand over, the oldest first."""
    rows = redemptions(store).filter(handing=Handing.WAITING, state=State.TAKEN, said__kind=kind)
    return rows.order_by("made_at", "id")


def handed(store: Store | int, kind: str) -> StoreQuerySet[Redemption]:
    rows = redemptions(store).filter(handing=Handing.DONE, state=State.TAKEN, said__kind=kind)
    return rows.order_by("-handed_at", "-id")


def seats(store: Store | int) -> list[tuple[Reward, list[Redemption]]]:
    """Events that can still be sold or that somebody goes to, the next one first, with who comes."""
    events = Reward.objects.of(store).filter(kind=rules.SEAT)
    guests: dict[int, list[Redemption]] = defaultdict(list)
    rows = redemptions(store).filter(reward__in=events, state=State.TAKEN).order_by("made_at", "id")
    for one in rows:
        guests[one.reward_id or 0].append(one)
    known = [one for one in events if one.archived_at is None or guests[one.pk]]
    known.sort(key=lambda one: (str(one.details.get("starts_at", "9")), one.pk))
    return [(one, guests[one.pk]) for one in known]


def troubles(store: Store | int, now: datetime) -> StoreQuerySet[Redemption]:
    """What went wrong: codes that the shop system refused or does not let go, codes used although cancelled, credit
    that never came."""
    failed = Coupon.objects.of(store).filter(push_state=Coupon.Push.FAILED, source__startswith="reward:")
    refused = Q(state__in=[State.TAKEN, State.CANCELLED], coupon__in=failed.values("pk"))
    late = Q(handing=Handing.WAITING, said__kind=rules.CREDIT, state=State.TAKEN, made_at__lt=now - SOON)
    return redemptions(store).filter(refused | late | Q(handing=Handing.FAILED))


@dataclass(frozen=True)
class Donated:
    """What members gave to one recipient in one month of the shop."""

    recipient: str
    month: str
    currency: str
    count: int
    minor: int
    ids: tuple[int, ...]

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)


def donated(rows: Iterable[Redemption], tz: Any) -> list[Donated]:
    """Donations added up by recipient and month, the newest month first."""
    groups: dict[tuple[str, str, str], list[Redemption]] = defaultdict(list)
    for one in rows:
        to = (one.reward.details.get("recipient") if one.reward else "") or str(one.said.get("name", ""))
        groups[one.made_at.astimezone(tz).strftime("%Y-%m"), str(to), str(one.said.get("currency", ""))].append(one)
    return [
        Donated(to, month, currency, len(ones), sum(int(one.said.get("value", 0)) for one in ones), _ids(ones))
        for (month, to, currency), ones in sorted(groups.items(), reverse=True)
    ]


def _ids(ones: Iterable[Redemption]) -> tuple[int, ...]:
    return tuple(one.pk for one in ones)


def to_do(store: Store) -> int:
    """How many gifts wait to be sent and how much went wrong, for the menu; donations wait without a hurry."""
    rows = Redemption.objects.of(store).filter(handing__in=[Handing.WAITING, Handing.FAILED])
    return rows.filter(Q(handing=Handing.FAILED) | Q(state=State.TAKEN, said__kind=rules.GIFT)).count()
