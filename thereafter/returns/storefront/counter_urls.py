"""Pages of partners' counters, below /s/<store>/returns/."""

from django.urls import path

from thereafter.returns.storefront import counter

urlpatterns = [
    path("counter/<str:token>/", counter.counter, name="counter"),
    path("counter/<str:token>/scans", counter.scans, name="counter_scans"),
    path("counter/<str:token>/manifest.webmanifest", counter.manifest, name="counter_manifest"),
    path("counter/<str:token>/icon.svg", counter.icon, name="counter_icon"),
    path("counter/<str:token>/worker.js", counter.worker, name="counter_worker"),
]
