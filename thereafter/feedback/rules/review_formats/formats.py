"""The tables of the review apps, column by column, as their help pages and exports have them."""

from collections.abc import Mapping

from thereafter.feedback.rules.review_formats.cells import (
    COUNTRY,
    EMAIL,
    HANDLE,
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
from thereafter.feedback.rules.review_formats.columns import AUTHOR, PHOTOS, VERIFIED, column, read_only
from thereafter.feedback.rules.review_formats.ours import OURS
from thereafter.feedback.rules.review_formats.rows import Format

_UTC = moments("%Y-%m-%d %H:%M:%S UTC")
_ISO = moments("%Y-%m-%dT%H:%M:%S.000Z")
_DAY = moments("%Y-%m-%d", in_zone=True)
_CURATED = states("ok", "not-yet", "not-yet", "spam")
_PUBLISHED = states("published", "unpublished", "unpublished")
_FLAG = flags()
# So many photos their import takes.
_FIVE, _THREE = 5, 3

_JUDGEME = Format(
    "judgeme",
    "Judge.me (import template)",
    "Judge.me",
    (
        column("title", "title", LINE),
        column("body", "body", TEXT),
        column("rating", "rating", RATING),
        column("review_date", "written_at", moments("%d/%m/%Y", in_zone=True)),
        column("reviewer_name", "author", WORD),
        column("reviewer_email", "email", EMAIL),
        column("product_id", "product_id", NUMBER),
        column("product_handle", "product_handle", HANDLE),
        column("reply", "reply", TEXT),
        column("picture_urls", "photo_urls", urls(_FIVE)),
        column("curated", "state", _CURATED),
    ),
    ("body", "rating", "review_date", "reviewer_name"),
    day_first=True,
)
_JUDGEME_EXPORT = Format(
    "judgeme_export",
    "Judge.me (export)",
    "Judge.me",
    (
        column("title", "title", LINE),
        column("body", "body", TEXT),
        column("rating", "rating", RATING),
        column("review_date", "written_at", _UTC),
        column("source", "source", WORD),
        column("curated", "state", _CURATED),
        column("reviewer_name", "author", WORD),
        column("reviewer_email", "email", EMAIL),
        column("product_id", "product_id", NUMBER),
        column("product_handle", "product_handle", HANDLE),
        column("reply", "reply", TEXT),
        column("reply_date", "replied_at", _UTC),
        column("picture_urls", "photo_urls", urls()),
        column("ip_address", "", KEPT),
        column("location", "location", WORD),
    ),
    ("body", "rating", "review_date", "reviewer_name", "curated"),
    day_first=True,
)
_LOOX = Format(
    "loox",
    "Loox (import template)",
    "Loox",
    (
        column("product_handle", "product_handle", HANDLE),
        column("product_Id", "product_id", NUMBER),
        column("rating", "rating", RATING),
        column("author", "author", WORD),
        column("email", "email", EMAIL),
        column("body", "body", TEXT),
        column("created_at", "written_at", _DAY),
        column("photo_url", "photo_urls", urls(_FIVE)),
        column("reply", "reply", TEXT),
        column("replied_at", "replied_at", _DAY),
        column("verified_purchase", "is_told_verified", _FLAG),
        column("incentivized", "is_incentivised", _FLAG),
    ),
    ("product_handle", "rating", "author", "created_at"),
)
_LOOX_EXPORT = Format(
    "loox_export",
    "Loox (export)",
    "Loox",
    (
        column("id", "external_id", WORD),
        column("status", "state", states("Active", "Pending", "Hidden")),
        column("rating", "rating", RATING),
        column("email", "email", EMAIL),
        column("nickname", "nickname", WORD),
        column("full_name", "author", WORD),
        column("review", "body", TEXT),
        column("date", "written_at", _ISO),
        column("productId", "product_id", NUMBER),
        column("handle", "product_handle", HANDLE),
        column("img", "photo_urls", urls()),
        column("variant", "variant", WORD),
        column("verified_purchase", "is_told_verified", _FLAG),
    ),
    ("id", "rating", "review", "date", "nickname"),
)
_OKENDO = Format(
    "okendo",
    "Okendo",
    "Okendo",
    (
        column("name", "author", WORD, *AUTHOR, "reviewer_name"),
        column("body", "body", TEXT),
        column("handle", "product_handle", HANDLE, "product_handle"),
        column("productId", "product_id", NUMBER),
        column("rating", "rating", RATING),
        column("sku", "sku", WORD),
        column("dateCreated", "written_at", _ISO),
        column("countryCode", "country", COUNTRY),
        column("email", "email", EMAIL, "reviewer.email", "reviewer_email"),
        column("imageUrls", "photo_urls", urls()),
        column("isApproved", "state", states("true", "false", "false")),
        column("isIncentivized", "is_incentivised", _FLAG),
        column("isRecommended", "is_recommended", _FLAG),
        column("rejectedImageUrls", "hidden_photo_urls", urls()),
        column("reply", "reply", TEXT),
        column("replyDateCreated", "replied_at", _ISO),
        column("replyIsPublic", "is_reply_public", _FLAG),
        column("title", "title", LINE),
        column("videoUrls", "video_urls", urls()),
        column("isVerifiedBuyer", "is_told_verified", _FLAG),
        column("variantId", "variant_id", NUMBER),
        column("status", "state", states("approved", "pending", "rejected")),
        *read_only(
            column("reviewId", "external_id", WORD, "hash"),
            column("productName", "product_title", LINE, "product_title"),
            column("languageCode", "language", WORD),
        ),
    ),
    ("body", "rating", "dateCreated", "name"),
)
_OPINEW = Format(
    "opinew",
    "Opinew",
    "Opinew",
    (
        column("body", "body", TEXT),
        column("rating", "rating", RATING),
        column("review_date", "written_at", _UTC),
        column("state", "state", _PUBLISHED),
        column("reviewer_name", "author", WORD),
        column("reviewer_email", "email", EMAIL),
        column("product_id", "product_id", NUMBER),
        column("product_handle", "product_handle", HANDLE),
        column("reply", "reply", TEXT),
        column("reply_date", "replied_at", _UTC),
        column("picture_urls", "photo_urls", urls()),
        column("SKU", "sku", WORD),
        column("barcode", "barcode", NUMBER),
        column("region", "location", WORD),
    ),
    ("body", "rating", "review_date", "state", "reviewer_name"),
)
_YOTPO = Format(
    "yotpo",
    "Yotpo",
    "Yotpo",
    (
        column("Review Title", "title", LINE, "title"),
        column("Review Content", "body", TEXT, "content"),
        column("Review Score", "rating", RATING, "score"),
        column("Date", "written_at", _DAY, "Review Date", "Review Creation Date", "Creation Date"),
        column("Product ID", "product_id", NUMBER, "Domain Key", "SKU"),
        column("Product Title", "product_title", LINE, "Product Name"),
        column("Product URL", "product_url", URL),
        column("Display Name", "author", WORD, "User Name", "Reviewer Display Name", "Customer Name"),
        column("Email", "email", EMAIL, "Reviewer Email", "Customer Email"),
        column("Customer Country", "country", COUNTRY, "Country"),
        column("Published Image/Video URL", "photo_urls", urls(), "Published Image URL", "Image URL"),
        column("Unpublished Image/Video URL", "hidden_photo_urls", urls(), "Unpublished Image URL"),
        *read_only(
            column("Review ID", "external_id", WORD),
            column("Review Status", "state", states("Published", "Pending", "Rejected"), "Status"),
            column("Verified Purchase", "is_told_verified", _FLAG, "Verified Buyer", "Is Verified"),
            column("Comment Content", "reply", TEXT, "Comment"),
            column("Comment Creation Date", "replied_at", _DAY, "Comment Date"),
            column("Comment Public", "is_reply_public", _FLAG),
            column("Product Image URL", "product_image_url", URL),
            column("Product Handle", "product_handle", HANDLE),
        ),
    ),
    ("Review Content", "Review Score", "Date"),
)
_STAMPED = Format(
    "stamped",
    "Stamped",
    "Stamped",
    (
        column("product_id", "product_id", NUMBER),
        column("productUrl", "product_url", URL),
        column("productImageUrl", "product_image_url", URL),
        column("productTitle", "product_title", LINE, "product_name"),
        column("rating", "rating", RATING),
        column("author", "author", WORD, *AUTHOR),
        column("body", "body", TEXT),
        column("created_at", "written_at", moments("%Y-%m-%d %H:%M:%S", in_zone=True)),
        *read_only(
            column("id", "external_id", WORD, "review_id"),
            column("title", "title", LINE),
            column("email", "email", EMAIL),
            column("location", "location", WORD),
            column("reply", "reply", TEXT),
            column("replied_at", "replied_at", _UTC),
            column("product_handle", "product_handle", HANDLE),
            column("photos", "photo_urls", urls(_THREE), *PHOTOS),
            column("videos", "video_urls", urls(1), "video_url"),
            column("published", "state", states("true", "false", "false"), "state", "status"),
            column("verified", "is_told_verified", _FLAG, *VERIFIED),
        ),
    ),
    ("productTitle", "rating", "body", "created_at"),
)
_SHOPIFY = Format(
    "shopify",
    "Shopify Product Reviews",
    "Shopify Product Reviews",
    (
        column("product_handle", "product_handle", HANDLE),
        column("state", "state", states("published", "unpublished", "unpublished", "spam")),
        column("rating", "rating", RATING),
        column("title", "title", LINE),
        column("author", "author", WORD),
        column("email", "email", EMAIL),
        column("location", "location", WORD),
        column("body", "body", TEXT),
        column("reply", "reply", TEXT),
        column("created_at", "written_at", _UTC),
        column("replied_at", "replied_at", _UTC),
    ),
    ("product_handle", "state", "rating", "author", "body", "created_at"),
)
_RYVIU = Format(
    "ryviu",
    "Ryviu",
    "Ryviu",
    (
        column("product_handle", "product_handle", HANDLE),
        column("rating", "rating", RATING),
        column("author", "author", WORD),
        column("title", "title", LINE),
        column("body_text", "body", TEXT),
        column("email", "email", EMAIL),
        column("photo_urls", "photo_urls", urls()),
        column("created_at", "written_at", moments("%Y-%m-%d %H:%M", in_zone=True)),
        column("status", "state", states("enable", "disable", "disable")),
        column("featured", "is_featured", flags("1", "0")),
    ),
    ("product_handle", "rating", "author", "body_text"),
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
        OURS,
    )
}
CHOICES = {each.key: each.name for each in FORMATS.values()}
