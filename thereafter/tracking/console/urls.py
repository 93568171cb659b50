"""Merchants' pages of parcels, below /console/<store>/."""

from django.urls import path

from thereafter.tracking.console import (
    accuracy,
    asking,
    carriers,
    claims,
    codes,
    imports,
    scorecard,
    settings,
    sharing,
    views,
    watch,
)

app_name = "tracking_console"
urlpatterns = [
    path("parcels/", views.parcels, name="parcels"),
    path("parcels/scorecard/", scorecard.carriers, name="scorecard"),
    path("parcels/carriers/", carriers.carriers, name="carriers"),
    path("parcels/carriers/<slug:carrier>/", carriers.carrier, name="carrier"),
    path("parcels/codes/", codes.codes, name="codes"),
    path("parcels/import/", imports.upload, name="import"),
    path("parcels/import/refused.csv", imports.rejected, name="rejected"),
    path("parcels/watch/", watch.watch_list, name="watch"),
    path("parcels/watch/assign/", watch.assign, name="watch_assign"),
    path("parcels/watch/seen-to/", watch.see_to, name="watch_see_to"),
    path("parcels/watch/claim/", watch.claim, name="watch_claim"),
    path("parcels/watch/write/", watch.write, name="watch_write"),
    path("parcels/claims/", claims.claims, name="claims"),
    path("parcels/claims/<int:claim_id>/", claims.change, name="claim"),
    path("parcels/claims/file.csv", claims.file, name="claims_file"),
    path("parcels/sharing/", sharing.sharing, name="sharing"),
    path("parcels/sharing/wallet/", sharing.keep_wallet_key, name="keep_wallet_key"),
    path("parcels/sharing/wallet/drop/", sharing.drop_wallet_key, name="drop_wallet_key"),
    path("parcels/accuracy/", accuracy.report, name="accuracy"),
    path("parcels/accuracy.csv", accuracy.download, name="accuracy_file"),
    path("parcels/settings/", settings.warehouse, name="settings"),
    path("parcels/settings/carriers/", settings.carriers, name="settings_carriers"),
    path("parcels/settings/dates/", settings.dates, name="settings_dates"),
    path("parcels/settings/alerts/", settings.alerts, name="settings_alerts"),
    path("parcels/settings/page/", settings.page, name="settings_page"),
    path("parcels/settings/product-page/", settings.product, name="settings_product"),
    path("parcels/settings/preview/", settings.preview, name="settings_preview"),
    path("parcels/<int:parcel_id>/", views.parcel, name="parcel"),
    path("parcels/<int:parcel_id>/carrier/", asking.change_carrier, name="change_carrier"),
    path("parcels/<int:parcel_id>/ask/", asking.ask, name="ask"),
]
