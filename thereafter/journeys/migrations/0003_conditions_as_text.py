"""Conditions of journeys were dictionaries; now they are texts."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from thereafter.journeys.rules.old_conditions import as_text

_WHERE = {"if", "stop_if"}


def with_texts(value: Any, name: str = "") -> Any:
    """The same document with each condition as a text."""
    if isinstance(value, dict):
        if name in _WHERE:
            return as_text(value)
        return {key: with_texts(each, key) for key, each in value.items()}
    return [with_texts(each) for each in value] if isinstance(value, list) else value


def convert(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("journeys", "JourneyVersion").objects.order_by("pk").iterator(chunk_size=200):
        document = with_texts(version.document)
        if document != version.document:
            version.document = document
            version.save(update_fields=["document"])


class Migration(migrations.Migration):
    dependencies = [("journeys", "0002_journeys_and_messages")]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop, elidable=True)]
