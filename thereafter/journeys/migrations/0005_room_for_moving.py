"""Room in every page of runs for their next versions, so that moving a run on writes no index (HOT) on PostgreSQL."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def leave_room(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE journeys_run SET (fillfactor = 50)")


class Migration(migrations.Migration):
    dependencies = [("journeys", "0004_timers")]

    operations = [migrations.RunPython(leave_room, migrations.RunPython.noop)]
