"""The templates that come with Thereafter, and where the sources of templates and blocks are read from.

A template is `templates/<module>/mjml/<key>.json` (its blocks) and its words, `<key>.<language>.json`, one file per
language: whoever writes for the shop changes words without touching the layout. `<key>.mjml` beside them is its source
in place of blocks.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.utils import get_app_template_dirs

from thereafter.messaging import rules
from thereafter.messaging.rules import documents

FOLDER = "messaging/mjml"
GROUPS = {
    "order": "Order",
    "delivery": "Delivery",
    "after": "After delivery",
    "loyalty": "Points and tiers",
    "marketing": "Marketing",
    "account": "Account",
    "own": "Your own",
}


class UnknownTemplate(KeyError):
    """No template has this key."""


@dataclass(frozen=True)
class Template:
    """`required` names the block without which there is nothing to say. `revision` and `digest` are those of the
    store's own document."""

    key: str
    label: str
    when: str
    message_class: str = rules.TRANSACTIONAL
    required: str = ""
    channels: tuple[str, ...] = ("email",)
    languages: tuple[str, ...] = ("en",)
    group: str = "own"
    revision: int | None = None
    digest: str = ""


def template(key: str) -> Template:
    """Raises `UnknownTemplate`."""
    try:
        return templates[key]
    except KeyError:
        raise UnknownTemplate(key) from None


def document(key: str) -> dict[str, Any]:
    """A template of ours with its words in every language; raises `UnknownTemplate`."""
    template(key)
    return _document(_paths()[key])


@lru_cache(maxsize=256)
def _document(path: str) -> dict[str, Any]:
    spoken = {language: dict(json.loads(_read(f"{path}.{language}.json"))) for language in _languages(path)}
    given: dict[str, Any] = json.loads(_read(f"{path}.json"))
    return documents.empty(given["name"], given["class"], "en") | given | {"source": _source(path), "words": spoken}


def _source(path: str) -> str | None:
    return _read(f"{path}.mjml") or None


def layout() -> str:
    return _read(f"{FOLDER}/_layout.mjml")


def languages(key: str) -> tuple[str, ...]:
    """The languages a template of ours has words in, English first; none for what is no template."""
    return templates[key].languages if key in templates else ()


@lru_cache(maxsize=256)
def _languages(path: str) -> tuple[str, ...]:
    names = {found.name.split(".")[1] for folder in _folders() for found in folder.glob(f"{path}.*.json")}
    return tuple(sorted(names, key=lambda language: (language != "en", language)))


def words(path: str, language: str) -> dict[str, str]:
    """The words beside `path` (without its ending) in a language, English where they are not translated."""
    english = _read(f"{path}.en.json") or "{}"
    return {**json.loads(english), **json.loads(_read(f"{path}.{language}.json") or "{}")}


def common_words(language: str) -> dict[str, str]:
    """What every mail may say."""
    return words(f"{FOLDER}/_common", language)


def partial(path: str) -> str:
    """A block's partial; "" when its module brings none."""
    return _read(path)


@lru_cache(maxsize=1024)
def _read(name: str) -> str:
    found = next((folder / name for folder in _folders() if (folder / name).is_file()), None)
    return found.read_text(encoding="utf-8") if found else ""


def _folders() -> tuple[Path, ...]:
    return tuple(Path(folder) for folder in get_app_template_dirs("templates"))


@lru_cache(maxsize=1)
def _paths() -> dict[str, str]:
    """Where each template is, without its ending, by its key."""
    return {found.stem: f"{found.parent.parent.name}/mjml/{found.stem}" for found in _files()}


def _files() -> Iterator[Path]:
    for folder in _folders():
        yield from sorted(one for one in folder.glob("*/mjml/*.json") if "." not in one.stem)


def _described(key: str, path: str) -> Template:
    given = _document(path)
    return Template(
        key=key,
        label=given["name"],
        when=given["when"],
        message_class=given["class"],
        required=given["required"],
        channels=documents.channels_of(given),
        languages=documents.languages_of(given),
        group=given.get("group", "own"),
    )


def _all() -> Mapping[str, Template]:
    found = [_described(key, path) for key, path in _paths().items()]
    ranks = {one.key: (list(GROUPS).index(one.group), _document(_paths()[one.key]).get("rank", 0)) for one in found}
    return {one.key: one for one in sorted(found, key=lambda one: (*ranks[one.key], one.key))}


templates: Mapping[str, Template] = _all()
