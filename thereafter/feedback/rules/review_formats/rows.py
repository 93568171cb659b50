"""A review as any app tells it, and what became of the row of a file that told it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

# From the freest to the strictest: where two columns of a row differ, the stricter one holds.
STATES = ("published", "pending", "hidden", "spam")


@dataclass(frozen=True, kw_only=True)
class ReviewRow:
    """What a file says of a review. None and "": it does not say.

    `is_told_verified` is what the other app claims. It is kept to be written back, and never makes a review verified.
    """

    rating: int
    written_at: datetime
    external_id: str = ""
    title: str = ""
    body: str = ""
    author: str = ""
    # The name that the author chose to be shown under, where the app asks for one.
    nickname: str = ""
    email: str = ""
    product_id: str = ""
    product_handle: str = ""
    sku: str = ""
    barcode: str = ""
    product_title: str = ""
    product_url: str = ""
    product_image_url: str = ""
    variant_id: str = ""
    variant: str = ""
    reply: str = ""
    replied_at: datetime | None = None
    is_reply_public: bool | None = None
    photo_urls: tuple[str, ...] = ()
    hidden_photo_urls: tuple[str, ...] = ()
    video_urls: tuple[str, ...] = ()
    # One of STATES.
    state: str = ""
    is_told_verified: bool | None = None
    is_incentivised: bool | None = None
    is_recommended: bool | None = None
    is_featured: bool | None = None
    country: str = ""
    location: str = ""
    language: str = ""
    # By which way the other app got it: "web", "email", ...
    source: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    # Columns that have no meaning here, by name.
    rest: Mapping[str, str] = field(default_factory=dict)

    @property
    def product(self) -> str:
        """What names the product best; "" when nothing does."""
        return self.product_id or self.product_handle or self.sku or self.barcode or self.product_title


@dataclass(frozen=True)
class Taken:
    """A row that was read. `notes` say what of it was not."""

    line: int
    cells: Mapping[str, str]
    row: ReviewRow
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A row that is not taken. `is_left_out`: nothing is wrong with it, there is only nothing to bring."""

    line: int
    cells: Mapping[str, str]
    reason: str
    is_left_out: bool = False


@dataclass(frozen=True)
class Plan:
    """How cells are read: mere days in which zone, 3/4/2026 in which order ("dmy", "mdy" or ""), and until when."""

    zone: ZoneInfo
    now: datetime
    date_order: str = ""


@dataclass(frozen=True)
class Kind:
    """How cells of a column are read and written. `read` may raise `BadCell`, and notes what it leaves out."""

    read: Callable[[str, Plan, list[str]], Any]
    write: Callable[[Any, Plan], str]


@dataclass(frozen=True)
class Column:
    """A column of a format. `field` is one of `ReviewRow`, "" for what has no meaning here.

    `also`: other names under which it comes. `is_written`: stands in files that we write for the app.
    """

    name: str
    field: str
    kind: Kind
    also: tuple[str, ...] = ()
    is_written: bool = True


@dataclass(frozen=True)
class Format:
    """A table of an app. `source` is the label that its reviews keep here.

    `needs`: columns without which it is not this format. `day_first`: its help says 31/12/2026. `is_ours`: cells that
    a spreadsheet would take for a formula are marked, and the mark is taken off again.
    """

    key: str
    name: str
    source: str
    columns: tuple[Column, ...]
    needs: tuple[str, ...]
    day_first: bool = False
    is_ours: bool = False

    @property
    def has_state(self) -> bool:
        """Whether it can say that a review is not to be shown."""
        return any(column.field == "state" and column.is_written for column in self.columns)
