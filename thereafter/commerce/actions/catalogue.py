"""What merchants write about their products themselves."""

from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Product
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff

EDITABLE = ("category", "care_guide", "warranty_months", "replenish_days", "returnable", "after_sale")


@transaction.atomic
def edit_product(product: Product, *, by: Staff, now: datetime, **fields: Any) -> None:
    """Changes what is EDITABLE of a product and writes down what was before; raises TypeError for other fields."""
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    before = {name: getattr(product, name) for name in fields}
    changed: dict[str, object] = {name: [before[name], fields[name]] for name in fields if before[name] != fields[name]}
    if changed:
        Product.objects.of(product.store_id).filter(pk=product.pk).update(**fields)
        stores.audit(product.store, by=by, verb="products.edit", now=now, subject=product.title[:200], detail=changed)
