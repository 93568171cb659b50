"""Journeys that send the template "review" stand still: it went with the ready journey that asked only the happy, which
the law does not allow (16 CFR 465). "Ask for reviews" asks everybody; who wants it brings it in under Journeys."""

import json

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def pause(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    journeys = apps.get_model("journeys", "Journey").objects.filter(archived_at=None, version__isnull=False)
    found = [
        journey.pk
        for journey in journeys.select_related("version")
        if '"template": "review"' in json.dumps(journey.version.document)
    ]
    journeys.filter(pk__in=found).update(live=False)
    journeys.filter(pk__in=found, paused_at=None).update(paused_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("journeys", "0005_room_for_moving")]

    operations = [migrations.RunPython(pause, migrations.RunPython.noop, elidable=True)]
