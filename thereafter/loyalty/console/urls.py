from django.urls import path

from thereafter.loyalty.console import views

app_name = "loyalty_console"

urlpatterns = [
    path("points/", views.members, name="members"),
    path("points/<int:customer_id>/adjust/", views.adjust, name="adjust"),
]
