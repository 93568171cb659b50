"""Shoppers' pages of returns, below /s/<store>/returns/."""

from django.urls import path

from thereafter.returns.storefront import (
    case_page,
    code_picture,
    counter_urls,
    credit_notes,
    instant,
    paying,
    photos,
    portal,
    withdrawals,
)

app_name = "returns_storefront"
urlpatterns = [
    path("", portal.find, name="find"),
    path("o/<str:token>", portal.start, name="start"),
    path("gift/<str:token>", portal.gift, name="gift"),
    path("v/<str:token>/why", portal.why, name="why"),
    path("v/<str:token>/ways", portal.ways, name="ways"),
    path("v/<str:token>/instead/<int:place>", portal.instead, name="instead"),
    path("v/<str:token>/how", portal.how, name="how"),
    path("v/<str:token>/check", portal.check, name="check"),
    path("case/<str:token>", case_page.show, name="case"),
    path("case/<str:token>/label", case_page.label, name="label"),
    path("case/<str:token>/code.png", code_picture.code, name="code"),
    path("case/<str:token>/slip", case_page.slip, name="slip"),
    path("case/<str:token>/cancel", case_page.cancel, name="cancel"),
    path("case/<str:token>/pay", paying.pay, name="pay"),
    path("case/<str:token>/paid", paying.paid, name="paid"),
    path("case/<str:token>/at-once", instant.at_once, name="at_once"),
    path("case/<str:token>/held", instant.held, name="held"),
    path("case/<str:token>/change", case_page.change, name="change"),
    path("case/<str:token>/together", case_page.together, name="together"),
    path("case/<str:token>/number", case_page.number, name="number"),
    path("withdraw/", withdrawals.withdraw, name="withdraw"),
    path("withdraw/received/<str:token>", withdrawals.received, name="withdrawal_received"),
    path("withdraw/received/<str:token>/text", withdrawals.receipt_file, name="withdrawal_text"),
    path("withdraw/<str:token>", withdrawals.withdraw, name="withdraw_order"),
    path("refund/<str:token>", credit_notes.refund, name="refund"),
    path("refund/<str:token>/<int:number>.pdf", credit_notes.note, name="credit_note"),
    path("photos/<str:token>", photos.photo, name="photo"),
    *counter_urls.urlpatterns,
]
