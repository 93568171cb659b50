"""Questions that were asked, for tests."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED
from thereafter.feedback.actions import surveys
from thereafter.feedback.actions.asking import Asking, ask
from thereafter.feedback.models import Invitation, Survey
from thereafter.stores.models import Store

ASKED = PLACED + timedelta(days=5)


def make_invitation(
    order: Order, *, source: str = "run:1:ask", now: datetime = ASKED, survey: str = "satisfaction"
) -> Invitation:
    (invitation,) = ask(order.store_id, [Asking(order.customer_id, source, order.pk, survey)], now=now)
    return invitation


def make_survey(store: Store, kind: str, document: Mapping[str, Any] | None = None, key: str = "") -> Survey:
    """Published: with these questions, or with our own words."""
    made = surveys.make(store, kind=kind, name=key or kind, by=None, now=ASKED, key=key or kind)
    if document is not None:
        surveys.save_draft(made, document, now=ASKED)
    surveys.publish(made, by=None, now=ASKED)
    made.refresh_from_db()
    return made
