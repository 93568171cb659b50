from django.urls import path

from thereafter.insights.console import downloads, frame, links, summary, value_file, views
from thereafter.insights.console.pages import PAGES

app_name = "insights_console"

urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/late/", views.late, name="late"),
    path("overview/unhappy/", views.unhappy, name="unhappy"),
    path("insights/value/customers.csv", value_file.value_csv, name="value_csv"),
    path("insights/refresh/", frame.refresh, name="refresh"),
    path("insights/summary/", summary.summary, name="summary"),
    path("insights/summary/preview/", summary.preview, name="summary_preview"),
    path("insights/links/", links.links, name="links"),
    path("insights/links/<int:link_id>/withdraw/", links.withdraw, name="withdraw_link"),
    path("insights/<slug:page>.csv", downloads.page_csv, name="page_csv"),
    path("insights/<slug:page>.pdf", downloads.page_pdf, name="page_pdf"),
    path("insights/<slug:page>/<slug:key>.csv", downloads.card_csv, name="card_csv"),
    path("insights/<slug:page>/<slug:key>.png", downloads.card_png, name="card_png"),
    *[path(f"insights/{spec.key}/", frame.dashboard(spec), name=spec.key) for spec in PAGES.values()],
]
