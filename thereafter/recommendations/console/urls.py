from django.urls import path

from thereafter.recommendations.console import views

app_name = "recommendations_console"

urlpatterns = [path("bought-together/", views.pairs, name="pairs")]
