from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CommerceConfig(AppConfig):
    name = "thereafter.commerce"

    def ready(self) -> None:
        autodiscover_modules("webhooks")
