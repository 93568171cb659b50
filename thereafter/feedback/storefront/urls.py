from django.urls import path

from thereafter.feedback.storefront import views

app_name = "feedback_storefront"

urlpatterns = [
    path("a/<str:token>", views.answer, name="answer"),
    path("thanks/<str:token>", views.thanks, name="thanks"),
]
