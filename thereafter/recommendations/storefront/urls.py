from django.urls import path

from thereafter.recommendations.storefront import going, reorders, widgets

app_name = "recommendations_storefront"

urlpatterns = [
    path("go/<str:token>", going.go, name="go"),
    path("seen/<str:token>.gif", going.seen, name="seen"),
    path("again/<str:token>", reorders.reorder, name="reorder"),
    path("widget.js", widgets.script, name="script"),
    path("widget/<slug:kind>", widgets.widget, name="widget"),
]
