"""`thereafter migrate`, as Django's; but an empty database gets its tables at once, not through their whole history.

After each step of a migration Django draws all two hundred models anew, which takes over a minute; making the tables
takes less than a second. What migrations do besides the schema is done too, unless they say that it is nothing on an
empty database (`elidable=True`). `tests/test_migrating.py` shows that both ways end in the same database.
"""

from typing import Any

from django.apps import apps
from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangosCommand
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

# Plain SQL asks for no models.
NOTHING = ProjectState()
# With one of these somebody wants something else than a database that is up to date.
_OTHER_ERRANDS = ("app_label", "plan", "check_unapplied", "fake", "fake_initial", "prune", "by_steps")


class Command(DjangosCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--by-steps", action="store_true", help="an empty database, too, goes through every step")

    def handle(self, *args: Any, **options: Any) -> Any:
        connection = connections[options["database"]]
        if not any(options[one] for one in _OTHER_ERRANDS) and _is_empty(connection):
            made = _begin(connection)
            if options["verbosity"]:
                self.stdout.write(f"Made {made} tables.")
        return super().handle(*args, **options)


def _is_empty(connection: BaseDatabaseWrapper) -> bool:
    there = set(connection.introspection.table_names())
    return there <= {MigrationRecorder(connection).Migration._meta.db_table} and not (
        there and MigrationRecorder(connection).applied_migrations()
    )


def _begin(connection: BaseDatabaseWrapper) -> int:
    """All tables, and every migration written down as done, or nothing; returns how many."""
    loader, recorder = MigrationLoader(connection), MigrationRecorder(connection)
    recorder.ensure_schema()
    with connection.schema_editor() as editor:
        models = [
            model
            for config in apps.get_app_configs()
            if config.label in loader.migrated_apps
            for model in router.get_migratable_models(config, connection.alias)
            if model._meta.can_migrate(connection)
        ]
        for model in models:
            editor.create_model(model)
        for app, name in loader.graph.nodes:
            _do_the_rest(loader.disk_migrations[app, name], editor)
            recorder.record_applied(app, name)
    return len(models)


def _do_the_rest(migration: Migration, editor: BaseDatabaseSchemaEditor) -> None:
    for one in migration.operations:
        if isinstance(one, RunPython) and not one.elidable:
            one.code(apps, editor)  # type: ignore[arg-type]  # the newest models, as tables are of them
        elif isinstance(one, RunSQL) and not one.elidable:
            one.database_forwards(migration.app_label, editor, NOTHING, NOTHING)
