"""Parcels that were on their way before there were flags are looked at once."""

from django.db import migrations
from django.db.models import F


def look_again(apps, schema_editor):
    parcels = apps.get_model("tracking", "Parcel").objects.filter(finished_at__isnull=True)
    parcels.update(check_at=F("ordered_at"), last_scan_at=F("status_at"))


class Migration(migrations.Migration):
    dependencies = [("tracking", "0002_the_delivery_promise")]
    operations = [migrations.RunPython(look_again, migrations.RunPython.noop, elidable=True)]
