from django.urls import path

from thereafter.recommendations.console import overview, own_rules, preview, reorders, settings, views, widget

app_name = "recommendations_console"

urlpatterns = [
    path("recommendations/", overview.overview, name="overview"),
    path("recommendations/preview/", preview.preview, name="preview"),
    path("recommendations/rules/", own_rules.rules, name="rules"),
    path("recommendations/rules/new/", own_rules.new, name="new_rule"),
    path("recommendations/rules/<int:pick_rule_id>/", own_rules.rule, name="rule"),
    path("recommendations/rules/<int:pick_rule_id>/remove/", own_rules.remove, name="remove_rule"),
    path("recommendations/settings/", settings.settings, name="settings"),
    path("recommendations/widget/", widget.widget, name="widget"),
    path("bought-together/", views.pairs, name="pairs"),
]

urlpatterns += [
    path("recommendations/reorders/", reorders.reorders, name="reorders"),
    path("recommendations/reorders/csv/", reorders.export, name="reorders_export"),
    path("recommendations/reorders/products/", reorders.reorder_products, name="reorder_products"),
    path("recommendations/reorders/products/<int:usual_id>/switch/", reorders.switch, name="reorder_switch"),
]
