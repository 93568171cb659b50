"""Drop-off points: which are near, tables of them, and the secret links of counters."""

import pytest

from thereafter.kit import clock, tokens
from thereafter.returns.actions import points as acts
from thereafter.returns.models import DropOffPoint
from thereafter.returns.points import BadRow, Place, counter_of, counter_token, near, read_csv
from thereafter.returns.rules.points import box, distance_km, in_common, postcode_key
from thereafter.returns.tests.visits import ASKED
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
BERLIN, COLOGNE = (52.5200, 13.4050), (50.9375, 6.9603)
TABLE = """id,name,kind,address,city,postcode,country,latitude,longitude,opening_hours,counter
b1,Stride Mitte,own,Weg 1,Berlin,10115,de,52.532,13.384,Mo-Fr 9-18|Sa 10-14,yes
b2,Kiosk am Park,partner,Weg 2,Berlin,10999,DE,52.498,13.418,,no
k1,Paketshop Dom,carrier,Platz 3,Köln,50667,DE,,,,
p1,Relais Paris,partner,Rue 4,Paris,75011,FR,48.859,2.379,,
"""


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store)


def test_the_nearest_come_first_and_those_without_a_place_after_them(store: Store, staff: Staff) -> None:
    acts.import_table(store, TABLE, by=staff, now=ASKED)
    found = near(store, "DE", "10117", 5, at=BERLIN)
    assert [(one.point.name, one.by) for one in found] == [
        ("Stride Mitte", "distance"), ("Kiosk am Park", "distance"), ("Paketshop Dom", "postcode"),
    ]  # fmt: skip
    assert found[0].km == pytest.approx(1.9, abs=0.2)
    assert found[2].km is None


def test_without_a_place_the_postcode_ranks(store: Store, staff: Staff) -> None:
    acts.import_table(store, TABLE, by=staff, now=ASKED)
    assert [one.point.postcode for one in near(store, "de", "10 997")] == ["10999", "10115", "50667"]
    assert [one.point.postcode for one in near(store, "DE", "50668", 1)] == ["50667"]
    assert [one.point.name for one in near(store, "FR", "")] == ["Relais Paris"]
    assert near(store, "PL", "00-001") == []


def test_closed_ones_and_those_of_others_are_not_shown(store: Store, staff: Staff) -> None:
    acts.import_table(store, TABLE, by=staff, now=ASKED)
    acts.close(DropOffPoint.objects.of(store).get(reference="b1"), by=staff, now=ASKED)
    assert [one.point.name for one in near(store, "DE", "10115", 1)] == ["Kiosk am Park"]
    assert near(make_store("other"), "DE", "10115") == []


def test_distances_are_those_of_the_globe() -> None:
    assert distance_km(BERLIN, COLOGNE) == pytest.approx(477, abs=2)
    south, north, west, east = box(BERLIN, 50)
    assert [south, north, west, east] == pytest.approx([52.07, 52.97, 12.66, 14.15], abs=0.02)
    assert box((0.0, 179.9))[2:] == (-180.0, 180.0)
    assert (postcode_key("sw1a 1aa"), in_common("SW1A1AA", "SW1A2"), in_common("", "1")) == ("SW1A1AA", 4, 0)


def test_the_same_table_again_changes_nothing_and_a_changed_row_is_taken_over(store: Store, staff: Staff) -> None:
    acts.import_table(store, TABLE, by=staff, now=ASKED)
    acts.import_table(store, TABLE.replace("Weg 1,", "Weg 1a,"), by=staff, now=ASKED)
    assert DropOffPoint.objects.of(store).count() == 4
    point = DropOffPoint.objects.of(store).get(reference="b1")
    assert (point.address, point.opening_hours, point.country) == ("Weg 1a", "Mo-Fr 9-18\nSa 10-14", "DE")


def test_rows_that_cannot_be_read_are_kept_with_their_reason_and_can_be_mended(store: Store, staff: Staff) -> None:
    head = "name;address;city;postcode;country;lat;lon\n"
    table = head + "Good;A 1;Berlin;10115;DE;;\nBad;A 2;Berlin;;DE;;\nFar;A 3;X;1;DE;91;0\n"
    done = acts.import_table(store, table, by=staff, now=ASKED)
    assert (done.taken, [line.number for line in done.refused]) == (1, [3, 4])
    kept = inbox.refused(store).filter(source=acts.SOURCE).order_by("id")
    assert list(kept.values_list("reason", flat=True)) == [
        "The postcode is missing.", "Latitude is between -90 and 90, longitude between -180 and 180.",
    ]  # fmt: skip
    first = kept.first()
    assert first
    with clock.at(clock.now()):
        inbox.replay(store, first.pk, clock.now(), first.body.replace("Berlin;;", "Berlin;10117;"))
        run_until_idle()
    assert DropOffPoint.objects.of(store).filter(name="Bad", postcode="10117").exists()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x,x,A,B,1,DE", "no kind of place"),
        ("x,own,A,B,1,Germany", "no country"),
        ("x,own,A,B,1,DE,5,", "two numbers"),
        ("x,own,A,B,1,DE,nan,1", "between"),
        ("x,own,A,B,1,DE,1,2,3", "more columns"),
        (",own,A,B,1,DE", "name is missing"),
    ],
)
def test_each_fault_is_told_in_words(row: str, why: str) -> None:
    (line,) = read_csv(f"name,kind,address,city,postcode,country,lat,lon\n{row}\n")
    assert isinstance(line.read, BadRow)
    assert why in line.read.reason


def test_a_file_without_a_column_is_refused_as_a_whole() -> None:
    with pytest.raises(ValueError, match="no column “postcode”"):
        read_csv("name,address,city,country\n")
    with pytest.raises(ValueError, match="no column"):
        read_csv("")
    (line,) = read_csv('name,address,city,postcode,country\n"A, ""B""","C\nD",E,1,DE')
    assert isinstance(line.read, Place)
    assert line.read.fields["name"] == 'A, "B"'


def test_a_counters_link_ends_with_a_new_one_and_with_the_counter(store: Store, staff: Staff) -> None:
    acts.import_table(store, TABLE, by=staff, now=ASKED)
    point = DropOffPoint.objects.of(store).get(reference="b1")
    token = counter_token(point)
    assert counter_of(store, token) == point
    with pytest.raises(tokens.BadToken):
        counter_of(make_store("other"), token)
    acts.renew_link(point, by=staff, now=ASKED)
    with pytest.raises(tokens.BadToken):
        counter_of(store, token)
    acts.close(point, by=staff, now=ASKED)
    with pytest.raises(tokens.BadToken):
        counter_of(store, counter_token(point))
    with pytest.raises(tokens.BadToken):
        counter_of(store, "x")
