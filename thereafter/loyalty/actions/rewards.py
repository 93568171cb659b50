"""The shop's list of rewards: made, changed, put in order, put away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from thereafter.loyalty.actions.reward_pools import BadPool, Checkout, archive_pools, keep_pool
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries.rewards import in_order
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store


class BadReward(ValueError):
    """A reward that cannot be; the text says what to do. `field` names it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.field = name


@dataclass(frozen=True, kw_only=True)
class RewardSettings:
    """What a merchant says of a reward, as in `Reward`. `stock_was` is the stock they saw when they changed it: what
    was taken meanwhile stays taken."""

    name: str
    kind: str
    cost: int
    text: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    image_url: str = ""
    is_stepped: bool = False
    most_points: int | None = None
    value: int = 0
    currency: str = ""
    minimum_minor: int = 0
    products: Sequence[str] = ()
    stock: int | None = None
    stock_was: int | None = None
    per_member: int | None = None
    tiers: Sequence[str] = ()
    valid_days: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    cost_minor: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    is_shown: bool = True
    checkout: Checkout = field(default_factory=Checkout)


_KEPT = [one.name for one in fields(RewardSettings) if one.name not in ("checkout", "stock", "stock_was")]


@transaction.atomic
def make(store: Store, settings: RewardSettings, *, now: datetime, by: Staff | None = None) -> Reward:
    """A new reward at the end of the list; raises `BadReward`."""
    _check(settings)
    last = in_order(store).order_by("-place").values_list("place", flat=True).first()
    reward = Reward(store=store, key=_free_key(store, settings.name), created_at=now, place=(last or 0) + 1)
    _fill(reward, settings)
    reward.stock = settings.stock
    _keep(reward, settings, now=now, by=by)
    audit(store, by=by, verb="loyalty.make_reward", now=now, subject=reward.name)
    return reward


@transaction.atomic
def change(reward: Reward, settings: RewardSettings, *, now: datetime, by: Staff | None = None) -> Reward:
    """Changes a reward for whoever takes it from now on; raises `BadReward`. Who has it has what it was."""
    _check(settings)
    held = Reward.objects.of(reward.store_id).select_for_update(of=("self",)).get(pk=reward.pk)
    if settings.kind != held.kind and is_taken(held):
        raise BadReward("kind", "Members have it already, so it stays what it is. Make a new reward instead.")
    if settings.kind != held.kind:
        archive_pools(held, archived=True, now=now, by=by)
        held.pool = None
    before = {name: getattr(held, name) for name in (*_KEPT, "stock")}
    _fill(held, settings)
    held.stock = _stock(held, settings)
    _keep(held, settings, now=now, by=by)
    changed = [name for name, value in before.items() if getattr(held, name) != value]
    if changed:
        audit(held.store, by=by, verb="loyalty.change_reward", now=now, subject=held.name, detail={"changed": changed})
    return held


def _fill(reward: Reward, settings: RewardSettings) -> None:
    for name in _KEPT:
        value = getattr(settings, name)
        if isinstance(value, Mapping):
            value = dict(value)
        setattr(reward, name, list(value) if isinstance(value, tuple) else value)


def _stock(held: Reward, settings: RewardSettings) -> int | None:
    if settings.stock is None or held.stock is None or settings.stock_was is None:
        return settings.stock
    return max(0, held.stock + settings.stock - settings.stock_was)


def _keep(reward: Reward, settings: RewardSettings, *, now: datetime, by: Staff | None) -> None:
    try:
        reward.pool = keep_pool(reward, settings.checkout, now=now, by=by)
    except BadPool as wrong:
        raise BadReward(wrong.field, str(wrong)) from None
    reward.save()


def is_taken(reward: Reward) -> bool:
    return Redemption.objects.of(reward.store_id).filter(reward=reward).exists()


def _check(settings: RewardSettings) -> None:
    for wrong in (_of_points, _of_value, _of_steps, _of_time):
        wrong(settings)


def _of_points(settings: RewardSettings) -> None:
    if not settings.name.strip():
        raise BadReward("name", "Give it the name that members read.")
    if settings.cost < 1:
        raise BadReward("cost", "A reward costs at least one point.")
    if settings.kind not in Reward.Kind.values:
        raise BadReward("kind", "Choose what it gives.")


def _of_value(settings: RewardSettings) -> None:
    if settings.kind in (*rules.MONEY, rules.PERCENT) and settings.value < 1:
        raise BadReward("value", "Say how much it is worth.")
    if settings.kind in rules.MONEY and not settings.currency:
        raise BadReward("currency", "Say in which currency.")
    if settings.kind == rules.PRODUCT and len(settings.products) != 1:
        raise BadReward("products", "Choose the product that is given.")
    if settings.kind == rules.SEAT and rules.begins_at(settings.details) is None:
        raise BadReward("event_starts", "Say when it begins.")
    if settings.kind == rules.DONATION and not settings.details.get("recipient"):
        raise BadReward("recipient", "Say who gets the money.")


def _of_steps(settings: RewardSettings) -> None:
    if not settings.is_stepped:
        return
    if settings.kind not in rules.STEPPED:
        raise BadReward("is_stepped", "Only sums of money can be taken in steps.")
    if settings.checkout.delivery == "list" and settings.kind in rules.COUPONS:
        raise BadReward("delivery", "A list holds codes of one value: let your checkout ask us, or give it fixed sums.")
    if settings.most_points is not None and settings.most_points < settings.cost:
        raise BadReward("most_points", "That is less than one step. Give more points, or leave it empty.")


def _of_time(settings: RewardSettings) -> None:
    if settings.starts_at and settings.ends_at and settings.ends_at <= settings.starts_at:
        raise BadReward("ends_at", "It would end before it begins.")
    begins, ends = rules.begins_at(settings.details), rules.ends_at(settings.details)
    if begins and ends and ends <= begins:
        raise BadReward("event_ends", "The event would end before it begins.")
    if settings.details.get("refund_when_expired") and settings.valid_days is None:
        raise BadReward("valid_days", "Codes that never end cannot give points back. Say how many days they are good.")


def _free_key(store: Store, name: str) -> str:
    wanted = slugify(name)[:34] or "reward"
    taken = set(Reward.objects.of(store).filter(key__startswith=wanted).values_list("key", flat=True))
    return next(key for at in range(len(taken) + 1) if (key := wanted if not at else f"{wanted}-{at + 1}") not in taken)


@transaction.atomic
def archive(reward: Reward, *, archived: bool, now: datetime, by: Staff | None = None) -> None:
    """An archived reward is not offered any more; what members took of it stays good."""
    reward.archived_at = now if archived else None
    Reward.objects.of(reward.store_id).filter(pk=reward.pk).update(archived_at=reward.archived_at)
    archive_pools(reward, archived=archived, now=now, by=by)
    verb = "loyalty.archive_reward" if archived else "loyalty.bring_reward_back"
    audit(reward.store, by=by, verb=verb, now=now, subject=reward.name)


@transaction.atomic
def move(reward: Reward, *, by_places: int) -> None:
    """One place further up (-1) or down (1) in the list that members see."""
    rows = list(in_order(reward.store_id).select_for_update(of=("self",)))
    known = {one.pk: one for one in rows}
    for place, pk in enumerate(rules.moved(list(known), reward.pk, by_places), start=1):
        known[pk].place = place
    Reward.objects.bulk_update(rows, ["place"])
