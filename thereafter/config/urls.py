"""Where every page lives. Shoppers' pages stand under /s/<store>/, merchants' under /console/<store>/."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

ROOMS = ["commerce", "messaging", "journeys", "tracking", "feedback", "loyalty", "recommendations", "insights"]


def _has(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = []
if _has("thereafter.config.api"):
    from thereafter.config.api import api

    urlpatterns += [path("api/v1/", api.urls)]
for room in ROOMS:
    if _has(f"thereafter.{room}.storefront.urls"):
        urlpatterns.append(path(f"s/<slug:store_slug>/{room}/", include(f"thereafter.{room}.storefront.urls")))
    if _has(f"thereafter.{room}.console.urls"):
        urlpatterns.append(path("console/<slug:store_slug>/", include(f"thereafter.{room}.console.urls")))
if _has("thereafter.storefront.urls"):
    urlpatterns.append(path("s/<slug:store_slug>/", include("thereafter.storefront.urls")))
if _has("thereafter.console.urls"):
    urlpatterns.append(path("console/", include("thereafter.console.urls")))
if _has("thereafter.demo.urls"):
    urlpatterns.append(path("", include("thereafter.demo.urls")))
