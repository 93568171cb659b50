from django.urls import path

from thereafter.journeys.console import views

app_name = "journeys_console"
urlpatterns = [
    path("journeys/", views.journeys, name="journeys"),
    path("journeys/<slug:key>/", views.journey, name="journey"),
    path("journeys/<slug:key>/turn/", views.turn, name="turn"),
]
