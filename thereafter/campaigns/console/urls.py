from django.urls import path

from thereafter.campaigns.console.views import calendar, campaigns, editor, inserts, newsletter

app_name = "campaigns_console"
urlpatterns = [
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/new/", campaigns.create, name="new"),
    path("campaigns/calendar/", calendar.month, name="calendar"),
    path("campaigns/newsletter/", newsletter.newsletter, name="newsletter"),
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/edit/", editor.edit, name="edit"),
    path("campaigns/<int:campaign_id>/check/", editor.check, name="check"),
    path("campaigns/<int:campaign_id>/send/", editor.send, name="send"),
    path("campaigns/<int:campaign_id>/test/", editor.test, name="test"),
    path("campaigns/<int:campaign_id>/do/", campaigns.do, name="do"),
    path("inserts/", inserts.day, name="inserts"),
    path("inserts/settings/", inserts.settings, name="insert_settings"),
    path("inserts/sample.pdf", inserts.sample, name="insert_sample"),
    path("inserts/print/", inserts.print_day, name="print_inserts"),
    path("inserts/<int:order_id>/", inserts.print_one, name="print_insert"),
]
