"""What is found before anybody gets a message."""

from typing import Any

import pytest

from thereafter.messaging.rules import documents, editing, lint, markup, sources
from thereafter.messaging.rules.findings import ERROR, WARNING, Finding
from thereafter.messaging.rules.lint_code import link_problem, of_code
from thereafter.messaging.rules.pictures import BadPicture, Seen, look_at

ABOUT = lint.About("own", rooms={"points"})


def mail(*kinds: str, message_class: str = "transactional", **words: str) -> documents.Document:
    made = documents.empty("Mail", message_class, "en")
    for kind in kinds:
        made, _ = editing.add(made, kind)
    return editing.set_words(made, "en", {"subject": "Your order", "preheader": "News", **words})


def found(document: documents.Document, about: lint.About = ABOUT) -> list[Finding]:
    return list(lint.of_document(document, about))


def levels(document: documents.Document, part: str) -> set[str]:
    return {one.level for one in found(document) if part in one.text}


def with_block(kind: str, **settings: Any) -> documents.Document:
    made = mail(kind)
    return editing.set_block(made, made["blocks"][0]["id"], settings)


def test_a_plain_good_mail_has_nothing_wrong() -> None:
    assert found(mail("heading", "text", "button")) == []


def test_nothing_to_send_is_an_error() -> None:
    assert levels(mail(), "nothing to send") == {ERROR}


@pytest.mark.parametrize(
    ("subject", "part"),
    [("BUY NOW EVERYTHING", "capitals"), ("Really?!!", "exclamation"), ("word " * 20, "characters")],
)
def test_a_subject_that_looks_like_spam_is_warned_of(subject: str, part: str) -> None:
    assert levels(mail("text", subject=subject), part) == {WARNING}


def test_liquid_in_a_subject_does_not_count() -> None:
    long = "{% if customer.first_name %}{{ customer.first_name | default: 'THERE' }}{% endif %}, hello"
    assert found(mail("text", subject=long)) == []


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("https://shop.de/a?b=1", True),
        ("mailto:help@shop.de", True),
        ("tel:+491234", True),
        ("{{ links.order }}", True),
        ("https://shop.de/{{ order.number }}", True),
        ("", False),
        ("#", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("/pages/returns", False),
        ("https://localhost/x", False),
        ("http://www.example.com", False),
        ("https://shop", False),
        ("mailto:", False),
    ],
)
def test_a_link_leads_somewhere_that_others_can_open(address: str, is_good: bool) -> None:
    assert (link_problem(address) == "") is is_good


def test_a_button_that_leads_nowhere_is_an_error() -> None:
    assert levels(with_block("button", link=""), "leads nowhere") == {ERROR}
    assert levels(mail("text", text="see [this](javascript:x)"), "“this”") == {ERROR}


def test_pictures_have_descriptions() -> None:
    assert levels(mail("image"), "No picture") == {ERROR}
    assert levels(with_block("image", src="https://shop.de/a.png"), "no description") == {WARNING}
    linked = with_block("image", src="https://shop.de/a.png", link="https://shop.de")
    assert levels(linked, "read out as the link") == {ERROR}
    assert found(editing.set_words(linked, "en", {"image.alt": "Our shop"})) == []


def test_colours_must_be_readable_on_what_they_stand_on() -> None:
    assert levels(with_block("text", colour="#bbbbbb"), "hard to read") == {ERROR}
    assert found(with_block("text", colour="#1d4f91")) == []
    # 24 px and more may be paler.
    assert found(with_block("heading", colour="#8a8a8a")) == []
    assert levels(with_block("text", colour="#8a8a8a"), "hard to read") == {ERROR}


def test_a_confirmation_should_say_how_to_return_things_once_that_room_is_there() -> None:
    confirmation = lint.About("order_confirmation", rooms={"returns"})
    assert [one.level for one in found(mail("text"), confirmation) if "return" in one.text] == [WARNING]
    assert found(mail("text", "block:returns"), confirmation) == []
    assert found(mail("text"), lint.About("order_confirmation")) == []


def test_a_block_of_a_room_that_is_not_there_is_warned_of() -> None:
    assert levels(mail("text", "survey"), "No room brings") == {WARNING}


def test_a_missing_translation_is_one_warning_for_all_languages() -> None:
    made = editing.add_language(editing.add_language(mail("text"), "de"), "fr")
    (only,) = found(made)
    assert "DE (3), FR (3)" in only.text


def test_a_notification_has_title_and_text() -> None:
    assert levels(mail("text", push_title="Hello"), "a title and a text") == {ERROR}


def test_a_text_message_that_sells_says_how_to_end_it() -> None:
    assert levels(mail("text", message_class="marketing", sms="Buy"), "STOP") == {WARNING}
    assert levels(mail("text", message_class="marketing", sms="Buy. Reply STOP to end"), "STOP") == set()


def test_an_order_mail_cannot_become_advertising() -> None:
    assert "have not agreed" in lint.class_problem("marketing", "transactional")
    assert "unsubscribed" in lint.class_problem("transactional", "marketing")
    assert lint.class_problem("service", "marketing") == ""
    assert lint.class_problem("marketing", "") == ""


def test_mail_that_can_be_ended_has_its_link_and_fits_into_gmail() -> None:
    page = f'<a href="{lint.UNSUBSCRIBE_SAMPLE}">end</a>'
    assert list(lint.of_mail(page, "text", "marketing", "en")) == []
    assert [one.level for one in lint.of_mail("<p>", "text", "service", "en")] == [ERROR]
    assert list(lint.of_mail("<p>", "text", "transactional", "en")) == []
    assert [one.level for one in lint.of_mail("x" * 103 * 1024, "t", "transactional", "en")] == [ERROR]
    assert [one.level for one in lint.of_mail("x" * 90 * 1024, "t", "transactional", "en")] == [WARNING]


@pytest.mark.parametrize(
    ("code", "level", "line"),
    [
        ("<p>\n<script>alert(1)</script>", ERROR, 2),
        ('<p onclick="x()">', ERROR, 0),
        ('<a href="#">here</a>', ERROR, 1),
        ('\n\n<img src="a.png" width="9">', ERROR, 3),
        ('<img src="a.png" alt="">', WARNING, 1),
        ('<p style="color:#dddddd;background:#ffffff">', WARNING, 1),
        ("<form>", ERROR, 1),
    ],
)
def test_code_is_looked_over_line_by_line(code: str, level: str, line: int) -> None:
    assert [(one.level, one.line) for one in of_code(code)] == [(level, line)]


@pytest.mark.parametrize(
    ("source", "part", "line"),
    [
        ("<mj-section>\n<mj-column>\n</mj-section>", "still open since line 2", 3),
        ("<mj-section>\n", "never closed", 1),
        ("<mj-section></mj-section>\n</mj-column>", "closes nothing", 2),
        ("<mj-section>\n<mj-sandwich />\n</mj-section>", "no <mj-sandwich>", 2),
        ("<mj-text>\n<mj-column></mj-column></mj-text>", "stands in", 2),
        ('<mj-include path="/etc/passwd" />', "included", 1),
    ],
)
def test_mistakes_in_mjml_are_shown_at_their_line(source: str, part: str, line: int) -> None:
    problems = list(sources.check(source))
    assert any(part in one.text and one.line == line for one in problems), problems


def test_liquid_does_not_disturb_the_lines() -> None:
    source = "{% if a %}\n<mj-section>{{ b |\n c }}\n{% endif %}</mj-section>\n<mj-section>"
    assert [one.line for one in sources.check(source)] == [5]


def test_rich_text_has_marks_links_and_lists_and_no_html() -> None:
    made = markup.as_html(
        "Hello **{{ customer.first_name }}**,\n<b>x</b>\n\n- one\n- *two*\n\n[here](https://a.de/?a=1&b=2)"
    )
    assert "<b>{{ customer.first_name }}</b>,<br />&lt;b&gt;x&lt;/b&gt;</p>" in made
    assert "<li>one</li><li><i>two</i></li>" in made
    assert '<a href="https://a.de/?a=1&amp;b=2">here</a>' in made
    assert "javascript" not in markup.as_html("[x](javascript:alert)")
    assert markup.as_html('[x]({{ a | default: "b" }})') == (
        '<p style="margin:0"><a href="{{ a | default: \'b\' }}">x</a></p>'
    )


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
GIF = b"GIF89a" + (10).to_bytes(2, "little") + (20).to_bytes(2, "little")
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08" + (30).to_bytes(2, "big") + (40).to_bytes(2, "big") + b"\x00" * 9
)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8X" + b"\x00" * 8 + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (PNG, Seen("image/png", 640, 480)),
        (GIF, Seen("image/gif", 10, 20)),
        (JPEG, Seen("image/jpeg", 40, 30)),
        (WEBP, Seen("image/webp", 100, 50)),
    ],
)
def test_a_picture_is_known_by_its_bytes(content: bytes, seen: Seen) -> None:
    assert look_at(content) == seen


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=x>", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\x00" * (2 * 1024 * 1024 + 1)],
)
def test_anything_else_is_no_picture(content: bytes) -> None:
    with pytest.raises(BadPicture):
        look_at(content)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ({"subject": "Leave us a 5-star review"}, ERROR),
        ({"sms": "Gib uns 5 Sterne! Stop: STOP"}, ERROR),
        ({"subject": "Un bon d’achat pour un avis 5 étoiles"}, ERROR),
        ({"subject": "Happy with your shoes? Leave us a review."}, WARNING),
        ({"subject": "What do you think of your shoes?"}, None),
        ({"subject": "50 points for your review, whatever it says"}, None),
    ],
)
def test_no_message_asks_for_good_stars_or_pays_for_them(words: dict[str, str], level: str | None) -> None:
    seen = [one.level for one in found(mail("text", **words)) if "stars" in one.text or "content" in one.text]
    assert seen == ([level] if level else [])
