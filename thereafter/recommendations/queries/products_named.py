"""Products by the names that shops have for them: their own id, that of a variant, or a SKU."""

from collections.abc import Collection

from thereafter.commerce.models import Product, Variant
from thereafter.stores.models import Store

LONGEST_NAME = 200


def bare(name: str) -> str:
    """Without what shop systems put before it: "gid://shopify/Product/42" is "42"."""
    name = name.strip()[:LONGEST_NAME]
    return name.rpartition("/")[2] if name.startswith("gid://") else name


def named(store: Store, names: Collection[str]) -> dict[str, int]:
    """The id of each product that was found, by the name it was asked by. Two queries at most."""
    wanted = {name: bare(name) for name in names if bare(name)}
    plain = set(wanted.values())
    if not plain:
        return {}
    products = Product.objects.of(store).filter(external_id__in=plain).order_by("is_active", "-pk")
    found = dict(products.values_list("external_id", "pk"))
    left = plain - set(found)
    if left:
        found |= _by_variant(store, left)
    return {name: found[one] for name, one in wanted.items() if one in found}


def _by_variant(store: Store, names: Collection[str]) -> dict[str, int]:
    variants = Variant.objects.of(store)
    by_id = variants.filter(external_id__in=names).values_list("external_id", "product_id")
    by_sku = variants.filter(sku__in=names).values_list("sku", "product_id")
    return dict(by_sku.order_by("-pk")) | dict(by_id.order_by("-pk"))
