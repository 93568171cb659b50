"""What the shop's mails and policy here say of returns."""

import json
from datetime import datetime, timedelta

from thereafter.journeys.models import Journey
from thereafter.kit.clock import day_in
from thereafter.messaging import catalogue, library, publishing
from thereafter.messaging.publishing import CannotPublish
from thereafter.returns import finding, store_policies
from thereafter.returns.rules.figures.readiness import Finding
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, Option
from thereafter.returns.rules.policy.outcomes import METHODS
from thereafter.returns.rules.policy.snapshots import Asked, Line, Order, Snapshot
from thereafter.stores.models import Store

MAIL = "order_confirmation"
RECEIVED, REFUNDED = "return_received", "return_refunded"
_OF_RETURNS = ("return_requested", "return_approved", RECEIVED, REFUNDED)
FEWEST_WAYS, FEWEST_DAYS = 4, 30
# An ordinary order: one item of 80, it came a week ago.
_TYPICAL_MINOR = 8_000


def look(store: Store, now: datetime) -> list[Finding]:
    offer = _typical(store, now)
    return [
        _mail_block(store),
        *([_mail_withdrawal(store)] if finding.shows_withdrawal(store) else []),
        _told(store, "mail_received", RECEIVED, "arrived"),
        _told(store, "mail_refund", REFUNDED, "been paid back"),
        _ways(offer),
        _window(store),
        _free(offer),
        Finding("guest", "passed", "The pages of returns open by number and e-mail or postcode, or by a mail's link."),
        _languages(store),
    ]


def _sends(store: Store, template: str) -> bool:
    """Whether a journey that lets people in sends this mail."""
    rows = Journey.objects.of(store).filter(live=True, paused_at=None, archived_at=None, version__isnull=False)
    needle = json.dumps(template)
    return any(needle in json.dumps(document) for document in rows.values_list("version__document", flat=True))


def _mail_block(store: Store) -> Finding:
    if not _sends(store, MAIL):
        return Finding("mail_block", "failed", "No journey that is on sends an order confirmation.")
    if "returns" not in _needs(store):
        return Finding("mail_block", "failed", "Your order confirmation has no block of returns any more.")
    return Finding("mail_block", "passed", "It has the block of returns: last day, cost and the link that begins one.")


def _mail_withdrawal(store: Store) -> Finding:
    if _sends(store, MAIL) and "returns" in _needs(store):
        return Finding("mail_withdrawal", "passed", "The block of returns holds the link as long as the right lasts.")
    return Finding("mail_withdrawal", "failed", "Without the block of returns it holds no such link.")


def _needs(store: Store) -> tuple[str, ...]:
    language = _language(store)
    try:
        found = publishing.compiled_for(store, MAIL, language)
    except (CannotPublish, catalogue.UnknownTemplate):
        return ()
    return tuple(name.split(".")[0] for name in found.needs)


def _language(store: Store) -> str:
    known = library.languages(MAIL)
    short = store.locale[:2]
    return short if short in known else "en"


def _told(store: Store, key: str, template: str, words: str) -> Finding:
    if _sends(store, template):
        return Finding(key, "passed", f"A journey that is on tells them when it has {words}.")
    return Finding(key, "failed", f"No journey that is on tells them when it has {words}.")


def _typical(store: Store, now: datetime) -> LineOffer:
    """What somebody is offered who changed their mind about an ordinary order."""
    today = day_in(now, store.time_zone)
    came = today - timedelta(days=7)
    line = Line(
        id="1", quantity=1, price_minor=_TYPICAL_MINOR, paid_minor=_TYPICAL_MINOR, fulfilled_on=came, delivered_on=came
    )
    order = Order(
        number="1",
        currency=store.currency,
        country=store.country or "DE",
        placed_at=now - timedelta(days=9),
        total_minor=_TYPICAL_MINOR,
    )
    asked = Snapshot(order=order, lines=(line,), asked=(Asked(line="1", reason="changed_mind"),))
    return decide(store_policies.current(store)[1], asked, law.current(), today).lines[0]


def _ways(offer: LineOffer) -> Finding:
    ways = [METHODS[name] for name in offer.methods if name != "none"]
    words = f"An ordinary order has {len(ways)}: {', '.join(ways)}." if ways else "An ordinary order has none."
    return Finding("ways", "passed" if len(ways) >= FEWEST_WAYS else "failed", words)


def _window(store: Store) -> Finding:
    days = store_policies.current(store)[1].window.days
    return Finding("window", "passed" if days >= FEWEST_DAYS else "failed", f"Your policy gives {days} days.")


def _free(offer: LineOffer) -> Finding:
    """A fee that holds for some ways only leaves the others free."""
    ways = [name for name in offer.methods if name != "none"]
    free = [METHODS[way] for way in ways if any(_costs_nothing(option, way) for option in offer.options)]
    if free:
        return Finding("free", "passed", f"For an ordinary order something is free by: {', '.join(free)}.")
    return Finding("free", "failed", "Whoever changes their mind pays a fee, whichever way they choose.")


def _costs_nothing(option: Option, way: str) -> bool:
    return all(fee.methods and way not in fee.methods for fee in option.fees)


def _languages(store: Store) -> Finding:
    short = store.locale[:2]
    missing = [key for key in _OF_RETURNS if short not in library.languages(key)]
    if missing:
        return Finding("languages", "failed", f"{len(missing)} mails of returns are not written in your language.")
    count = len(library.languages(RECEIVED))
    return Finding("languages", "passed", f"They are written in {count} languages, yours among them.")
