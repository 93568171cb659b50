"""The tables of the review apps, column by column, as their help pages and exports have them."""

from collections.abc import Mapping
from dataclasses import replace

from thereafter.feedback.rules.review_formats.cells import (
    COUNTRY,
    EMAIL,
    HANDLE,
    HELD,
    KEPT,
    LINE,
    NUMBER,
    RATING,
    TEXT,
    URL,
    WORD,
    flags,
    moments,
    states,
    urls,
)
from thereafter.feedback.rules.review_formats.rows import Column, Format, Kind

_UTC = moments("%Y-%m-%d %H:%M:%S UTC")
_ISO = moments("%Y-%m-%dT%H:%M:%S.000Z")
_DAY = moments("%Y-%m-%d", in_zone=True)
_CURATED = states("ok", "not-yet", "not-yet", "spam")
_PUBLISHED = states("published", "unpublished", "unpublished")
_FLAG = flags()
# So many photos their import takes.
_FIVE, _THREE = 5, 3

_AUTHOR = ("reviewer.name", "reviewer", "customer_name", "author_name", "display_name")
_WRITTEN = ("created_at", "date", "date_created", "review_creation_date", "submitted_at", "created")
_VERIFIED = ("verified", "verified_purchase", "verified_buyer", "is_verified_buyer", "is_verified", "reviewer_type")
_PHOTOS = ("picture_urls", "photo_urls", "photos", "image_urls", "images", "review_photos", "photo_url", "img")


def _c(name: str, field: str, kind: Kind, *also: str) -> Column:
    return Column(name, field, kind, also)


def _read_only(*columns: Column) -> tuple[Column, ...]:
    """Columns that the app's files may have, and that are not in its template."""
    return tuple(replace(column, is_written=False) for column in columns)


_JUDGEME = Format(
    "judgeme",
    "Judge.me (import template)",
    "Judge.me",
    (
        _c("title", "title", LINE),
        _c("body", "body", TEXT),
        _c("rating", "rating", RATING),
        _c("review_date", "written_at", moments("%d/%m/%Y", in_zone=True)),
        _c("reviewer_name", "author", WORD),
        _c("reviewer_email", "email", EMAIL),
        _c("product_id", "product_id", NUMBER),
        _c("product_handle", "product_handle", HANDLE),
        _c("reply", "reply", TEXT),
        _c("picture_urls", "photo_urls", urls(_FIVE)),
        _c("curated", "state", _CURATED),
    ),
    ("body", "rating", "review_date", "reviewer_name"),
    day_first=True,
)
_JUDGEME_EXPORT = Format(
    "judgeme_export",
    "Judge.me (export)",
    "Judge.me",
    (
        _c("title", "title", LINE),
        _c("body", "body", TEXT),
        _c("rating", "rating", RATING),
        _c("review_date", "written_at", _UTC),
        _c("source", "source", WORD),
        _c("curated", "state", _CURATED),
        _c("reviewer_name", "author", WORD),
        _c("reviewer_email", "email", EMAIL),
        _c("product_id", "product_id", NUMBER),
        _c("product_handle", "product_handle", HANDLE),
        _c("reply", "reply", TEXT),
        _c("reply_date", "replied_at", _UTC),
        _c("picture_urls", "photo_urls", urls()),
        _c("ip_address", "", KEPT),
        _c("location", "location", WORD),
    ),
    ("body", "rating", "review_date", "reviewer_name", "curated"),
    day_first=True,
)
_LOOX = Format(
    "loox",
    "Loox (import template)",
    "Loox",
    (
        _c("product_handle", "product_handle", HANDLE),
        _c("product_Id", "product_id", NUMBER),
        _c("rating", "rating", RATING),
        _c("author", "author", WORD),
        _c("email", "email", EMAIL),
        _c("body", "body", TEXT),
        _c("created_at", "written_at", _DAY),
        _c("photo_url", "photo_urls", urls(_FIVE)),
        _c("reply", "reply", TEXT),
        _c("replied_at", "replied_at", _DAY),
        _c("verified_purchase", "is_told_verified", _FLAG),
        _c("incentivized", "is_incentivised", _FLAG),
    ),
    ("product_handle", "rating", "author", "created_at"),
)
_LOOX_EXPORT = Format(
    "loox_export",
    "Loox (export)",
    "Loox",
    (
        _c("id", "external_id", WORD),
        _c("status", "state", states("Active", "Pending", "Hidden")),
        _c("rating", "rating", RATING),
        _c("email", "email", EMAIL),
        _c("nickname", "nickname", WORD),
        _c("full_name", "author", WORD),
        _c("review", "body", TEXT),
        _c("date", "written_at", _ISO),
        _c("productId", "product_id", NUMBER),
        _c("handle", "product_handle", HANDLE),
        _c("img", "photo_urls", urls()),
        _c("variant", "variant", WORD),
        _c("verified_purchase", "is_told_verified", _FLAG),
    ),
    ("id", "rating", "review", "date", "nickname"),
)
_OKENDO = Format(
    "okendo",
    "Okendo",
    "Okendo",
    (
        _c("name", "author", WORD, *_AUTHOR, "reviewer_name"),
        _c("body", "body", TEXT),
        _c("handle", "product_handle", HANDLE, "product_handle"),
        _c("productId", "product_id", NUMBER),
        _c("rating", "rating", RATING),
        _c("sku", "sku", WORD),
        _c("dateCreated", "written_at", _ISO),
        _c("countryCode", "country", COUNTRY),
        _c("email", "email", EMAIL, "reviewer.email", "reviewer_email"),
        _c("imageUrls", "photo_urls", urls()),
        _c("isApproved", "state", states("true", "false", "false")),
        _c("isIncentivized", "is_incentivised", _FLAG),
        _c("isRecommended", "is_recommended", _FLAG),
        _c("rejectedImageUrls", "hidden_photo_urls", urls()),
        _c("reply", "reply", TEXT),
        _c("replyDateCreated", "replied_at", _ISO),
        _c("replyIsPublic", "is_reply_public", _FLAG),
        _c("title", "title", LINE),
        _c("videoUrls", "video_urls", urls()),
        _c("isVerifiedBuyer", "is_told_verified", _FLAG),
        _c("variantId", "variant_id", NUMBER),
        _c("status", "state", states("approved", "pending", "rejected")),
        *_read_only(
            _c("reviewId", "external_id", WORD, "hash"),
            _c("productName", "product_title", LINE, "product_title"),
            _c("languageCode", "language", WORD),
        ),
    ),
    ("body", "rating", "dateCreated", "name"),
)
_OPINEW = Format(
    "opinew",
    "Opinew",
    "Opinew",
    (
        _c("body", "body", TEXT),
        _c("rating", "rating", RATING),
        _c("review_date", "written_at", _UTC),
        _c("state", "state", _PUBLISHED),
        _c("reviewer_name", "author", WORD),
        _c("reviewer_email", "email", EMAIL),
        _c("product_id", "product_id", NUMBER),
        _c("product_handle", "product_handle", HANDLE),
        _c("reply", "reply", TEXT),
        _c("reply_date", "replied_at", _UTC),
        _c("picture_urls", "photo_urls", urls()),
        _c("SKU", "sku", WORD),
        _c("barcode", "barcode", NUMBER),
        _c("region", "location", WORD),
    ),
    ("body", "rating", "review_date", "state", "reviewer_name"),
)
_YOTPO = Format(
    "yotpo",
    "Yotpo",
    "Yotpo",
    (
        _c("Review Title", "title", LINE, "title"),
        _c("Review Content", "body", TEXT, "content"),
        _c("Review Score", "rating", RATING, "score"),
        _c("Date", "written_at", _DAY, "Review Date", "Review Creation Date", "Creation Date"),
        _c("Product ID", "product_id", NUMBER, "Domain Key", "SKU"),
        _c("Product Title", "product_title", LINE, "Product Name"),
        _c("Product URL", "product_url", URL),
        _c("Display Name", "author", WORD, "User Name", "Reviewer Display Name", "Customer Name"),
        _c("Email", "email", EMAIL, "Reviewer Email", "Customer Email"),
        _c("Customer Country", "country", COUNTRY, "Country"),
        _c("Published Image/Video URL", "photo_urls", urls(), "Published Image URL", "Image URL"),
        _c("Unpublished Image/Video URL", "hidden_photo_urls", urls(), "Unpublished Image URL"),
        *_read_only(
            _c("Review ID", "external_id", WORD),
            _c("Review Status", "state", states("Published", "Pending", "Rejected"), "Status"),
            _c("Verified Purchase", "is_told_verified", _FLAG, "Verified Buyer", "Is Verified"),
            _c("Comment Content", "reply", TEXT, "Comment"),
            _c("Comment Creation Date", "replied_at", _DAY, "Comment Date"),
            _c("Comment Public", "is_reply_public", _FLAG),
            _c("Product Image URL", "product_image_url", URL),
            _c("Product Handle", "product_handle", HANDLE),
        ),
    ),
    ("Review Content", "Review Score", "Date"),
)
_STAMPED = Format(
    "stamped",
    "Stamped",
    "Stamped",
    (
        _c("product_id", "product_id", NUMBER),
        _c("productUrl", "product_url", URL),
        _c("productImageUrl", "product_image_url", URL),
        _c("productTitle", "product_title", LINE, "product_name"),
        _c("rating", "rating", RATING),
        _c("author", "author", WORD, *_AUTHOR),
        _c("body", "body", TEXT),
        _c("created_at", "written_at", moments("%Y-%m-%d %H:%M:%S", in_zone=True)),
        *_read_only(
            _c("id", "external_id", WORD, "review_id"),
            _c("title", "title", LINE),
            _c("email", "email", EMAIL),
            _c("location", "location", WORD),
            _c("reply", "reply", TEXT),
            _c("replied_at", "replied_at", _UTC),
            _c("product_handle", "product_handle", HANDLE),
            _c("photos", "photo_urls", urls(_THREE), *_PHOTOS),
            _c("videos", "video_urls", urls(1), "video_url"),
            _c("published", "state", states("true", "false", "false"), "state", "status"),
            _c("verified", "is_told_verified", _FLAG, *_VERIFIED),
        ),
    ),
    ("productTitle", "rating", "body", "created_at"),
)
_SHOPIFY = Format(
    "shopify",
    "Shopify Product Reviews",
    "Shopify Product Reviews",
    (
        _c("product_handle", "product_handle", HANDLE),
        _c("state", "state", states("published", "unpublished", "unpublished", "spam")),
        _c("rating", "rating", RATING),
        _c("title", "title", LINE),
        _c("author", "author", WORD),
        _c("email", "email", EMAIL),
        _c("location", "location", WORD),
        _c("body", "body", TEXT),
        _c("reply", "reply", TEXT),
        _c("created_at", "written_at", _UTC),
        _c("replied_at", "replied_at", _UTC),
    ),
    ("product_handle", "state", "rating", "author", "body", "created_at"),
)
_RYVIU = Format(
    "ryviu",
    "Ryviu",
    "Ryviu",
    (
        _c("product_handle", "product_handle", HANDLE),
        _c("rating", "rating", RATING),
        _c("author", "author", WORD),
        _c("title", "title", LINE),
        _c("body_text", "body", TEXT),
        _c("email", "email", EMAIL),
        _c("photo_urls", "photo_urls", urls()),
        _c("created_at", "written_at", moments("%Y-%m-%d %H:%M", in_zone=True)),
        _c("status", "state", states("enable", "disable", "disable")),
        _c("featured", "is_featured", flags("1", "0")),
    ),
    ("product_handle", "rating", "author", "body_text"),
)
_OURS = Format(
    "thereafter",
    "Thereafter",
    "Import",
    (
        _c("id", "external_id", WORD, "review_id"),
        _c("product_id", "product_id", NUMBER),
        _c("product_handle", "product_handle", HANDLE, "handle"),
        _c("sku", "sku", WORD),
        _c("barcode", "barcode", NUMBER, "gtin", "ean"),
        _c("product_title", "product_title", LINE, "product_name", "product"),
        _c("product_url", "product_url", URL),
        _c("product_image_url", "product_image_url", URL),
        _c("variant_id", "variant_id", NUMBER),
        _c("variant", "variant", WORD),
        _c("rating", "rating", RATING, "stars", "score", "review_score"),
        _c("title", "title", LINE, "review_title", "headline"),
        _c("body", "body", TEXT, "text", "review", "content", "review_text", "review_content", "body_text", "comment"),
        _c("author", "author", WORD, "name", "reviewer_name", *_AUTHOR),
        _c("nickname", "nickname", WORD),
        _c("email", "email", EMAIL, "reviewer_email", "customer_email", "reviewer.email"),
        _c("written_at", "written_at", moments("%Y-%m-%dT%H:%M:%SZ"), "review_date", *_WRITTEN),
        _c("state", "state", states("published", "pending", "hidden", "spam"), "status", "curated"),
        _c("verified", "is_told_verified", flags("yes", "no"), *_VERIFIED),
        _c("incentivised", "is_incentivised", flags("yes", "no"), "incentivized", "is_incentivized"),
        _c("recommended", "is_recommended", flags("yes", "no"), "is_recommended"),
        _c("featured", "is_featured", flags("yes", "no")),
        _c("country", "country", COUNTRY, "country_code"),
        _c("location", "location", WORD, "region"),
        _c("language", "language", WORD),
        _c("source", "source", WORD),
        _c("reply", "reply", TEXT, "response"),
        _c("replied_at", "replied_at", moments("%Y-%m-%dT%H:%M:%SZ"), "reply_date"),
        _c("reply_is_public", "is_reply_public", flags("yes", "no")),
        _c("photo_urls", "photo_urls", urls(), *_PHOTOS),
        _c("hidden_photo_urls", "hidden_photo_urls", urls()),
        _c("video_urls", "video_urls", urls(), "videos", "video_url"),
        _c("attributes", "attributes", HELD),
        _c("rest", "rest", HELD),
    ),
    ("rating", "written_at"),
    is_ours=True,
)

FORMATS: Mapping[str, Format] = {
    each.key: each
    for each in (
        _JUDGEME,
        _JUDGEME_EXPORT,
        _LOOX,
        _LOOX_EXPORT,
        _OKENDO,
        _OPINEW,
        _YOTPO,
        _STAMPED,
        _SHOPIFY,
        _RYVIU,
        _OURS,
    )
}
CHOICES = {each.key: each.name for each in FORMATS.values()}
