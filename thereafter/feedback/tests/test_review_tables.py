"""Reviews written as tables: what is marked, what cannot be said there, and that nothing is lost."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.feedback.rules.review_formats import reading, writing
from thereafter.feedback.rules.review_formats.formats import FORMATS
from thereafter.feedback.rules.review_formats.rows import ReviewRow, Taken
from thereafter.feedback.rules.review_formats.writing import Review
from thereafter.feedback.tests.test_review_formats import (
    NOW,
    PLAN,
    opened,
    written,
)
from thereafter.kit import tables


def test_what_was_changed_is_written_and_the_rest_stays_as_it_stood() -> None:
    text = "title,body,rating,review_date,reviewer_name,product_id,reply,Shelf\nOk, fine ,5.0,25/03/2024,Ann,1,,B7\n"
    file = opened(text, "judgeme")
    row = file.rows()[0]
    assert isinstance(row, Taken)
    answered = ReviewRow(**{**vars(row.row), "reply": "Thank you"})
    assert written(file, [Review(answered, row)]) == text.replace("Ann,1,,", "Ann,1,Thank you,")


def test_formulas_are_marked_in_our_table_and_read_back() -> None:
    row = ReviewRow(rating=5, written_at=NOW, product_id="1", body="=HYPERLINK(1)", title="+1", author="'quoted'")
    text = "".join(writing.write(FORMATS["thereafter"], [Review(row)], PLAN))
    assert ",'=HYPERLINK(1),''quoted'," in text
    (again,) = opened(text).rows()
    assert isinstance(again, Taken)
    assert again.row == row


def test_tables_for_other_apps_hold_what_was_written_and_nothing_else() -> None:
    row = ReviewRow(rating=5, written_at=NOW, product_handle="a", body="- thin")
    assert ",- thin," in "".join(writing.write(FORMATS["loox"], [Review(row)], PLAN))


def test_where_a_table_cannot_say_hidden_only_published_ones_are_written() -> None:
    hidden = ReviewRow(rating=1, written_at=NOW, state="hidden")
    assert not writing.may_be_written(FORMATS["loox"], hidden)
    assert writing.may_be_written(FORMATS["judgeme"], hidden)


def test_what_an_app_cannot_hold_and_what_it_asks_for_is_said_before() -> None:
    row = ReviewRow(rating=5, written_at=NOW, title="Good", attributes={"fit": "small"}, product_id="1")
    assert writing.lost(FORMATS["loox"], row) == ["titles", "answers such as fit or age"]
    assert writing.lacking(FORMATS["yotpo"], row) == ["an e-mail address", "a country"]


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" \n,;\"'=+-@"), max_size=30
)
letters = st.text("abcdefghijklmnopqrstuvwxyzäöüß -.", max_size=20).map(lambda text: " ".join(text.split()))
addresses = st.integers(0, 99).map(lambda number: f"https://img.example.com/{number}.jpg")
seconds = st.integers(0, 10**9).map(lambda ago: NOW - timedelta(seconds=ago + 1))


def _tidy(text: str) -> str:
    return text.strip()


rows = st.builds(
    ReviewRow,
    rating=st.integers(1, 5),
    written_at=seconds,
    external_id=st.text("abc123", max_size=8),
    title=letters,
    body=words.map(_tidy).filter(lambda text: "<" not in text and "&" not in text),
    author=letters,
    email=st.sampled_from(["", "ann@example.com"]),
    product_id=st.integers(1, 10**13).map(str),
    reply=letters,
    replied_at=st.none() | seconds,
    is_reply_public=st.sampled_from([None, True, False]),
    photo_urls=st.lists(addresses, max_size=4, unique=True).map(tuple),
    state=st.sampled_from(["", "published", "pending", "hidden", "spam"]),
    is_told_verified=st.sampled_from([None, True, False]),
    country=st.sampled_from(["", "DE", "BR"]),
    attributes=st.dictionaries(st.text("abc", min_size=1, max_size=3), letters, max_size=3),
    rest=st.dictionaries(st.text("xyz", min_size=1, max_size=3), words, max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, min_size=1, max_size=4))
def test_our_table_holds_any_review_and_is_stable_to_the_byte(reviews: list[ReviewRow]) -> None:
    unlike = {reading.identity(FORMATS["thereafter"], row, PLAN): row for row in reviews}
    text = "".join(writing.write(FORMATS["thereafter"], [Review(row) for row in unlike.values()], PLAN))
    file = opened(text)
    found = [row for row in file.rows() if isinstance(row, Taken)]
    assert [row.row for row in found] == list(unlike.values())
    assert written(file, [Review(row.row) for row in found]) == text


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.lists(st.lists(cells, min_size=30, max_size=40), max_size=3))
def test_any_cells_are_taken_or_refused_as_they_stood(key: str, grid: list[list[str]]) -> None:
    """Whatever stands in a file, each row is there again: to be written back, or with its reason."""
    head = writing.header(FORMATS[key])
    body = [line[: len(head)] for line in grid if any(cell.strip() for cell in line[: len(head)])]
    if not body:
        return
    text = "".join(tables.written([head, *body]))
    file = opened(text, key, "dmy")
    wanted = [dict(zip(head, cells + [""] * len(head), strict=False)) for _, cells in file.table.rows]
    found = file.rows()
    assert [dict(row.cells) for row in found] == wanted
    for row in found:
        if isinstance(row, Taken):
            (again,) = tables.read("".join(writing.write(file.format, [Review(row.row, row)], file.plan))).rows
            assert again[1] == list(row.cells.values())
