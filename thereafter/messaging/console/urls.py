from django.urls import path

from thereafter.messaging.console.views import messages, templates

app_name = "messaging_console"
urlpatterns = [
    path("messages/", messages.messages, name="messages"),
    path("messages/templates/", templates.templates, name="templates"),
    path("messages/templates/<slug:key>/", templates.template, name="template"),
    path("messages/templates/<slug:key>/mail/", templates.template_mail, name="template_mail"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/<int:message_id>/mail/", messages.message_mail, name="message_mail"),
]
