"""Members from another programme: read as the file means it, booked once, and nothing lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.kit import clock
from thereafter.loyalty.actions import importing, members, points
from thereafter.loyalty.actions.importing import Answers, NotReady
from thereafter.loyalty.importing import columns, tables, values
from thereafter.loyalty.importing.tables import Unreadable
from thereafter.loyalty.importing.values import BadCell
from thereafter.loyalty.models import Entry, Import, Lot, Member, TierChange
from thereafter.loyalty.queries import imports as asking
from thereafter.loyalty.tests.givings import has, join, publish
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db
TIERS = [{"name": "Silver", "min": "100"}, {"name": "Gold", "min": "500"}]
FILE = """email,points,expires,tier,birthday,referral_code,joined
anna@example.com,1250,2027-03-31,Gold,05-27,ANNA42,2024-02-11
anna@example.com,100,2026-12-31,Gold,05-27,ANNA42,2024-02-11
ben@example.com,80,,,,,
"""


@pytest.fixture
def store() -> Store:
    store = make_store()
    publish(store, tiers=TIERS)
    return store


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store)


def look(store: Store, staff: Staff, text: str = FILE, **more: Import) -> Import:
    return importing.look(store, "members.csv", text.encode(), by=staff, now=NOW, **more)


def carry_out(one: Import, staff: Staff) -> Import:
    assert importing.begin(one, by=staff, now=NOW)
    while importing.carry_on(NOW):
        pass
    one.refresh_from_db()
    return one


def bring(store: Store, staff: Staff, text: str = FILE, **more: Import) -> Import:
    return carry_out(look(store, staff, text, **more), staff)


def refused(one: Import) -> dict[int, str]:
    return dict(one.refused.values_list("line", "reason"))


def anna(store: Store) -> Member:
    return Member.objects.of(store).get(customer__email="anna@example.com")


def test_balances_come_with_their_ends(store: Store, staff: Staff) -> None:
    one = bring(store, staff)
    assert (one.state, one.taken, one.joined, one.points) == ("done", 3, 2, 1430)
    ends = Lot.objects.of(store).filter(account__customer=anna(store).customer_id).order_by("expires_at")
    # Usable all of 31 December and 31 March in Berlin.
    assert list(ends.values_list("original", "expires_at")) == [
        (100, datetime(2026, 12, 31, 23, tzinfo=UTC)),
        (1250, datetime(2027, 3, 31, 22, tzinfo=UTC)),
    ]


def test_a_member_keeps_tier_birthday_code_and_since_when(store: Store, staff: Staff) -> None:
    bring(store, staff)
    member = anna(store)
    assert (member.tier, member.birth_month, member.birth_day) == ("Gold", 5, 27)
    assert member.referral_code == "ANNA42"
    assert member.joined_at == datetime(2024, 2, 10, 23, tzinfo=UTC)
    assert member.source == Member.Source.IMPORT
    customer = Customer.objects.get(pk=member.customer_id)
    assert customer.trait("loyalty.tier_name") == "Gold"
    assert customer.trait("loyalty.points") == 1350
    assert TierChange.objects.of(store).count() == 1


def test_the_same_file_or_row_twice_brings_nothing(store: Store, staff: Staff) -> None:
    bring(store, staff)
    again = bring(store, staff, FILE + "clara@example.com,5,,,,,\n")
    assert (again.taken, again.known, again.points) == (1, 3, 5)
    assert Entry.objects.of(store).filter(reason="import").count() == 4


def test_what_a_second_file_tells_of_a_member_is_kept(store: Store, staff: Staff) -> None:
    bring(store, staff)
    told = bring(store, staff, "email,birthday (MM/DD),tier\nben@example.com,11/30,Silver\n")
    assert (told.taken, told.points) == (1, 0)
    ben = Member.objects.of(store).get(customer__email="ben@example.com")
    assert (ben.birth_month, ben.birth_day, ben.tier, has(ben)) == (11, 30, "Silver", 80)
    same_points = bring(store, staff, "email,points,joined\nben@example.com,80,2020-05-01\n")
    ben.refresh_from_db()
    assert (same_points.taken, same_points.points, ben.joined_at.year, has(ben)) == (1, 0, 2020, 80)


def test_another_balance_of_somebody_who_came_is_asked_about(store: Store, staff: Staff) -> None:
    bring(store, staff)
    later = bring(store, staff, "email,points\nben@example.com,95\n")
    assert later.taken == 0
    assert "earlier file" in refused(later)[2]
    ben = Member.objects.of(store).get(customer__email="ben@example.com")
    assert has(ben) == 80
    added = look(store, staff, "email,points\nben@example.com,15\n")
    importing.answer(added, Answers("other", added.answers["mapping"], again=Import.Again.ADD))
    assert carry_out(added, staff).points == 15
    assert has(ben) == 95


def test_mended_rows_are_brought_once_more(store: Store, staff: Staff) -> None:
    first = bring(store, staff, "email,points,expires\nanna@example.com,10,2027-01-01\nanna@example.com,20,soon\n")
    assert refused(first) == {3: "“soon” is no date. Write it as 2026-04-03."}
    mended = bring(store, staff, "reason,line,email,points,expires\nx,3,anna@example.com,20,2027-02-01\n", mends=first)
    assert (mended.taken, mended.points) == (1, 20)
    assert has(anna(store)) == 30


def test_customers_who_are_known_stay_who_they_are(store: Store, staff: Staff) -> None:
    order = make_order(store, email="john@example.com")
    bring(store, staff, "Email,Name,Points\nJOHN@example.com,J. R.,40\n")
    john = Customer.objects.get(pk=order.customer_id)
    assert john.name == "John Runner"
    assert has(john) == 40
    assert Customer.objects.of(store).count() == 1


def test_who_left_is_not_brought_back(store: Store, staff: Staff) -> None:
    members.leave(join(store, "ben@example.com"), now=NOW - timedelta(days=3))
    one = bring(store, staff, "email,points\nben@example.com,80\n")
    assert refused(one) == {2: "Left your programme on 2026-03-07, and is not brought back."}


def test_who_brings_points_is_not_held_out_for_comparison(store: Store, staff: Staff) -> None:
    publish(store, at=NOW - timedelta(days=1), holdout_percent=50)
    bring(store, staff, "email,points\n" + "".join(f"p{at}@example.com,10\n" for at in range(20)))
    assert not Member.objects.of(store).filter(is_held_out=True).exists()


def test_a_code_that_somebody_has_stays_theirs(store: Store, staff: Staff) -> None:
    theirs = join(store, "early@example.com")
    bring(store, staff, f"email,points,referral url\nanna@example.com,5,https://i.example/{theirs.referral_code}?a=b\n")
    assert anna(store).referral_code != theirs.referral_code


def test_a_higher_tier_here_is_kept(store: Store, staff: Staff) -> None:
    bring(store, staff, "email,points,tier\nanna@example.com,5,Gold\n")
    bring(store, staff, "email,points,tier\nanna@example.com,0,Silver\n")
    assert anna(store).tier == "Gold"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",5,", "does not say whose"),
        ("nobody,5,", "no e-mail address"),
        ("a@example.com,many,", "no number of points"),
        ("a@example.com,-5,", "below nought"),
        ("a@example.com,5,2020-01-01", "ended on 2020-01-0"),
        ("a@example.com,5,31.2.2027", "no day of the calendar"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(store: Store, staff: Staff, row: str, reason: str) -> None:
    one = bring(store, staff, f"email,points,expires\n{row}\n")
    assert reason in refused(one)[2]
    assert one.points == 0


def test_two_rows_that_contradict_are_not_added_up(store: Store, staff: Staff) -> None:
    one = bring(store, staff, "email,points\na@example.com,5\na@example.com,7\na@example.com,5\n")
    assert "Keep the one that is right" in refused(one)[3]
    assert refused(one)[4] == "Line 2 says the same."
    assert one.points == 5


def test_many_rows_are_brought_in_parts(store: Store, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PART", 3)
    monkeypatch.setattr(importing, "PARTS_AT_ONCE", 2)
    one = look(store, staff, "email,points\n" + "".join(f"p{at}@example.com,{at}\n" for at in range(1, 11)))
    importing.begin(one, by=staff, now=NOW)
    assert importing.carry_on(NOW) == 6
    one.refresh_from_db()
    assert (one.state, one.done, one.taken) == ("running", 6, 6)
    with clock.at(NOW):
        run_until_idle(NOW)
    one.refresh_from_db()
    assert (one.state, one.points, one.body) == ("done", 55, "")


def test_a_row_that_breaks_does_not_stop_the_others(
    store: Store, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = points.award_many

    def fails_on_ben(store_id: int, awards: list[points.Award], *, now: datetime) -> int:
        if any(award.points == 80 for award in awards):
            raise RuntimeError("broken")
        return real(store_id, awards, now=now)

    monkeypatch.setattr(importing, "award_many", fails_on_ben)
    one = bring(store, staff)
    assert (one.taken, one.points) == (2, 1350)
    assert "Something went wrong" in refused(one)[4]
    assert find_customer(store, email="ben@example.com") is None


def test_ambiguous_dates_are_asked_about_and_not_guessed(store: Store, staff: Staff) -> None:
    one = look(store, staff, "email,points,expires\na@example.com,5,03/04/2027\n")
    with pytest.raises(NotReady, match="questions"):
        importing.begin(one, by=staff, now=NOW)
    importing.answer(one, Answers("other", one.answers["mapping"], date_order="mdy"))
    carry_out(one, staff)
    assert Lot.objects.of(store).get().expires_at == datetime(2027, 3, 4, 23, tzinfo=UTC)


def test_tiers_are_mapped_by_name_and_unknown_ones_asked_about(store: Store, staff: Staff) -> None:
    one = look(store, staff, "email,points,vip tier\nanna@example.com,5,gold\nben@example.com,5,Diamond\n")
    assert asking.read(one, NOW).asked.tiers == ("Diamond",)
    importing.answer(one, Answers("smile", one.answers["mapping"], tiers={"diamond": "Silver"}))
    carry_out(one, staff)
    assert dict(Member.objects.of(store).values_list("customer__email", "tier")) == {
        "anna@example.com": "Gold",
        "ben@example.com": "Silver",
    }


def test_the_preview_is_what_happens(store: Store, staff: Staff) -> None:
    make_order(store, email="ben@example.com", placed_at=PLACED)
    one = look(store, staff, FILE + "nobody,5,,,,,\n")
    seen = asking.preview(store, one, asking.read(one, NOW))
    assert (seen.new_customers, seen.new_members, seen.members, seen.points) == (1, 2, 1, 1430)
    assert seen.ends == {"2027-03": 1250, "2026-12": 100, "": 80}
    done = carry_out(one, staff)
    assert (done.taken, done.joined, done.points) == (seen.taken, seen.new_members, seen.points)
    assert Customer.objects.of(store).count() == 2


def test_points_without_an_end_may_be_given_one(store: Store, staff: Staff) -> None:
    one = look(store, staff, "email,points\na@example.com,5\n")
    importing.answer(one, Answers("other", one.answers["mapping"], ends_on="2026-12-31"))
    carry_out(one, staff)
    assert Lot.objects.of(store).get().expires_at == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "system", "balance"),
    [
        ("email,points", "other", "points"),
        (
            "first_name,last_name,email,state,date_of_birth,points_balance,referral_url,vip_tier",
            "smile",
            "points_balance",
        ),
        ("id,email,name,points_approved,points_pending,points_spent,enrolled_at", "loyaltylion", "points_approved"),
        (
            "Email,First Name,Points Balance,Points Spent,Birthday (MM/DD) or (MM/DD/YYYY),VIP Tier",
            "yotpo",
            "Points Balance",
        ),
    ],
)
def test_columns_of_other_programmes_are_known(head: str, system: str, balance: str) -> None:
    names = head.split(",")
    assert columns.guess_system(names) == system
    assert columns.guess(names)["points"] == balance


@pytest.mark.parametrize("head", ["email;points", "email\tpoints", "\ufeffemail,points"])
def test_any_usual_table_is_read(head: str) -> None:
    sign = next(each for each in ";\t," if each in head)
    table = tables.read(tables.text_of(f'{head}\r\n"a@example.com"{sign}5\r\n\r\n'.encode()))
    assert table.rows == [(2, {"email": "a@example.com", "points": "5"})]


def test_a_quoted_cell_over_two_lines_does_not_shift_the_count() -> None:
    table = tables.read('email,name\na@example.com,"A\nB"\nb@example.com,C\n')
    assert [line for line, _ in table.rows] == [2, 4]


def test_a_workbook_is_refused_with_what_to_do() -> None:
    with pytest.raises(Unreadable, match="Save it as CSV"):
        tables.text_of(b"PK\x03\x04rest")


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["1.250", "80"], 1250),
        (["1,250", "80"], 1250),
        (["1.250,50", "80"], 1251),
        (["12,5"], 13),
        (["1 250 points"], 1250),
        (["1'250"], 1250),
        (["12.50", "1.500"], 13),
    ],
)
def test_numbers_are_read_as_the_column_means_them(texts: list[str], first: int) -> None:
    assert values.points(texts[0], values.decimal_sign(texts)) == first


@pytest.mark.parametrize(
    ("texts", "column", "order"),
    [
        (["03/04/2026", "25/04/2026"], "", "dmy"),
        (["03/04/2026", "03/25/2026"], "", "mdy"),
        (["03/04/2026"], "", None),
        (["04/04/2026"], "", ""),
        (["2026-03-04"], "", ""),
        (["03/04/2026"], "Birthday (MM/DD/YYYY)", "mdy"),
        (["25/04/2026", "04/25/2026"], "", None),
    ],
)
def test_which_part_of_a_date_is_the_month_is_shown_or_asked(texts: list[str], column: str, order: str | None) -> None:
    assert values.date_order(column, texts) == order


@pytest.mark.parametrize("text", ["05-27", "1004-05-27", "27.5.", "27.05.1980", "--05-27", "27/05", "May 27, 1980"])
def test_birthdays_are_read_with_and_without_a_year(text: str) -> None:
    assert values.birthday(text, values.MONTH_FIRST if text == "05-27" else values.DAY_FIRST) == (5, 27)


def test_a_birthday_that_is_none_is_refused() -> None:
    with pytest.raises(BadCell):
        values.birthday("02-30", values.MONTH_FIRST)


def test_the_pages_lead_from_the_file_to_the_members(store: Store, staff: Staff, client: Client) -> None:
    client.force_login(staff)
    start = reverse("loyalty_console:imports", args=[store.slug])
    text = FILE + "bad,5,,,,,\n"
    with clock.at(NOW):
        answer = client.post(start, {"file": SimpleUploadedFile("smile.csv", text.encode())}, follow=True)
        assert "1,430" in answer.content.decode()
        assert "no e-mail address" in answer.content.decode()
        one = Import.objects.get()
        client.post(reverse("loyalty_console:import_begin", args=[store.slug, one.pk]))
        run_until_idle(NOW)
        page = client.get(reverse("loyalty_console:import", args=[store.slug, one.pk])).content.decode()
        assert "Brought in" in page
        table = client.get(reverse("loyalty_console:import_refused", args=[store.slug, one.pk]))
        rows = table.content.decode().splitlines()
    assert rows[0].startswith("reason,line,email,points")
    assert rows[1].endswith("5,bad,5,,,,,")
    assert "smile.csv" in client.get(start).content.decode()


def test_only_who_may_change_the_programme_brings_members(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "support"))
    assert client.get(reverse("loyalty_console:imports", args=[store.slug])).status_code == 403


def test_another_store_does_not_see_the_file(store: Store, staff: Staff, client: Client) -> None:
    one = look(store, staff)
    client.force_login(make_staff(make_store("other")))
    assert client.get(reverse("loyalty_console:import", args=["other", one.pk])).status_code == 404
