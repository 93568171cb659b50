"""The menu of insight and readiness, and what the overview shows of the two."""

from django.urls import reverse

from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.console.tiles import Period, Tile, tile
from thereafter.returns.models import RateJump
from thereafter.stores.models import Store


def unseen_jumps(store: Store) -> int:
    return int(RateJump.objects.of(store).filter(seen_at=None).count())


nav_item(
    "Insight",
    url_name="returns_console:insight",
    icon="chart",
    verb="returns.read",
    group="Returns",
    place=50,
    count=kept("rate_jumps", unseen_jumps),
)
nav_item(
    "Readiness", url_name="returns_console:readiness", icon="check", verb="returns.read", group="Returns", place=55
)


@tile(place=47)
def jumped(store: Store, period: Period) -> Tile | None:
    """Only when something did, until a person has seen it."""
    rows = RateJump.objects.of(store).filter(seen_at=None).select_related("product").order_by("-found_at", "p_value")
    newest = rows.first()
    if newest is None:
        return None
    return Tile(
        "Come back more than before",
        str(unseen_jumps(store)),
        hint=newest.product.title,
        good=False,
        url=reverse("returns_console:insight", args=[store.slug]),
    )
