"""Payloads as they should not be: recorded shapes with parts dropped, doubled, retyped or filled with rubbish, and
bytes cut, swapped or put in between. Seeded, so that a failure can be seen again."""

import copy
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

DEEP: Any = None
for _ in range(60):
    DEEP = [DEEP]
RUBBISH: Sequence[Any] = (
    *(None, "", " ", 0, -1, 1.5, 1e308, 10**40, -(10**25), True, False, [], {}, [None], [[]], {"a": None}, DEEP),
    *("\x00", "a\x00b", "\ud800", "\u202e", "é" * 400, "x" * 5_000, "<script>alert(1)</script>", "T", "null", "{"),
    *("0001-01-01T00:00:00", "2026-13-40", "2026-03-05T25:61:00+99:00", "99999999999999999999"),
)
SIGNS = '{}[]",:<>&;\\/\x00\x1f\ud800\u00e9\U0001f4a9 0-Z'


def mutants(text: str, how_many: int, random: Random) -> Iterator[str]:
    """So many altered editions of a payload; three of four keep to its grammar."""
    document = None if text.startswith("<") or text[:1] not in "{[" else json.loads(text)
    for at in range(how_many):
        if at % 4 == 3 or (document is None and not text.startswith("<")):
            yield spoilt(text, random)
        elif document is None:
            yield altered_xml(text, random)
        else:
            yield altered_json(document, random)


def spoilt(text: str, random: Random) -> str:
    """Cut off, or with signs lost, swapped or put in between."""
    place = random.randrange(len(text) + 1)
    end = min(len(text), place + random.choice((1, 1, 2, 10, 200)))
    return random.choice(
        (
            text[:place],
            text[:place] + text[end:],
            text[:place] + random.choice(SIGNS) + text[place:],
            text[:place] + random.choice(SIGNS) + text[end:],
            text[:place] + text[place:end] * 3 + text[end:],
        )
    )


def altered_json(document: Any, random: Random) -> str:
    whole = {"": copy.deepcopy(document)}
    for _ in range(random.choice((1, 1, 2, 5))):
        _alter(random.choice(list(_places(whole))), random)
    return json.dumps(whole[""])


Place = tuple[Any, Any]


def _places(node: Any) -> Iterator[Place]:
    """Everything in it, as the container and the key."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        if node[key] is not DEEP:
            yield from _places(node[key])


def _alter(place: Place, random: Random) -> None:
    node, key = place
    value = node[key]
    match random.randrange(6):
        case 0 if key != "":
            del node[key]
        case 1 if isinstance(node, list):
            node.insert(random.randrange(len(node) + 1), copy.deepcopy(value))
        case 2 if isinstance(value, list | dict):
            node[key] = list(value.values()) if isinstance(value, dict) else dict(enumerate(value))
        case 3 if isinstance(value, str):
            node[key] = random.choice((value[: len(value) // 2], value * 2, value.upper(), [value], {"#": value}))
        case 4:
            node[key] = random.choice((str(value), [value], {"a": value}))
        case _:
            node[key] = copy.deepcopy(random.choice(RUBBISH))


def altered_xml(text: str, random: Random) -> str:
    root = fromstring(text)
    for _ in range(random.choice((1, 1, 2, 5))):
        _alter_element(
            random.choice([(above, child) for above in root.iter() for child in above] or [(root, root)]), random
        )
    return tostring(root, encoding="unicode")


def _alter_element(place: tuple[Element, Element], random: Random) -> None:
    above, child = place
    rubbish = next(one for one in iter(lambda: random.choice(RUBBISH), object()) if isinstance(one, str))
    match random.randrange(6):
        case 0 if above is not child:
            above.remove(child)
        case 1 if above is not child:
            above.append(copy.deepcopy(child))
        case 2:
            child.clear()
        case 3:
            child.attrib.update(
                dict.fromkeys(random.sample(sorted(child.attrib), k=min(1, len(child.attrib))), rubbish)
            )
        case 4:
            child.tag = child.tag[:-1] or "x"
        case _:
            child.text = rubbish.replace("\x00", "").replace("\ud800", "")
