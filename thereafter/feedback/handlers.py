"""What happens elsewhere that feedback answers: what is open with a customer, bad answers, people who are one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from thereafter.events.base import ShopperEvent
from thereafter.events.customers import CustomersMerged, CustomerTracked
from thereafter.events.parcels import ParcelFlagCleared, ParcelFlagged
from thereafter.events.returns import (
    ReturnCancelled,
    ReturnDeclined,
    ReturnExpired,
    ReturnReopened,
    ReturnRequested,
    ReturnResolved,
)
from thereafter.events.support import TicketClosed, TicketOpened
from thereafter.events.surveys import FollowUpClosed, FollowUpOpened, SurveyAnswerChanged, SurveyAnswered
from thereafter.feedback.actions import follow_ups, matters, people
from thereafter.feedback.actions.matters import Matter
from thereafter.kit import clock
from thereafter.timeline.bus import on

# What a help desk that is not ours tells by the event API, with the ticket's own name as its key.
_TICKETS = {"ticket_opened": matters.opened, "ticket_closed": matters.closed}


@on(CustomersMerged)
def merge_answers(event: CustomersMerged) -> None:
    people.merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id)


@on(SurveyAnswered, SurveyAnswerChanged, batch=True)
def look_after_bad_answers(events: Sequence[SurveyAnswered | SurveyAnswerChanged]) -> None:
    """A bad answer gets somebody of the shop to look after it, once; a change of mind for the worse too."""
    low: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if event.band == "low":
            low[event.store_id].add(event.answer_id)
    for store_id, answer_ids in low.items():
        follow_ups.open_for_answers(store_id, answer_ids, now=clock.now())


@on(ReturnRequested, ReturnReopened, batch=True)
def a_return_is_open(events: Sequence[ReturnRequested | ReturnReopened]) -> None:
    _told(matters.opened, ((one, _return(one, one.case_id)) for one in events if not one.is_gift))


@on(ReturnResolved, ReturnDeclined, ReturnCancelled, ReturnExpired, batch=True)
def a_return_is_over(
    events: Sequence[ReturnResolved | ReturnDeclined | ReturnCancelled | ReturnExpired],
) -> None:
    _told(matters.closed, ((one, _return(one, one.case_id)) for one in events if not one.is_gift))


def _return(event: ShopperEvent, case_id: int) -> Matter:
    return Matter(event.customer_id, "return", str(case_id), event.occurred_at)


@on(ParcelFlagged, batch=True)
def a_parcel_is_in_trouble(events: Sequence[ParcelFlagged]) -> None:
    _told(matters.opened, ((one, _flag(one)) for one in events if not one.old))


@on(ParcelFlagCleared, batch=True)
def a_parcel_is_well_again(events: Sequence[ParcelFlagCleared]) -> None:
    _told(matters.closed, ((one, _flag(one)) for one in events if not one.old))


def _flag(event: ParcelFlagged | ParcelFlagCleared) -> Matter:
    # Not by its cause: that changes while a flag is up, and whoever is told of another one would never be asked again.
    ref = f"{event.order_id}:{event.parcel_id}:{event.kind}"
    return Matter(event.customer_id, "problem", ref, event.occurred_at)


@on(TicketOpened, batch=True)
def a_ticket_is_open(events: Sequence[TicketOpened]) -> None:
    _told(matters.opened, ((one, _ticket(one, one.ref)) for one in events))


@on(TicketClosed, batch=True)
def a_ticket_is_closed(events: Sequence[TicketClosed]) -> None:
    _told(matters.closed, ((one, _ticket(one, one.ref)) for one in events))


@on(CustomerTracked, batch=True)
def another_desk_tells_of_tickets(events: Sequence[CustomerTracked]) -> None:
    for topic, tell in _TICKETS.items():
        _told(tell, ((one, _ticket(one, _named(one.about, one.key))) for one in events if one.topic == topic))


def _named(about: Mapping[str, object], key: str) -> str:
    """Opening and closing are two calls with two keys: `ticket` in what is told names it."""
    return str(about.get("ticket") or key)


def _ticket(event: ShopperEvent, ref: str) -> Matter:
    return Matter(event.customer_id, "ticket", ref, event.occurred_at)


@on(FollowUpOpened, batch=True)
def a_follow_up_is_open(events: Sequence[FollowUpOpened]) -> None:
    _told(matters.opened, ((one, _follow_up(one, one.follow_up_id)) for one in events))


@on(FollowUpClosed, batch=True)
def a_follow_up_is_over(events: Sequence[FollowUpClosed]) -> None:
    _told(matters.closed, ((one, _follow_up(one, one.follow_up_id)) for one in events))


def _follow_up(event: ShopperEvent, follow_up_id: int) -> Matter:
    return Matter(event.customer_id, "follow_up", str(follow_up_id), event.occurred_at)


def _told(tell: Callable[[int, Iterable[Matter]], None], told: Iterable[tuple[ShopperEvent, Matter]]) -> None:
    by_store: dict[int, list[Matter]] = defaultdict(list)
    for event, matter in told:
        by_store[event.store_id].append(matter)
    for store_id, some in by_store.items():
        tell(store_id, some)
