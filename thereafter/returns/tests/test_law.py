"""Rights by country and day."""

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from thereafter.returns.rules.legal import law
from thereafter.returns.rules.legal.guarantees import conformity
from thereafter.returns.rules.legal.legal_days import add_months, after_days, working_day
from thereafter.returns.rules.legal.withdrawals import (
    Purchase,
    costs,
    function_is_open,
    refund_due,
    send_back_by,
    withdrawal,
)
from thereafter.returns.rules.sentences import EXCEPTIONS

PLACED, CAME = date(2026, 9, 7), date(2026, 9, 10)


def guaranteed(country, placed_on, delivered_on, **known):
    found = conformity(country, placed_on, delivered_on, **known)
    assert found is not None
    return found


def due(*asked, **known):
    found = refund_due(*asked, **known)
    assert found is not None
    return found


def german():
    regime = law.current().regime("DE", PLACED)
    assert regime is not None
    return regime


def bought(country="DE", **known):
    return Purchase(**{"country": country, "placed_on": PLACED, "received_on": CAME, **known})


# How days are counted: Regulation 1182/71.


def test_the_day_of_the_event_does_not_count():
    assert after_days(date(2026, 9, 10), 14, "DE") == date(2026, 9, 24)


def test_a_period_that_ends_on_a_weekend_ends_on_monday():
    assert after_days(date(2026, 9, 5), 14, "DE") == date(2026, 9, 21)


def test_a_period_that_ends_on_a_public_holiday_ends_on_the_next_working_day():
    # 25 and 26 December 2026 are a holiday and a Saturday.
    assert after_days(date(2026, 12, 11), 14, "DE") == date(2026, 12, 28)


def test_holidays_of_a_region_count_where_it_is_known():
    assert working_day(date(2026, 1, 6), "DE", "BY") == date(2026, 1, 7)
    assert working_day(date(2026, 1, 6), "DE") == date(2026, 1, 6)


def test_a_country_that_is_not_known_keeps_weekends_only():
    assert working_day(date(2026, 1, 1), "XX", "Y") == date(2026, 1, 1)
    assert working_day(date(2026, 1, 3), "") == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 9, 10), 24, date(2028, 9, 10)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(day, months, end):
    assert add_months(day, months) == end


# Withdrawal.


def test_fourteen_days_after_the_last_item_came():
    right = withdrawal(bought(), date(2026, 9, 24))
    assert (right.right, right.until, right.status) == (True, date(2026, 9, 24), "open")
    assert right.article == "Dir. 2011/83 Art. 9(1)"


def test_the_day_after_it_is_over():
    right = withdrawal(bought(), date(2026, 9, 25))
    assert (right.right, right.status) == (False, "over")
    assert str(right.reason) == "The right of withdrawal ended on 24 September 2026."


def test_before_everything_has_come_there_is_no_last_day():
    right = withdrawal(bought(received_on=None), date(2027, 5, 1))
    assert (right.right, right.until, right.status) == (True, None, "before")


def test_whoever_was_not_told_has_twelve_months_more():
    right = withdrawal(bought(informed=False), date(2027, 9, 24))
    assert (right.right, right.until) == (True, date(2027, 9, 24))
    assert right.article == "Dir. 2011/83 Art. 10"
    assert not withdrawal(bought(informed=False), date(2027, 9, 25)).right


def test_told_later_the_days_count_from_then():
    right = withdrawal(bought(informed=date(2026, 12, 1)), date(2026, 12, 10))
    assert right.until == date(2026, 12, 15)


def test_told_after_the_twelve_months_changes_nothing():
    assert withdrawal(bought(informed=date(2027, 10, 1)), CAME).until == date(2027, 9, 24)


def test_the_uk_does_not_move_the_last_day_off_a_weekend():
    came = date(2026, 9, 5)
    assert withdrawal(bought("GB", received_on=came), came).until == date(2026, 9, 19)
    assert withdrawal(bought("UK", received_on=came), came).article == "CCR 2013 reg. 29(1)"
    assert withdrawal(bought("FR", received_on=came), came).until == date(2026, 9, 21)


@pytest.mark.parametrize("country", ["CH", "US", "AU", "XX", ""])
def test_elsewhere_no_right_is_claimed(country):
    right = withdrawal(bought(country), CAME)
    assert (right.right, right.status, right.article) == (False, "none", "")


@pytest.mark.parametrize("country", ["NO", "IS", "LI", "PT", "GR", "EL"])
def test_the_whole_of_the_eea_has_it(country):
    assert withdrawal(bought(country), CAME).right


def test_brazil_has_seven_days():
    assert withdrawal(bought("BR"), CAME).until == date(2026, 9, 17)


def test_a_contract_before_the_law_has_no_such_right():
    assert not withdrawal(bought(placed_on=date(2014, 6, 1)), CAME).right


@pytest.mark.parametrize(
    ("flag", "letter"),
    [
        ("service_performed", "a"),
        ("market_price", "b"),
        ("personalised", "c"),
        ("custom", "c"),
        ("perishable", "d"),
        ("mixed", "f"),
        ("wine_futures", "g"),
        ("urgent_repair", "h"),
        ("periodical", "j"),
        ("auction", "k"),
        ("dated_leisure", "l"),
        ("digital_begun", "m"),
    ],
)
def test_goods_of_article_16_are_excepted(flag, letter):
    right = withdrawal(bought(flags=(flag,)), CAME)
    assert (right.right, right.status, right.article) == (False, "excepted", f"Dir. 2011/83 Art. 16({letter})")
    assert EXCEPTIONS[flag] in str(right.reason)


@pytest.mark.parametrize(("flag", "letter"), [("sealed_hygiene", "e"), ("sealed_media", "i")])
def test_sealed_goods_are_excepted_only_once_unsealed(flag, letter):
    sealed = withdrawal(bought(flags=(flag,)), CAME)
    assert (sealed.right, sealed.while_sealed) == (True, True)
    opened = withdrawal(bought(flags=(flag,), unsealed=True), CAME)
    assert (opened.right, opened.article) == (False, f"Dir. 2011/83 Art. 16({letter})")


def test_a_broken_seal_of_other_goods_takes_nothing_away():
    assert withdrawal(bought(unsealed=True), CAME).right


# Money and goods after a withdrawal.


def test_the_refund_waits_for_goods_or_proof_of_sending():
    waiting = due(bought(), date(2026, 9, 14))
    assert (waiting.by, waiting.waits, waiting.article) == (None, True, "Dir. 2011/83 Art. 13(3)")


def test_with_proof_it_is_due_fourteen_days_after_the_notice():
    assert due(bought(), date(2026, 9, 14), evidence_on=date(2026, 9, 20)).by == date(2026, 9, 28)


def test_with_proof_after_the_fourteen_days_it_is_due_at_once():
    assert due(bought(), date(2026, 9, 14), evidence_on=date(2026, 10, 5)).by == date(2026, 10, 5)


def test_it_does_not_wait_when_the_shop_collects_or_nothing_ever_came():
    assert due(bought(), date(2026, 9, 14), collected_by_shop=True).by == date(2026, 9, 28)
    assert due(bought(received_on=None), date(2026, 9, 14)).by == date(2026, 9, 28)


def test_the_uk_counts_from_goods_or_proof():
    assert due(bought("GB"), date(2026, 9, 14), evidence_on=date(2026, 9, 20)).by == date(2026, 10, 4)


def test_goods_are_sent_off_within_fourteen_days():
    assert send_back_by(bought(), date(2026, 9, 14)) == date(2026, 9, 28)
    assert send_back_by(bought("US"), date(2026, 9, 14)) is None


def test_the_shopper_pays_the_way_back_only_when_told():
    assert costs(german(), informed=True, told_of_postage=True).postage == "shopper"
    assert costs(german(), informed=True, told_of_postage=False).postage == "shop"


def test_wear_is_deducted_only_from_those_who_were_told_of_the_right():
    assert costs(german(), informed=True, told_of_postage=True).may_deduct
    assert not costs(german(), informed=False, told_of_postage=True).may_deduct


# The withdrawal function of Article 11a.


def test_the_function_is_required_since_19_june_2026():
    known = law.current()
    assert known.requires_function("FR", date(2026, 6, 19))
    assert not known.requires_function("FR", date(2026, 6, 18))
    assert not known.requires_function("GB", date(2026, 7, 1))


def test_the_function_can_be_found_during_the_whole_period():
    assert function_is_open(bought(), date(2026, 9, 8))
    assert function_is_open(bought(), date(2026, 9, 24))
    assert not function_is_open(bought(), date(2026, 9, 27))
    assert not function_is_open(bought(flags=("personalised",)), date(2026, 9, 12))


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ("Withdraw from contract here", "Confirm withdrawal")),
        ("de", ("Vertrag widerrufen", "Widerruf bestätigen")),
        ("fr", ("Renoncer au contrat ici", "Confirmer la rétractation")),
        ("es-ES", ("Desistir del contrato aquí", "Confirmar desistimiento")),
        ("pt", ("Retrate-se do contrato aqui", "Confirmar retratação")),
        ("ja", ("Withdraw from contract here", "Confirm withdrawal")),
    ],
)
def test_its_labels_are_the_words_of_the_law(language, labels):
    assert law.current().labels(language) == labels


# The guarantee.


@pytest.mark.parametrize(
    ("country", "until", "presumed"),
    [
        ("DE", date(2028, 9, 10), date(2027, 9, 10)),
        ("PT", date(2029, 9, 10), date(2028, 9, 10)),
        ("ES", date(2029, 9, 10), date(2028, 9, 10)),
        ("FR", date(2028, 9, 10), date(2028, 9, 10)),
        ("PL", date(2028, 9, 10), date(2028, 9, 10)),
        ("GB", date(2032, 9, 10), date(2027, 3, 10)),
        ("CH", date(2028, 9, 10), date(2026, 9, 10)),
    ],
)
def test_how_long_goods_must_be_in_order(country, until, presumed):
    known = guaranteed(country, PLACED, CAME)
    assert (known.until, known.presumed_until) == (until, presumed)
    assert known.covers(until)
    assert known.is_presumed(presumed)


def test_there_is_none_to_tell_of_in_the_us():
    assert conformity("US", PLACED, CAME) is None


def test_a_repair_since_31_july_2026_prolongs_it_by_twelve_months_once():
    placed, came = date(2025, 1, 7), date(2025, 1, 10)
    assert guaranteed("DE", placed, came).until == date(2027, 1, 10)
    repaired = guaranteed("DE", placed, came, repaired_on=[date(2026, 7, 31)])
    assert (repaired.until, "2024/1799" in repaired.article) == (date(2028, 1, 10), True)
    twice = guaranteed("DE", placed, came, repaired_on=[date(2026, 7, 31), date(2026, 11, 1)])
    assert twice.until == date(2028, 1, 10)


def test_a_repair_before_that_day_prolongs_nothing():
    assert guaranteed("DE", date(2025, 1, 7), date(2025, 1, 10), repaired_on=[date(2026, 7, 30)]).until == date(
        2027, 1, 10
    )


def test_a_repair_after_the_guarantee_prolongs_nothing():
    assert guaranteed("DE", date(2024, 1, 7), date(2024, 1, 10), repaired_on=[date(2026, 8, 1)]).until == date(
        2026, 1, 10
    )


def test_portugal_adds_half_a_year_up_to_four_times():
    days = [date(2025, 3, day) for day in (1, 2, 3, 4, 5)]
    assert guaranteed("PT", date(2025, 1, 7), date(2025, 1, 10), repaired_on=days).until == date(2030, 1, 10)


def test_the_uk_lets_refuse_within_thirty_days():
    known = guaranteed("GB", PLACED, CAME)
    assert known.reject_until == date(2026, 10, 10)
    assert known.may_reject(date(2026, 10, 10))
    assert not known.may_reject(date(2026, 10, 11))
    assert known.no_deduction_until == date(2027, 3, 10)


# The data itself.


def test_every_exception_has_words_and_every_article_a_source():
    known = law.current()
    for regime in known.withdrawal:
        assert set(regime.exceptions) <= set(EXCEPTIONS)
        cited = [*regime.articles.values(), *(one.article for one in regime.exceptions.values())]
        assert all(article.startswith(tuple(known.sources)) for article in cited)
    for guarantee in known.guarantee:
        assert all(article.startswith(tuple(known.sources)) for article in guarantee.articles.values())


def test_every_country_of_a_group_has_one_right_of_withdrawal():
    known = law.current()
    assert len(known.groups["EU"]) == 27
    for country in (*known.groups["EU"], *known.groups["EEA"]):
        regime, guarantee = known.regime(country, PLACED), known.guarantee_of(country, PLACED)
        assert regime is not None
        assert guarantee is not None
        assert regime.key == "eu"
        assert guarantee.months >= 24


def test_a_mistake_in_the_data_is_said_with_its_place():
    text = Path(law.__file__).with_name("law.json").read_text()
    data = json.loads(text)
    data["withdrawal"][0]["days"] = "fourteen"
    with pytest.raises(msgspec.ValidationError, match=r"withdrawal\[0\]|withdrawal\[...\].days"):
        law.read(json.dumps(data))


def test_merchants_are_told_of_what_must_be_shown():
    notes = law.current().notes("US", "NY")
    assert any("218-a" in note for note in notes)
    assert not any("218-a" in note for note in law.current().notes("US", "TX"))
    assert law.current().notes("DE") == []
