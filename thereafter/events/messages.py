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


@dataclass(frozen=True, kw_only=True)
class MessageDelivered(ShopperEvent, name="message.delivered"):
    """The provider says that it reached the mailbox or the phone."""

    message_id: int
    template: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class MessageBounced(ShopperEvent, name="message.bounced"):
    """It could not be delivered; `hard` when that address will never take one."""

    message_id: int
    template: str
    channel: str
    hard: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageComplained(ShopperEvent, name="message.complained"):
    """The reader said that it is spam."""

    message_id: int
    template: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class MessageOpened(ShopperEvent, name="message.opened"):
    """Its picture was fetched for the first time; `machine` when a mail program did so by itself."""

    message_id: int
    template: str
    machine: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageClicked(ShopperEvent, name="message.clicked"):
    """The reader followed a link; told once for each link."""

    message_id: int
    template: str
    url: str
    machine: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageReplied(ShopperEvent, name="message.replied"):
    """The reader answered, by SMS or WhatsApp. `answered` when the provider has replied to it already."""

    channel: str
    text: str
    message_id: int | None = None
    answered: bool = False
