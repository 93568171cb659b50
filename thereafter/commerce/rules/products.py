"""When a product is sound enough to take, and how a product is known that the shop gives no id."""

import hashlib
from datetime import datetime

from thereafter.commerce.documents import Line, ProductDoc
from thereafter.commerce.rules.orders import LONGEST_ID, id_problems, time_problems
from thereafter.commerce.rules.text import clean


def product_key(line: Line) -> str:
    """The id of a line's product: the shop's, else made from its SKU, else from its title."""
    return clean(line.product_id, LONGEST_ID) or _made_from(line)


def variant_key(line: Line) -> str:
    """The id of a line's variant; "" when the line knows only a product."""
    return clean(line.variant_id, LONGEST_ID) or (f"sku:{clean(line.sku, 70)}" if line.sku.strip() else "")


def _made_from(line: Line) -> str:
    if line.sku.strip():
        return f"sku:{clean(line.sku, 70)}"
    title = clean(line.title, 255)
    return f"title:{hashlib.sha256(title.encode()).hexdigest()[:32]}" if title else ""


def check_product(doc: ProductDoc, now: datetime) -> list[str]:
    problems = [*id_problems(doc.external_id, "the product")]
    for variant in doc.variants:
        problems += id_problems(variant.external_id, "a variant")
    if doc.changed_at:
        problems += time_problems("changed_at", doc.changed_at, now)
    if not doc.title.strip():
        problems.append("no_title: the product has no title")
    for name in ("warranty_months", "replenish_days"):
        value = getattr(doc, name)
        if value is not None and not 0 <= value <= 32_767:  # noqa: PLR2004 what the column holds
            problems.append(f"bad_number: {name} is {value}; send 0 to 32767")
    return problems
