from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class MessageSent(ShopperEvent, name="message.sent"):
    """The channel accepted the message."""

    message_id: int
    template: str
    channel: str
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageSkipped(ShopperEvent, name="message.skipped"):
    """A message was not sent, and why (no_address, no_consent, unsubscribed ...)."""

    message_id: int
    template: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageFailed(ShopperEvent, name="message.failed"):
    """The channel refused the message for good."""

    message_id: int
    template: str
    reason: str
