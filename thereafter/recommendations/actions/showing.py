"""Writing down what was shown and followed, and on which side of the comparison a customer is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from thereafter.kit.clock import day_in
from thereafter.recommendations.links import Followed
from thereafter.recommendations.models import Click, Exposure, Showing, ShowSettings, Tally
from thereafter.recommendations.queries.picks import Answer, model_of
from thereafter.stores.models import Store

PAGE, MAIL, API = "page", "mail", "api"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Somebody we know was, or would have been, shown an answer. `key` makes it one of its kind."""

    slot: str
    key: str
    channel: str
    customer_id: int
    answer: Answer
    at: datetime
    order_id: int | None = None
    place: str = ""


def page_key(kind: str, number: int, on: date) -> str:
    return f"{kind}:{number}:{on.isoformat()}"


@transaction.atomic
def note(settings: ShowSettings, occasions: Sequence[Occasion]) -> None:
    """A few statements for any number; twice the same changes nothing. With nothing to show, nothing is written."""
    worth = [one for one in occasions if one.answer.picks]
    if not worth:
        return
    store_id = settings.store_id
    models = {slot: model_of(store_id, slot) for slot in {one.slot for one in worth}}
    Exposure.objects.bulk_create(
        [
            Exposure(
                store_id=store_id,
                customer_id=one.customer_id,
                is_held=one.answer.is_held,
                holdout=settings.holdout,
                slot=one.slot,
                at=one.at,
            )
            for one in worth
        ],
        ignore_conflicts=True,
    )
    Showing.objects.bulk_create(
        [
            Showing(
                store_id=store_id,
                slot=one.slot,
                key=one.key,
                channel=one.channel,
                place=one.place,
                customer_id=one.customer_id,
                order_id=one.order_id,
                products=[[pick.product_id, pick.reason] for pick in one.answer.picks],
                model=models[one.slot],
                at=one.at,
            )
            for one in worth
            if not one.answer.is_held
        ],
        ignore_conflicts=True,
    )


def click(store: Store, link: Followed, customer_id: int, *, at: datetime) -> None:
    """Once a day for the same product, customer and slot."""
    row = Click(
        store=store,
        slot=link.slot,
        customer_id=customer_id,
        order_id=link.order_id,
        product_id=link.product_id,
        on=day_in(at, store.time_zone),
        at=at,
    )
    Click.objects.bulk_create([row], ignore_conflicts=True)


def tally(store_id: int, *, slot: str, product_id: int | None, on: date, shown: int = 0, clicked: int = 0) -> None:
    """Counts visitors whom we do not know."""
    rows = Tally.objects.of(store_id).filter(slot=slot, product=product_id, on=on)
    more = {"shown": F("shown") + shown, "clicked": F("clicked") + clicked}
    if rows.update(**more):
        return
    try:
        with transaction.atomic():
            Tally.objects.create(
                store_id=store_id, slot=slot, product_id=product_id, on=on, shown=shown, clicked=clicked
            )
    except IntegrityError:
        rows.update(**more)
