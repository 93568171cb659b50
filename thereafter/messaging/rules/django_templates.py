"""Klaviyo's templates are Django's: `{{ first_name|default:'there' }}`. Here they become Liquid."""

import re
from typing import NamedTuple

_OUTPUT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TAG = re.compile(r"\{%-?\s*(\w+)(.*?)-?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
_PIPE = re.compile(r"\|(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)")
_KEPT = re.compile("\ue000(\\d+)\ue001")
_LOOKUP = re.compile(r"^(\w[\w.]*)\s*\|\s*lookup\s*:\s*['\"]([^'\"]+)['\"](.*)$", re.DOTALL)

# What Klaviyo calls a thing, and what it is called here. Longer names first.
NAMES = {
    "person.first_name": "customer.first_name",
    "person.last_name": "customer.last_name",
    "person.email": "customer.email",
    "person.full_name": "customer.name",
    "organization.name": "store.name",
    "organization.url": "store.shop_url",
    "organization.full_address": "store.legal_address",
    "first_name": "customer.first_name",
    "last_name": "customer.last_name",
    "email": "customer.email",
    "unsubscribe_link": "links.unsubscribe",
    "unsubscribe_url": "links.unsubscribe",
    "manage_preferences_link": "links.preferences",
    "manage_preferences_url": "links.preferences",
    "view_in_browser_link": "links.view",
    "web_view": "links.view",
    "event.extra.order_number": "order.number",
    "event.OrderId": "order.number",
    "event.extra.line_items": "order.items",
    "event.extra.order_status_url": "links.order",
}
_FILTERS = {
    "upper": "upcase",
    "lower": "downcase",
    "title": "capitalize",
    "capfirst": "capitalize",
    "length": "size",
    "safe": "",
    "escape": "escape",
    "join": "join",
    "first": "first",
    "last": "last",
    "default": "default",
    "date": "date",
    "truncatechars": "truncate",
    "truncatewords": "truncatewords",
    "linebreaksbr": "newline_to_br",
    "striptags": "strip_html",
    "urlencode": "url_encode",
    "slugify": 'downcase | replace: " ", "-"',
    "add": "plus",
    "divisibleby": "modulo",
    "floatformat": "round",
    "split": "split",
    "replace": "replace",
    "trim": "strip",
}
# Django's letters of dates, and those of strftime.
_DATE_LETTERS = {
    "d": "%d", "j": "%-d", "D": "%a", "l": "%A", "m": "%m", "n": "%-m", "M": "%b", "F": "%B", "y": "%y", "Y": "%Y",
    "H": "%H", "G": "%-H", "h": "%I", "g": "%-I", "i": "%M", "s": "%S", "A": "%p", "P": "%-I:%M %p", "N": "%b",
}  # fmt: skip


class Converted(NamedTuple):
    """`notes` are what could not be carried over as it was, in words."""

    text: str
    notes: tuple[str, ...]


def to_liquid(text: str) -> Converted:
    notes: list[str] = []
    text = _COMMENT.sub(lambda found: f"{{% comment %}}{found[0][2:-2]}{{% endcomment %}}", text)
    text = _TAG.sub(lambda found: _tag(found[1], found[2].strip(), notes), text)
    text = _OUTPUT.sub(lambda found: f"{{{{ {_expression(found[1].strip(), notes)} }}}}", text)
    return Converted(text, tuple(dict.fromkeys(notes)))


def _expression(said: str, notes: list[str]) -> str:
    lookup = _LOOKUP.match(said)
    if lookup:
        said = f"{_subscript(lookup[1], lookup[2])}{lookup[3]}"
    first, *filters = [part.strip() for part in _PIPE.split(said)]
    made = [_filter(one, notes) for one in filters]
    return " | ".join([_name(first), *(one for one in made if one)])


def _subscript(name: str, key: str) -> str:
    """`event|lookup:'Item Name'` is `event["Item Name"]`, and `person|lookup:'Size'` a trait."""
    root = "trait" if name == "person" else name
    return f"{root}.{key}" if key.isidentifier() else f'{root}["{key}"]'


def _name(said: str) -> str:
    if not said or said[0] in "'\"" or said.replace(".", "").isdigit():
        return said.replace("'", '"') if said.startswith("'") and '"' not in said else said
    for theirs, ours in NAMES.items():
        if said == theirs or said.startswith(f"{theirs}."):
            return _numbered(ours + said.removeprefix(theirs))
    return _numbered(f"trait.{said.removeprefix('person.')}" if said.startswith("person.") else said)


def _numbered(path: str) -> str:
    """`items.0.title` is `items[0].title`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", path)


def _filter(said: str, notes: list[str]) -> str:
    name, _, argument = (part.strip() for part in said.partition(":"))
    if name not in _FILTERS:
        notes.append(f"The filter “{name}” has no counterpart here and was left out; look at where it stood.")
        return ""
    if name == "date" and argument:
        argument = _date_form(argument)
    if name in {"floatformat"} and argument in {"''", '""', ""}:
        argument = ""
    ours = _FILTERS[name]
    return f"{ours}: {_argument(argument)}" if argument and ours else ours


def _argument(said: str) -> str:
    return said if said[0] in "'\"" or said.replace(".", "").lstrip("-").isdigit() else _name(said)


def _date_form(argument: str) -> str:
    return '"' + "".join(_DATE_LETTERS.get(letter, letter) for letter in argument.strip("'\"")) + '"'


def _tag(name: str, rest: str, notes: list[str]) -> str:
    if name in {"if", "elif", "elsif"}:
        return _if("elsif" if name != "if" else "if", rest, notes)
    if name == "for":
        return _for(rest, notes)
    if name == "with":
        return _with(rest, notes)
    if name in _PLAIN_TAGS:
        return _PLAIN_TAGS[name]
    return _own_tag(name, rest, notes)


_PLAIN_TAGS = {
    "else": "{% else %}",
    "endif": "{% endif %}",
    "endfor": "{% endfor %}",
    "endwith": "",
    "endautoescape": "",
    "autoescape": "",
    "endcomment": "{% endcomment %}",
    "comment": "{% comment %}",
    "endunless": "{% endunless %}",
}


def _if(tag: str, rest: str, notes: list[str]) -> str:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    words = re.split(r"(\s+and\s+|\s+or\s+|==|!=|>=|<=|>|<|\s+in\s+)", _STRINGS.sub(keep, rest))
    made = " ".join(_part_of_if(word, notes) for word in words if word.strip())
    made = _KEPT.sub(lambda found: kept[int(found[1])], made)
    return f"{{% {tag} {made} %}}"


def _part_of_if(word: str, notes: list[str]) -> str:
    word = word.strip()
    if word in {"and", "or", "==", "!=", ">=", "<=", ">", "<"}:
        return word
    if word == "in":
        notes.append("“a in b” is “b contains a” in Liquid; look at the condition.")
        return "contains"
    if word.startswith("not "):
        return f"{_part_of_if(word[4:], notes)} == nil"
    if "\ue000" in word and "|" not in word:
        return word
    if "|" in word:
        notes.append("A filter in a condition was left out: Liquid has none there.")
        word = word.split("|")[0].strip()
    return _name(word)


def _for(rest: str, notes: list[str]) -> str:
    found = re.match(r"(\w+)\s+in\s+(.+)", rest, re.DOTALL)
    if not found:
        notes.append(f"The loop “for {rest}” was left as it is.")
        return f"{{% for {rest} %}}"
    source, *filters = _PIPE.split(found[2])
    cut = re.search(r"slice\s*:\s*['\"]:(\d+)", "|".join(filters))
    return f"{{% for {found[1]} in {_name(source.strip())}{f' limit: {cut[1]}' if cut else ''} %}}"


def _with(rest: str, notes: list[str]) -> str:
    found = re.match(r"(\w+)\s*=\s*(.+)", rest, re.DOTALL) or re.match(r"(?P<b>.+)\s+as\s+(?P<a>\w+)", rest, re.DOTALL)
    if not found:
        notes.append(f"“with {rest}” was left out.")
        return ""
    name, value = (found["a"], found["b"]) if "a" in found.groupdict() else (found[1], found[2])
    return f"{{% assign {name} = {_expression(value.strip(), notes)} %}}"


def _own_tag(name: str, rest: str, notes: list[str]) -> str:
    """Klaviyo's `{% unsubscribe 'words' %}`, `{% manage_preferences %}`, `{% web_view %}`, `{% current_year %}`."""
    said = rest.strip("'\" ")
    links = {
        "unsubscribe": ("links.unsubscribe", "Unsubscribe"),
        "manage_preferences": ("links.preferences", "Change what you get"),
        "web_view": ("links.view", "View in browser"),
    }
    if name in links:
        path, words = links[name]
        return f'<a href="{{{{ {path} }}}}">{said or words}</a>'
    if name in {"unsubscribe_link", "manage_preferences_link", "web_view_link"}:
        return f"{{{{ {links[name.removesuffix('_link')][0]} }}}}"
    if name in {"current_year", "today", "now"}:
        return '{{ "now" | date: "%Y" }}'
    notes.append(f"The tag “{name}” has no counterpart here and was left out; look at where it stood.")
    return ""
