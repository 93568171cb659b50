"""Blocks as MJML. Words, brand and facts stay what they are in sources: `{{ t.… }}`, `{{ brand.… }}`, Liquid."""

import re
from collections.abc import Callable, Collection, Sequence
from itertools import groupby

from thereafter.kit.colours import readable
from thereafter.messaging.drawing import content, shop
from thereafter.messaging.drawing.pieces import Block, Drawn, Words, colour_class
from thereafter.messaging.looks import DARK_CARD
from thereafter.messaging.rules import kinds
from thereafter.messaging.rules.kinds import KINDS

_SPLITS = {"50-50": ("50%", "50%"), "33-67": ("33%", "67%"), "67-33": ("67%", "33%"), "33-33-33": ("33.3%",) * 3}
_NOTHING = '<mj-spacer height="1px" css-class="html-only" />'


def draw(blocks: Sequence[Block], words: Words, *, marked: bool = False) -> str:
    """The sections of a mail. `marked` puts the block's id on what it drew, for the editor to know it by."""
    drawn = [_drawn(block, words, marked) for block in blocks]
    parts = []
    for (background, whole), group in groupby(drawn, key=lambda one: (one.background, one.whole)):
        inner = "\n".join(one.mjml for one in group)
        parts.append(inner if whole else _section(background, f"<mj-column>{inner}</mj-column>"))
    return "\n".join([*parts, *(one.card for one in drawn if one.card)])


def as_source(blocks: Sequence[Block], said: Collection[str]) -> str:
    """The same as MJML that can be changed by hand. Texts that were written (`said` are their keys) stay words, so
    that it speaks every language."""
    inner = [one for block in blocks for column in block.get("columns", ()) for one in column]
    named: dict[str, str] = {}
    for block in [*blocks, *inner]:
        kind = kinds.kind_of(str(block["kind"]))
        for word in kind.words if kind else ():
            key = word.key(str(block["id"]))
            if key in said:
                named[key] = f"{{{{ t.{key} | rich }}}}" if word.rich else f"{{{{ t.{key} }}}}"
    return _indented(draw(blocks, named))


_BREAKS = re.compile(r"\s*(</?(?:mj-[a-z]+|tbody|tr)\b[^>]*>)\s*")
_OPENING = ("<mj-", "<tbody", "<tr")
_INLINE = ("<mj-text", "<mj-button", "<mj-raw")


def _indented(source: str) -> str:
    """A line for each tag; texts and buttons with what they say on one."""
    lines: list[str] = []
    depth, is_inline = 0, False
    for piece in (piece.strip() for piece in _BREAKS.split(source) if piece.strip()):
        closes = piece.startswith("</")
        depth -= closes
        if is_inline:
            lines[-1] += piece
        else:
            lines.append("  " * depth + piece)
        opens = not closes and piece.startswith(_OPENING) and not piece.endswith("/>")
        is_inline = (is_inline and not closes) or (opens and piece.startswith(_INLINE))
        depth += opens
    return "\n".join(lines) + "\n"


def dark_styles(blocks: Sequence[Block]) -> str:
    """The style rules that keep chosen colours readable in the dark."""
    chosen = {str(one) for block in blocks for one in (block.get("colour"),) if one and str(one).startswith("#")}
    shades = {colour_class(one): readable(one, DARK_CARD, "#ffffff") for one in sorted(chosen)}
    return "\n".join(f".{name} div, .{name} p {{ color: {shade} !important; }}" for name, shade in shades.items())


def _drawn(block: Block, words: Words, marked: bool) -> Drawn:
    kind = kinds.kind_of(str(block["kind"]))
    if kind is None:
        return Drawn("")
    given = kinds.values(block) | {"id": block["id"], "columns": block.get("columns") or [], "marked": marked}
    in_place = Drawn(f"<!-- block: {kind.room} -->", whole=True) if kind.room else None
    one = in_place or _DRAWERS[kind.name](given, words)
    made = _marked(one.mjml, str(block["id"]), kind.room) if marked else one.mjml
    return Drawn(_on_condition(made, block), str(given["background"]), one.whole, _on_condition(one.card, block))


def _on_condition(made: str, block: Block) -> str:
    condition = str(block.get("show_if") or "").strip()
    return f"{{% if {condition} %}}{made}{{% endif %}}" if made and condition else made


def _marked(mjml: str, block_id: str, room: str) -> str:
    if room:
        return mjml.replace("-->", f"as {block_id} -->")
    # The blocks in columns carry marks of their own.
    times = 1 if mjml.startswith("<mj-section") else -1
    return mjml.replace(' css-class="', f' css-class="block-{block_id} ', times)


def _section(background: str, inner: str) -> str:
    look = {
        "card": 'css-class="card"',
        "tint": 'css-class="card tint" background-color="{{ brand.tint }}"',
        "page": 'css-class="outer" background-color="{{ brand.page }}"',
    }
    return f"<mj-section {look.get(background, look['card'])}>{inner}</mj-section>"


def _columns(given: Block, words: Words) -> Drawn:
    widths = _SPLITS[str(given["split"])]
    columns = [*given["columns"], *([[]] * len(widths))][: len(widths)]
    drawn = "".join(
        f'<mj-column width="{width}">{_inner(column, words, given["marked"]) or _NOTHING}</mj-column>'
        for width, column in zip(widths, columns, strict=True)
    )
    inner = f"<mj-group>{drawn}</mj-group>" if given["stays"] else drawn
    return Drawn(_section(str(given["background"]), inner), whole=True)


def _inner(column: Sequence[Block], words: Words, marked: bool) -> str:
    return "".join(_drawn(block, words, marked).mjml for block in column)


_DRAWERS: dict[str, Callable[[Block, Words], Drawn]] = {
    "heading": content.heading,
    "text": content.text,
    "button": content.button,
    "image": content.image,
    "social": content.social,
    "html": content.code,
    "divider": content.divider,
    "spacer": content.spacer,
    "columns": _columns,
    "order": shop.order,
    "parcel": shop.parcel,
    "products": shop.products,
    "coupon": shop.coupon,
}
assert set(_DRAWERS) == {kind.name for kind in KINDS.values() if not kind.room}  # noqa: S101 a kind without a drawing
