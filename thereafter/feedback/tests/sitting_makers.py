"""A survey with several questions, and somebody who answers it page by page, for tests."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from thereafter.feedback import links
from thereafter.feedback.models import Invitation

LOW = [{"question": "score", "test": "band", "values": ["low"]}]
DOCUMENT: dict[str, Any] = {
    "languages": ["en", "de"],
    "questions": [
        {
            "id": "score",
            "kind": "score",
            "required": True,
            "text": {"en": "Would you recommend {shop}, {first_name}?", "de": "Würdest du {shop} empfehlen?"},
            "low_text": {"en": "Never", "de": "Nie"},
            "high_text": {"en": "Always", "de": "Immer"},
        },
        {
            "id": "reason",
            "kind": "choices",
            "required": True,
            "text": {"en": "What went wrong?", "de": "Was ging schief?"},
            "options": [
                {"id": "late", "text": {"en": "It came late", "de": "Es kam spät"}},
                {"id": "broken", "text": {"en": "It was broken", "de": "Es war kaputt"}},
            ],
            "show_if": LOW,
        },
        {
            "id": "photo",
            "kind": "photo",
            "text": {"en": "Can you show us?", "de": "Kannst du es zeigen?"},
            "show_if": [{"question": "reason", "test": "is", "values": ["broken"]}],
        },
        {
            "id": "care",
            "kind": "scale",
            "text": {"en": "How well was it packed?", "de": "Wie gut war es verpackt?"},
            "low": 1,
            "high": 5,
        },
        {
            "id": "comment",
            "kind": "text",
            "text": {"en": "You said: {answer:reason}. Tell us more.", "de": "Du sagst: {answer:reason}. Erzähl mehr."},
        },
    ],
    "thanks": {"low": {"en": "We will call, {first_name}.", "de": "Wir rufen an."}},
}
FORM: dict[str, Any] = {
    "languages": ["en"],
    "questions": [
        {
            "id": "found",
            "kind": "choice",
            "required": True,
            "text": {"en": "How did you find us?"},
            "options": [{"id": "friend", "text": {"en": "A friend"}}, {"id": "search", "text": {"en": "A search"}}],
        },
        {"id": "more", "kind": "text", "text": {"en": "Anything else?"}},
    ],
}


def begin(invitation: Invitation, score: int | None = None) -> str:
    return local(links.score_page(invitation.store, invitation, score))


def local(address: str) -> str:
    return "/" + address.partition("://")[2].partition("/")[2]


def post(client: Client, there: str, **said: Any) -> tuple[str, str]:
    """The address that follows, and its page."""
    answer = client.post(there, said, follow=True)
    where = answer.redirect_chain[-1][0] if answer.redirect_chain else there
    return where, answer.content.decode()


def photo(colour: str = "red") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "JPEG")
    return SimpleUploadedFile(f"{colour}.jpg", file.getvalue(), "image/jpeg")
