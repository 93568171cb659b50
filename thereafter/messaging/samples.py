"""Whom a template is looked at for: a made-up shopper, or a real one. Nothing of it is kept or sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from thereafter.commerce.models import Customer, Order, Product
from thereafter.kit import clock, tokens
from thereafter.messaging import catalogue, publishing, rendering, rules
from thereafter.messaging import facts as real
from thereafter.messaging.blocks import blocks
from thereafter.messaging.looks import look
from thereafter.messaging.models import Message, TemplateVersion
from thereafter.messaging.publishing import Compiled
from thereafter.messaging.rendering import Rendered
from thereafter.messaging.rules import documents
from thereafter.messaging.rules.lint import UNSUBSCRIBE_SAMPLE
from thereafter.storefront import links
from thereafter.stores.models import Store


@dataclass(frozen=True)
class Reader:
    """The customer, and the order that the message is about; without a customer, somebody made up."""

    customer: Customer | None = None
    order: Order | None = None


NOBODY = Reader()


@dataclass(frozen=True)
class Scene:
    """For whom, where and when a message is looked at."""

    store: Store
    now: datetime
    reader: Reader = NOBODY

    def facts(self, compiled: Compiled, message_class: str) -> dict[str, Any]:
        if self.reader.customer is None:
            return sample_facts(self.store, message_class, self.now)
        return _real(self, self.reader.customer, compiled, message_class)


def preview(
    scene: Scene, document: Mapping[str, Any], language: str, channel: str = "email", *, marked: bool = False
) -> Rendered:
    """A document as the reader would get it; raises `CannotPublish` or `CannotRender`."""
    compiled = publishing.compile_document(document, language, channel, look(scene.store), marked=marked)
    return render(scene, compiled, document["class"], language)


def say(scene: Scene, document: Mapping[str, Any], language: str, names: Sequence[str]) -> dict[str, str]:
    """Some of a document's own words as the reader would get them; raises `CannotRender`."""
    words = documents.words_in(document, language)
    sources = {"subject": "", "html": "", "text": "", **{f"x_{name}": words.get(name, "") for name in names}}
    told = scene.facts(Compiled("", "", "", "", ("order",)), document["class"])
    made = rendering.render(repr(sources), sources, told, locale_for(scene.store, language, scene.reader))
    return {name: made.extras[f"x_{name}"] for name in names}


def render(scene: Scene, compiled: Compiled, message_class: str, language: str) -> Rendered:
    known, locale = scene.facts(compiled, message_class), locale_for(scene.store, language, scene.reader)
    if not compiled.html and known["links"].get("order") == "#":
        # A text message costs by its length, so its link is as long as a real one.
        known["links"]["order"] = links.page(
            scene.store, "storefront:order", tokens.sign("order", scene.store.pk, 10**6)
        )
    return rendering.render(compiled.fingerprint, compiled.sources, known, locale)


def language_of(document: Mapping[str, Any], store: Store, reader: Reader) -> str:
    """The language in which this reader would get it."""
    wanted = (reader.customer.locale if reader.customer else "", store.locale)
    return rules.choose_language(documents.languages_of(document) or ("en",), *wanted)


def locale_for(store: Store, language: str, reader: Reader) -> str:
    """With the region of the reader or the shop when they speak this language."""
    regions = (reader.customer.locale if reader.customer else "", store.locale)
    return next((one for one in regions if one and rules.languages(one)[0] == language), language)


def _real(scene: Scene, customer: Customer, compiled: Compiled, message_class: str) -> dict[str, Any]:
    """The facts of a real customer, with what an event would bring made up; a link that signs in is left out."""
    order = scene.reader.order
    customer.store = scene.store
    if order:
        order.store = scene.store
    made_up = sample_facts(scene.store, message_class, scene.now)
    message = Message(
        pk=0,
        store=scene.store,
        customer=customer,
        order=order,
        message_class=message_class,
        locale=locale_for(scene.store, "en", scene.reader),
        facts={name: made_up[name] for name in _SENDERS},
    )
    (told,) = real.gather([(message, TemplateVersion(needs=list(compiled.needs)))])
    told["links"] |= {name: "#" for name in ("account", "view") if name in told["links"]}
    if told["links"].get("unsubscribe"):
        told["links"]["unsubscribe"] = UNSUBSCRIBE_SAMPLE
    return told


# What comes from who sends, so that a preview has to make it up.
_SENDERS = ("event", "news")


def sample_facts(store: Store, message_class: str, now: datetime) -> dict[str, Any]:
    """Those of somebody made up, for every block that there is."""
    today = clock.day_in(now, store.time_zone)
    has_end = message_class != rules.TRANSACTIONAL
    return {
        "store": {
            name: getattr(store, name) or None
            for name in ("name", "logo_url", "shop_url", "support_email", "legal_address")
        },
        "customer": {
            "first_name": "John",
            "last_name": "Runner",
            "name": "John Runner",
            "email": "john@example.com",
            "country": store.country or "DE",
            "language": rules.languages(store.locale)[0],
        },
        "trait": {"loyalty": {"points": 215, "tier": "gold"}},
        "order": _order(store, today),
        "delivery": {
            "headline": "expected",
            "from": (today + timedelta(days=3)).isoformat(),
            "to": (today + timedelta(days=5)).isoformat(),
            "delivered_on": today.isoformat(),
            "promised_on": (today + timedelta(days=2)).isoformat(),
            "carrier": "DHL",
            "tracking_number": "00340434161094042557",
            "pickup": {"name": "Corner Shop", "address": "Elm Street 12, 10115 Berlin"},
        },
        "coupon": {"code": "THANKS-7Q4K", "percent": 10, "until": (today + timedelta(days=14)).isoformat()},
        "event": _event(store, today),
        "news": {"title": "Arriving today", "text": "It is with the carrier who brings it to the door."},
        "links": {
            "order": "#",
            "account": "#",
            "view": "#",
            "follow": "#",
            "preferences": "#" if has_end else None,
            "unsubscribe": UNSUBSCRIBE_SAMPLE if has_end else None,
        },
    } | {name: dict(block.sample) for name, block in blocks.items() if block.sample}


def _event(store: Store, today: date) -> dict[str, Any]:
    return {
        "carrier": "DHL",
        "tracking_number": "00340434161094042557",
        "promised_on": (today - timedelta(days=1)).isoformat(),
        "amount_minor": 8990,
        "currency": store.currency,
        "kind": "damaged",
        "subject": "About your parcel",
        "paragraphs": [
            "The storm has closed the depot in Leipzig.",
            "Your parcel goes on as soon as it opens again.",
        ],
        "until": (today + timedelta(days=6)).isoformat(),
        "points": 120,
        "tier_name": "Gold",
        "reward": "Free shipping",
        "number": 10,
        "on": (today + timedelta(days=30)).isoformat(),
    }


def _order(store: Store, today: date) -> dict[str, Any]:
    items = _items(store)
    subtotal = sum(item["total_minor"] for item in items)
    return {
        "number": "1042",
        "placed_on": today.isoformat(),
        "promised_on": (today + timedelta(days=2)).isoformat(),
        "currency": store.currency,
        "items": items,
        "has_images": any(item["image"] for item in items),
        "subtotal_minor": subtotal,
        "discount_minor": 1000,
        "shipping_minor": 490,
        "tax_minor": round((subtotal - 510) * 0.16),
        "taxes_included": True,
        "total_minor": subtotal - 510,
        "address": ["John Runner", "Elm Street 5", "10115 Berlin"],
    }


_MADE_UP = (("Trail Runner 2", "Moss / 42", 1, 8990), ("Merino Socks", "M", 2, 2800))


def _items(store: Store) -> list[dict[str, Any]]:
    """Things that the shop really sells, where it has pictures of them: its mails then look like its own."""
    known = Product.objects.of(store).filter(is_active=True, image_url__startswith="http").order_by("id")
    sold = list(known.values_list("title", "image_url")[: len(_MADE_UP)])
    pairs = zip(_MADE_UP, [*sold, *[("", "")] * len(_MADE_UP)], strict=False)
    return [
        {
            "title": title or name,
            "variant": None if title else variant,
            "quantity": quantity,
            "total_minor": total,
            "image": image or None,
        }
        for (name, variant, quantity, total), (title, image) in pairs
    ]


def sample(store: Store, key: str, language: str, now: datetime) -> Rendered:
    """A template of the store as somebody made up would get it; raises `CannotPublish` or `CannotRender`."""
    return preview(Scene(store, now), catalogue.document(catalogue.template(store, key)), language)
