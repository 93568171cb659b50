import pytest

from thereafter.messaging import library, publishing, rendering
from thereafter.messaging.looks import look_of
from thereafter.messaging.plaintext import as_plain_text, tidy
from thereafter.messaging.publishing import CannotPublish, Source, compile_source, to_html

GMAIL_CLIPS_AT = 102_000
LOOK = look_of("#1f5f4f", {})
EVERY = [
    (key, language) for key, one in library.templates.items() if "email" in one.channels for language in one.languages
]
FACTS = {
    "store": {"name": "Stride & Co", "support_email": "help@stride.example", "shop_url": "https://stride.example"},
    "customer": {"first_name": "Ana"},
    "event": {"subject": "About your parcel", "paragraphs": ["The depot is closed."]},
    "links": {"order": "https://t.example/o", "view": "https://t.example/v", "account": "https://t.example/a"},
    "order": {
        "number": "1001",
        "currency": "EUR",
        "promised_on": "2026-03-10",
        "items": [{"title": f"Shoe {n}", "quantity": 1, "total_minor": 1000 + n} for n in range(25)],
        "total_minor": 14_280,
        "shipping_minor": 490,
    },
}


def rendered(key: str, language: str = "en", locale: str = "en", **facts: object) -> rendering.Rendered:
    compiled = publishing.compiled_template(library.template(key), language, "email", LOOK)
    return rendering.render(compiled.fingerprint, compiled.sources, FACTS | facts, locale)


def page_of(body: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>{body}</mj-column></mj-section></mj-body></mjml>"


def test_a_table_of_items_survives_inlining() -> None:
    """CSS inlining parses HTML, and a parser moves text such as {% for %} out of a table: every mail would be empty."""
    table = "<mj-table>{% for item in items %}<tr><td>{{ item }}</td></tr>{% endfor %}</mj-table>"
    page = to_html(page_of(table))
    start, end = page.index("{% for"), page.index("{% endfor %}")
    assert "{{ item }}" in page[start:end]
    out = rendering.render("test", {"subject": "", "html": page, "text": ""}, {"items": ["shoe", "sock"]}, "en")
    assert out.html.index("<table") < out.html.index("shoe") < out.html.index("sock") < out.html.index("</table>")
    assert out.html.count("<tbody") == out.html.count("</tbody")


def test_every_item_of_an_order_is_in_the_mail() -> None:
    mail = rendered("order_confirmation")
    assert all(f"Shoe {n}" in mail.html and f"1 × Shoe {n} · €10.{n:02}" in mail.text for n in range(25))


def test_a_condition_in_an_address_survives() -> None:
    page = to_html(page_of('<mj-button href="{% if a %}https://a.example{% endif %}">Go</mj-button>'))
    assert 'href="{% if a %}https://a.example{% endif %}"' in page


def test_a_tag_where_it_would_be_lost_is_refused() -> None:
    style = "<mjml><mj-head><mj-style>{% if a %}p { color: red }{% endif %}</mj-style></mj-head>"
    with pytest.raises(CannotPublish, match="not MJML"):
        to_html(page_of("<mj-text><p>Hi</p></mj-text>").replace("<mjml>", style))


def test_a_tag_that_is_left_open_is_what_is_complained_of() -> None:
    open_tag = Source("<!-- content -->", page_of("<mj-text>{% if customer.name %}Hi</mj-text>"))
    with pytest.raises(CannotPublish, match="Liquid, line"):
        compile_source(open_tag, {"subject": ""}, "en", LOOK)


def test_a_missing_word_is_named() -> None:
    with pytest.raises(CannotPublish, match="hello"):
        compile_source(
            Source("<!-- content -->", page_of("<mj-text>{{ t.hello }}</mj-text>")), {"subject": ""}, "en", LOOK
        )


def test_words_cannot_bring_html() -> None:
    words = {"subject": "", "hello": "<b>a & b</b> {{ name }}"}
    page = compile_source(
        Source("<!-- content -->", page_of("<mj-text>{{ t.hello }}</mj-text>")), words, "en", LOOK
    ).html
    assert "&lt;b&gt;a &amp; b&lt;/b&gt; {{ name }}" in page


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_every_template_is_published_below_the_size_that_gmail_clips(key: str, language: str) -> None:
    mail = rendered(key, language, language)
    assert len(mail.html.encode()) < GMAIL_CLIPS_AT
    assert mail.subject
    assert "{{" not in mail.html + mail.text + mail.subject
    assert "prefers-color-scheme: dark" in mail.html
    assert "googleapis" not in mail.html
    assert "@import" not in mail.html
    assert 'alt="' in mail.html or "<img" not in mail.html


@pytest.mark.parametrize("language", library.languages("review_request"))
def test_what_is_given_for_a_review_is_told_and_for_any_review(language: str) -> None:
    """The block says it, so that no change of the template leaves it out."""
    stars = {"items": [{"title": "Shoe"}], "url": "https://t.example/r", "incentive": "50 points"}
    assert "50 points" in rendered("review_request", language, review_stars=stars).text
    assert "https://t.example/r" in rendered("review_reminder", language, review_stars=stars).text


@pytest.mark.parametrize(
    ("locale", "amount", "day"),
    [
        ("en", "€142.80", "Tuesday, March 10"),
        ("de-DE", "142,80\xa0€", "Dienstag, 10. März"),
        ("fr-FR", "142,80\xa0€", "mardi 10 mars"),
        ("es-ES", "142,80\xa0€", "martes, 10 de marzo"),
        ("pt-BR", "€\xa0142,80", "terça-feira, 10 de março"),
    ],
)
def test_amounts_and_days_are_said_as_the_language_says_them(locale: str, amount: str, day: str) -> None:
    mail = rendered("order_confirmation", locale[:2], locale)
    assert amount in mail.text
    assert day in mail.text


def test_a_mail_says_only_what_it_knows() -> None:
    mail = rendered("order_confirmation", order={"number": "7", "currency": "EUR", "items": [], "total_minor": 0})
    assert "Discount" not in mail.text
    assert "Delivery to" not in mail.text
    assert "Expected" not in mail.text


def test_the_text_part_reads_well() -> None:
    source = page_of(
        "<mj-text>Hi <b>{{ name }}</b>,<br />look at <a href='https://a.example'>this</a>.</mj-text>"
        "<mj-image src='x' alt='never' /><mj-button href='{{ link }}'>Track</mj-button>"
        "<mj-text css-class='html-only'>not here</mj-text>"
        "<mj-table><tr><td>One</td><td>€1</td></tr><tr><td>Two</td><td>€2</td></tr></mj-table>"
    )
    assert tidy(as_plain_text(source)) == (
        "Hi {{ name }},\nlook at this: https://a.example.\n\nTrack: {{ link }}\n\nOne · €1\nTwo · €2\n"
    )


def test_a_template_cannot_loop_for_ever() -> None:
    endless = "{% for a in (1..5000) %}{% for b in (1..5000) %}x{% endfor %}{% endfor %}"
    with pytest.raises(rendering.CannotRender):
        rendering.render("endless", {"subject": "", "html": endless, "text": ""}, {}, "en")


def test_the_version_changes_with_the_brand_and_only_then() -> None:
    one = publishing.compiled_template(library.template("shipped"), "en", "email", LOOK)
    publishing.compiled_template.cache_clear()
    assert publishing.compiled_template(library.template("shipped"), "en", "email", LOOK) == one
    assert (
        publishing.compiled_template(library.template("shipped"), "en", "email", look_of("#aa0000", {})).fingerprint
        != one.fingerprint
    )
