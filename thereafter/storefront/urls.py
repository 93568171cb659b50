"""Shoppers' pages of a store, below /s/<store>/."""

from django.urls import path

from thereafter.storefront import views

app_name = "storefront"
urlpatterns = [
    path("", views.start, name="start"),
    path("o/<str:token>", views.order, name="order"),
    path("look-up/", views.look_up, name="look_up"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("account/", views.account, name="account"),
    path("account/link/<str:token>", views.account_link, name="account_link"),
    path("account/sign-out/", views.sign_out, name="sign_out"),
]
