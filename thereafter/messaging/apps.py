from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MessagingConfig(AppConfig):
    name = "thereafter.messaging"

    def ready(self) -> None:
        autodiscover_modules("blocks")
