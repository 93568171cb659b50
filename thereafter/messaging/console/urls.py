from django.urls import path

from thereafter.messaging.console import views

app_name = "messaging_console"
urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/templates/", views.templates, name="templates"),
    path("messages/templates/<slug:key>/", views.template, name="template"),
    path("messages/templates/<slug:key>/mail/", views.template_mail, name="template_mail"),
    path("messages/<int:message_id>/", views.message, name="message"),
    path("messages/<int:message_id>/mail/", views.message_mail, name="message_mail"),
]
