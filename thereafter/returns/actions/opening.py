"""Taking in what somebody wants to send back, claim or exchange."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
from django.db import transaction
from django.utils.translation import gettext

from thereafter.commerce.models import Order, OrderLine, Variant
from thereafter.events.returns import ReturnRequested
from thereafter.kit.clock import day_in
from thereafter.kit.money import exponent
from thereafter.returns import order_snapshots, pricing, snapshots, store_policies
from thereafter.returns.actions import deciding
from thereafter.returns.actions.granting import hold
from thereafter.returns.actions.steps import about, begin
from thereafter.returns.models import Case, CaseUnit, NewGoods, Photo, PolicyVersion, ReturnSettings
from thereafter.returns.queries import settings_of
from thereafter.returns.rules import reasons
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.money.allocation import spread
from thereafter.returns.rules.money.bought import Bought
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, Offers, Option
from thereafter.returns.rules.policy.outcomes import EXCHANGES
from thereafter.returns.rules.policy.snapshots import Asked, Channel, Snapshot
from thereafter.returns.wording import told
from thereafter.stores.models import Staff
from thereafter.timeline.log import record


class CannotOpen(ValueError):
    """It cannot be taken in as it was asked; the text says why and what can be done, in the reader's language."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted for units of one line (its external id). `method` "": the first that is offered.

    `goods`: what is wanted instead, (variant's key in our database, quantity)."""

    line: str
    quantity: int = 1
    reason: str = ""
    outcome: str = "refund"
    method: str = ""
    note: str = ""
    unsealed: bool = False
    goods: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, and how. The same `source` again changes nothing. `upload` names the photos that were sent before.

    `basis`: insisted on by whoever asks, such as "withdrawal"; "" takes the best ground there is. `review`: why a
    person looks first, whatever the policy says.
    """

    source: str
    channel: Channel = "portal"
    by: Staff | None = None
    is_gift: bool = False
    email: str = ""
    locale: str = ""
    upload: str = ""
    basis: str = ""
    review: str = ""


@dataclass(frozen=True, kw_only=True)
class _Accepted:
    wish: Wish
    offer: LineOffer
    option: Option
    method: str


@transaction.atomic
def open_cases(order: Order, wishes: Sequence[Wish], asking: Asking, *, now: datetime) -> list[Case]:
    """Opens a case for each ground, outcome and way back among the wishes, and approves what nobody has to look at.

    The order's row is held meanwhile, so that two who ask at once cannot both have the last unit. Raises `CannotOpen`.
    """
    held = hold(order)
    known = list(Case.objects.of(held.store_id).filter(source__startswith=f"{asking.source}/").order_by("pk"))
    if known:
        return known
    return _Opening(held, asking, now).run(wishes)


class _Opening:
    """One visit of somebody who asks."""

    def __init__(self, order: Order, asking: Asking, now: datetime) -> None:
        self.order, self.asking, self.now = order, asking, now
        self.today = day_in(now, order.store.time_zone)
        self.lines = {line.external_id: line for line in order.lines.select_related("product", "variant")}
        self.settings = settings_of(order.store)

    def run(self, wishes: Sequence[Wish]) -> list[Case]:
        if not wishes:
            raise CannotOpen(gettext("Choose at least one item."))
        version, policy = store_policies.current(self.order.store)
        asked = [
            Asked(line=one.line, quantity=one.quantity, reason=one.reason, unsealed=one.unsealed) for one in wishes
        ]
        snapshot = order_snapshots.snapshot(
            self.order, asked=asked, channel=self.asking.channel, is_gift=self.asking.is_gift
        )
        offers = decide(policy, snapshot, law.current(), self.today)
        if len(offers.lines) != len(wishes):
            raise CannotOpen(gettext("An item of your choice is not part of this order."))
        accepted = [self._accept(wish, offer) for wish, offer in zip(wishes, offers.lines, strict=True)]
        self._check_photos(offers)
        groups: dict[tuple[str, ...], list[_Accepted]] = {}
        for one in accepted:
            key = one.option.basis, one.option.outcome, one.method, one.option.release, str(one.option.share)
            groups.setdefault(key, []).append(one)
        bought = snapshots.bought(self.order)
        made = [
            self._open(place, group, offers, version, snapshot, bought)
            for place, group in enumerate(groups.values(), 1)
        ]
        self._attach_photos(made)
        return made

    def _accept(self, wish: Wish, offer: LineOffer) -> _Accepted:
        if not offer.allowed:
            raise CannotOpen(told(offer.why_not) if offer.why_not else gettext("This item cannot come back."))
        option = offer.option(wish.outcome)
        if option is None:
            raise CannotOpen(gettext("This way is not open for one of the items. Choose another one."))
        if self.asking.basis and option.basis != self.asking.basis:
            raise CannotOpen(gettext("The right of withdrawal is not open for one of the items."))
        method = self._method(wish, offer, option)
        return _Accepted(wish=wish, offer=offer, option=option, method=method)

    def _method(self, wish: Wish, offer: LineOffer, option: Option) -> str:
        if not option.is_sent_back:
            return "none"
        ways = [method for method in offer.methods if method != "none"]
        if not wish.method or not ways:
            return ways[0] if ways else "own_carrier"
        if wish.method not in ways:
            raise CannotOpen(gettext("This way of sending it back is not open. Choose another one."))
        return wish.method

    def _check_photos(self, offers: Offers) -> None:
        needed = any(line.photos == "needed" for line in offers.lines)
        if not needed or self.asking.channel != "portal":
            return
        if not Photo.objects.of(self.order.store_id).filter(upload=self.asking.upload or "-").exists():
            raise CannotOpen(gettext("Please add a photo, so that we can see what happened and put it right at once."))

    def _open(
        self,
        place: int,
        group: Sequence[_Accepted],
        offers: Offers,
        version: PolicyVersion | None,
        snapshot: Snapshot,
        bought: Bought,
    ) -> Case:
        first = group[0]
        review = self.asking.review or _review(group)
        priced = self._price(group, offers, bought)
        case = Case.objects.create(
            store_id=self.order.store_id,
            order=self.order,
            customer_id=self.order.customer_id,
            number=self._number(),
            source=f"{self.asking.source}/{place}",
            basis=first.option.basis,
            outcome=first.option.outcome,
            method=first.method,
            release=first.option.release,
            channel=self.asking.channel,
            is_gift=self.asking.is_gift,
            email=self.asking.email,
            locale=self.asking.locale,
            currency=self.order.currency,
            value_minor=priced.items,
            quote=priced.told() | {"share": first.option.share, "refund_shipping": offers.refund_shipping},
            offer=msgspec.to_builtins(offers),
            snapshot=msgspec.to_builtins(snapshot),
            policy=version,
            review=review[:300],
            pay_by=_pay_by(first.option, self.today),
            submitted_at=self.now,
            changed_at=self.now,
        )
        begin(case, now=self.now, by=self.asking.by, actor="" if self.asking.by else "shopper")
        self._add_units(case, group, priced)
        self._add_goods(case, group)
        record(_requested(case, group, self.now))
        deciding.settle_at_once(case, by=self.asking.by, now=self.now)
        return case

    def _price(self, group: Sequence[_Accepted], offers: Offers, bought: Bought) -> pricing.Price:
        chosen = [
            pricing.Chosen(line=one.wish.line, quantity=one.wish.quantity, reason=one.wish.reason, option=one.option)
            for one in group
        ]
        wish = pricing.Wish(
            chosen=chosen,
            method=group[0].method,
            shipping=offers.refund_shipping,
            goods=self._goods(group),
            informed=self.settings.informs_of_withdrawal,
            told_of_postage=self.settings.tells_of_postage,
        )
        try:
            return pricing.price(bought, wish)
        except Refused as refusal:
            raise CannotOpen(refusal.sentence(self.order.currency, exponent(self.order.currency))) from refusal

    def _goods(self, group: Sequence[_Accepted]) -> pricing.Goods:
        wanted = [(self._variant(pk), count) for one in group for pk, count in one.wish.goods]
        if group[0].option.outcome in EXCHANGES and not wanted:
            raise CannotOpen(gettext("Choose what you would like instead."))
        same = group[0].option.outcome == "exchange_variant"
        if wanted and not (self._are_alike(group, wanted) if same else self._have_prices(wanted)):
            raise CannotOpen(gettext("What you chose instead cannot be had any more. Choose again."))
        return pricing.Goods(gross=sum((one.price_minor or 0) * count for one, count in wanted), same=same)

    def _are_alike(self, group: Sequence[_Accepted], wanted: Sequence[tuple[Variant, int]]) -> bool:
        """As many of the same products as come back: they cost what was paid, whatever they cost today."""
        back, instead = Counter[int | None](), Counter[int | None]()
        for one in group:
            back[self.lines[one.wish.line].product_id] += one.wish.quantity
        for variant, count in wanted:
            instead[variant.product_id] += count
        return back == instead

    def _have_prices(self, wanted: Sequence[tuple[Variant, int]]) -> bool:
        """Other goods cost what they cost today, which is known in the shop's own currency only."""
        is_ours = self.order.currency == self.order.store.currency
        return is_ours and all((variant.price_minor or 0) > 0 and count > 0 for variant, count in wanted)

    def _variant(self, pk: int) -> Variant:
        found = Variant.objects.of(self.order.store_id).filter(pk=pk).select_related("product").first()
        if found is None:
            raise CannotOpen(gettext("What you chose instead cannot be had any more. Choose again."))
        return found

    def _number(self) -> str:
        """The next one of the store; its row is held, so that each is given once."""
        ReturnSettings.objects.get_or_create(store_id=self.order.store_id, defaults={"changed_at": self.now})
        settings = ReturnSettings.objects.of(self.order.store_id).select_for_update().get()
        number = settings.next_number
        ReturnSettings.objects.of(self.order.store_id).update(next_number=number + 1)
        return f"{settings.number_prefix}{number}"

    def _add_units(self, case: Case, group: Sequence[_Accepted], priced: pricing.Price) -> None:
        worth = {one.line: one.value.gross + one.withheld.gross for one in priced.quote.items}
        units: list[CaseUnit] = []
        for one in group:
            line = self.lines[one.wish.line]
            places = _free_places(line, units)[: one.wish.quantity]
            if len(places) < one.wish.quantity:
                raise CannotOpen(gettext("This item is already on its way back."))
            units += [
                CaseUnit(
                    store_id=case.store_id,
                    case=case,
                    line=line,
                    place=place,
                    reason=one.wish.reason,
                    note=one.wish.note[:4_000],
                    destination=one.offer.destination,
                )
                for place in places
            ]
        _value(units, worth)
        for unit in CaseUnit.objects.bulk_create(units):
            begin(unit, now=self.now)

    def _add_goods(self, case: Case, group: Sequence[_Accepted]) -> None:
        if case.outcome == "replacement":
            rows = [_same_again(case, self.lines[one.wish.line], one.wish.quantity, self.now) for one in group]
        else:
            wanted = [(self._variant(pk), count) for one in group for pk, count in one.wish.goods]
            rows = [_instead(case, variant, count, self.now) for variant, count in wanted]
        for row in NewGoods.objects.bulk_create(rows):
            begin(row, now=self.now)

    def _attach_photos(self, made: Sequence[Case]) -> None:
        if self.asking.upload and made:
            rows = Photo.objects.of(self.order.store_id).filter(upload=self.asking.upload, case=None)
            rows.update(case=made[0], upload="")


def _review(group: Sequence[_Accepted]) -> str:
    """Why a person has to look first. Nobody has to agree to a withdrawal."""
    waiting = [one for one in group if one.option.needs_review]
    return (waiting[0].offer.review or "The policy asks for a look at this one.") if waiting else ""


def _pay_by(option: Option, today: date) -> date | None:
    return today + timedelta(days=option.due_days) if option.due_days else None


def _value(units: Sequence[CaseUnit], worth: Mapping[str, int]) -> None:
    """Each unit's part of its line's value; spare cents on the earlier ones."""
    by_line: dict[str, list[CaseUnit]] = {}
    for unit in units:
        by_line.setdefault(unit.line.external_id, []).append(unit)
    for line, of_line in by_line.items():
        for unit, part in zip(of_line, spread(worth.get(line, 0), [1] * len(of_line)), strict=True):
            unit.value_minor = part


def _free_places(line: OrderLine, taken: Sequence[CaseUnit]) -> list[int]:
    live = CaseUnit.objects.of(line.store_id).filter(line=line, is_live=True).values_list("place", flat=True)
    used = {*live, *(unit.place for unit in taken if unit.line_id == line.pk)}
    return [place for place in range(1, line.quantity + 1) if place not in used]


def _same_again(case: Case, line: OrderLine, quantity: int, now: datetime) -> NewGoods:
    return NewGoods(
        store_id=case.store_id,
        case=case,
        variant=line.variant,
        product=line.product,
        title=line.title,
        variant_title=line.variant_title,
        sku=line.sku,
        quantity=quantity,
        price_minor=line.unit_price_minor,
        changed_at=now,
    )


def _instead(case: Case, variant: Variant, quantity: int, now: datetime) -> NewGoods:
    return NewGoods(
        store_id=case.store_id,
        case=case,
        variant=variant,
        product=variant.product,
        title=variant.product.title,
        variant_title=variant.title,
        sku=variant.sku,
        quantity=quantity,
        price_minor=variant.price_minor or 0,
        changed_at=now,
    )


def _requested(case: Case, group: Sequence[_Accepted], now: datetime) -> ReturnRequested:
    return ReturnRequested(
        **about(case, now),
        basis=case.basis,
        outcome=case.outcome,
        method=case.method,
        value_minor=case.value_minor,
        currency=case.currency,
        units=sum(one.wish.quantity for one in group),
        reasons=tuple(dict.fromkeys(reasons.reason(one.wish.reason).key for one in group)),
        review=bool(case.review),
        channel=case.channel,
    )
