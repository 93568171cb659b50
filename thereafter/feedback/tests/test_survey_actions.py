"""Making surveys: drafts, versions, settings, copies, the archive and open links."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.tests.makers import make_order
from thereafter.events.support import TicketClosed
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.actions.answering import answer
from thereafter.feedback.actions.asking import Asking, ask, survey_of
from thereafter.feedback.actions.surveys import StillNeeded
from thereafter.feedback.models import Invitation, OpenLink, Survey, SurveyVersion
from thereafter.feedback.queries import sittings
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.ready_surveys import all_ready, journey_for
from thereafter.feedback.rules import document_checks, documents
from thereafter.feedback.rules.documents import BadSurvey
from thereafter.feedback.rules.survey_settings import PLACES, SurveySettings
from thereafter.feedback.rules.wording import asks_for_stars
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.journeys import queries as journeys
from thereafter.journeys.actions import drafting, publishing
from thereafter.kit import clock
from thereafter.stores.models import Audit, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store, role="marketer")


@pytest.fixture
def survey(store: Store, staff: Staff) -> Survey:
    return actions.make(store, kind="nps", name="After the second order!", by=staff, now=ASKED)


def with_words(survey: Survey, text: str) -> dict[str, Any]:
    """The survey's document, its first question in other English words."""
    document = documents.as_document(queries.draft_of(survey))
    document["questions"][0]["text"]["en"] = text
    return document


def test_a_new_survey_begins_with_our_words_as_its_draft(survey: Survey) -> None:
    assert (survey.key, survey.version) == ("after_the_second_order", 0)
    assert queries.draft_of(survey) == documents.plain("nps")


def test_two_surveys_of_one_name_have_keys_of_their_own(store: Store, survey: Survey, staff: Staff) -> None:
    again = actions.make(store, kind="nps", name=survey.name, by=staff, now=ASKED)
    assert again.key == "after_the_second_order_2"


def test_publishing_makes_a_version_and_a_draft_changes_nothing_before(survey: Survey, staff: Staff) -> None:
    first = actions.publish(survey, by=staff, now=ASKED)
    actions.save_draft(survey, with_words(survey, "Would you tell a friend?"), now=ASKED)
    assert queries.document_of(survey) == documents.read(first.document)
    second = actions.publish(survey, by=staff, now=ASKED + timedelta(days=1))
    survey.refresh_from_db()
    assert (first.number, second.number, survey.version, survey.draft) == (1, 2, 2, None)
    assert queries.document_of(survey).questions[0].text["en"] == "Would you tell a friend?"
    assert Audit.objects.filter(verb="feedback.survey_published").count() == 2


def test_what_is_not_sound_is_kept_as_a_draft_and_not_published(survey: Survey, staff: Staff) -> None:
    actions.save_draft(survey, with_words(survey, "Give us a 10!"), now=ASKED)
    with pytest.raises(BadSurvey) as refused:
        actions.publish(survey, by=staff, now=ASKED)
    assert refused.value.problems[0][0] == "questions.score.text"
    survey.refresh_from_db()
    assert survey.draft
    assert not SurveyVersion.objects.exists()


def test_a_draft_that_says_what_is_published_is_none(survey: Survey, staff: Staff) -> None:
    actions.publish(survey, by=staff, now=ASKED)
    actions.save_draft(survey, with_words(survey, "Other"), now=ASKED)
    assert survey.draft
    actions.save_draft(survey, documents.as_document(queries.document_of(survey)), now=ASKED)
    survey.refresh_from_db()
    assert survey.draft is None


def test_a_draft_is_of_the_kind_of_its_survey(survey: Survey) -> None:
    actions.save_draft(survey, {**with_words(survey, "Other"), "kind": "csat"}, now=ASKED)
    assert queries.draft_of(survey).kind == "nps"


def test_what_is_no_survey_is_not_even_a_draft(survey: Survey) -> None:
    with pytest.raises(BadSurvey):
        actions.save_draft(survey, {"questions": [{"id": "x", "kind": "smell"}]}, now=ASKED)


def test_who_was_asked_before_answers_what_they_were_asked(store: Store, staff: Staff) -> None:
    survey = survey_of(store.pk, "satisfaction")
    actions.publish(survey, by=staff, now=ASKED)
    invitation = make_invitation(make_order(store))
    actions.save_draft(survey, with_words(survey, "How was it?"), now=ASKED)
    actions.publish(survey, by=staff, now=ASKED)
    invitation.refresh_from_db()
    asked = sittings.of_invitation(invitation).document.questions[0].text["en"]
    assert asked == "How satisfied are you with this order?"


def test_an_old_version_becomes_the_draft_and_a_new_version(survey: Survey, staff: Staff) -> None:
    first = actions.publish(survey, by=staff, now=ASKED)
    actions.save_draft(survey, with_words(survey, "Other words"), now=ASKED)
    actions.publish(survey, by=staff, now=ASKED)
    actions.restore(
        SurveyVersion.objects.select_related("survey__store", "store").get(pk=first.pk), by=staff, now=ASKED
    )
    survey.refresh_from_db()
    third = actions.publish(survey, by=staff, now=ASKED)
    assert third.number == 3
    assert third.document == first.document


def test_a_copy_asks_the_same_and_is_not_published(survey: Survey, staff: Staff) -> None:
    actions.publish(survey, by=staff, now=ASKED)
    actions.set_settings(survey, SurveySettings(priority=8, places=("order_page",)), by=staff, now=ASKED)
    copied = actions.copy(survey, by=staff, now=ASKED)
    assert copied.name == "After the second order! (copy)"
    assert (copied.version, copied.priority, copied.places) == (0, 8, [])
    assert queries.draft_of(copied) == queries.document_of(survey)


def test_an_archived_survey_asks_nobody_and_its_links_are_closed(store: Store, survey: Survey, staff: Staff) -> None:
    link = actions.open_link(survey, "Card", {"place": "Lyon"}, now=ASKED, by=staff)
    actions.archive(survey, by=staff, now=ASKED)
    order = make_order(store)
    assert ask(store.pk, [Asking(order.customer_id, "x", order.pk, survey.key)], now=ASKED) == []
    link.refresh_from_db()
    assert link.closed_at == ASKED
    assert survey.key not in dict(queries.names(store.pk))
    actions.bring_back(survey, by=staff, now=ASKED)
    link.refresh_from_db()
    assert link.closed_at == ASKED, "it stays closed"
    assert len(ask(store.pk, [Asking(order.customer_id, "y", order.pk, survey.key)], now=ASKED)) == 1


def test_the_survey_that_everybody_has_stays(store: Store, staff: Staff) -> None:
    with pytest.raises(StillNeeded):
        actions.archive(survey_of(store.pk, "satisfaction"), by=staff, now=ASKED)


def test_a_name_changes_and_the_key_stays(survey: Survey, staff: Staff) -> None:
    actions.rename(survey, "Friends", by=staff, now=ASKED)
    survey.refresh_from_db()
    assert (survey.key, queries.title_of(survey)) == ("after_the_second_order", "Friends")


def test_links_have_codes_that_cannot_be_guessed_and_note_their_place(survey: Survey, staff: Staff) -> None:
    links = [actions.open_link(survey, f"Till {n}", {"place": f"till {n}"}, now=ASKED) for n in range(3)]
    assert len({link.code for link in links}) == 3
    assert all(len(link.code) == 10 for link in links)
    assert links[1].facts == {"place": "till 1"}
    actions.set_link_closed(links[0], closed=True, by=staff, now=ASKED)
    assert OpenLink.objects.exclude(closed_at=None).get() == links[0]


def test_a_list_shows_how_surveys_do_lately(store: Store, staff: Staff) -> None:
    survey = survey_of(store.pk, "satisfaction")
    actions.make(store, kind="form", name="Form", by=staff, now=ASKED)
    answer(make_invitation(make_order(store)), score=5, now=ASKED)
    first, form = queries.rows(store, ASKED + timedelta(days=1))
    assert (first.survey, first.asked, first.answered) == (survey, 1, 1)
    assert first.reading is not None
    assert first.reading.value == 100
    assert form.reading is None
    later = queries.row(survey, ASKED + timedelta(days=91))
    assert (later.asked, later.answered) == (0, 0)


def test_a_list_takes_the_same_number_of_queries_whatever_its_length(
    store: Store, staff: Staff, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        actions.make(store, kind="csat", name=f"Survey {number}", by=staff, now=ASKED)
    with django_assert_num_queries(4):
        queries.rows(store, ASKED)


def test_another_shops_surveys_are_not_seen(store: Store, survey: Survey) -> None:
    other = make_store("other")
    assert queries.rows(other, ASKED) == []
    assert queries.names(other.pk) == [("satisfaction", "Satisfaction")]


@pytest.mark.parametrize("key", list(all_ready()))
def test_a_ready_survey_is_complete_honest_and_published_in_one_click(store: Store, staff: Staff, key: str) -> None:
    ready = all_ready()[key]
    assert document_checks.check(ready.document, ready.kind) == []
    assert document_checks.gaps(ready.document) == {}
    assert set(ready.document.languages) == {"en", "de", "fr", "es", "pt"}
    assert set(ready.settings.get("places", ())) <= set(PLACES)
    texts = [text for said in document_checks.texts(ready.document) for text in said.words.values()]
    assert not [text for text in texts if asks_for_stars(text)]
    made = actions.make_ready(store, ready, by=staff, now=ASKED)
    assert (made.version, made.draft, made.key) == (1, None, key)
    assert queries.document_of(made) == ready.document


@pytest.mark.parametrize("key", list(all_ready()))
def test_a_ready_survey_brings_a_journey_that_can_be_turned_on(store: Store, staff: Staff, key: str) -> None:
    made = actions.make_ready(store, all_ready()[key], by=staff, now=ASKED)
    assert queries.uses_of(made) == []
    name, document = journey_for(made.key)
    journey = drafting.create(store, name, document, by=staff, now=ASKED)
    assert [use.is_on for use in queries.uses_of(made)] == [False]
    publishing.publish(journey, document, now=ASKED, by=staff)
    publishing.turn(journey, live=True, by=staff, now=ASKED)
    assert [use.is_on for use in queries.uses_of(made)] == [True]


def test_a_journey_may_only_ask_surveys_of_the_store(store: Store, survey: Survey, staff: Staff) -> None:
    known = journeys.known(store)
    assert known.surveys == {"satisfaction", survey.key}
    assert journeys.offered(store, "survey")[survey.key] == survey.name
    document = journey_for("gone")[1]
    with pytest.raises(publishing.BadJourney, match="gone"):
        publishing.publish(drafting.create(store, "X", document, by=staff, now=ASKED), document, now=ASKED, by=staff)


def test_a_step_that_names_no_survey_asks_the_one_everybody_has() -> None:
    nested = {"steps": [{"kind": "branch", "ways": [{"steps": [{"kind": "ask"}]}]}, {"kind": "ask", "survey": "nps"}]}
    assert queries.asked_in(nested) == {"satisfaction", "nps"}


def test_after_a_ticket_people_are_asked_how_easy_it_was(store: Store, staff: Staff) -> None:
    made = actions.make_ready(store, all_ready()["ces_ticket"], by=staff, now=ASKED)
    name, document = journey_for(made.key)
    journey = drafting.create(store, name, document, by=staff, now=ASKED)
    publishing.publish(journey, document, now=ASKED, by=staff)
    publishing.turn(journey, live=True, by=staff, now=ASKED)
    order = make_order(store)
    with clock.at(ASKED):
        record(TicketClosed(store_id=store.pk, customer_id=order.customer_id, occurred_at=ASKED, ref="T-1"))
        run_until_idle(ASKED)
    assert not Invitation.objects.filter(survey=made).exists(), "not at once"
    later = ASKED + timedelta(hours=5)
    with clock.at(later):
        run_until_idle(later)
    invitation = Invitation.objects.get(survey=made)
    assert invitation.version == 1
