"""How a shop shows recommendations."""

from urllib.parse import urlsplit

from django.conf import settings as house

from thereafter.recommendations.models import ShowSettings
from thereafter.stores.models import Store


def settings_of(store_id: int) -> ShowSettings:
    """The shop's own, or the usual ones, which are not kept."""
    return ShowSettings.objects.of(store_id).first() or ShowSettings(store_id=store_id)


def sites_of(store: Store, kept: ShowSettings) -> frozenset[str]:
    """The sites whose pages may read the widget: those named, the shop's own, and ours."""
    own = {_site(one) for one in (store.shop_url, house.PUBLIC_URL, f"https://{store.domain}" if store.domain else "")}
    return frozenset({one.rstrip("/").lower() for one in kept.sites} | own) - {""}


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
