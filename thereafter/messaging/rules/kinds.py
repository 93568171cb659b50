"""The kinds of blocks that a template is made of, and what can be set of each. The editor's forms come from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Options = tuple[tuple[str, str], ...]

ALIGNMENTS: Options = (("left", "Left"), ("center", "Centre"), ("right", "Right"))
BACKGROUNDS: Options = (("card", "Card"), ("tint", "Tinted"), ("page", "None"))
COLOURS: Options = (("ink", "Text"), ("muted", "Muted"), ("brand", "Brand"))
SPACES: Options = (("", "Normal"), ("none", "None"), ("small", "Small"), ("large", "Large"))


@dataclass(frozen=True)
class Setting:
    """`kind` is one of choice, toggle, number, link, colour, picture, code, products, links."""

    name: str
    label: str
    kind: str
    default: Any = ""
    options: Options = ()
    low: int = 0
    high: int = 0
    help: str = ""


@dataclass(frozen=True)
class Word:
    """A text in every language. Its key in the words is the block's id, with `.name` behind it when it has one."""

    name: str
    label: str
    rows: int = 1
    rich: bool = False
    needed: bool = True
    default: str = ""
    help: str = ""

    def key(self, block_id: str) -> str:
        return f"{block_id}.{self.name}" if self.name else block_id


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    icon: str
    group: str
    hint: str
    settings: tuple[Setting, ...] = ()
    words: tuple[Word, ...] = ()
    # Whether it may stand in a column.
    fits_column: bool = False
    # The room's block it stands for.
    room: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)


ALIGN = Setting("align", "Alignment", "choice", "left", ALIGNMENTS)
COLOUR = Setting("colour", "Colour", "colour", "ink", COLOURS, help="Dark mails get a shade of it that can be read.")
# What every block has.
COMMON = (
    Setting("background", "Background", "choice", "card", BACKGROUNDS),
    Setting("space", "Space around it", "choice", "", SPACES),
)
CONTENT, LAYOUT, SHOP, ROOMS = "Content", "Layout", "Order and shop", "From other rooms"
GROUPS = (CONTENT, LAYOUT, SHOP, ROOMS)

_KINDS = (
    Kind(
        "heading",
        "Heading",
        "tag",
        CONTENT,
        "A line that says what it is about",
        (Setting("level", "Size", "choice", "title", (("title", "Large"), ("heading", "Medium"))), ALIGN, COLOUR),
        (Word("", "Heading", default="Good news"),),
        fits_column=True,
    ),
    Kind(
        "text",
        "Text",
        "text",
        CONTENT,
        "Paragraphs, with links and lists",
        (
            Setting("style", "Style", "choice", "", (("", "Normal"), ("lead", "Large"), ("small", "Small"))),
            ALIGN,
            COLOUR,
        ),
        (Word("", "Text", rows=6, rich=True, default="Write something here."),),
        fits_column=True,
    ),
    Kind(
        "button",
        "Button",
        "arrow-right",
        CONTENT,
        "The one thing to do next",
        (
            Setting("link", "Leads to", "link", "{{ links.order }}"),
            Setting("style", "Style", "choice", "filled", (("filled", "Filled"), ("outline", "Outline"))),
            Setting("colour", "Colour", "colour", "brand", (("brand", "Brand"), ("ink", "Black"))),
            ALIGN,
            Setting("wide", "As wide as the mail", "toggle", False),
        ),
        (Word("", "Label", default="See your order"),),
        fits_column=True,
    ),
    Kind(
        "image",
        "Image",
        "image",
        CONTENT,
        "A picture, with words for those who do not see it",
        (
            Setting("src", "Picture", "picture"),
            Setting("link", "Leads to", "link"),
            Setting("width", "Width in pixels", "number", 560, low=16, high=600),
            Setting("align", "Alignment", "choice", "center", ALIGNMENTS),
            Setting("rounded", "Round corners", "toggle", False),
        ),
        (Word("alt", "Description", needed=False, help="Read out, and shown where pictures are off."),),
        fits_column=True,
    ),
    Kind(
        "social",
        "Social links",
        "people",
        CONTENT,
        "Where else you can be found",
        (Setting("links", "Links", "links", {}), Setting("align", "Alignment", "choice", "center", ALIGNMENTS)),
        fits_column=True,
    ),
    Kind(
        "html",
        "HTML or MJML",
        "code",
        CONTENT,
        "Your own code, with Liquid",
        (Setting("code", "Code", "code", "<p>Hello</p>"),),
        fits_column=True,
    ),
    Kind(
        "divider",
        "Divider",
        "minus",
        LAYOUT,
        "A thin line",
        (Setting("colour", "Colour", "colour", "line", (("line", "Grey"), ("brand", "Brand"))),),
        fits_column=True,
    ),
    Kind(
        "spacer",
        "Spacer",
        "updown",
        LAYOUT,
        "Some room",
        (Setting("height", "Height in pixels", "number", 24, low=4, high=160),),
        fits_column=True,
    ),
    Kind(
        "columns",
        "Columns",
        "columns",
        LAYOUT,
        "Two or three side by side, below each other on a phone",
        (
            Setting(
                "split",
                "Widths",
                "choice",
                "50-50",
                (("50-50", "Halves"), ("33-67", "Third and rest"), ("67-33", "Rest and third"), ("33-33-33", "Thirds")),
            ),
            Setting("stays", "Stay side by side on a phone", "toggle", False),
        ),
    ),
    Kind(
        "order",
        "Order",
        "orders",
        SHOP,
        "Items, totals and the address",
        (
            Setting("prices", "Prices and totals", "toggle", True),
            Setting("images", "Pictures of the items", "toggle", True),
            Setting("address", "Delivery address", "toggle", True),
            Setting("mailbox_card", "Card for mailboxes (schema.org)", "toggle", True),
        ),
        (Word("", "Heading", needed=False, help="“Your items” when left empty."),),
    ),
    Kind(
        "parcel",
        "Parcel",
        "parcel",
        SHOP,
        "When it comes, and its number",
        (
            Setting("expected", "Expected day", "toggle", True),
            Setting("promised", "The promised day when nothing better is known", "toggle", True),
            Setting("numbers", "Carrier and tracking number", "toggle", True),
            Setting("pickup", "Where it waits to be picked up", "toggle", False),
            Setting("mailbox_card", "Card for mailboxes (schema.org)", "toggle", True),
        ),
        (Word("", "Before the day", needed=False, help="“Expected delivery:” when left empty."),),
    ),
    Kind(
        "products",
        "Products",
        "bag",
        SHOP,
        "Products that you choose",
        (
            Setting("products", "Products", "products", []),
            Setting("shape", "Shown as", "choice", "rows", (("rows", "Rows"), ("grid", "Two side by side"))),
            Setting("prices", "Prices", "toggle", True),
        ),
        (Word("", "Heading", needed=False),),
    ),
    Kind(
        "coupon",
        "Coupon",
        "gift",
        SHOP,
        "A code in a frame; of the journey, or always the same",
        (
            Setting("code", "Always this code", "text", help="Empty: the code that the journey or campaign gave."),
            Setting("link", "Leads to", "link", "{{ store.shop_url }}"),
        ),
        (
            Word("", "Above the code", needed=False, default="Your code"),
            Word("button", "Button", needed=False, default="Use it now"),
        ),
    ),
    Kind("points", "Points", "star", ROOMS, "The balance, and what the order earned", room="points"),
    Kind("recommendations", "Recommendations", "heart", ROOMS, "Goes well with the order", room="recommendations"),
    Kind("reorder", "Order again", "bag", ROOMS, "What is about to run out, each with its link", room="reorder"),
    Kind("survey", "Question", "chat", ROOMS, "Five faces, one tap", room="satisfaction"),
    Kind("review_stars", "Review stars", "star", ROOMS, "Five stars for each item", room="review_stars"),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
ROOM = "block:"
# A text under a name, such as a code, that is the same in every language.
SIMPLE = ("text", "link")


def kind_of(name: str) -> Kind | None:
    """The kind of a block; `block:<name>` is whatever another room brings under that name."""
    if name.startswith(ROOM):
        room = name.removeprefix(ROOM)
        return Kind(name, room.replace("_", " ").capitalize(), "sparkle", ROOMS, "Filled by another room", room=room)
    return KINDS.get(name)


def settings_of(kind: Kind) -> tuple[Setting, ...]:
    return (*kind.settings, *COMMON)


def value(block: Mapping[str, Any], setting: Setting) -> Any:
    return block.get(setting.name, setting.default)


def values(block: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a block, with what is meant where nothing is said."""
    kind = kind_of(str(block["kind"]))
    return {one.name: value(block, one) for one in settings_of(kind)} if kind else {}
