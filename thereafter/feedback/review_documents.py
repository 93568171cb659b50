"""The shape of reviews that the shop's own systems send."""

from datetime import datetime

import msgspec


class ReviewDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One review. `product`: the shop's own id, that of a variant, or a SKU. Whether its author bought it is computed
    from `email`; nobody can say so."""

    external_id: str
    product: str
    rating: int
    written_at: datetime
    title: str = ""
    body: str = ""
    author: str = ""
    email: str = ""
    recommends: bool | None = None
    attributes: dict[str, str] = {}
    language: str = ""
    country: str = ""
    # Whether something was given for it, in words: "10% off".
    incentive: str = ""
