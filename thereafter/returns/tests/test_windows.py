"""Until when something may come back by the policy."""

from datetime import date

from thereafter.returns.rules.policy.windows import Days, Holiday, Window, span

PLACED, SENT, CAME = date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 25)
DAYS = Days(PLACED, SENT, CAME)
HOLIDAYS = [Holiday("Holidays", date(2026, 11, 1), date(2026, 12, 24), date(2027, 1, 31))]


def test_thirty_days_from_delivery_include_the_last_day():
    one = span(Window(days=30), DAYS)
    assert (one.since, one.until) == (CAME, date(2026, 12, 25))
    assert one.is_open(date(2026, 12, 25))
    assert not one.is_open(date(2026, 12, 26))


def test_a_window_counts_from_order_or_fulfilment_when_it_says_so():
    assert span(Window(days=45, since="order"), DAYS).until == date(2027, 1, 4)
    assert span(Window(days=60, since="fulfilment"), DAYS).until == date(2027, 1, 21)


def test_where_delivery_is_not_known_it_counts_from_fulfilment_and_a_buffer():
    one = span(Window(days=30, buffer_days=5), Days(PLACED, SENT))
    assert (one.since, one.until, one.estimated) == (date(2026, 11, 27), date(2026, 12, 27), True)


def test_before_it_was_sent_the_window_has_not_begun():
    one = span(Window(days=30), Days(PLACED))
    assert (one.since, one.until) == (None, None)
    assert one.is_open(date(2030, 1, 1))


def test_what_was_bought_for_the_holidays_may_come_back_until_a_fixed_day():
    one = span(Window(days=30), DAYS, HOLIDAYS)
    assert (one.until, one.holiday) == (date(2027, 1, 31), "Holidays")


def test_the_season_includes_its_first_and_last_day():
    for placed in (date(2026, 11, 1), date(2026, 12, 24)):
        assert span(Window(days=30), Days(placed, placed, placed), HOLIDAYS).until == date(2027, 1, 31)
    for placed in (date(2026, 10, 31), date(2026, 12, 25)):
        assert span(Window(days=30), Days(placed, placed, placed), HOLIDAYS).holiday == ""


def test_a_season_never_makes_a_window_shorter():
    assert span(Window(days=90), DAYS, HOLIDAYS).until == date(2027, 2, 23)


def test_a_fixed_day_holds_when_it_is_later():
    assert span(Window(days=30, until=date(2027, 3, 1)), DAYS).until == date(2027, 3, 1)
    assert span(Window(days=30, until=date(2026, 12, 1)), DAYS).until == date(2026, 12, 25)
