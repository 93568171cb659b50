"""What a help desk tells: our own, or the shop's by the API."""

from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class TicketOpened(ShopperEvent, name="ticket.opened"):
    """Somebody needs help; `ref` is the desk's own name of the ticket."""

    ref: str
    subject: str = ""
    follow_up_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TicketClosed(ShopperEvent, name="ticket.closed"):
    """The desk is done with it."""

    ref: str
    follow_up_id: int | None = None
