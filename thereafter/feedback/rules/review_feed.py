"""Google's product review feed, version 2.4, as text: each element in the order of its documentation.

The feed is always whole: a review that is missing in it is deleted at Google. Pure: no database, no clock.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

VERSION = "2.4"
SCHEMA = "http://www.google.com/shopping/reviews/schema/product/2.4/product_reviews.xsd"
# What no XML may hold, however it is written.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A product as Google may recognise it. Without a number of its own, its address is what counts."""

    name: str
    url: str
    skus: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A published review. `at` is ISO 8601 in UTC; `method` post_fulfillment or unsolicited; "" for what is not known.

    `author` "" is anonymous. Nothing here tells who it was: no address, no number of an order.
    """

    number: str
    author: str
    verified: bool
    incentivised: bool
    at: str
    content: str
    rating: int
    url: str
    product: Reviewed
    title: str = ""
    language: str = ""
    country: str = ""
    images: Sequence[str] = ()
    method: str = ""


def feed(shop: str, reviews: Iterable[Listed]) -> Iterator[str]:
    """The feed in pieces, as the reviews come."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns:vc="http://www.w3.org/2007/XMLSchema-versioning" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f"xsi:noNamespaceSchemaLocation={quoteattr(SCHEMA)}>\n"
        f"<version>{VERSION}</version>\n<aggregator><name>Thereafter</name></aggregator>\n"
        f"<publisher>{_text('name', shop)}</publisher>\n<reviews>\n"
    )
    for one in reviews:
        yield f"<review>{''.join(_parts(one))}</review>\n"
    yield "</reviews>\n</feed>\n"


def _parts(one: Listed) -> Iterator[str]:
    anonymous = "" if one.author else ' is_anonymous="true"'
    yield _text("review_id", one.number)
    yield f"<reviewer><name{anonymous}>{_clean(one.author or 'Anonymous')}</name></reviewer>"
    yield _text("is_verified_purchase", _truth(one.verified))
    yield _text("is_incentivized_review", _truth(one.incentivised))
    yield _text("review_timestamp", one.at)
    yield _if_any("title", one.title)
    yield _text("content", one.content)
    yield _if_any("review_language", one.language)
    yield _if_any("review_country", one.country)
    yield f'<review_url type="group">{_clean(one.url)}</review_url>'
    if one.images:
        images = "".join(f"<reviewer_image>{_text('url', url)}</reviewer_image>" for url in one.images)
        yield f"<reviewer_images>{images}</reviewer_images>"
    yield f'<ratings><overall min="1" max="5">{one.rating}</overall></ratings>'
    yield f"<products>{_product(one.product)}</products>"
    yield _text("is_spam", "false")
    yield _if_any("collection_method", one.method)


def _product(one: Reviewed) -> str:
    skus = "".join(_text("sku", sku) for sku in one.skus)
    ids = f"<product_ids><skus>{skus}</skus></product_ids>" if skus else ""
    return f"<product>{ids}{_text('product_name', one.name)}{_text('product_url', one.url)}</product>"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _if_any(name: str, value: str) -> str:
    return _text(name, value) if value.strip() else ""


def _text(name: str, value: str) -> str:
    return f"<{name}>{_clean(value)}</{name}>"


def _clean(value: str) -> str:
    return escape(_FORBIDDEN.sub("", value))
