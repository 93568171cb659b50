"""Shoppers' pages of the programme, below /s/<store>/: members' under rewards/, invitations of friends under r/."""

from django.urls import path

from thereafter.loyalty.storefront import cards, following, invitations, joining, qr, seats, taking, views, widgets

app_name = "loyalty_storefront"
urlpatterns = [
    path("rewards/", views.home, name="home"),
    path("rewards/history/", views.history, name="history"),
    path("rewards/tiers/", views.tiers, name="tiers"),
    path("rewards/birthday/", views.birthday, name="birthday"),
    path("rewards/follow/<slug:network>/", following.follow, name="follow"),
    path("rewards/join/", joining.join, name="join"),
    path("rewards/join/<str:token>", joining.confirm, name="join_confirm"),
    path("rewards/leave/", joining.leave, name="leave"),
    path("rewards/take/<slug:key>/", taking.take, name="take"),
    path("rewards/mine/", taking.mine, name="mine"),
    path("rewards/mine/<int:redemption_id>/", taking.redemption, name="redemption"),
    path("rewards/mine/<int:redemption_id>/seat.ics", seats.mine, name="seat"),
    path("rewards/seat/<str:token>.ics", seats.by_link, name="seat_by_link"),
    path("rewards/card/", cards.card, name="card"),
    path("rewards/card/code.svg", cards.card_qr, name="card_qr"),
    path("rewards/card/apple.pkpass", cards.apple, name="apple"),
    path("rewards/card/google/", cards.google, name="google"),
    path("rewards/q/<str:token>", qr.collect, name="collect"),
    path("rewards/widget/", widgets.widget, name="widget"),
    path("rewards/widget.js", widgets.script, name="widget_script"),
    path("rewards/programme.json", widgets.programme, name="programme"),
    path("rewards/invite/", invitations.invite, name="invite"),
    path("rewards/invite/code.svg", invitations.invite_qr, name="invite_qr"),
    path("r/", invitations.enter, name="enter_code"),
    path("r/<str:code>", invitations.friend, name="friend"),
    path("r/welcome/<str:token>", invitations.friend_welcome, name="friend_welcome"),
]
