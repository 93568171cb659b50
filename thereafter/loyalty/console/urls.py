from django.urls import include, path

from thereafter.loyalty.console import codes, programme, programme_backfill, programme_edit, rewards, rewards_handing, till, views

app_name = "loyalty_console"

urlpatterns = [
    path("", programme.programme, name="programme"),
    path("start/", programme.start, name="programme_start"),
    path("publish/", programme.publish, name="programme_publish"),
    path("preview/", programme.preview, name="programme_preview"),
    path("discard/", programme.discard, name="programme_discard"),
    path("versions/", programme.versions, name="programme_versions"),
    path("versions/restore/", programme.restore, name="programme_restore"),
    path("edit/", programme_edit.edit, name="programme_edit"),
    path("edit/rule/", programme_edit.rule, name="programme_rule"),
    path("edit/way/", programme_edit.way, name="programme_way"),
    path("edit/tier/", programme_edit.tier, name="programme_tier"),
    path("edit/change/", programme_edit.change, name="programme_change"),
    path("past-orders/", programme_backfill.backfill, name="programme_backfill"),
    path("points/", views.members, name="members"),
    path("points/<int:customer_id>/adjust/", views.adjust, name="adjust"),
    path("rewards/", rewards.index, name="rewards"),
    path("rewards/new/", rewards.new, name="new_reward"),
    path("rewards/begin/", rewards.starters, name="starter_rewards"),
    path("rewards/preview/", rewards.preview, name="reward_preview"),
    path("rewards/<int:reward_id>/", rewards.reward, name="reward"),
    path("rewards/<int:reward_id>/edit/", rewards.edit, name="edit_reward"),
    path("rewards/<int:reward_id>/move/", rewards.move, name="move_reward"),
    path("rewards/<int:reward_id>/archive/", rewards.archive, name="archive_reward"),
    path("rewards/<int:reward_id>/guests.csv", rewards_handing.guests, name="guests"),
    path("rewards/hand-over/", rewards_handing.index, name="hand_over"),
    path("rewards/hand-over/done/", rewards_handing.handed, name="handed"),
    path("rewards/hand-over/addresses.csv", rewards_handing.addresses, name="gift_addresses"),
    path("rewards/taken/<int:redemption_id>/", rewards_handing.redemption, name="redemption"),
    path("rewards/taken/<int:redemption_id>/cancel/", rewards_handing.cancel, name="cancel_redemption"),
    path("rewards/taken/<int:redemption_id>/again/", rewards_handing.again, name="redemption_again"),
    path("rewards/taken/<int:redemption_id>/address/", rewards_handing.address, name="redemption_address"),
    path("rewards/taken/<int:redemption_id>/sent/", rewards_handing.sent, name="redemption_sent"),
]
urlpatterns += [
    path("codes/", codes.codes, name="codes"),
    path("codes/new/", codes.new, name="new_code"),
    path("codes/<int:earning_code_id>/", codes.code, name="code"),
    path("codes/<int:earning_code_id>/close/", codes.close, name="close_code"),
    path("codes/<int:earning_code_id>/poster/", codes.poster, name="code_poster"),
    path("codes/<int:earning_code_id>/code.svg", codes.picture, name="code_picture"),
]
# All of it in one folder: so the menu knows that one is in it.
urlpatterns = [path("loyalty/", include(urlpatterns))]
# The till is another place, for other people.
urlpatterns += [
    path("till/", till.home, name="till"),
    path("till/join/", till.join, name="till_join"),
    path("till/<int:member_id>/", till.member, name="till_member"),
    path("till/<int:member_id>/pay/", till.pay, name="till_pay"),
    path("till/<int:member_id>/take/", till.take, name="till_take"),
    path("till/<int:member_id>/receipt/", till.earn, name="till_earn"),
    path("till/<int:member_id>/visit/", till.visit, name="till_visit"),
    path("till/<int:member_id>/undo/", till.undo, name="till_undo"),
]
