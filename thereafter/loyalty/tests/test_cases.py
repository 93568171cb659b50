"""Worked cases of the ledger: read, played on a database of their own, compared and answered."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from thereafter.config.scratch import empty_database_for_threads
from thereafter.loyalty.cases.running import Report, run
from thereafter.loyalty.models import Entry
from thereafter.loyalty.tests.worked_points import CASES
from thereafter.stores.models import Store

pytestmark = pytest.mark.django_db
AT = "2026-03-02T10:00:00Z"
PAID = {"at": AT, "type": "order_paid", "order": "o1", "amount": 1999}
ASKED = {**PAID, "answer_shape": {"points": "?"}}


@pytest.fixture(scope="module")
def played() -> Any:
    """Runs cases; one empty database for all of this file."""

    def play(*cases: Any) -> Report:
        with empty_database_for_threads() as scratch:
            return run({"cases": list(cases)}, scratch.joined)

    return play


def case(*events: Any, id: str = "one", **program: Any) -> dict[str, Any]:
    return {"id": id, "program": program, "events": list(events)}


def test_every_case_comes_out_as_worked_out_by_hand(played: Any) -> None:
    report = played(*(case(*events, id=name, **program) for name, (program, events) in CASES.items()))
    assert report.failed == []
    assert report.passed == len(CASES)


def test_answers_hold_the_result_and_what_was_asked(played: Any) -> None:
    check = {"at": AT, "type": "check", "answer_shape": {"available": "?", "lots": [{"source": "?", "left": "?"}]}}
    report = played({**case(ASKED, PAID, check), "answers": None})
    assert report.as_json() == {
        "passed": 0,
        "failed": [],
        "answers": {
            "one": [
                {"result": "ok", "points": 19},
                {"result": "duplicate"},
                {"available": 19, "lots": [{"source": "order:o1", "left": 19}]},
            ]
        },
    }


def test_a_wrong_expectation_fails_with_both_figures_and_the_others_go_on(played: Any) -> None:
    wrong = case({**PAID, "result": "ok", "expect": {"points": 20}})
    right = case({**PAID, "result": "ok", "expect": {"points": 19}}, id="two")
    report = played(wrong, right)
    assert report.passed == 1
    assert report.failed == [
        {
            "id": "one",
            "expected": {"event 1": {"result": "ok", "points": 20}},
            "got": {"event 1": {"result": "ok", "points": 19}},
        }
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("text", "The case should be an object."),
        ({"id": "one"}, "events: Field required."),
        (case(), "The case has no events."),
        (case({"type": "check"}), "events.0.check.at: Field required."),
        (case({"at": AT, "type": "dance"}), "'dance'"),
        (case({"at": "2026-03-02T10:00:00", "type": "check"}), "should have timezone info"),
        (case({"at": AT, "type": "order_paid", "order": "o1"}), "an order has either an amount or lines"),
        (case({**PAID, "amount": 19.5}), "amount"),
        (case({**PAID, "currency": "EURO"}), "no currency"),
        (case({**PAID, "discount": 2000}), "worth less than what is taken off it"),
        (case({"at": AT, "type": "refund", "refund": "r1", "order": "o9", "amount": 1}), "no order 'o9'"),
        (case(PAID, {"at": AT, "type": "refund", "refund": "r", "order": "o1", "lines": {"x": 1}}), "no line 'x'"),
        (case({"at": AT, "type": "check", "answer_shape": {"luck": "?"}}), "asks for 'luck'"),
        (case(PAID, rate="much"), "program: rate"),
        (case(PAID, luck=True), "program: luck"),
        (case(PAID, rewards={"mug": {"price": 3}}), "has 'price'"),
        (case({"at": AT, "type": "redeem", "key": "k", "reward": "mug"}), "no reward 'mug'"),
        (case({"at": AT, "type": "redeem", "key": "k"}), "of points or of a reward"),
        (case({"at": AT, "type": "parallel", "requests": [{"times": 2, "event": {"type": "dance"}}]}), "'dance'"),
    ],
)
def test_a_case_that_cannot_be_read_or_played_fails_with_a_sentence(played: Any, given: Any, said: str) -> None:
    report = played(given, case({**PAID, "result": "ok"}, id="sound"))
    assert report.passed == 1
    assert said in report.failed[0]["got"]


def test_cases_know_nothing_of_each_other(played: Any) -> None:
    report = played(*({**case(ASKED, id=name), "answers": None} for name in "ab"))
    assert report.answers == {name: [{"result": "ok", "points": 19}] for name in "ab"}


def test_a_currency_that_is_only_given_by_its_decimals_is_understood(played: Any) -> None:
    yen = {**PAID, "amount": 10000, "exponent": 0, "fx": "0.0062", "answer_shape": {"points": "?"}}
    later = {**yen, "order": "o2", "fx": "0.0124"}
    half = {"at": AT, "type": "refund", "refund": "r1", "order": "o1", "amount": 5000, "answer_shape": {"points": "?"}}
    report = played({**case(yen, later, half), "answers": None})
    assert [fact["points"] for fact in report.answers["one"]] == [62, 124, -31]


def test_pieces_of_a_line_go_back_with_their_share(played: Any) -> None:
    lines = [{"sku": "A", "amount": 1000, "quantity": 3}, {"sku": "B", "amount": 1000}]
    bought = {"at": AT, "type": "order_paid", "order": "o1", "lines": lines, "discount": 1000}
    back = {"at": AT, "type": "refund", "refund": "r1", "order": "o1", "lines": {"A": 3}}
    report = played(case({**bought, "expect": {"points": 10}}, {**back, "expect": {"points": -5}}))
    assert report.passed == 1, report.failed


def test_requests_at_once_are_counted_by_their_results(played: Any) -> None:
    given = {"at": AT, "type": "adjust", "key": "a", "points": 250}
    many = {"times": 4, "event": {"type": "redeem", "key": "k{i}", "points": 100}}
    twice = {"times": 2, "event": {"type": "redeem", "key": "same", "points": 10}}
    asks = {"answer_shape": {"ok_count": "?"}}
    report = played(
        {
            **case(
                given,
                {"at": AT, "type": "parallel", "requests": [many], **asks},
                {"at": AT, "type": "parallel", "requests": [twice], "expect": {"ok_count": 1, "duplicate_count": 1}},
                {"at": AT, "type": "check", "expect": {"available": 40}},
            ),
            "answers": None,
        }
    )
    assert not report.failed
    assert report.answers["one"][1] == {"ok_count": 2}


def told(tmp_path: Path, document: Any, *options: str) -> str:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    out = StringIO()
    call_command("cases", "loyalty", str(path), *options, stdout=out)
    return out.getvalue()


def test_the_last_line_of_the_command_is_the_report_and_your_data_is_not_touched(tmp_path: Path) -> None:
    given = {"cases": [{**case(ASKED, id="A"), "title": "Once"}]}
    said = told(tmp_path, given).splitlines()
    assert said[0] == "A  answer  Once"
    assert json.loads(said[-1]) == {"passed": 0, "failed": [], "answers": {"A": [{"result": "ok", "points": 19}]}}
    assert len(told(tmp_path, given, "--json").splitlines()) == 1
    assert not Store.objects.exists()
    assert not Entry.objects.exists()


def test_the_command_ends_with_one_when_a_case_fails(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        told(tmp_path, {"cases": [case({**PAID, "expect": {"points": 1}})]}, "--json")
    assert ended.value.code == 1


def test_a_file_without_cases_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="a list of"):
        told(tmp_path, {})


@pytest.mark.postgresql
def test_nothing_of_the_scratch_is_left_on_postgresql(tmp_path: Path) -> None:
    told(tmp_path, {"cases": [case(PAID)]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'cases_%%'")
        assert cursor.fetchone() == (0,)
