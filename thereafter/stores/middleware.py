"""A store's own domain shows the store's pages without its name in the address."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from thereafter.stores.models import Store

KNOWN_FOR_SECONDS = 30


class OwnDomain:
    """Turns https://help.shop.example/account/ into /s/<slug>/account/; the console and the API do not live there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._ours = urlsplit(settings.PUBLIC_URL).hostname

    def __call__(self, request: HttpRequest) -> HttpResponse:
        slug = self._slug_at(request.get_host().rsplit(":", 1)[0].lower())
        if slug and not request.path_info.startswith(("/static/", f"/s/{slug}/")):
            request.path_info = f"/s/{slug}{request.path_info}"
        return self.get_response(request)

    def _slug_at(self, host: str) -> str:
        if host == self._ours or "." not in host or _is_number(host):
            return ""
        return str(cache.get_or_set(f"domain:{host}", lambda: _slug_of(host), KNOWN_FOR_SECONDS))


def _slug_of(host: str) -> str:
    return Store.objects.filter(domain=host).values_list("slug", flat=True).first() or ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
