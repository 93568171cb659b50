"""What the overview shows of invitations."""

from django.urls import reverse

from thereafter.console.tiles import Period, Tile, tile
from thereafter.loyalty.queries import referrals as queries
from thereafter.stores.models import Store


@tile(place=47)
def invitations_to_look_at(store: Store, period: Period) -> Tile | None:
    """Only while somebody is needed, whatever the period."""
    count = queries.to_look_at(store).count()
    if not count:
        return None
    address = f"{reverse('loyalty_console:referrals', args=[store.slug])}?show=look"
    return Tile("Invitations to look at", str(count), url=address)
