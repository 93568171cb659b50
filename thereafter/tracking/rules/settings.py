"""What a merchant may set for tracking, with what holds until they do. Read by `queries.settings_of(store)`.

Days of the week are 0 (Monday) to 6. Hours of stalls are counted on working days only, 24 to a day.
"""

from datetime import date
from typing import Annotated

import msgspec

Weekday = Annotated[int, msgspec.Meta(ge=0, le=6)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Hours = Annotated[int, msgspec.Meta(ge=12, le=1_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=90)]
MONDAY_TO_FRIDAY: tuple[Weekday, ...] = (0, 1, 2, 3, 4)
MONDAY_TO_SATURDAY: tuple[Weekday, ...] = (0, 1, 2, 3, 4, 5)


class Warehouse(msgspec.Struct, kw_only=True, frozen=True):
    """When orders are packed. Empty `time_zone` and `country` are the store's."""

    time_zone: str = ""
    country: str = ""
    # A part of the country with holidays of its own, as ISO 3166-2 names it ("BY").
    subdivision: str = ""
    weekdays: tuple[Weekday, ...] = MONDAY_TO_FRIDAY
    keeps_holidays: bool = True
    closed: tuple[date, ...] = ()
    # Orders until then are packed as if placed that day, "HH:MM" on the warehouse's clock.
    cut_off: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "14:00"
    # Working days from the cut-off to the hand-over, until deliveries have taught us better.
    processing_days: tuple[Days, Days] = (0, 1)


class Carrier(msgspec.Struct, kw_only=True, frozen=True):
    """When a carrier picks up and delivers, and how many working days it says that it takes (None: not known)."""

    pickup_weekdays: tuple[Weekday, ...] = MONDAY_TO_FRIDAY
    delivery_weekdays: tuple[Weekday, ...] = MONDAY_TO_SATURDAY
    keeps_holidays: bool = True
    transit_days: tuple[Days, Days] | None = None


class Dates(msgspec.Struct, kw_only=True, frozen=True):
    """How dates are promised. A promise is meant to hold for `on_time` of parcels; a range is to hold `coverage`."""

    on_time: Share = 0.95
    coverage: Share = 0.8
    # auto (by back-test), lane, or lightgbm.
    model: str = "auto"
    # Whether a carrier's own estimate is used: auto (where it was the better one), always, never.
    carrier: str = "auto"
    show_before_purchase: bool = True


class Alerts(msgspec.Struct, kw_only=True, frozen=True):
    """From which chance of being late the page says "might be late", and from which we tell shopper and staff."""

    might_be_late: Share = 0.4
    tell: Share = 0.7
    fulfilment_hours: Hours = 72
    pre_transit_hours: Hours = 48
    transit_hours: Hours = 96


class Slot(msgspec.Struct, kw_only=True, frozen=True):
    """A piece of the merchant's own on the order's page."""

    title: Annotated[str, msgspec.Meta(max_length=80)]
    text: Annotated[str, msgspec.Meta(max_length=400)] = ""
    url: Annotated[str, msgspec.Meta(max_length=500)] = ""
    label: Annotated[str, msgspec.Meta(max_length=40)] = ""
    image_url: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Page(msgspec.Struct, kw_only=True, frozen=True):
    slots: tuple[Slot, ...] = ()
    subscribe: bool = True
    # Shops that may show our widgets, as origins such as https://shop.example.
    embed_origins: tuple[str, ...] = ()
    # Where the shop takes returns, claims and chats until its own rooms do; "" when nowhere.
    returns_url: str = ""
    chat_url: str = ""


class Settings(msgspec.Struct, kw_only=True, frozen=True):
    warehouse: Warehouse = Warehouse()
    # By carrier key; what is not named has a `Carrier()`.
    carriers: dict[str, Carrier] = {}
    dates: Dates = Dates()
    alerts: Alerts = Alerts()
    page: Page = Page()
    # Carriers that the shop uses, for telling whose a number is.
    uses: tuple[str, ...] = ()
    # What happened longer ago than this when we hear of it is history: kept, shown, and told to nobody.
    notify_within_hours: Hours = 72
    # Polling ends after so many days without news.
    expire_after_days: Annotated[int, msgspec.Meta(ge=5, le=180)] = 30
    number_of_scans_shown: int = 3


def carrier(settings: Settings, key: str) -> Carrier:
    return settings.carriers.get(key) or Carrier()
