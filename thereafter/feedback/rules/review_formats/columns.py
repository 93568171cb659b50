"""How the columns of a format are written down, and names that many tables have for one thing."""

from dataclasses import replace

from thereafter.feedback.rules.review_formats.rows import Column, Kind

AUTHOR = ("reviewer.name", "reviewer", "customer_name", "author_name", "display_name")
WRITTEN = ("created_at", "date", "date_created", "review_creation_date", "submitted_at", "created")
VERIFIED = ("verified", "verified_purchase", "verified_buyer", "is_verified_buyer", "is_verified", "reviewer_type")
PHOTOS = ("picture_urls", "photo_urls", "photos", "image_urls", "images", "review_photos", "photo_url", "img")


def column(name: str, field: str, kind: Kind, *also: str) -> Column:
    return Column(name, field, kind, also)


def read_only(*columns: Column) -> tuple[Column, ...]:
    """Columns that the app's files may have, and that are not in its template."""
    return tuple(replace(one, is_written=False) for one in columns)
