"""The newsletter's pages for shoppers, below /s/<store>/campaigns/."""

from django.urls import path

from thereafter.campaigns.storefront import newsletter

app_name = "campaigns_storefront"
urlpatterns = [
    path("newsletter/", newsletter.sign_up, name="newsletter"),
    path("newsletter/yes/<str:token>", newsletter.confirm, name="confirm"),
    path("newsletter/embed/", newsletter.embedded, name="embedded"),
    path("newsletter/embed.js", newsletter.script, name="embed_script"),
]
