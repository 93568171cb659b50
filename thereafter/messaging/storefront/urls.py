from django.urls import path

from thereafter.messaging.storefront import views

app_name = "messaging_storefront"
urlpatterns = [
    path("m/<str:token>", views.message, name="message"),
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
]
