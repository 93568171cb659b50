"""The templates that come with Thereafter, and where the sources of templates and blocks are read from.

A template is `templates/messaging/mjml/<key>.mjml` and its words, `<key>.<language>.json`, one file per language:
whoever writes for the shop changes words without touching the layout.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.template.utils import get_app_template_dirs

from thereafter.messaging import rules

FOLDER = "messaging/mjml"


class UnknownTemplate(KeyError):
    """No template has this key."""


@dataclass(frozen=True)
class Template:
    """`required` names the block without which there is nothing to say."""

    key: str
    label: str
    when: str
    message_class: str = rules.TRANSACTIONAL
    required: str = ""


_TEMPLATES = (
    Template("order_confirmation", "Order confirmation", "An order was placed"),
    Template("shipped", "Shipped", "A parcel left"),
    Template("out_for_delivery", "Out for delivery", "A parcel is on the van"),
    Template("delivered", "Delivered", "A parcel arrived in time"),
    Template("delivered_late", "Delivered late", "A parcel arrived after the promised day"),
    Template("ready_for_pickup", "Ready for pickup", "A parcel waits at a shop or locker"),
    Template("delivery_attempted", "Delivery attempted", "The carrier was at the door in vain"),
    Template("delay_expected", "Delay expected", "A parcel will most likely miss its promised day"),
    Template("late", "Running late", "The promised day has passed"),
    Template("refunded", "Refund", "Money was given back"),
    Template("satisfaction", "How did it go?", "A few days after delivery", rules.SERVICE, required="satisfaction"),
    Template("loyalty_invite", "Points and community", "A week after delivery", rules.SERVICE),
    Template(
        "goes_well_with", "Goes well with", "Two weeks after delivery", rules.MARKETING, required="recommendations"
    ),
    Template("account_link", "Sign-in link", "A shopper asked for their account page"),
    Template("problem_reported", "We have your report", "A shopper reported a problem with a delivery"),
    Template("note", "A note from the shop", "Somebody of the shop wrote to shoppers from the watch list"),
    Template("follow_confirm", "Follow a delivery: confirm", "Somebody asked for news of a delivery by e-mail"),
    Template("delivery_news", "Follow a delivery: news", "A delivery that somebody follows moved"),
)
templates: dict[str, Template] = {template.key: template for template in _TEMPLATES}


def template(key: str) -> Template:
    """Raises `UnknownTemplate`."""
    try:
        return templates[key]
    except KeyError:
        raise UnknownTemplate(key) from None


def source(key: str) -> str:
    return _read(f"{FOLDER}/{key}.mjml")


@lru_cache(maxsize=256)
def languages(key: str) -> tuple[str, ...]:
    """The languages a template has words in, English first."""
    names = {path.name.split(".")[1] for folder in _folders() for path in folder.glob(f"{FOLDER}/{key}.*.json")}
    return tuple(sorted(names, key=lambda language: (language != "en", language)))


def words(path: str, language: str) -> dict[str, str]:
    """The words beside `path` (without its ending) in a language, English where they are not translated."""
    english = _read(f"{path}.en.json") or "{}"
    return {**json.loads(english), **json.loads(_read(f"{path}.{language}.json") or "{}")}


def partial(path: str) -> str:
    """A block's partial; "" when its module brings none."""
    return _read(path)


@lru_cache(maxsize=512)
def _read(name: str) -> str:
    found = next((folder / name for folder in _folders() if (folder / name).is_file()), None)
    return found.read_text(encoding="utf-8") if found else ""


def _folders() -> tuple[Path, ...]:
    return tuple(Path(folder) for folder in get_app_template_dirs("templates"))
