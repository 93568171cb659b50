"""Royal Mail: the events of a mail piece."""

import pytest

from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.royal_mail import ADAPTER
from thereafter.tracking.tests.adapters.recorded import changed, parcel, scan, scans, statuses, taken, unread

DELIVERED = "poll_delivered.json"


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("royal_mail", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 6, [])


def test_every_event_of_a_history_is_understood() -> None:
    known = ["delivered", "out_for_delivery", "in_transit", "in_transit", "picked_up", "label_created"]
    assert statuses("royal_mail", DELIVERED) == known


def test_summer_time_and_winter_time_are_kept() -> None:
    assert scan("royal_mail", DELIVERED, "EVKSP").occurred_at == "2026-03-31T12:04:00+01:00"
    assert scan("royal_mail", DELIVERED, "EVPPA").occurred_at == "2026-03-28T16:04:00+00:00"


def test_a_missent_item_is_late_and_on_its_way() -> None:
    missent = scan("royal_mail", DELIVERED, "EVNMI")
    assert (missent.status, missent.delayed) == ("in_transit", True)


def test_the_window_has_its_day_and_its_offset() -> None:
    doc = parcel("royal_mail", DELIVERED)
    assert (doc.expected_from, doc.expected_to) == ("2026-03-31T08:00:00+01:00", "2026-03-31T11:00:00+01:00")


def test_who_signed_is_told() -> None:
    doc = parcel("royal_mail", DELIVERED)
    assert doc.proof
    assert (doc.proof.signed_by, scan("royal_mail", DELIVERED, "EVKSP").detail) == ("Ellis", "signed")


def test_trouble_and_the_way_back() -> None:
    assert statuses("royal_mail", "poll_attempted.json")[0] == "attempted"
    assert statuses("royal_mail", "poll_returned.json") == ["returned", "returning", "out_for_delivery"]


def test_abroad_another_post_brings_it() -> None:
    doc = parcel("royal_mail", "poll_handed_over.json")
    held = scan("royal_mail", "poll_handed_over.json", "EVZZ1")
    assert (doc.next_carrier, held.status, held.reason) == ("Deutsche Post", "exception", "customs_hold")


def test_the_summary_stands_in_for_events_that_were_left_out() -> None:
    bare = changed("royal_mail", DELIVERED, lambda document: document["mailPieces"].pop("events"))
    assert [one.status for one in scans("royal_mail", DELIVERED, bare)] == ["delivered"]


def test_a_code_that_nobody_knows_says_nothing() -> None:
    unknown = scan("royal_mail", "poll_unknown_code.json", "EVXXX")
    assert (unknown.status, unknown.text) == ("", "Tea break")


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    assert parcel("royal_mail", "poll_not_found.json").unknown_number


def test_every_documented_code_is_mapped_or_listed() -> None:
    documented = (
        "ASRXS EVAIE EVAIP EVBAH EVDAC EVDAV EVGMI EVGPD EVIAV EVIMC EVIPI EVKAA EVKAI EVKDN EVKGA EVKLC"
        " EVKNA EVKOP EVKRF EVKSF EVKSP EVKSU EVNAA EVNAR EVNDA EVNDN EVNGA EVNKS EVNMI EVNOC EVNRF EVNRT"
        " EVPLC EVRTS RFRXS RNRXS RORXS RPRXS RSRXS"
    )
    assert not unread(documented, ADAPTER.codes)


def test_they_are_asked_with_both_keys() -> None:
    assert ADAPTER.poll
    request = ADAPTER.poll.request({"client_id": "i", "client_secret": "s"}, [Ask("QE000000017GB")], "")
    assert request.url == "https://api.royalmail.net/mailpieces/v2/QE000000017GB/events"
    assert request.headers["X-IBM-Client-Secret"] == "s"
