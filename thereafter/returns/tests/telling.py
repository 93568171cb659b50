"""What shoppers were written to: sent by the worker to an outbox."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from thereafter.journeys.actions.publishing import install_recipes
from thereafter.journeys.models import Journey
from thereafter.kit import clock
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import ACCEPTED, Letter, Verdict
from thereafter.messaging.models import Message
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import ReturnSettings
from thereafter.returns.tests import visits
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

HOME = {
    "name": "Stride Returns",
    "line1": "Harbour Road 7",
    "postcode": "20457",
    "city": "Hamburg",
    "country": "DE",
}


class Outbox:
    """Every letter that left, in turn."""

    together = 20

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> list[Verdict]:
        taken = list(letters)
        self.letters += taken
        return [ACCEPTED for _ in taken]

    def taken(self) -> list[Letter]:
        taken, self.letters = self.letters, []
        return taken

    def one(self) -> Letter:
        (letter,) = self.taken()
        return letter


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    made = Outbox()
    monkeypatch.setattr(email, "channel", lambda url: made)
    return made


def telling_store(slug: str = "stride", **more: Any) -> Store:
    """A shop with the journeys that come along, and a place where parcels go."""
    store = make_store(slug, **({"country": "DE"} | more))
    install_recipes(store, visits.PLACED - timedelta(days=1))
    # What else the shop says after a delivery is not what these tests read.
    Journey.objects.of(store).filter(key="after_delivery").update(live=False)
    ReturnSettings.objects.create(store=store, address=HOME, changed_at=visits.PLACED)
    return store


@contextmanager
def worker(at: datetime) -> Iterator[None]:
    """What happens inside happens at `at`, and then all that follows from it."""
    with clock.at(at):
        yield
        run_until_idle()


def templates(store: Store) -> list[str]:
    """Of cases and refunds only, in the order they were sent."""
    rows = Message.objects.of(store).filter(state="sent").order_by("id").values_list("template", flat=True)
    return [name for name in rows if name.startswith("return_") or name in ("refunded", "exchange_fits")]


WISH = Wish(line="1", reason="changed_mind")
