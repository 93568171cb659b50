"""The console's page of one answer: what was said to every question, and how it came."""

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.feedback.actions import answer_photos, answering, surveys
from thereafter.feedback.models import Answer, AnswerPhoto
from thereafter.feedback.queries.sittings import of_open_link
from thereafter.feedback.tests.makers import ASKED, make_invitation, make_survey
from thereafter.feedback.tests.sitting_makers import DOCUMENT, photo
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def given(store: Store) -> Answer:
    make_survey(store, "nps", DOCUMENT)
    invitation = make_invitation(make_order(store), survey="nps")
    answering.answer(invitation, score=9, now=ASKED)
    return answering.answer(
        invitation, score=2, comment="The box was torn.", replies={"reason": ["late", "broken"], "care": 1}, now=ASKED
    )


def seen(store: Store, given: Answer) -> str:
    page = signed_in(make_staff(store)).get(f"/console/{store.slug}/feedback/answers/{given.pk}/")
    assert page.status_code == 200
    return page.content.decode()


def test_every_reply_stands_there_in_words(store: Store, given: Answer) -> None:
    page = seen(store, given)
    for words in ("The box was torn.", "What went wrong?", "It came late, It was broken", "1 of 5", "2 of 10"):
        assert words in page
    assert "Score 9" in page


def test_photos_are_shown_to_the_shop_alone(store: Store, given: Answer) -> None:
    made, problems = answer_photos.read([photo()])
    assert not problems
    answer_photos.add(given, "photo", made, now=ASKED)
    kept = AnswerPhoto.objects.get()
    address = f"/console/{store.slug}/feedback/answers/{given.pk}/photos/{kept.pk}/"
    assert address in seen(store, given)
    assert signed_in(make_staff(store, role="support")).get(address).headers["Content-Type"] == "image/jpeg"
    assert Client().get(address).status_code == 302
    other = make_store("other")
    stranger = signed_in(make_staff(other))
    assert stranger.get(address.replace("/stride/", "/other/")).status_code == 404


def test_an_answer_of_nobody_known_has_its_page_too(store: Store) -> None:
    link = surveys.open_link(make_survey(store, "nps", DOCUMENT), "Till", {"place": "till 2"}, now=ASKED)
    sitting = of_open_link(store, link.code)
    assert sitting is not None
    page = seen(store, answering.give(sitting, answering.Said(score=7, key="k"), now=ASKED))
    assert "Nobody known" in page
    assert "till 2" in page
    assert "Left before the end" in page
