from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "thereafter.commerce"
