"""The shape of answers that were collected elsewhere."""

from datetime import datetime

import msgspec


class AnswerDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One answer. Name its order by `order_number`, or by `order` (the shop's own id) with its `order_source`."""

    external_id: str
    score: int
    answered_at: datetime
    survey: str = "satisfaction"
    order: str = ""
    order_source: str = "api"
    order_number: str = ""
    comment: str = ""
