from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from thereafter.demo import seed
from thereafter.kit import clock


class Command(BaseCommand):
    help = "Opens the demo shop and gives it a year of past; does nothing when it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if seed.is_open():
            return
        now = clock.now()
        with tqdm(desc="A year of a shop for runners", unit=" events", leave=False) as bar:
            seed.fill(seed.open_shop(now), now, bar.update)
