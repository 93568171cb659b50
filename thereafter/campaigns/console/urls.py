from django.urls import URLPattern

app_name = "campaigns_console"
urlpatterns: list[URLPattern] = []
