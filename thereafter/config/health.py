"""What `thereafter doctor` looks at: what is configured, what is missing, and what each missing thing means."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min

from thereafter.journeys.queries import stuck
from thereafter.kit import clock
from thereafter.messaging.channels.provider_list import PROVIDERS
from thereafter.stores.models import Connection, Staff, Store
from thereafter.timeline.models import Delivery, Due, Inbound


@dataclass(frozen=True)
class Finding:
    """`state` is ok, missing or broken; `means` says what follows from it and what to do."""

    what: str
    state: str
    means: str


def findings() -> Iterator[Finding]:
    database = list(_database())
    yield from database
    yield _secret_key()
    yield _public_url()
    yield _mail()
    if all(finding.state == "ok" for finding in database):
        yield from _stores()
        yield _worker()
        yield from _dead_letters()
        yield from _stuck()


def _database() -> Iterator[Finding]:
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding("database", "broken", f"{name} does not answer: {error}. Look at DATABASE_URL.")
        return
    advice = "" if name == "PostgreSQL" else "; good for one shop on one machine, set DATABASE_URL to grow"
    yield Finding("database", "ok", f"{name}{advice}")
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        yield Finding("migrations", "missing", f"{waiting} to apply: run `thereafter migrate`.")
    else:
        yield Finding("migrations", "ok", "all applied")


def _secret_key() -> Finding:
    kept = settings.VAR / "secret_key"
    if kept.exists() and kept.read_text().strip() == settings.SECRET_KEY:
        return Finding(
            "secret key",
            "ok",
            f"kept in {kept.name}; back it up: without it links in sent mails and stored secrets are lost",
        )
    return Finding("secret key", "ok", "from THEREAFTER_SECRET_KEY")


def _public_url() -> Finding:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host in ("127.0.0.1", "localhost"):
        return Finding(
            "public address",
            "missing",
            f"{settings.PUBLIC_URL}: links in mails work on this machine only. Set THEREAFTER_URL.",
        )
    if not settings.PUBLIC_URL.startswith("https://"):
        return Finding("public address", "missing", f"{settings.PUBLIC_URL} is not https: cookies travel in the clear.")
    return Finding("public address", "ok", settings.PUBLIC_URL)


def _mail() -> Finding:
    server = urlsplit(settings.MAIL_URL)
    if server.scheme in PROVIDERS:
        return Finding("mail", "ok", f"sent through {PROVIDERS[server.scheme].name}")
    if server.scheme not in ("smtp", "smtps"):
        return Finding(
            "mail", "missing", "nothing is sent: messages are rendered and kept. Set THEREAFTER_MAIL=smtp://host:port."
        )
    connect = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(server.hostname or "", server.port or 25, timeout=5) as session:
            session.noop()
    except OSError as error:
        return Finding(
            "mail", "broken", f"{server.hostname} does not answer: {error}. Messages wait and are tried again."
        )
    return Finding("mail", "ok", f"sent through {server.hostname}")


def _stores() -> Iterator[Finding]:
    stores = Store.objects.count()
    if not stores:
        yield Finding("stores", "missing", "none yet: run `thereafter demo`, or `thereafter open_store`.")
        return
    yield Finding("stores", "ok", f"{stores}")
    unsafe = Staff.objects.filter(is_active=True, sealed_second_factor="").count()
    if unsafe:
        yield Finding("second factor", "missing", f"{unsafe} of the staff sign in with a password only.")
    connected = Connection.objects.exclude(source="carrier").values("store_id").distinct().count()
    if connected < stores:
        yield Finding(
            "connections", "missing", f"{stores - connected} of the stores have no shop connected: no orders arrive."
        )


def _worker() -> Finding:
    late = clock.now() - timedelta(minutes=2)
    waiting = [
        Delivery.objects.filter(state=Due.WAITING).aggregate(since=Min("due_at"))["since"],
        Inbound.objects.filter(state=Inbound.State.WAITING).aggregate(since=Min("due_at"))["since"],
    ]
    if any(since and since < late for since in waiting):
        return Finding("worker", "broken", "work has waited for more than two minutes: run `thereafter work`.")
    return Finding("worker", "ok", "nothing waits")


def _dead_letters() -> Iterator[Finding]:
    dead = Delivery.objects.filter(state=Due.DEAD).count()
    refused = Inbound.objects.filter(state=Inbound.State.REFUSED).count()
    if dead or refused:
        means = f"{refused} calls refused, {dead} events not handled: see Needs attention in the console."
        yield Finding("dead letters", "missing", means)


def _stuck() -> Iterator[Finding]:
    people = sum(row.count for row in stuck())
    if people:
        yield Finding("journeys", "broken", f"{people} people should have moved on and did not: see Journeys.")
