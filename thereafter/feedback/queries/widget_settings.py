"""Where a shop's widgets may stand and how they look."""

from urllib.parse import urlsplit

from django.conf import settings as house

from thereafter.feedback.models import WidgetSettings
from thereafter.stores.models import Store


def settings_of(store: Store) -> WidgetSettings:
    """The shop's own, or the usual ones, which are not kept."""
    return WidgetSettings.objects.of(store).first() or WidgetSettings(store_id=store.pk)


def sites_of(store: Store, kept: WidgetSettings) -> frozenset[str]:
    """The sites whose pages may read widgets: those named, the shop's own, and ours."""
    own = {_site(one) for one in (store.shop_url, house.PUBLIC_URL, f"https://{store.domain}" if store.domain else "")}
    return frozenset({one.rstrip("/").lower() for one in kept.sites} | own) - {""}


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
