"""A condition as a query: `customers(store, condition, now)` are those of whom it holds.

The checked syntax tree is translated piece by piece (`translating/`). What a database cannot be asked is refused as
`BadCondition`, with a sentence; a test proves that for whatever is translated the query and `Condition.holds` choose
the same people.
"""

from datetime import datetime

from django.db.models import QuerySet

from thereafter.commerce.models import Customer
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import Condition, compile_condition
from thereafter.journeys.translating.sources import Here
from thereafter.journeys.translating.trees import Translator
from thereafter.stores.models import Store


def customers(store: Store, condition: Condition | str, now: datetime) -> QuerySet[Customer]:
    """The customers of whom the condition holds at this moment; raises `BadCondition`."""
    if isinstance(condition, str):
        condition = compile_condition(condition, vocabulary.segment())
    chosen = Translator(Here(store, now), condition).answer()
    return Customer.objects.of(store).filter(merged_into__isnull=True).filter(chosen)
