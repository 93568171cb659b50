"""Every page of every ready survey opens, in each of its languages."""

import pytest
from django.urls import reverse

from thereafter.console.tests.tools import signed_in
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.ready_surveys import all_ready
from thereafter.feedback.rules.documents import in_language
from thereafter.feedback.tests.makers import ASKED
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", list(all_ready()))
def test_the_editor_and_the_preview_open_at_every_question(key: str) -> None:
    store, ready = make_store(), all_ready()[key]
    made = actions.make_ready(store, ready, by=None, now=ASKED)
    client = signed_in(make_staff(store))
    for question, language in zip(ready.document.questions, ("en", "de", "fr", "es", "pt"), strict=False):
        asked = f"?question={question.id}&lang={language}"
        for name in ("survey_edit", "survey_preview"):
            address = reverse(f"feedback_console:{name}", args=[store.slug, made.pk])
            page = client.get(address + asked).content.decode()
            words = in_language(question.text, language).replace(
                "{shop}", store.name if name == "survey_preview" else "{shop}"
            )
            assert words.replace("&", "&amp;") in page.replace("&#39;", "'"), (name, question.id)
