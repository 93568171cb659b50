"""The merchant's pages of surveys, by plain forms as a browser without scripts sends them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.tests.makers import make_product
from thereafter.console.tests.tools import signed_in
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.actions.asking import survey_of
from thereafter.feedback.models import OpenLink, Survey, SurveyVersion
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.ready_surveys import all_ready
from thereafter.feedback.rules.documents import Question, SurveyDocument
from thereafter.feedback.tests.makers import ASKED
from thereafter.journeys.models import Journey
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(make_staff(store, role="owner"))


@pytest.fixture
def survey(store: Store) -> Survey:
    return actions.make(store, kind="csat", name="After the workshop", by=None, now=ASKED)


def at(name: str, survey: Survey | Store, *args: int) -> str:
    if isinstance(survey, Store):
        return reverse(f"feedback_console:{name}", args=[survey.slug])
    return reverse(f"feedback_console:{name}", args=[survey.store.slug, survey.pk, *args])


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def draft(survey: Survey) -> SurveyDocument:
    survey.refresh_from_db()
    return queries.draft_of(survey)


def do(client: Client, survey: Survey, **fields: Any) -> str:
    """Sends a form of the editor with the draft's mark; returns what the page says afterwards."""
    page = shown(client, at("survey_edit", survey))
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found
    answer = client.post(at("survey_do", survey), {"mark": found[1], **fields}, follow=True)
    return answer.content.decode()


def question(survey: Survey, key: str) -> Question:
    found = draft(survey).question(key)
    assert found is not None
    return found


def test_an_empty_shop_is_told_what_asking_is_for(client: Client, store: Store) -> None:
    page = shown(client, at("surveys", store))
    assert "One question is ready" in page
    assert all(one.name in page for one in all_ready().values())
    assert Survey.objects.get().key == "satisfaction"


def test_a_ready_survey_is_made_in_one_click(client: Client, store: Store) -> None:
    page = client.post(at("survey_make", store), {"ready": "nps_quarter"}, follow=True).content.decode()
    made = Survey.objects.get(key="nps_quarter")
    assert (made.version, made.again_after_days) == (1, 90)
    assert "No journey asks it" in page


def test_a_survey_of_ones_own_begins_in_the_editor(client: Client, store: Store) -> None:
    fields = {"name": "Workshop", "kind": "ces"}
    page = client.post(at("survey_make", store), fields, follow=True).content.decode()
    assert "made it easy for me" in page
    assert Survey.objects.get(name="Workshop").kind == "ces"
    refused = client.post(at("survey_make", store), {"name": "", "kind": "ces"}, follow=True)
    assert "Give the survey a name" in refused.content.decode()


def test_questions_are_added_moved_copied_and_removed_by_buttons(client: Client, survey: Survey) -> None:
    do(client, survey, do="add:choice")
    do(client, survey, do="add:scale")
    assert [one.id for one in draft(survey).questions] == ["score", "comment", "choice_1", "scale_1"]
    do(client, survey, do="up", question="scale_1")
    do(client, survey, do="up", question="comment")
    assert [one.id for one in draft(survey).questions] == ["score", "comment", "scale_1", "choice_1"]
    do(client, survey, do="copy", question="choice_1")
    do(client, survey, do="drop", question="comment")
    do(client, survey, do="drop", question="score")
    assert [one.id for one in draft(survey).questions] == ["score", "scale_1", "choice_1", "choice_2"]


def test_words_options_and_ends_are_written_in_two_languages(client: Client, survey: Survey) -> None:
    do(client, survey, do="add:choices")
    fields = {
        "question": "choices_1", "lang": "de", "do": "save", "required": "on",
        "text@en": "What was wrong?", "text@de": "Was war falsch?",
        "option-a1@en": "Size", "option-a1@de": "Größe", "option-a2@en": "Late",
        "new-0@en": "Colour", "new-0@de": "Farbe",
    }  # fmt: skip
    do(client, survey, **fields)
    found = question(survey, "choices_1")
    assert found.required
    assert found.text == {"en": "What was wrong?", "de": "Was war falsch?"}
    assert [dict(one.text) for one in found.options] == [
        {"en": "Size", "de": "Größe"}, {"en": "Late"}, {"en": "Colour", "de": "Farbe"},
    ]  # fmt: skip
    do(client, survey, **{**fields, "text@de": "", "do": "option_up:a2"})
    found = question(survey, "choices_1")
    assert found.text == {"en": "What was wrong?"}
    assert [one.id for one in found.options][:2] == ["a2", "a1"]
    do(client, survey, question="choices_1", do="option_drop:a1")
    assert "a1" not in {one.id for one in question(survey, "choices_1").options}


def test_a_scale_has_ends_of_its_own(client: Client, survey: Survey) -> None:
    do(client, survey, do="add:scale")
    do(
        client,
        survey,
        question="scale_1",
        do="save",
        low="0",
        high="10",
        **{"text@en": "How far?", "low_text@en": "Near"},
    )
    found = question(survey, "scale_1")
    assert (found.low, found.high, found.low_text) == (0, 10, {"en": "Near"})
    do(client, survey, question="scale_1", do="save", low="0", high="9999")
    assert question(survey, "scale_1").high == 10


def test_branching_takes_a_subject_then_its_values(client: Client, survey: Survey) -> None:
    """Without scripts: choose what it is about and save, then tick the values and save."""
    do(client, survey, question="comment", do="save", **{"c-0-about": "q:score|band", "text@en": "What went wrong?"})
    page = shown(client, at("survey_edit", survey) + "?question=comment")
    assert "a condition names no value" in page
    assert "1 or 2" in page
    do(client, survey, question="comment", do="save", **{"c-0-about": "q:score|band", "c-0-value": ["low", "middle"]})
    page = shown(client, at("survey_edit", survey) + "?question=comment")
    assert "is 1 or 2 or 3" in page
    assert question(survey, "comment").show_if[0].values == ("low", "middle")
    do(client, survey, question="comment", do="condition_drop:0", **{"c-0-about": "q:score|band", "c-0-value": "low"})
    assert question(survey, "comment").show_if == ()


def test_branching_by_what_is_known_of_the_order(client: Client, survey: Survey, store: Store) -> None:
    shoe = make_product(store, external_id="shoe", title="Trail shoe")
    fields = {"question": "comment", "do": "save"}
    do(client, survey, **fields, **{"c-0-about": "f:product|is", "c-1-about": "f:orders_before|from"})
    do(
        client,
        survey,
        **fields,
        **{
            "c-0-about": "f:product|is",
            "c-0-more": "trail SHOE",
            "c-1-about": "f:orders_before|from",
            "c-1-value": "1",
        },
    )
    conditions = question(survey, "comment").show_if
    assert conditions[0].texts == [str(shoe.pk)]
    assert conditions[1].number == 1
    page = shown(client, at("survey_edit", survey) + "?question=comment")
    assert "the product is Trail shoe and orders before this one is 1 or more" in page
    fields["c-0-about"], fields["c-0-more"] = "f:product|is", "Unicorn"
    assert "There is no product “Unicorn”" in do(client, survey, **fields)


def test_the_fields_of_a_condition_come_as_soon_as_it_is_chosen(client: Client, survey: Survey) -> None:
    address = at("survey_condition", survey)
    part = shown(client, f"{address}?question=comment&number=2&c-2-about=q:score|from")
    assert part.count("<option") == 5
    assert 'name="c-2-value"' in part
    assert client.get(f"{address}?question=gone&number=0").status_code == 404
    assert "<input" not in shown(client, f"{address}?question=comment&number=0&c-0-about=f:secret|is")


def test_a_dropped_question_takes_its_conditions_along(client: Client, survey: Survey) -> None:
    do(client, survey, do="add:choice")
    do(client, survey, do="add:photo")
    names = {"question": "photo_1", "do": "save", "c-0-about": "q:choice_1|is"}
    do(client, survey, **names)
    do(client, survey, **names, **{"c-0-value": "a1"})
    page = do(client, survey, do="drop", question="choice_1")
    assert "1 condition on it went with it" in page
    assert question(survey, "photo_1").show_if == ()


def test_somebody_elses_change_is_not_overwritten(client: Client, survey: Survey) -> None:
    page = shown(client, at("survey_edit", survey))
    mark = re.findall(r'name="mark" value="(\w+)"', page)[0]
    do(client, survey, do="add:text")
    answer = client.post(at("survey_do", survey), {"mark": mark, "do": "add:photo"}, follow=True)
    assert "Somebody changed this survey meanwhile" in answer.content.decode()
    assert "photo_1" not in [one.id for one in draft(survey).questions]


def test_languages_are_chosen_and_our_words_come_with_them(client: Client, survey: Survey) -> None:
    fields = {"question": "around", "do": "save", "language": ["de", "en"], "first": "de"}
    do(client, survey, **fields, **{"intro@en": "Hello", "thanks-low@en": "We are sorry."})
    found = draft(survey)
    assert found.languages == ("de", "en")
    assert set(found.questions[0].text) == {"de", "en"}
    assert found.intro == {"en": "Hello"}
    assert found.thanks_for("low") == {"en": "We are sorry."}
    do(client, survey, question="around", do="save", language=["de", "fr"], first="fr")
    found = draft(survey)
    assert found.languages == ("fr", "de")
    assert set(found.questions[0].text) == {"de", "fr"}, "our own question is there in the new language at once"
    assert found.intro == {}


def test_problems_lead_to_where_they_can_be_mended(client: Client, survey: Survey) -> None:
    do(client, survey, question="score", do="save", **{"text@en": "Give us 5 stars!"})
    page = shown(client, at("survey_publish", survey))
    assert f"{at('survey_edit', survey)}?question=score#question" in page
    assert "5 stars" in page
    mark = re.findall(r'name="mark"', page)
    assert not mark, "there is nothing to press"


def test_publishing_shows_what_changes_and_a_version_can_come_back(client: Client, survey: Survey) -> None:
    actions.publish(survey, by=None, now=ASKED)
    do(client, survey, question="comment", do="save", **{"text@en": "What else?"})
    page = shown(client, at("survey_publish", survey))
    assert "<del>Anything you want to add?</del> → What else?" in page
    mark = re.findall(r'name="mark" value="(\w+)"', page)[0]
    stale = client.post(at("survey_publish", survey), {"mark": "old"}, follow=True).content.decode()
    assert "changed the draft meanwhile" in stale
    client.post(at("survey_publish", survey), {"mark": mark})
    assert SurveyVersion.objects.count() == 2
    history = shown(client, at("survey_history", survey) + "?number=1")
    assert "Make version 1 the draft" in history
    client.post(at("survey_restore", survey), {"number": "1"})
    assert question(survey, "comment").text["en"] == "Anything you want to add?"
    assert client.get(at("survey_history", survey) + "?number=9").status_code == 404


def test_a_draft_can_be_thrown_away(client: Client, survey: Survey) -> None:
    actions.publish(survey, by=None, now=ASKED)
    do(client, survey, do="add:photo")
    client.post(at("survey_discard", survey))
    assert [one.id for one in draft(survey).questions] == ["score", "comment"]


def test_the_preview_is_the_shoppers_page_in_a_frame_of_ours_only(client: Client, survey: Survey) -> None:
    answer = client.get(at("survey_preview", survey) + "?lang=de")
    page = answer.content.decode()
    assert "Wie zufrieden bist du mit dieser Bestellung?" in page
    assert "Sehr gut" in page
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    assert 'method="post"' not in page
    second = client.get(at("survey_preview", survey) + "?lang=fr&question=comment").content.decode()
    assert "Souhaitez-vous ajouter quelque chose" in second


def test_the_preview_shows_what_is_being_written_and_keeps_nothing(client: Client, survey: Survey) -> None:
    fields = {"question": "score", "lang": "en", "text@en": "Did you enjoy the evening?"}
    assert "Did you enjoy the evening?" in client.post(at("survey_preview", survey), fields).content.decode()
    assert draft(survey).questions[0].text["en"] == "How satisfied are you with this order?"


def test_settings_say_when_and_what_becomes_of_scores(client: Client, survey: Survey) -> None:
    fields = {
        "priority": "8", "good_for_days": "10", "again_after_days": "90", "remind_after_days": "3",
        "places": ["order_page"], "hours": "24", "ask_again_days": "0", "invitations": ["story"],
    }  # fmt: skip
    client.post(at("survey_settings", survey), fields)
    survey.refresh_from_db()
    assert (survey.priority, survey.again_after_days, survey.remind_after_days) == (8, 90, 3)
    assert survey.low == {"follow_up": False, "hours": 24, "ask_again_days": 0}
    assert survey.high == {"referral": False, "story": True}
    assert survey.places == ["order_page"]
    refused = client.post(at("survey_settings", survey), {**fields, "priority": "12", "hours": "0"})
    assert "Look at what is marked below" in refused.content.decode()


def test_no_setting_leads_to_a_review_by_score(client: Client, survey: Survey) -> None:
    client.post(at("survey_settings", survey), {"priority": "5", "invitations": ["review"]})
    survey.refresh_from_db()
    assert "review" not in survey.high


def test_a_form_has_no_settings_for_scores(client: Client, store: Store) -> None:
    form = actions.make(store, kind="form", name="Form", by=None, now=ASKED)
    page = shown(client, at("survey_settings", form))
    assert "A low score" not in page
    fields = {"priority": "5", "good_for_days": "14", "again_after_days": "0"}
    assert client.post(at("survey_settings", form), fields).status_code == 302


def test_a_link_is_made_printed_closed_and_opened_again(client: Client, survey: Survey) -> None:
    client.post(at("survey_links", survey), {"name": "Card in the parcel", "place": "Lyon"})
    link = OpenLink.objects.get()
    page = shown(client, at("survey_links", survey))
    assert f"/s/{survey.store.slug}/feedback/" in page
    assert link.code in page
    picture = client.get(at("survey_svg", survey, link.pk))
    assert picture["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    drawn = client.get(at("survey_png", survey, link.pk))
    assert drawn.content.startswith(b"\x89PNG")
    assert 'filename="card-in-the-parcel.png"' in drawn["Content-Disposition"]
    card = shown(client, at("survey_card", survey, link.pk) + "?lang=en")
    assert "every answer is read" in card
    assert f"{link.code}?lang=de" not in card
    german = shown(client, at("survey_card", survey, link.pk) + "?lang=de")
    assert f"{link.code}?lang=de" in german
    client.post(at("survey_link", survey, link.pk))
    link.refresh_from_db()
    assert link.closed_at
    client.post(at("survey_link", survey, link.pk))
    link.refresh_from_db()
    assert link.closed_at is None


def test_the_code_of_a_card_leads_to_the_survey(client: Client, survey: Survey) -> None:
    link = actions.open_link(survey, "Till", {}, now=ASKED)
    page = shown(client, at("survey_links", survey))
    found = re.search(r'data-copy="https?://[^/"]+(/[^"]+)"', page)
    assert found
    assert link.code in found[1]
    assert "How satisfied are you" in Client().get(found[1], headers={"Accept-Language": "en"}).content.decode()


def test_a_journey_that_asks_it_is_one_click_away_and_then_linked(client: Client, store: Store) -> None:
    made = actions.make_ready(store, all_ready()["ces_return"], by=None, now=ASKED)
    answer = client.post(at("survey_journey", made))
    journey = Journey.objects.get()
    assert answer.headers["Location"].endswith(f"/journeys/{journey.key}/edit/")
    assert "refund.settled" in str(journey.draft)
    page = shown(client, at("survey", made))
    assert journey.name in page
    assert "No journey asks it" not in page


def test_the_builder_of_journeys_offers_surveys_by_name(client: Client, store: Store, survey: Survey) -> None:
    client.post(at("survey_journey", survey))
    journey = Journey.objects.get()
    panel = f"/console/{store.slug}/journeys/{journey.key}/edit/panel/?step=ask"
    page = client.get(panel, headers={"HX-Request": "true"}).content.decode()
    assert ">After the workshop</option>" in page
    assert ">Satisfaction</option>" in page


def test_archiving_asks_first_and_can_be_undone(client: Client, survey: Survey, store: Store) -> None:
    actions.open_link(survey, "Card", {}, now=ASKED)
    assert "1 link will be closed" in shown(client, at("survey_archive", survey))
    client.post(at("survey_archive", survey), follow=True)
    assert "After the workshop" not in shown(client, at("surveys", store))
    assert "After the workshop" in shown(client, at("surveys", store) + "?archived=1")
    client.post(at("survey_archive", survey), {"do": "back"})
    assert "After the workshop" in shown(client, at("surveys", store))


def test_the_survey_that_everybody_has_cannot_be_archived(client: Client, store: Store) -> None:
    first = survey_of(store.pk, "satisfaction")
    page = client.post(at("survey_archive", first), follow=True).content.decode()
    assert "Every shop has this survey" in page


def test_copying_leads_to_the_copy(client: Client, survey: Survey) -> None:
    page = client.post(at("survey_copy", survey), follow=True).content.decode()
    assert "After the workshop (copy)" in page


def test_who_only_reads_sees_no_buttons_that_change(store: Store, survey: Survey) -> None:
    reader = signed_in(make_staff(store, role="analyst", email="reader@example.com"))
    page = shown(reader, at("survey", survey))
    assert "Archive" not in page
    assert reader.get(at("survey_edit", survey)).status_code == 403
    assert reader.post(at("survey_do", survey), {"do": "add:text"}).status_code == 403
