"""A store's own domain shows the store's pages without its name in the address."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from thereafter.stores.models import Store


class OwnDomain:
    """Turns https://help.shop.example/t/abc into /s/<slug>/t/abc; the console and the API do not live there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.get_host().split(":")[0].lower()
        slug = Store.objects.filter(domain=host).values_list("slug", flat=True).first() if "." in host else None
        if slug and not request.path_info.startswith("/static/"):
            request.path_info = f"/s/{slug}{request.path_info}"
        return self.get_response(request)
