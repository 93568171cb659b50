"""What opens without signing in: pages behind a shared link, and leaving the weekly summary."""

from django.urls import path

from thereafter.insights.console import leaving, shared

app_name = "insights_shared"

urlpatterns = [
    path("figures/<str:token>/", shared.page, name="page"),
    path("summary/<str:token>/", leaving.leave, name="leave"),
]
