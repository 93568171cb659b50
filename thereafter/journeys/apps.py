from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JourneysConfig(AppConfig):
    name = "thereafter.journeys"

    def ready(self) -> None:
        autodiscover_modules("steps")
