"""Files of review apps: what is read of them, what is refused with which sentence, and that nothing is lost."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from thereafter.feedback.rules.review_formats import reading, recognising, writing
from thereafter.feedback.rules.review_formats.formats import FORMATS
from thereafter.feedback.rules.review_formats.reading import File
from thereafter.feedback.rules.review_formats.rows import Plan, Refused, Taken
from thereafter.feedback.rules.review_formats.writing import Review
from thereafter.kit import tables
from thereafter.kit.tables import Unreadable

FIXTURES = Path(__file__).parent / "fixtures" / "reviews"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAN = Plan(ZoneInfo("Europe/Berlin"), NOW)
HEAD = "rating,body,author,email,written_at,product_handle,photo_urls,state,verified"


def opened(text: str, key: str = "thereafter", order: str = "") -> File:
    return reading.read(key, text, Plan(PLAN.zone, NOW, order))


def one(cells: str, head: str = HEAD) -> Taken | Refused:
    return opened(f"{head}\n{cells}\n").rows()[0]


def taken(cells: str, head: str = HEAD) -> Taken:
    found = one(cells, head)
    assert isinstance(found, Taken), found
    return found


def why_not(cells: str, head: str = HEAD) -> str:
    found = one(cells, head)
    assert isinstance(found, Refused), found
    return found.reason


def written(file: File, reviews: list[Review]) -> str:
    table = file.table
    lines = writing.write(
        file.format, reviews, file.plan, names=table.columns, delimiter=table.delimiter, newline=table.newline
    )
    return "".join(lines)


TEXTS = [(key, tables.text_of((FIXTURES / f"{key}.csv").read_bytes())) for key in FORMATS]


@pytest.mark.parametrize(("key", "text"), TEXTS, ids=list(FORMATS))
class TestEachFormat:
    def test_is_recognised_by_its_columns(self, key: str, text: str) -> None:
        assert recognising.recognise(tables.read(text).columns).key == key

    def test_is_read_whole_and_written_back_letter_by_letter(self, key: str, text: str) -> None:
        file = opened(text, key)
        rows = [row for row in file.rows() if isinstance(row, Taken)]
        assert len(rows) == len(file.table.rows) > 1
        assert [note for row in rows for note in row.notes] == []
        assert written(file, [Review(row.row, row) for row in rows]) == text

    def test_is_read_and_written_anew_without_losing_anything(self, key: str, text: str) -> None:
        file = opened(text, key)
        rows = [row.row for row in file.rows() if isinstance(row, Taken)]
        again = opened(written(file, [Review(row) for row in rows]), key, file.plan.date_order)
        assert [row.row for row in again.rows() if isinstance(row, Taken)] == rows

    def test_comes_through_our_own_table_unharmed(self, key: str, text: str) -> None:
        rows = [row.row for row in opened(text, key).rows() if isinstance(row, Taken)]
        ours = "".join(writing.write(FORMATS["thereafter"], [Review(row) for row in rows], PLAN))
        again = [row.row for row in opened(ours).rows() if isinstance(row, Taken)]
        assert again == rows

    def test_is_written_with_exactly_the_columns_of_the_app(self, key: str, text: str) -> None:
        columns = tables.read(text).columns
        known = writing.header(FORMATS[key])
        assert [name for name in columns if name in known] == [name for name in known if name in columns]


COLUMNS = {
    "judgeme": "title,body,rating,review_date,reviewer_name,reviewer_email,product_id,product_handle,reply,"
    "picture_urls,curated",
    "judgeme_export": "title,body,rating,review_date,source,curated,reviewer_name,reviewer_email,product_id,"
    "product_handle,reply,reply_date,picture_urls,ip_address,location",
    "loox": "product_handle,product_Id,rating,author,email,body,created_at,photo_url,reply,replied_at,"
    "verified_purchase,incentivized",
    "loox_export": "id,status,rating,email,nickname,full_name,review,date,productId,handle,img,variant,"
    "verified_purchase",
    "okendo": "name,body,handle,productId,rating,sku,dateCreated,countryCode,email,imageUrls,isApproved,"
    "isIncentivized,isRecommended,rejectedImageUrls,reply,replyDateCreated,replyIsPublic,title,videoUrls,"
    "isVerifiedBuyer,variantId,status",
    "opinew": "body,rating,review_date,state,reviewer_name,reviewer_email,product_id,product_handle,reply,"
    "reply_date,picture_urls,SKU,barcode,region",
    "stamped": "product_id,productUrl,productImageUrl,productTitle,rating,author,body,created_at",
    "shopify": "product_handle,state,rating,title,author,email,location,body,reply,created_at,replied_at",
    "ryviu": "product_handle,rating,author,title,body_text,email,photo_urls,created_at,status,featured",
}


@pytest.mark.parametrize("key", COLUMNS)
def test_the_columns_are_those_of_the_apps_help(key: str) -> None:
    assert ",".join(writing.header(FORMATS[key])) == COLUMNS[key]


def test_yotpo_begins_with_the_columns_of_its_help_and_has_the_country_it_asks_for() -> None:
    columns = writing.header(FORMATS["yotpo"])
    assert ";".join(columns).startswith(
        "Review Title;Review Content;Review Score;Date;Product ID;Product Title;Product URL;Display Name;Email;"
    )
    assert "Customer Country" in columns


@pytest.mark.parametrize(
    ("head", "key"),
    [
        ("Review ID,Product ID,Product Name,Rating,Title,Body,Reviewer Name,Date Created,Status", "okendo"),
        ("reviewId,productId,rating,title,body,reviewer.name,reviewer.email,dateCreated", "okendo"),
        ("Review Title,Review Content,Review Score,Date,Product ID,Product Name,Display Name,Email", "yotpo"),
        ("title,body,rating,review_date,reviewer_name,reviewer_email,product_id,product_handle", "judgeme"),
        ("stars,text,name,date,handle", "thereafter"),
    ],
)
def test_other_spellings_of_columns_are_known(head: str, key: str) -> None:
    assert recognising.recognise(head.split(",")).key == key


def test_an_unknown_table_is_told_which_format_comes_closest_and_what_it_lacks() -> None:
    found = recognising.recognise(["product_handle", "author", "email", "body", "photo_url", "product_Id"])
    assert found.key == ""
    assert "Loox (import template) comes closest, and would need “rating”, “created_at”" in found.sentence


def test_a_table_of_something_else_is_said_to_be_so() -> None:
    found = recognising.recognise(["first_name", "points"])
    assert found.sentence.startswith("No column is one of a review app. The file needs stars, a date and a product")


def test_a_format_chosen_by_hand_says_what_the_file_lacks() -> None:
    with pytest.raises(Unreadable, match="As a file of Ryviu it lacks “product_handle”"):
        opened("rating,author,body_text\n5,Ann,Good\n", "ryviu")


@pytest.mark.parametrize("text", ["", "\n\n", " , ,\n1,2,3\n"])
def test_an_empty_file_is_said_to_be_empty(text: str) -> None:
    with pytest.raises(Unreadable, match="empty"):
        tables.read(text)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_usual_table_is_read(sign: str, encoding: str) -> None:
    text = 'rating,body,date,handle\r\n5,"Gut; sehr,\r\nschön\tfür | ""uns""",2025-01-02,a\r\n'
    text = text.replace("rating,body,date,handle", sign.join(("rating", "body", "date", "handle")))
    text = text.replace("5,", f"5{sign}").replace(",2025-01-02,a", f"{sign}2025-01-02{sign}a")
    (found,) = opened(tables.text_of(text.encode(encoding))).rows()
    assert isinstance(found, Taken)
    assert found.row.body == 'Gut; sehr,\nschön\tfür | "uns"'


def test_which_encoding_it_was_can_be_told() -> None:
    assert tables.encoding_of("Schön".encode("cp1252")) == "cp1252"
    assert tables.encoding_of("Schön".encode()) == "utf-8-sig"


@pytest.mark.parametrize(("cell", "stars"), [("5", 5), ("5.0", 5), ('"4,0"', 4), ("★★★☆☆", 3), ("4/5", 4), (" 2 ", 2)])
def test_whole_stars_are_read(cell: str, stars: int) -> None:
    assert taken(f"{cell},Good,Ann,,2025-01-02,a,,,").row.rating == stars


@pytest.mark.parametrize("cell", ["4.5", '"4,5"', "0", "6", "10", "-1", "good", "5 of 7"])
def test_anything_but_one_to_five_whole_stars_is_listed_and_never_rounded(cell: str) -> None:
    reason = why_not(f"{cell},Good,Ann,,2025-01-02,a,,,")
    assert reason == f"“{cell.strip(chr(34))}” is no whole number of stars. Write 1, 2, 3, 4 or 5."


def test_a_row_without_stars_is_listed() -> None:
    assert "no stars" in why_not(",Good,Ann,,2025-01-02,a,,,")


def test_a_date_that_may_be_either_month_is_asked_about() -> None:
    file = opened(f"{HEAD}\n5,Good,Ann,,05/03/2024,a,,,\n")
    assert file.asked == ("05/03/2024",)
    for order, month in (("dmy", 3), ("mdy", 5)):
        (found,) = opened(f"{HEAD}\n5,Good,Ann,,05/03/2024,a,,,\n", order=order).rows()
        assert isinstance(found, Taken)
        assert found.row.written_at.astimezone(PLAN.zone).month == month


@pytest.mark.parametrize(("proof", "month"), [("25/03/2024", 3), ("03/25/2024", 5)])
def test_one_row_that_shows_the_order_decides_the_file(proof: str, month: int) -> None:
    file = opened(f"{HEAD}\n5,Good,Ann,,05/03/2024,a,,,\n4,Fine,Bo,,{proof},a,,,\n")
    first, second = file.rows()
    assert not file.asked
    assert isinstance(first, Taken)
    assert isinstance(second, Taken)
    assert first.row.written_at.astimezone(PLAN.zone).month == month


def test_the_dates_of_replies_show_the_order_as_well() -> None:
    head = "rating,body,written_at,handle,reply,replied_at"
    assert not opened(f"{head}\n5,Good,05/03/2024,a,Thanks,25/03/2024\n").asked


def test_what_the_help_says_of_dates_is_suggested_and_not_taken_for_granted() -> None:
    file = opened("body,rating,review_date,reviewer_name,product_id\nGood,5,05/03/2024,Ann,1\n", "judgeme")
    assert (file.asked, file.suggested) == (("05/03/2024",), "dmy")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2027-01-01", "in the future"),
        ("2025-02-30", "no day of the calendar"),
        ("last week", "is no date"),
        ("", "does not say when"),
        ("0001-01-01", "too far away"),
    ],
)
def test_a_date_that_cannot_be_is_listed(cell: str, reason: str) -> None:
    assert reason in why_not(f"5,Good,Ann,,{cell},a,,,")


def test_a_mere_day_is_a_day_of_the_shop() -> None:
    assert taken("5,Good,Ann,,2025-07-01,a,,,").row.written_at == datetime(2025, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("gid://shopify/Product/555", "555"), ("'7012345678901", "7012345678901"), ("555.0", "555"), ("555", "555")],
)
def test_numbers_of_products_are_bared(cell: str, number: str) -> None:
    assert taken(f"5,Good,2025-01-02,{cell}", "rating,body,written_at,product_id").row.product_id == number


def test_a_number_that_a_spreadsheet_has_shortened_names_nothing() -> None:
    assert "has shortened" in why_not("5,Good,2025-01-02,7.01235E+12", "rating,body,written_at,product_id")


def test_a_handle_is_found_in_an_address() -> None:
    row = taken("5,Good,2025-01-02,https://shop.example.com/en/products/Sac-Cuir?variant=1", "rating,body,date,handle")
    assert row.row.product_handle == "sac-cuir"


def test_a_row_that_names_no_product_is_listed() -> None:
    assert "names no product" in why_not("5,Good,Ann,,2025-01-02,,,,")


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("https://cdn.example.com/a.jpg", ("https://cdn.example.com/a.jpg",)),
        ('"//cdn.example.com/a.jpg , https://cdn.example.com/b.jpg"',
         ("https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg")),
        ('"https://cdn.example.com/w_1,h_2/a.jpg,https://cdn.example.com/b.jpg"',
         ("https://cdn.example.com/w_1,h_2/a.jpg", "https://cdn.example.com/b.jpg")),
        ('"[""https://cdn.example.com/a.jpg""]"', ("https://cdn.example.com/a.jpg",)),
    ],
)  # fmt: skip
def test_addresses_of_photos_are_read(cell: str, kept: tuple[str, ...]) -> None:
    found = taken(f"5,Good,Ann,,2025-01-02,a,{cell},,")
    assert (found.row.photo_urls, found.notes) == (kept, ())


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "JavaScript:alert(1)", "data:image/png;base64,AAAA", "file:///etc/passwd", "a.jpg"]
)
def test_what_is_no_address_on_the_web_is_dropped_and_listed(bad: str) -> None:
    found = taken(f'5,Good,Ann,,2025-01-02,a,"{bad}, https://cdn.example.com/a.jpg",,')
    assert found.row.photo_urls == ("https://cdn.example.com/a.jpg",)
    assert bad in " ".join(found.notes)


@pytest.mark.parametrize("cell", ["true", "TRUE", "Yes", "1", "oui", "ja", "verified_buyer", "Verified Purchase"])
def test_verified_is_told_only_by_what_plainly_says_so(cell: str) -> None:
    assert taken(f"5,Good,Ann,,2025-01-02,a,,,{cell}").row.is_told_verified is True


@pytest.mark.parametrize("cell", ["false", "no", "0", "unverified", "email", "nothing", "maybe", "unknown"])
def test_anything_else_is_not_verified(cell: str) -> None:
    assert taken(f"5,Good,Ann,,2025-01-02,a,,,{cell}").row.is_told_verified is False


@pytest.mark.parametrize(
    ("cell", "state"),
    [("ok", "published"), ("Not-yet", "pending"), ("unpublished", "hidden"), ("SPAM", "spam"), ("frozen", "pending")],
)
def test_states_are_read_and_an_unknown_one_waits(cell: str, state: str) -> None:
    assert taken(f"5,Good,Ann,,2025-01-02,a,,{cell},").row.state == state


def test_of_two_columns_about_the_state_the_stricter_one_holds() -> None:
    head = "name,body,handle,rating,dateCreated,isApproved,status\n"
    (found,) = opened(f"{head}Ann,Good,a,5,2025-01-02,true,rejected\n", "okendo").rows()
    assert isinstance(found, Taken)
    assert found.row.state == "hidden"


def test_the_same_review_twice_comes_once() -> None:
    first, second = opened(f"{HEAD}\n" + "5,Good,Ann,a@example.com,2025-01-02,a,,,\n" * 2).rows()
    assert isinstance(first, Taken)
    assert isinstance(second, Refused)
    assert (second.is_left_out, second.reason) == (True, "Line 2 is the same review.")


def test_the_same_number_twice_comes_once_and_two_numbers_are_two_reviews() -> None:
    head = "id,rating,body,written_at,handle\n"
    kinds = [type(row) for row in opened(f"{head}7,5,A,2025-01-02,a\n7,5,B,2025-01-02,a\n8,5,A,2025-01-02,a\n").rows()]
    assert kinds == [Taken, Refused, Taken]


def test_import_and_export_of_one_app_name_a_review_alike() -> None:
    template = reading.read(
        "judgeme", "body,rating,review_date,reviewer_name,product_id\nGood,5,25/03/2024,Ann,1\n", PLAN
    ).rows()[0]
    export = reading.read(
        "judgeme_export",
        "body,rating,review_date,curated,reviewer_name,product_id\nGood,5,2024-03-25 10:00:00 UTC,ok,Ann,1\n",
        PLAN,
    ).rows()[0]
    assert isinstance(template, Taken)
    assert isinstance(export, Taken)
    names = [
        reading.identity(FORMATS[key], row.row, PLAN)
        for key, row in (("judgeme", template), ("judgeme_export", export))
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("<p>Super&nbsp;product &amp; fast</p><br>Again", "Super product & fast\n\nAgain"),
        ("I <3 it, 5 < 6", "I <3 it, 5 < 6"),
        ("a\u0000b\u202e", "ab"),
        ("\U0001f469\u200d\U0001f4bb\u3000ok", "\U0001f469\u200d\U0001f4bb ok"),
    ],
)
def test_texts_are_read_as_words(said: str, read: str) -> None:
    assert taken(f'5,"{said}",Ann,,2025-01-02,a,,,').row.body == read


def test_a_row_with_more_cells_than_columns_is_listed_whole() -> None:
    found = one("5,Good,Ann,,2025-01-02,a,,,no,more,cells")
    assert isinstance(found, Refused)
    assert "11 cells in this row, and 9 columns" in found.reason
    assert found.cells["verified"] == "no,more,cells"


def test_a_quotation_mark_that_nobody_closed_is_found() -> None:
    text = f'{HEAD}\n5,"Good,Ann,,2025-01-02,a,,,\n' + "5,Fine,Bo,,2025-01-02,a,,,\n" * 500
    (found,) = opened(text).rows()
    assert isinstance(found, Refused)
    assert "quotation mark is not closed" in found.reason
