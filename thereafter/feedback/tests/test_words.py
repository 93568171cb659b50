"""What a store learns from its own comments, and what becomes of comments then."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.feedback.actions import learning, themes
from thereafter.feedback.actions.answering import answer
from thereafter.feedback.models import Answer, Said, TextModel, Theme
from thereafter.feedback.queries import themes as queries
from thereafter.feedback.queries.comments import ANSWER, REVIEW
from thereafter.feedback.queries.figures import Window
from thereafter.feedback.queries.themes import Choice
from thereafter.feedback.rules.words.changes import MORE
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.feedback.tests.results_makers import give, make_survey
from thereafter.feedback.tests.review_makers import make_review
from thereafter.feedback.tests.words_makers import FIT, LATE, REFUND, say, say_enough
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = ASKED + timedelta(days=1)
ALL = Choice(Window(None, NOW + timedelta(days=400)))


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return make_order(store)


@pytest.fixture
def learnt(store: Store, order: Order) -> TextModel:
    say_enough(order)
    return learning.learn(store, NOW)


def theme_of(given: Answer) -> Theme | None:
    return Said.objects.select_related("theme").get(room=ANSWER, row=given.pk).theme


def about(store: Store, word: str) -> Theme:
    return next(one for one in queries.themes(store) if word in one.words[:3])


def test_a_store_learns_once_it_has_enough_comments(store: Store, order: Order) -> None:
    say(order, LATE, 100, 1)
    say(order, FIT, 99, 5)
    assert not learning.refresh(store, NOW)
    assert (queries.state(store).written, queries.state(store).is_enough) == (199, False)
    say(order, FIT, 1, 5)
    assert learning.refresh(store, NOW)
    model = TextModel.objects.get()
    assert (model.trained_on, model.positive, model.negative, model.problem) == (200, 100, 100, "")
    assert model.accuracy is not None
    assert model.accuracy > 0.95


def test_without_unhappy_people_there_are_themes_but_no_sense_of_tone(store: Store, order: Order) -> None:
    say(order, FIT, 120, 5)
    say(order, REFUND, 100, 4)
    learning.learn(store, NOW)
    model = TextModel.objects.get()
    assert (model.accuracy, model.auc) == (None, None)
    assert "220 content, 0 unhappy" in model.problem
    assert Theme.objects.count() >= 2
    assert not Said.objects.filter(pleased__isnull=False).exists()


@pytest.mark.usefixtures("learnt")
def test_it_learns_anew_when_half_as_many_came_again_and_a_week_went_by(store: Store, order: Order) -> None:
    later = NOW + timedelta(days=7)
    say(order, LATE, 119, 1, at=NOW + timedelta(hours=1))
    assert not learning.refresh(store, later)
    say(order, LATE, 1, 1, at=NOW + timedelta(hours=1))
    assert not learning.refresh(store, later - timedelta(seconds=1))
    assert learning.refresh(store, later)
    # Of the older one only how good it was is kept.
    assert [bool(one.content) for one in TextModel.objects.order_by("id")] == [False, True]


@pytest.mark.usefixtures("learnt")
def test_after_a_quarter_of_a_year_fifty_more_are_enough(store: Store, order: Order) -> None:
    later = NOW + timedelta(days=90)
    say(order, LATE, 49, 1, at=NOW + timedelta(hours=1))
    assert not learning.refresh(store, later)
    say(order, LATE, 1, 1, at=NOW + timedelta(hours=1))
    assert not learning.refresh(store, later - timedelta(seconds=1))
    assert learning.refresh(store, later)


@pytest.mark.usefixtures("learnt")
def test_every_comment_is_in_its_theme_or_in_none(store: Store, order: Order) -> None:
    assert Said.objects.of(store).count() == 240
    late, refund = about(store, "late"), about(store, "refund")
    assert late != refund
    found = queries.overview(store, ALL)
    tallies = {one.theme.pk: one.tally for one in found.themes}
    assert tallies[refund.pk].n == 50
    assert tallies[refund.pk].unhappy_share == 1
    assert tallies[refund.pk].mean == ("csat", 2.0)
    assert sum(tally.n for tally in tallies.values()) + found.other.n == found.everything.n == 240
    assert found.other.unhappy == 0


@pytest.mark.usefixtures("learnt")
def test_a_new_comment_finds_its_theme_within_minutes(store: Store, order: Order) -> None:
    (given,) = give(order, [5], comment="Where is my refund for the return", at=NOW)
    assert themes.read_new(NOW) == 1
    assert theme_of(given) == about(store, "refund")
    said = Said.objects.get(row=given.pk)
    assert said.pleased is not None
    assert said.pleased < 0.3
    assert (said.score, said.band, said.language) == (5, "high", "en")
    assert themes.read_new(NOW) == 0


@pytest.mark.usefixtures("learnt")
def test_words_added_to_a_score_are_read_as_well(store: Store, order: Order) -> None:
    invitation = make_invitation(order, now=NOW)
    given = answer(invitation, score=1, comment="", now=NOW)
    assert themes.read_new(NOW) == 0
    answer(invitation, score=1, comment="The parcel came late", now=NOW + timedelta(hours=1))
    assert themes.read_new(NOW + timedelta(hours=2)) == 1
    assert theme_of(given) == about(store, "late")
    answer(invitation, score=1, comment="No refund for my return", now=NOW + timedelta(hours=3))
    assert themes.read_new(NOW + timedelta(hours=4)) == 1
    assert theme_of(given) == about(store, "refund")


@pytest.mark.usefixtures("learnt")
def test_reviews_are_read_unless_nobody_may_see_them(store: Store) -> None:
    review = make_review(store, 2, "The refund for my return never came.", now=NOW)
    themes.read_new(NOW)
    said = Said.objects.get(room=REVIEW)
    assert (said.row, said.band, said.theme) == (review.pk, "low", about(store, "refund"))
    type(review).objects.filter(pk=review.pk).update(state="withdrawn")
    themes.look_through(NOW)
    assert not Said.objects.filter(room=REVIEW).exists()


@pytest.mark.usefixtures("learnt")
def test_what_is_brought_in_with_an_old_date_is_read_by_the_weekly_look(order: Order) -> None:
    give(order, [1], comment="The parcel was late", at=ASKED - timedelta(days=300), now=NOW)
    assert themes.read_new(NOW) == 0
    assert themes.look_through(NOW) == 1


@pytest.mark.usefixtures("learnt")
def test_reading_takes_as_many_queries_for_many_comments_as_for_one(order: Order) -> None:
    def queries_for(comments: int) -> int:
        say(order, LATE, comments, 1, at=NOW)
        with CaptureQueriesContext(connection) as seen:
            themes.read_new(NOW)
        return len(seen)

    assert queries_for(40) == queries_for(1)


@pytest.mark.usefixtures("learnt")
def test_a_name_given_by_the_shop_stays_when_the_words_are_learnt_anew(store: Store, order: Order) -> None:
    theme = about(store, "refund")
    themes.rename(theme, "Money back")
    say(order, (*LATE, *REFUND), 120, 1, at=NOW)
    learning.learn(store, NOW + timedelta(days=30))
    theme.refresh_from_db()
    assert theme.name == "Money back"
    assert "refund" in theme.words
    themes.rename(theme, " ")
    assert "refund" in theme.name


def test_a_theme_nobody_speaks_of_any_more_goes_unless_the_shop_touched_it(store: Store, order: Order) -> None:
    say_enough(order)
    learning.learn(store, NOW)
    kept, gone = about(store, "refund"), about(store, "late")
    themes.rename(kept, "Money back")
    Answer.objects.of(store).filter(comment__iregex="refund|late|waiting").update(comment="")
    say(order, ("Blue colour fades", "The colour fades in the wash", "Colour faded, washed once"), 120, 2, at=NOW)
    learning.learn(store, NOW + timedelta(days=30))
    names = [one.name for one in queries.themes(store)]
    assert "Money back" in names
    assert not Theme.objects.filter(pk=gone.pk).exists()
    assert "colour" in [word for one in queries.themes(store) for word in one.words]


@pytest.mark.usefixtures("learnt")
def test_merged_themes_are_counted_as_one_and_can_be_taken_apart(store: Store) -> None:
    late, refund = about(store, "late"), about(store, "refund")
    before = {one.theme.pk: one.tally.n for one in queries.overview(store, ALL).themes}
    themes.merge(refund, late)
    after = {one.theme.pk: one.tally.n for one in queries.overview(store, ALL).themes}
    assert after[late.pk] == before[late.pk] + before[refund.pk]
    assert refund.pk not in after
    refund.refresh_from_db()
    with pytest.raises(themes.NotPossible):
        themes.merge(late, refund)
    with pytest.raises(themes.NotPossible):
        themes.merge(late, late)
    themes.separate(refund)
    assert {one.theme.pk: one.tally.n for one in queries.overview(store, ALL).themes} == before


@pytest.mark.usefixtures("learnt")
def test_a_hidden_theme_is_not_shown_but_its_comments_count(store: Store) -> None:
    late = about(store, "late")
    themes.hide(late, NOW)
    found = queries.overview(store, ALL)
    assert late.pk not in [one.theme.pk for one in found.themes]
    assert found.everything.n == 240
    themes.show(late)
    assert late.pk in [one.theme.pk for one in queries.overview(store, ALL).themes]


@pytest.mark.usefixtures("learnt")
def test_themes_of_a_period_are_compared_with_the_same_length_before(store: Store, order: Order) -> None:
    then, now = NOW + timedelta(days=40), NOW + timedelta(days=70)
    for at, late, fits in ((then, 10, 60), (now, 45, 60)):
        say(order, LATE, late, 1, at=at)
        say(order, FIT, fits, 5, at=at)
    themes.look_through(now)
    window = Window(now - timedelta(days=29), now + timedelta(days=1))
    found = {one.theme.pk: one for one in queries.overview(store, Choice(window)).themes}
    of_late = found[about(store, "late").pk]
    assert (of_late.tally.n, of_late.tally.before, of_late.verdict) == (45, 10, MORE)


@pytest.mark.usefixtures("learnt")
def test_comments_are_chosen_by_survey_score_tone_and_language(store: Store, order: Order) -> None:
    nps = make_survey(store, "nps", "Friends")
    give(order, [9], survey=nps.key, comment="The parcel is late, still waiting for it", at=NOW)
    themes.read_new(NOW)

    def count(**fields: object) -> int:
        return queries.said(store, Choice(ALL.window, **fields)).count()  # type: ignore[arg-type]  # each of its own type

    assert count() == 241
    assert count(survey_id=nps.pk) == 1
    assert count(survey_id=nps.pk, band="high", sounds="unhappy") == 1
    assert count(band="low") == 120
    assert count(language="pt") == count(room=REVIEW) == 0
    # Scores of two scales have no mean.
    assert queries.overview(store, ALL).everything.mean is None


@pytest.mark.usefixtures("learnt")
def test_another_store_has_its_own_words(store: Store) -> None:
    other = make_store("other")
    assert queries.themes(other) == []
    assert queries.state(other).model is None
    assert queries.said(other, ALL).count() == 0


def test_languages_with_enough_comments_have_their_own_themes(store: Store, order: Order) -> None:
    english = (
        "The parcel did not come and I have been waiting for it",
        "I am still waiting for the parcel and for an answer",
        "The shoes are not in the colour that I wanted",
        "The colour of the shoes is not what is in the picture",
    )
    german = (
        "Das Paket kam nicht und ich habe gewartet",
        "Ich warte noch auf das Paket und die Antwort",
        "Die Schuhe sind nicht in meiner Farbe gekommen",
        "Die Farbe der Schuhe ist nicht wie auf dem Bild",
    )
    # English words at the end of short ones leave it open which of the two it is.
    say(order, english, 240, 2)
    say(order, german, 240, 2)
    learning.learn(store, NOW)
    assert set(Theme.objects.values_list("language", flat=True)) == {"en", "de"}
    given = Answer.objects.filter(comment__startswith="Die Farbe").first()
    assert given is not None
    theme = theme_of(given)
    assert theme is not None
    assert theme.language == "de"


def test_learning_does_not_depend_on_the_moment(store: Store, order: Order) -> None:
    say_enough(order)
    learning.learn(store, NOW)
    first = [(one.pk, one.name) for one in queries.themes(store)]
    learning.learn(store, datetime(2027, 1, 1, tzinfo=NOW.tzinfo))
    assert [(one.pk, one.name) for one in queries.themes(store)] == first
