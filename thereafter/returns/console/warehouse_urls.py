"""The warehouse's pages, below /console/<store>/."""

from django.urls import path

from thereafter.returns.console import (
    inspecting,
    putting_away,
    warehouse,
    warehouse_receiving,
    warehouse_unannounced,
)

urlpatterns = [
    path("returns/warehouse/", warehouse.home, name="warehouse"),
    path("returns/warehouse/parcels/<int:return_parcel_id>/", warehouse_receiving.parcel, name="receive_parcel"),
    path("returns/warehouse/cases/<int:case_id>/", warehouse_receiving.case, name="receive_case"),
    path("returns/warehouse/inspect/", inspecting.queue, name="inspect_queue"),
    path("returns/warehouse/units/<int:unit_id>/", inspecting.unit, name="inspect_unit"),
    path("returns/warehouse/units/<int:unit_id>/change/", inspecting.change, name="change_unit"),
    path("returns/warehouse/units/<int:unit_id>/label.pdf", inspecting.label, name="stock_label"),
    path("returns/warehouse/put-away/", putting_away.put_away, name="put_away"),
    path("returns/warehouse/send/", putting_away.to_send, name="to_send"),
    path("returns/warehouse/not-found/", warehouse.not_found, name="not_found"),
    path("returns/warehouse/unannounced/", warehouse_unannounced.index, name="unannounced"),
    path("returns/warehouse/unannounced/<int:unannounced_id>/", warehouse_unannounced.one, name="unannounced_one"),
    path(
        "returns/warehouse/unannounced/<int:unannounced_id>/photo",
        warehouse_unannounced.photo,
        name="unannounced_photo",
    ),
]
