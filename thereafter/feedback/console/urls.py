from django.urls import path

from thereafter.feedback.console import views

app_name = "feedback_console"

urlpatterns = [path("satisfaction/", views.results, name="results")]
