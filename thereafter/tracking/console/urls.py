"""Merchants' pages of parcels, below /console/<store>/."""

from django.urls import path

from thereafter.tracking.console import views

app_name = "tracking_console"
urlpatterns = [
    path("parcels/", views.parcels, name="parcels"),
    path("parcels/<int:parcel_id>/", views.parcel, name="parcel"),
]
