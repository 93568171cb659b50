"""What a basket that is not an order yet would earn, by the rules of this moment."""

from dataclasses import dataclass, replace
from datetime import datetime

from thereafter.commerce.models import Order, Product
from thereafter.journeys.models import SegmentMember
from thereafter.kit.money import exponent
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries.programmes import Version, programme_now
from thereafter.loyalty.rules.earning import Decision, Line, Purchase, decide
from thereafter.stores.models import Store

TILL = "till"


@dataclass(frozen=True, kw_only=True)
class Basket:
    """`off_minor` is taken off all lines together; what is paid by points belongs to it."""

    lines: tuple[Line, ...]
    currency: str
    off_minor: int = 0
    channel: str = ""


def would_earn(store: Store, member: Member | None, basket: Basket, now: datetime) -> Decision:
    """As the order would be decided if it were placed now; without a member, as for somebody new."""
    version = programme_now(store.pk)
    return decide(version.programme, version.number, _purchase(store, member, basket, version, now))


def _purchase(store: Store, member: Member | None, basket: Basket, version: Version, now: datetime) -> Purchase:
    gross = sum(line.value_minor for line in basket.lines)
    rules = version.programme.rules
    return Purchase(
        lines=_with_categories(store, basket.lines),
        off_minor=basket.off_minor,
        total_minor=max(0, gross - basket.off_minor),
        currency=basket.currency,
        exponent=exponent(basket.currency),
        at=now,
        tier=member.tier if member else "",
        is_first=any(rule.first_order for rule in rules) and _is_first(store, member),
        segments=_segments(member) if member and any(rule.segments for rule in rules) else frozenset(),
        channel=basket.channel,
    )


def _with_categories(store: Store, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    wanted = {line.product for line in lines if line.product and not line.category}
    rows = Product.objects.of(store).filter(external_id__in=wanted) if wanted else Product.objects.none()
    known = dict(rows.values_list("external_id", "category"))
    return tuple(replace(line, category=line.category or known.get(line.product, "")) for line in lines)


def _is_first(store: Store, member: Member | None) -> bool:
    bought = Order.objects.of(store).filter(customer=member.customer_id, cancelled_at=None) if member else None
    return bought is None or not bought.exists()


def _segments(member: Member) -> frozenset[str]:
    stays = SegmentMember.objects.of(member.store_id).filter(customer=member.customer_id, left_at=None)
    return frozenset(stays.values_list("segment__name", flat=True))
