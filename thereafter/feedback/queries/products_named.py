"""Products by the names that shops have for them."""

from collections.abc import Collection

from thereafter.commerce.models import Product, Variant
from thereafter.feedback.models import GroupedProduct
from thereafter.feedback.rules.widgets import bare_product
from thereafter.stores.models import Store

_FIELDS = ("store_id", "source", "external_id", "title", "category", "url", "image_url")


def named(store: Store, text: str) -> Product | None:
    """The product a shop means: its own id of the product or of a variant, a SKU, or the last part of its address."""
    name = bare_product(text)
    if not name:
        return None
    products = Product.objects.of(store).only(*_FIELDS).order_by("-is_active", "pk")
    variants = Variant.objects.of(store)
    return (
        products.filter(external_id=name).first()
        or products.filter(pk__in=variants.filter(external_id=name).values("product")).first()
        or products.filter(pk__in=variants.filter(sku=name).values("product")).first()
        or products.filter(url__endswith=f"/{name}").first()
    )


def named_many(store: Store, texts: Collection[str]) -> dict[str, Product]:
    """The same for many at once, as they were written."""
    bare = {text: bare_product(text) for text in texts}
    names = {name for name in bare.values() if name}
    own = Product.objects.of(store).filter(external_id__in=names).only(*_FIELDS).order_by("is_active", "-pk")
    by_name = {one.external_id: one for one in own}
    left = {text for text, name in bare.items() if name and name not in by_name}
    found = {text: one for text in left if (one := named(store, text)) is not None}
    return found | {text: by_name[name] for text, name in bare.items() if name in by_name}


def family(store_id: int, product_id: int) -> list[int]:
    """The product with those whose reviews it shows: the others of its group."""
    members = GroupedProduct.objects.of(store_id)
    group = members.filter(product=product_id).values("group")
    return list(members.filter(group__in=group).values_list("product", flat=True)) or [product_id]
