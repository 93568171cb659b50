from django.urls import path

from thereafter.insights.console import views

app_name = "insights_console"

urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/late/", views.late, name="late"),
    path("overview/unhappy/", views.unhappy, name="unhappy"),
]
