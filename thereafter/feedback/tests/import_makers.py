"""Files of reviews brought in."""

from datetime import UTC, datetime
from pathlib import Path

from thereafter.feedback.actions import review_imports
from thereafter.feedback.models import Review, ReviewImport
from thereafter.feedback.queries import review_exports
from thereafter.stores.models import Staff, Store

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures" / "reviews"
HEAD = "title,body,rating,review_date,reviewer_name,reviewer_email,product_id,product_handle,reply,picture_urls,curated"
FILE = f"""{HEAD}
Warm,Holds the heat,5,25/03/2025,Ida Maria Brandt,ida@example.com,701,teapot,Thank you,https://img.example.com/a.jpg,ok
,The lid is loose,1,05/04/2025,Tom Okafor,tom@example.com,,teapot,,,ok
Buy,Watches,5,06/04/2025,x,,701,,,,spam
,Later,4,07/04/2025,Ann,,701,,,,not-yet
"""


def look(store: Store, staff: Staff, text: str = FILE) -> ReviewImport:
    return review_imports.look(store, "reviews.csv", text.encode(), by=staff, now=NOW)


def carry_out(one: ReviewImport, staff: Staff) -> ReviewImport:
    assert review_imports.begin(one, by=staff, now=NOW)
    while review_imports.carry_on(NOW):
        pass
    one.refresh_from_db()
    return one


def bring(store: Store, staff: Staff, text: str = FILE) -> ReviewImport:
    return carry_out(look(store, staff, text), staff)


def refused(one: ReviewImport) -> dict[int, str]:
    return dict(one.refusals.values_list("row", "reason"))


def said(store: Store, body: str) -> Review:
    return Review.objects.of(store).get(body=body)


def table(store: Store, key: str) -> str:
    return "".join(review_exports.table(store, key, NOW))
