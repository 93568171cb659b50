from collections.abc import Sequence

from babel.dates import format_datetime

from thereafter.journeys.registry import Next, Visit, WaitUntil, step
from thereafter.journeys.rules.waits import wake_at
from thereafter.kit.clock import zone
from thereafter.stores.models import Store


@step("wait", label="Wait", icon="clock", group="Wait")
def wait(visits: Sequence[Visit]) -> Sequence[Next]:
    """`days`, `hours` and `minutes` from now, then until `at` ("10:00") on the shop's clock."""
    zones = dict(Store.objects.filter(pk__in={visit.store_id for visit in visits}).values_list("pk", "time_zone"))
    return [_until(visit, zones[visit.store_id]) for visit in visits]


def _until(visit: Visit, zone_name: str) -> WaitUntil:
    at = wake_at(visit.now, zone(zone_name), visit.settings)
    return WaitUntil(
        at, why=f"Waits until {format_datetime(at.astimezone(zone(zone_name)), 'd MMM y, HH:mm', locale='en')}"
    )
