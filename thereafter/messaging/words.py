"""What states and reasons are called on merchants' pages, and what to do about them."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from thereafter.messaging.models import Message
from thereafter.stores.models import Store

TONES = {
    "queued": "info",
    "held": "info",
    "sending": "info",
    "sent": "good",
    "skipped": "neutral",
    "failed": "bad",
    "unknown": "warn",
}
STATES = {
    "queued": "Queued",
    "held": "Held",
    "sending": "Sending",
    "sent": "Sent",
    "skipped": "Not sent",
    "failed": "Failed",
    "unknown": "Unknown",
}
CLASSES = {"transactional": "Order mail", "service": "Service mail", "marketing": "Marketing"}
CHANNELS = {
    "email": "E-mail",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "push": "Notification",
    "ticket": "Ticket",
    "team": "Team",
    "webhook": "Webhook",
    "any": "Every channel",
}
PURPOSES = {"marketing": "Offers and news", "surveys": "Questions and reviews", "orders": "News of orders"}
ROOMS = {
    "claim": "a claim",
    "problem": "a problem that they reported",
    "ticket": "a question to support",
    "return": "a return",
}


class Why(NamedTuple):
    """A reason in a few words, in a sentence, and what a merchant can do about it."""

    short: str
    text: str
    advice: str = ""


_WHYS = {
    "no_channel": Why(
        "No text for any channel",
        "The template has no text for the channels that were asked for.",
        "Write one in the template.",
    ),
    "no_address": Why(
        "No address",
        "The customer has no e-mail address, number or browser that this could go to.",
        "Ask for an e-mail address or a number at the checkout, or let the message fall back to another channel.",
    ),
    "bad_address": Why(
        "Impossible address",
        "The e-mail address cannot be right.",
        "Correct it in the shop; the next order brings it here.",
    ),
    "unsubscribed": Why(
        "Unsubscribed",
        "The customer unsubscribed.",
        "Respect it. If many leave, look at which message they left from and send fewer.",
    ),
    "objected": Why("Objected", "The customer does not want this by this channel.", "Respect it."),
    "no_consent": Why(
        "No consent",
        "The customer has not agreed to such messages by this channel.",
        "Offer a box to tick at the checkout, and on the preference page.",
    ),
    "unconfirmed": Why(
        "Not confirmed",
        "They said yes in the shop, but have not tapped the link in the mail that asks whether it was them.",
        "They are asked once. Who never answers does not want it.",
    ),
    "other_topics": Why("Other topics", "The customer chose other topics for newsletters."),
    "not_a_buyer": Why(
        "Never ordered",
        "Only buyers are asked for reviews and surveys without having said yes.",
        "Check who enters the journey.",
    ),
    "control_group": Why(
        "Control group",
        "The customer is in the group that gets no marketing, so that you can see what marketing earns.",
        "Nothing: this is meant to be.",
    ),
    "frequency_cap": Why(
        "Had enough",
        "The customer got as many messages as the contact rules allow.",
        "Send fewer campaigns, or raise the cap if you must.",
    ),
    "quiet_hours": Why("Quiet hours", "It is night, or a quiet day, where the customer is."),
    "always_quiet": Why(
        "No hour fits",
        "There is no hour at which it is day everywhere this customer may be.",
        "Shorten the quiet hours, or let the shop send the state with the address.",
    ),
    "throttle": Why("In the line", "The channel sends as many a minute as you allow; this one waits for its turn."),
    "expired": Why(
        "Too late",
        "By the time it could have gone out it was of no use any more.",
        "Let it expire later, or start it earlier.",
    ),
    "nothing_to_say:satisfaction": Why("No question", "There was no open question to ask."),
    "nothing_to_say:recommendations": Why("Nothing to recommend", "There was nothing to recommend."),
    "no_account": Why(
        "No account",
        "The shop has no account for this channel.",
        "Connect one under Messages, Channels.",
    ),
    "no_browser": Why("No device", "The last device that showed this customer's notifications has closed."),
    "no_whatsapp_template": Why(
        "Not known to WhatsApp",
        "Outside of a conversation WhatsApp takes approved templates only, and none is noted for this message.",
        "Note one under Messages, Channels, WhatsApp, Approved templates.",
    ),
    "no_place": Why(
        "No place", "The team has no such place to post to.", "Add it under Messages, Channels, Team post."
    ),
    "no_support_address": Why(
        "No support address",
        "The shop has no support address, so no ticket could be opened.",
        "Set one in Settings.",
    ),
    "key_changed": Why(
        "Key changed",
        "The secret key of this installation has changed, so the stored keys cannot be read.",
        "Type them in again under Messages, Channels.",
    ),
    "interrupted": Why("Interrupted", "A worker stopped in the middle; it was tried once more."),
    "other_channel": Why("Another channel", "The first choice could not be used; the next one was taken."),
}
_CLOSED = {
    "hard_bounce": Why(
        "Bounced",
        "The address is closed: mail to it came back for good.",
        "Nothing helps but a new address. Never mail a list that you bought.",
    ),
    "soft_bounces": Why(
        "Bounced often",
        "The address rests: the last messages to it came back.",
        "It opens again by itself after two weeks.",
    ),
    "complaint": Why(
        "Reported as spam",
        "The customer reported a message as spam.",
        "Write to people who asked for it, and make leaving easy. From 0.3 % on, mailboxes refuse all your mail.",
    ),
    "stop": Why("Answered STOP", "The customer answered STOP.", "Respect it; START opens the channel again."),
    "manual": Why("Closed by hand", "Somebody of the shop closed this address.", "See the list of closed addresses."),
    "imported": Why("Closed by import", "The address was closed by a list that was brought in."),
}


def why(reason: str) -> Why:
    """A stored reason in words; what is no code of ours is told as it stands."""
    kind, _, more = reason.partition(":")
    if reason in _WHYS:
        return _WHYS[reason]
    if kind in _KINDS:
        return _KINDS[kind](more)
    return Why(reason[:60], reason)


def _open(room: str) -> Why:
    what = ROOMS.get(room, f"something ({room.replace('_', ' ')})")
    return Why("Open matter", f"The customer has {what} open, which is settled first.", "Settle it.")


def _expired(cause: str) -> Why:
    return Why("Too late", f"{why(cause).text} It waited until it was of no use any more.", why(cause).advice)


def _whatsapp(state: str) -> Why:
    return Why(
        "Not approved", f"WhatsApp says of this template: {state}.", "Ask for its state again, or submit another."
    )


def _empty_place(name: str) -> Why:
    what = name.replace(".", " ").replace("_", " ")
    return Why("Empty place", f"The template for WhatsApp has a place for “{what}”, which is not known here.")


_KINDS: dict[str, Callable[[str], Why]] = {
    "whatsapp_template": _whatsapp,
    "whatsapp_empty": _empty_place,
    "suppressed": lambda cause: _CLOSED.get(cause, Why("Closed address", "The address is closed to all messages.")),
    "open": _open,
    "expired": _expired,
    "overtaken": lambda event: Why(
        "Overtaken",
        f"While it waited, something happened that ends its journey: {event.replace('.', ' ').replace('_', ' ')}.",
        "Nothing: this is meant to be.",
    ),
    "nothing_to_say": lambda _: Why("Nothing to say", "The part without which there is no message was empty."),
    "template": lambda said: Why(
        "Broken template", f"Template: {said.strip()}", "Open the template: it shows where the mistake is."
    ),
}


def until(reason: str) -> str:
    """Nobody knows when a claim is settled, so that is looked at again; all else has its end."""
    return "looked at again" if reason.startswith("open:") else "until"


def reason_in_words(reason: str) -> str:
    return why(reason).text


def state_of(message: Message) -> str:
    """Its state, with what is held told apart from what is about to go."""
    return "held" if message.is_held else message.state


Namer = Callable[[Store, Collection[int]], dict[int, tuple[str, str]]]
_namers: dict[str, Namer] = {}


def naming(kind: str) -> Callable[[Namer], Namer]:
    """Says what wanted messages sent: for origins of "kind:5:…" the function gives {5: (name, address of its page)}."""

    def add(namer: Namer) -> Namer:
        _namers[kind] = namer
        return namer

    return add


def origins_in_words(store: Store, origins: Collection[str]) -> dict[str, tuple[str, str]]:
    """By origin: what it is called, and the page that tells more ("" when there is none)."""
    parts = {origin: origin.split(":") for origin in origins if origin}
    named: dict[str, Any] = {}
    for kind, namer in _namers.items():
        numbers = {int(part[1]) for part in parts.values() if part[0] == kind and part[1:] and part[1].isdigit()}
        named[kind] = namer(store, numbers) if numbers else {}
    return {origin: _origin(part, named) for origin, part in parts.items()}


def _origin(part: list[str], named: dict[str, Any]) -> tuple[str, str]:
    number = int(part[1]) if part[1:] and part[1].isdigit() else 0
    return named.get(part[0], {}).get(number) or (part[0].replace("_", " ").capitalize(), "")
