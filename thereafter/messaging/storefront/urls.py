from django.urls import path

from thereafter.messaging.storefront import notifications, pictures, preferences, reading, views

app_name = "messaging_storefront"
urlpatterns = [
    path("m/<str:token>", views.message, name="message"),
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    path("c/<str:token>", reading.click, name="click"),
    path("o/<str:token>.gif", reading.open_picture, name="open_picture"),
    path("account/notifications", notifications.notifications, name="notifications"),
    path("account/worker.js", notifications.worker, name="worker"),
    path("preferences/<str:token>", preferences.preferences, name="preferences"),
    path("confirm/<str:token>", preferences.confirm, name="confirm"),
    path("account/messages", preferences.account, name="account_messages"),
]
