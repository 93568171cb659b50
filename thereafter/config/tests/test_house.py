"""Rules of the house that no single module can hold."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from thereafter.config import catalogue
from thereafter.events.base import Event
from thereafter.stores import actions
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

# What belongs to the installation and not to a store, and why.
OF_THE_INSTALLATION = {
    "stores.Staff",  # a person may work in several stores
    "timeline.ScheduledJob",  # jobs run for all stores
    "console.SignInTry",  # guesses come before we know who it is
}
OURS = [model for model in apps.get_models() if model.__module__.startswith("thereafter.")]


def reaches_store(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    """Whether every row belongs to one store: by itself, or by a parent that it cannot be without."""
    if model is Store:
        return True
    parents = [
        field.related_model
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and not field.null and field.related_model not in seen
    ]
    return any(reaches_store(parent, seen | {model}) for parent in parents if isinstance(parent, type))


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_row_belongs_to_a_store(model: type[models.Model]) -> None:
    if model._meta.label not in OF_THE_INSTALLATION:
        assert reaches_store(model)


def test_links_to_other_modules_leave_nothing_behind_there() -> None:
    for model in OURS:
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and isinstance(field.related_model, type):
                is_inside = field.related_model._meta.app_label == model._meta.app_label
                name = field.remote_field.related_name
                assert is_inside or name == "+", f"{model._meta.label}.{field.name} needs related_name='+'"


def test_the_list_of_events_names_fields_and_subscribers() -> None:
    out = StringIO()
    call_command("events", "--json", stdout=out)
    rows = {row["name"]: row for row in json.loads(out.getvalue())}
    assert rows["order.placed"]["fields"]["total_minor"] == "int"
    assert "journeys.let_in" in rows["order.placed"]["subscribers"]
    assert set(rows) == set(Event.names)


def test_every_event_says_what_it_means() -> None:
    assert not [row["name"] for row in catalogue.catalogue() if not row["means"]]


@pytest.mark.django_db
def test_what_is_not_there_is_told_kindly() -> None:
    page = Client().get("/nowhere/")
    assert page.status_code == 404
    assert "could not find" in page.content.decode()
    assert Client().get("/api/v1/nowhere").json()["detail"] == "Not found"


@pytest.mark.django_db
def test_the_api_describes_itself() -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert "/api/v1/orders/batch" in described["paths"]
    assert Client().get("/api/v1/docs").status_code == 200


@pytest.mark.django_db
def test_a_body_that_is_too_long_is_told_so_in_the_callers_language() -> None:
    store = make_store()
    _, token = actions.make_api_key(store, name="Shop", scopes=["orders:write"], now=store.created_at)
    headers = {"authorization": f"Bearer {token}"}
    answer = Client(headers=headers).post(
        "/api/v1/orders/batch", b" " * (11 * 1024 * 1024), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["detail"][:8]) == (413, "The body")


@pytest.mark.django_db
def test_a_store_opened_from_the_command_line_is_ready_for_its_owner() -> None:
    out = StringIO()
    call_command("open_store", "runner", name="Runner", currency="EUR", owner="Ana@runner.example", stdout=out)
    password = next(line for line in out.getvalue().splitlines() if "Password" in line).split()[-1]
    assert Client().login(username="ana@runner.example", password=password)
    with pytest.raises(CommandError, match="not an e-mail"):
        call_command("open_store", "other", name="Other", currency="EUR", owner="nonsense", stdout=out)
    assert not Store.objects.filter(slug="other").exists()
