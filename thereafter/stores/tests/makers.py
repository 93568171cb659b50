"""Stores and staff for tests, made through the public actions."""

from datetime import UTC, datetime

from thereafter.stores import actions
from thereafter.stores.models import Staff, Store

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"


def make_store(slug: str = "stride", **settings: str) -> Store:
    given = {
        "name": "Stride & Co",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "support_email": "help@stride.example",
    }
    return actions.open_store(slug, now=OPENED, **(given | settings))


def make_staff(store: Store, role: str = "owner", email: str = "") -> Staff:
    email = email or f"{role}@{store.slug}.example"
    return actions.add_staff(store, email=email, name=role.title(), role=role, password=PASSWORD, now=OPENED)
