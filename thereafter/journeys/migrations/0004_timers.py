"""Runs that were on their way before there were timers get theirs."""

from django.db import migrations

TIMERS = (
    "INSERT INTO journeys_timer (run_id, due_at) "
    "SELECT id, due_at FROM journeys_run WHERE state = 'waiting' "
    "ON CONFLICT (run_id) DO NOTHING"
)
SLEPT = "UPDATE journeys_run SET slept = (asleep_at <> '') WHERE state = 'waiting'"


class Migration(migrations.Migration):
    dependencies = [("journeys", "0003_conditions_as_text")]
    operations = [
        migrations.RunSQL(TIMERS, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(SLEPT, migrations.RunSQL.noop, elidable=True),
    ]
