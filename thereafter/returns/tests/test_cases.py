import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from thereafter.loyalty.rules.refunds import points_of_refund
from thereafter.returns.cases import booking
from thereafter.returns.cases.refunding import Book
from thereafter.returns.cases.running import Report, Rooms, run
from thereafter.returns.models import Grant
from thereafter.returns.tests import worked_refunds, worked_sums
from thereafter.returns.tests.worked import Worked, flat, line, order, units


def outcome(**case: Any) -> Report:
    return run({"cases": [{"id": "one", **case}]}, Rooms(points_of_refund))


ALL = [*worked_refunds.ALL, *worked_sums.ALL]


@pytest.mark.parametrize("worked", ALL, ids=[worked.name.replace(" ", "_") for worked in ALL])
def test_every_answer_is_as_worked_out_by_hand(worked: Worked) -> None:
    report = outcome(**worked.given, answer_shape=_asking(worked.answer))
    assert not report.failed
    assert report.answers["one"] == worked.answer
    assert outcome(**worked.given, expected=worked.answer).passed == 1


def _asking(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _asking(inner) for name, inner in answer.items()}
    return [_asking(answer[0])] if isinstance(answer, list) and answer else "?"


def test_a_wrong_expectation_fails_with_both_figures() -> None:
    report = outcome(kind="allocate", input={"total_minor": 5, "weights": [1, 1]}, expected={"shares_minor": [2, 3]})
    assert report.failed == [{"id": "one", "expected": {"shares_minor": [2, 3]}, "got": {"shares_minor": [3, 2]}}]


def test_any_listed_amount_is_accepted_and_the_sum_is_exact() -> None:
    given = {
        "kind": "refund_sequence",
        "order": order(line("L1", "5.00", 3, discount_total="5.00")),
        "steps": [units(("L1", 1)) for _ in range(3)],
    }
    other = {"amount": "3.34", "amount_in": ["3.33", "3.34"]}
    assert outcome(**given, expected={"steps": [other] * 3, "cumulative": "10.00"}).passed == 1
    assert outcome(**given, expected={"steps": [other] * 3, "cumulative": "10.01"}).failed
    assert outcome(**given, expected={"steps": [{"amount": "3.34"}] * 3, "cumulative": "10.00"}).failed


def test_a_refused_step_leaves_the_order_as_it_was() -> None:
    given = {"kind": "refund_sequence", "order": order(line("L1", "5.00"))}
    report = outcome(**given, steps=[units(("L1", 2)), units(("L1", 1))])
    refused, taken = report.answers["one"]["steps"]
    assert (refused["error"], refused["max_allowed_quantity"]) == ("exceeds_returnable_quantity", 1)
    assert taken["amount"] == report.answers["one"]["cumulative"] == "5.00"


def test_another_name_for_the_same_refusal_is_understood() -> None:
    given = {"kind": "reject", "input": {"shipping_gross": "2.00", "request": "3.00"}}
    assert outcome(**given, expected={"error": "shipping_exceeds_refundable", "max_allowed": "2.00"}).passed == 1
    assert outcome(**given, expected={"error": "nothing_selected"}).failed


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("text", "The case should be an object."),
        ({}, "The case has no 'kind'."),
        ({"kind": "dance"}, "The case is of kind 'dance'"),
        ({"kind": "allocate"}, "The case has no 'input'."),
        ({"kind": "allocate", "input": {"total_minor": 1, "weights": []}}, "nothing to spread"),
        ({"kind": "policy_amount", "input": {"rule": "luck"}}, "we know contract_prorata"),
        ({"kind": "refund", "order": order(line("L1", "x")), "request": {}}, "unit_price is 'x', which is no number."),
        ({"kind": "refund", "order": order(line("L1", "1e-99999")), "request": {}}, "no amount of money"),
        ({"kind": "refund", "order": order(line("L1", "1", -1)), "request": {}}, "Line L1 has no units."),
        ({"kind": "refund", "order": order(line("L1", "1", 10**9)), "request": {}}, "more than 1,000,000 units"),
        ({"kind": "refund", "order": order(line("A", "1"), line("A", "1")), "request": {}}, "the same name"),
        ({"kind": "refund", "order": order(currency="EURO"), "request": {}}, "which is no currency"),
        (
            {"kind": "refund", "order": order(line("L1", "1")), "request": units(("L1", 1), fees=flat("-1"))},
            "a fee is zero or more",
        ),
        (
            {"kind": "authorisation", "input": {"hold": "1", "ship_by_days": 1, "events": [["day", 1, "sang"]]}},
            "events has 'sang'",
        ),
        (
            {"kind": "refund", "order": order(line("L1", "1")), "request": units(), "answer_shape": {"fees": "?"}},
            "Nothing was chosen",
        ),
    ],
)
def test_a_case_that_cannot_be_read_fails_with_a_sentence(case: Any, said: str) -> None:
    report = run({"cases": [case]}, Rooms(points_of_refund))
    assert said in report.failed[0]["got"]
    assert report.failed[0]["id"] == "case 1"


def told(tmp_path: Path, text: str, *options: str) -> str:
    path = tmp_path / "cases.json"
    path.write_text(text, encoding="utf-8")
    out = StringIO()
    call_command("cases", "refunds", str(path), *options, stdout=out)
    return out.getvalue()


GOOD = {"id": "A", "title": "Thirds", "kind": "allocate", "input": {"total_minor": 10, "weights": [1, 1, 1]}}


@pytest.mark.django_db
def test_the_last_line_of_the_command_is_the_report(tmp_path: Path) -> None:
    said = told(tmp_path, json.dumps({"cases": [GOOD]})).splitlines()
    assert said[0] == "A  answer  Thirds"
    assert json.loads(said[-1]) == {
        "passed": 0,
        "failed": [],
        "answers": {"A": {"shares_minor": [4, 3, 3], "sum_minor": 10}},
    }
    assert len(told(tmp_path, json.dumps({"cases": [GOOD]}), "--json").splitlines()) == 1


@pytest.mark.django_db
def test_the_command_ends_with_one_when_a_case_fails(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        told(tmp_path, json.dumps({"cases": [{**GOOD, "expected": {"sum_minor": 11}}]}), "--json")
    assert ended.value.code == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"), [("{", "is not JSON"), ("{}", "a list of"), ("[" * 9000, "nested too deeply")]
)
def test_a_file_that_holds_no_cases_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        told(tmp_path, text)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("cases", "refunds", str(tmp_path / "none.json"))


SEQUENCE: dict[str, Any] = {
    "kind": "refund_sequence",
    "order": order(line("a", "10.00", 3, discount_total="1.00", tax_total="1.90"), currency="EUR", exponent=2),
    "steps": [
        {"items": [{"line": "a", "quantity": 1}]},
        {"items": [{"line": "a", "amount": "5.00"}]},
        {"items": [{"line": "a", "quantity": 2}]},
        {"items": [{"line": "a", "quantity": 1}]},
    ],
}


def in_the_books(book: Book, **case: Any) -> Report:
    return run({"cases": [{"id": "one", **SEQUENCE, **case}]}, Rooms(points_of_refund, book))


@pytest.mark.django_db
def test_a_sequence_comes_to_the_same_in_the_books() -> None:
    report = in_the_books(booking.book, answer_shape={"cumulative": "?", "steps": [{"amount": "?"}]})
    amounts = ["10.30", "5.00", "15.60", "0.00"]
    assert report.answers["one"] == {"cumulative": "30.90", "steps": [{"amount": one} for one in amounts]}
    assert list(Grant.objects.order_by("pk").values_list("amount_minor", flat=True)) == [1030, 500, 1560]


def test_books_that_come_to_something_else_fail_the_case() -> None:
    report = in_the_books(lambda bought, asked: [1] * len(asked))
    assert "The books came to" in report.failed[0]["got"]


@pytest.mark.django_db
def test_the_command_writes_nothing_to_the_shops_own_data(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [{"id": "one", **SEQUENCE, "expected": {"cumulative": "30.90"}}]}))
    out = StringIO()
    call_command("cases", "refunds", str(file), "--json", stdout=out)
    assert json.loads(out.getvalue())["passed"] == 1
    assert not Grant.objects.exists()
