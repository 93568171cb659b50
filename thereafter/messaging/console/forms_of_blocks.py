"""The settings of a block as fields of a form, and back. The fields come from the kinds themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from thereafter.messaging import library, vocabulary
from thereafter.messaging.drawing.content import SOCIAL
from thereafter.messaging.rules import documents, kinds
from thereafter.messaging.rules.kinds import Kind, Setting, kind_of

OWN = "own"
# What these say when nothing is written.
_USUAL = {"button": "button", "order": "your_items", "parcel": "expected"}


def fields(block: Mapping[str, Any], document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What the form of a block shows."""
    kind = kind_of(str(block["kind"]))
    if kind is None:
        return {"words": [], "settings": [], "condition": {}}
    return {
        "words": _words(block, kind, document, language),
        "settings": [_setting(one, block) for one in kind.settings],
        "common": [_setting(one, block) for one in kinds.COMMON],
        "condition": _condition(str(block.get("show_if") or "")),
    }


def _words(block: Mapping[str, Any], kind: Kind, document: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Each text, and below it that of the first language for who translates."""
    main = documents.main_language(document)
    common = library.common_words(language)
    theirs, first = document["words"].get(language, {}), document["words"].get(main, {})
    return [
        {
            "key": (key := word.key(str(block["id"]))),
            "label": word.label,
            "value": theirs.get(key, ""),
            "rows": word.rows,
            "rich": word.rich,
            "help": word.help,
            "original": first.get(key, "") if language != main else "",
            "placeholder": common.get(_USUAL.get(kind.name, ""), "") if not word.name else "",
        }
        for word in kind.words
    ]


def _setting(setting: Setting, block: Mapping[str, Any]) -> dict[str, Any]:
    value = kinds.value(block, setting)
    given: dict[str, Any] = {
        "name": setting.name,
        "label": setting.label,
        "kind": setting.kind,
        "value": value,
        "help": setting.help,
        "options": setting.options,
        "low": setting.low,
        "high": setting.high,
    }
    if setting.kind == "colour":
        is_own = str(value).startswith("#")
        given |= {"value": OWN if is_own else value, "own": value if is_own else "#1d4f91"}
    if setting.kind == "links":
        given["rows"] = [(name, label, value.get(name, "")) for name, label in SOCIAL.items()]
    return given


def _condition(text: str) -> dict[str, Any]:
    known = vocabulary.conditions()
    is_known = not text or text in {condition for condition, _ in known}
    return {"text": text, "chosen": text if is_known else OWN, "options": known}


def settings_from(posted: QueryDict, block: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that were posted; those that were not on the form are left alone."""
    kind = kind_of(str(block["kind"]))
    known: Sequence[Setting] = kinds.settings_of(kind) if kind else ()
    given = {one.name: _given(one, posted) for one in known if one.kind != "products"}
    chosen = posted.get("show_when", "")
    given["show_if"] = posted.get("show_if", "").strip() if chosen == OWN else chosen
    return {name: value for name, value in given.items() if value is not None}


def _given(setting: Setting, posted: QueryDict) -> Any:
    name = f"s:{setting.name}"
    if setting.kind == "toggle":
        return name in posted
    if setting.kind == "links":
        return {key: said for key in SOCIAL if (said := posted.get(f"{name}:{key}", "").strip())}
    if name not in posted:
        return None
    value = posted.get(name, "")
    if setting.kind == "colour":
        return posted.get(f"own:{setting.name}", "") if value == OWN else value
    return _number(setting, value) if setting.kind == "number" else value.replace("\r\n", "\n").strip()


def _number(setting: Setting, value: str) -> int:
    """Within what is allowed; what is no number is as it would be anyway."""
    if not value.strip().isdigit():
        return int(setting.default)
    return min(max(int(value), setting.low), setting.high)


def words_from(posted: QueryDict) -> dict[str, str]:
    return {
        name.removeprefix("w:"): value.replace("\r\n", "\n").strip()
        for name, value in posted.items()
        if name.startswith("w:") and isinstance(value, str)
    }
