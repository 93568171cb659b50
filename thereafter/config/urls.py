"""Where every page lives. Shoppers' pages stand under /s/<store>/, merchants' under /console/<store>/."""

from django.urls import include, path
from django.views.generic import RedirectView

from thereafter.config.api import api

# Rooms with pages for merchants; each brings its own paths below the store's.
CONSOLE = (
    "commerce",
    "messaging",
    "journeys",
    "tracking",
    "feedback",
    "loyalty",
    "recommendations",
    "insights",
    "campaigns",
    "returns",
)
# Rooms with pages of their own for shoppers, beside the order page and the account they all share.
STOREFRONT = ("messaging", "feedback", "tracking", "campaigns", "returns", "recommendations")

urlpatterns = [
    path("api/v1/", api.urls),
    path("api/", RedirectView.as_view(pattern_name="api:openapi-view")),
    *[path(f"s/<slug:store_slug>/{room}/", include(f"thereafter.{room}.storefront.urls")) for room in STOREFRONT],
    # Members are told "/rewards/" and "/r/CODE" on paper and on the phone, so these stand without the room's name.
    path("s/<slug:store_slug>/", include("thereafter.loyalty.storefront.urls")),
    path("s/<slug:store_slug>/", include("thereafter.storefront.urls")),
    *[path("console/<slug:store_slug>/", include(f"thereafter.{room}.console.urls")) for room in CONSOLE],
    path("console/", include("thereafter.console.urls")),
    path("shared/", include("thereafter.insights.console.shared_urls")),
    path("", include("thereafter.demo.urls")),
]

handler400 = "thereafter.config.errors.refused"
handler403 = "thereafter.config.errors.forbidden"
handler404 = "thereafter.config.errors.not_found"
handler500 = "thereafter.config.errors.broken"
