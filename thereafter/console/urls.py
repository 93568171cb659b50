from django.urls import include, path

from thereafter.console.views import account, attention, audit, connections, entry, keys, people, settings

app_name = "console"

shop = [
    path("", entry.home, name="home"),
    path("attention/", attention.refused, name="attention"),
    path("attention/replay/", attention.replay_all, name="replay_all"),
    path("attention/call/<int:call_id>/", attention.call, name="call"),
    path("attention/call/<int:call_id>/put-aside/", attention.put_aside, name="put_aside"),
    path("attention/events/", attention.failed, name="failed"),
    path("attention/events/replay/", attention.replay_events, name="replay_events"),
    path("attention/events/<int:delivery_id>/replay/", attention.replay_event, name="replay_event"),
    path("attention/events/<int:delivery_id>/put-aside/", attention.put_event_aside, name="put_event_aside"),
    path("attention/waiting/", attention.kept, name="kept"),
    path("settings/", settings.shop, name="settings"),
    path("settings/brand/", settings.brand, name="brand"),
    path("settings/brand/preview/", settings.brand_preview, name="brand_preview"),
    path("settings/connections/", connections.index, name="connections"),
    path("settings/connections/<slug:source>/", connections.connection, name="connection"),
    path("settings/people/", people.index, name="people"),
    path("settings/people/<int:membership_id>/role/", people.change_role, name="change_role"),
    path("settings/people/<int:membership_id>/remove/", people.remove, name="remove_person"),
    path("settings/keys/", keys.index, name="keys"),
    path("settings/keys/<int:key_id>/revoke/", keys.revoke, name="revoke_key"),
    path("settings/audit/", audit.index, name="audit"),
]

urlpatterns = [
    path("", entry.choose, name="choose"),
    path("sign-in/", entry.sign_in, name="sign_in"),
    path("sign-in/code/", entry.second_factor, name="second_factor"),
    path("sign-out/", entry.sign_out, name="sign_out"),
    path("welcome/<str:token>/", entry.welcome, name="welcome"),
    path("profile/", account.profile, name="profile"),
    path("security/", account.security, name="security"),
    path("security/turn-on/", account.turn_on, name="turn_on"),
    path("security/turn-off/", account.turn_off, name="turn_off"),
    path("<slug:store_slug>/", include(shop)),
]
