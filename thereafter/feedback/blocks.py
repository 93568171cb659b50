from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.models import Customer, Order
from thereafter.feedback import links, queries
from thereafter.feedback.models import Invitation
from thereafter.messaging.blocks import Facts, block


@block(
    "satisfaction",
    many=True,
    label="Question",
    sample={"question": None, **{f"url_{score}": "#" for score in range(1, 6)}},
)
def satisfaction(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """The question that waits for an answer, and a link for each score; nothing when there is none."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for customer in customers:
        by_store[customer.store_id].add(customer.pk)
    waiting: dict[tuple[int, int | None], Invitation] = {}
    for store_id, customer_ids in by_store.items():
        waiting |= queries.open_invitations(store_id, list(customer_ids))
    asked = [
        waiting.get((customer.pk, order.pk if order else None))
        for customer, order in zip(customers, orders, strict=True)
    ]
    return [_facts(invitation) if invitation else None for invitation in asked]


def _facts(invitation: Invitation) -> Facts:
    pages = {f"url_{score}": links.score_page(invitation.store, invitation, score) for score in range(1, 6)}
    return {"question": invitation.survey.question or None, **pages}
