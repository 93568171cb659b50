"""Questions that were asked, for tests."""

from datetime import datetime, timedelta

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED
from thereafter.feedback.actions.asking import Asking, ask
from thereafter.feedback.models import Invitation

ASKED = PLACED + timedelta(days=5)


def make_invitation(order: Order, *, source: str = "run:1:ask", now: datetime = ASKED) -> Invitation:
    (invitation,) = ask(order.store_id, [Asking(order.customer_id, source, order.pk)], now=now)
    return invitation
