"""Shoppers' pages of deliveries, below /s/<store>/tracking/. With an order's token, a follower's, or none."""

from django.urls import path

from thereafter.tracking.storefront import calendar, embed, following, numbers, proof, reports, wallet

app_name = "tracking_storefront"
urlpatterns = [
    path("o/<str:token>/follow/", following.subscribe, name="subscribe"),
    path("o/<str:token>/report/", reports.report, name="report"),
    path("o/<str:token>/delivery.ics", calendar.calendar, name="calendar"),
    path("o/<str:token>/delivery.pkpass", wallet.wallet, name="wallet"),
    path("o/<str:token>/proof/", proof.proof, name="proof"),
    path("number/", numbers.number, name="number"),
    path("yes/<str:token>", following.confirm, name="confirm"),
    path("f/<str:token>", following.follow, name="follow"),
    path("f/<str:token>/end/", following.end, name="end"),
    path("worker.js", following.worker, name="worker"),
    path("embed.js", embed.script, name="embed_script"),
    path("embed/look-up/", embed.look_up, name="embed_look_up"),
    path("embed/o/<str:token>", embed.order, name="embed_order"),
]
