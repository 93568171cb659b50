"""Labels and slips: what a scanner reads from the printed page is what we meant."""

import io
import itertools
from dataclasses import replace
from typing import Any

import pytest
import segno
from PIL import Image

from thereafter.returns.actions.opening import Wish
from thereafter.returns.labels import paper, phone
from thereafter.returns.labels.barcodes import code128_widths
from thereafter.returns.labels.paper import CannotPrint, Item, Packed, Sheet
from thereafter.returns.labels.phone import BadCode
from thereafter.returns.labels.sheets import sheet_of
from thereafter.returns.labels.words import words
from thereafter.returns.rules.paper import A4, LETTER, page_size
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ask, delivered_order
from thereafter.stores.tests.makers import make_store

CODE = "K7MPQ3XW9D"
SHEET = Sheet(
    shop="Stride & Co",
    code=CODE,
    language="de",
    sender={"name": "John #1", "line1": "Straße $x$ *2*", "postcode": "10115", "city": "Berlin", "country": "DE"},
    receiver={"name": "Retouren", "line1": "Lagerweg 5", "postcode": "50667", "city": "Köln", "country": "DE"},
    cases=[
        Packed("R1042", "1001", [Item("*Socks* _x_ #set(page)", 2, "Blue", "SO-1", "Too small")]),
        Packed("R1043", "1002", [Item("Jacket", 1)]),
    ],
)


def picture(sheet: Sheet, what: str = "label") -> Image.Image:
    made: Any = getattr(paper, what)(sheet, kind="png")
    return Image.open(io.BytesIO(made)).convert("L")


def scanned(page: Image.Image) -> list[str]:
    """Every Code 128 on the page, as a line of light reads it: widths of bars along each tenth row."""
    found: list[str] = []
    for y in range(0, page.height, 10):
        row = page.crop((0, y, page.width, y + 1)).tobytes()
        edges = [x for x in range(1, len(row)) if (row[x] < 128) != (row[x - 1] < 128)]
        runs = [right - left for left, right in itertools.pairwise(edges)]
        for start in range(0, len(runs), 2):
            text = _read(runs[start:])
            if text and text not in found:
                found.append(text)
    return found


def _read(runs: list[int]) -> str:
    """Of a run of bars and spaces, the text in set B; "" when it is no sound code."""
    values: list[int] = []
    for at in range(0, len(runs) - 6, 6):
        six, seven = runs[at : at + 6], runs[at : at + 7]
        if values and _modules(seven, 13) == "2331112":
            sound = values[0] == 104 and (104 + sum(n * v for n, v in enumerate(values[1:-1], 1))) % 103 == values[-1]
            return "".join(chr(value + 32) for value in values[1:-1]) if sound else ""
        value = _VALUES.get(_modules(six, 11))
        if value is None:
            return ""
        values.append(value)
    return ""


def _modules(widths: list[int], modules: int) -> str:
    one = sum(widths) / modules
    return "".join(str(round(width / one)) for width in widths) if one else ""


def _all_values() -> dict[str, int]:
    """The sixes of the alphabet, from our own writing of each sign; the start, and what only a check sum can be."""
    signs = {code128_widths(chr(value + 32))[6:12]: value for value in range(95)}
    sums: dict[str, int] = {}
    for first in range(95):
        for second in range(95):
            widths = code128_widths(chr(first + 32) + chr(second + 32))
            sums[widths[18:24]] = (104 + first + 2 * second) % 103
    return {**sums, **signs, code128_widths("A")[:6]: 104}


_VALUES = _all_values()


def test_the_label_is_read_by_a_hand_scanner() -> None:
    assert scanned(picture(SHEET)) == [CODE]


def test_the_slip_has_a_code_for_the_parcel_and_for_each_case() -> None:
    assert scanned(picture(SHEET, "slip")) == [CODE, "R1042", "R1043"]


def test_code_128_is_as_the_standard_says() -> None:
    """The example of the check sum of "PJJ123C" in set B gives 54."""
    widths = code128_widths("PJJ123C")
    assert widths.startswith("211214")
    assert widths.endswith("2331112")
    assert _VALUES[widths[-13:-7]] == (104 + 1 * 48 + 2 * 42 + 3 * 42 + 4 * 17 + 5 * 18 + 6 * 19 + 7 * 35) % 103
    with pytest.raises(ValueError, match="cannot be written"):
        code128_widths("Ä")


def test_the_label_shows_the_code_as_qr_too() -> None:
    """The squares on the page are those of the code, one by one."""
    page = picture(SHEET)
    matrix = [[bool(cell) for cell in row] for row in segno.make(CODE, error="m", micro=False).matrix]
    dark = page.crop((page.width * 65 // 100, 0, page.width * 91 // 100, page.height)).point(
        lambda value: 255 if value < 128 else 0
    )
    rows = [dark.crop((0, y, dark.width, y + 1)).getbbox() for y in range(dark.height)]
    blank = [-1, *(y for y, box in enumerate(rows) if not box), dark.height]
    above, below = max(itertools.pairwise(blank), key=lambda pair: pair[1] - pair[0])
    left, top, end, bottom = dark.crop((0, above + 1, dark.width, below)).getbbox() or (0, 0, 0, 0)
    top, bottom = top + above + 1, bottom + above + 1
    one = (end - left) / len(matrix)
    seen = [
        [dark.getpixel((int(left + (x + 0.5) * one), int(top + (y + 0.5) * one))) == 255 for x in range(len(matrix))]
        for y in range(len(matrix))
    ]
    assert abs((bottom - top) - (end - left)) < one
    assert seen == matrix


def test_the_page_is_that_of_the_printers_country() -> None:
    at_home, abroad = picture(SHEET), picture(replace(SHEET, sender={**SHEET.sender, "country": "US"}))
    assert (round(at_home.width / 200 * 25.4), round(at_home.height / 200 * 25.4)) == (210, 297)
    assert (round(abroad.width / 200 * 25.4), round(abroad.height / 200 * 25.4)) == (216, 279)
    assert (page_size("de"), page_size("ca"), page_size("")) == (A4, LETTER, A4)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt-BR"])
def test_it_speaks_the_shoppers_language_and_prints_whatever_is_in_it(language: str) -> None:
    long = [Item("An item with a long name " * 8, 3, "Variant", "SKU", "A reason in several words")] * 40
    sheet = replace(SHEET, language=language, cases=[Packed(f"R{n}", f"10{n}", long) for n in range(3)])
    assert paper.papers(sheet).startswith(b"%PDF")
    assert paper.slip(sheet, kind="png").startswith(b"\x89PNG")


def test_each_language_has_words_of_its_own() -> None:
    titles = {words(language)["slip"] for language in ("en", "de", "fr", "es", "pt")}
    assert len(titles) == 5


def test_without_an_address_nothing_is_printed() -> None:
    with pytest.raises(CannotPrint, match="where returns go"):
        paper.label(replace(SHEET, receiver={}))
    with pytest.raises(CannotPrint):
        paper.papers(replace(SHEET, receiver={"name": "Returns"}))


@pytest.mark.django_db
def test_the_papers_of_a_parcel_list_its_cases() -> None:
    store = make_store(country="DE")
    cases = ask(
        delivered_order(store),
        Wish(line="1", reason="size_small", outcome="store_credit"),
        Wish(line="2", quantity=2, reason="changed_mind"),
    )
    sheet = sheet_of(visits.parcel(cases[1]))
    listed = [(case.number, [(one.title, one.quantity) for one in case.items]) for case in sheet.cases]
    assert ("R1002", [("Socks", 2)]) in listed
    assert all(case.order == "1001" for case in sheet.cases)
    assert sheet.send_by
    assert paper.slip(sheet).startswith(b"%PDF")


@pytest.mark.django_db
def test_a_phones_code_is_good_at_its_shops_counter_only() -> None:
    store, other = make_store(), make_store("other")
    key = phone.counter_key(store)
    code = phone.make(key, CODE)
    assert phone.read(key, f" {code.lower()}\n") == CODE
    assert phone.make(key, CODE) != code
    assert segno.make(code, micro=False).mode == "alphanumeric"
    assert phone.drawn(code).startswith("<svg")
    for bad in (
        CODE,
        "",
        "https://example.com",
        code[:-1] + ("A" if code[-1] != "A" else "B"),
        code.replace("K7", "K8"),
    ):
        with pytest.raises(BadCode):
            phone.read(key, bad)
    with pytest.raises(BadCode, match="not made by this shop"):
        phone.read(phone.counter_key(other), code)
