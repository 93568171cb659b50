"""What scanners read, and what usually becomes of what came back."""

import pytest

from thereafter.returns.rules.dispositions import usual
from thereafter.returns.rules.scanned import readings, stock_code, unit_of


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("abc123", "ABC123"),
        (" 1Z 999 ", "1Z999"),
        ("THR1:KXW7M2PQRS:AAAA:BBBB", "KXW7M2PQRS"),
        ("thr1:kxw7m2pqrs:aaaa:bbbb", "KXW7M2PQRS"),
        ("420972019405511899223197428490", "9405511899223197428490"),
        ("42097201123494055118992231974284", "42097201123494055118992231974284"),
        ("4209720112349405511899223197428490", "9405511899223197428490"),
        ("9622001900000000000000776632517207", "776632517207"),
        ("(00)340434161094042557", "00340434161094042557"),
        ("00340434161094042557", "340434161094042557"),
        ("https://track.example/?id=1Z999", "1Z999"),
        ("https://shop.example/r/KXW7M2PQRS", "KXW7M2PQRS"),
        ("\x1dABC\x00", "ABC"),
    ],
)
def test_what_stands_around_a_number_is_left_out(read: str, meant: str) -> None:
    assert meant in readings(read)


def test_nothing_is_meant_by_nothing() -> None:
    assert readings(" \x1d\n") == ()


def test_a_stock_label_leads_to_its_unit() -> None:
    assert unit_of(stock_code("R1042", 3).lower()) == ("R1042", 3)
    assert unit_of("R1042") is None


@pytest.mark.parametrize(
    ("grade", "reason", "rejected", "last", "goes"),
    [
        ("new", "changed_mind", False, "", "restock"),
        ("used", "changed_mind", False, "", "resale"),
        ("defective", "faulty_later", False, "", "vendor_return"),
        ("used", "faulty_later", False, "", "vendor_return"),
        ("new", "faulty_later", False, "", "restock"),
        ("new", "changed_mind", False, "donate", "donate"),
        ("new", "changed_mind", True, "donate", "send_back"),
        ("", "changed_mind", False, "", "restock"),
    ],
)
def test_grade_and_reason_say_where_it_goes_until_somebody_has_chosen(
    grade: str, reason: str, rejected: bool, last: str, goes: str
) -> None:
    assert usual(grade, reason, rejected=rejected, last=last) == goes
