"""What each kind of block becomes in a mail."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from thereafter.kit.colours import contrast
from thereafter.messaging import library, publishing
from thereafter.messaging.drawing.mail import as_source
from thereafter.messaging.looks import DARK_CARD, LIGHT_CARD, look_of
from thereafter.messaging.models import MessageTemplate
from thereafter.messaging.publishing import compile_document
from thereafter.messaging.rendering import Rendered, render
from thereafter.messaging.rules import documents, editing
from thereafter.messaging.rules.editing import Place
from thereafter.messaging.rules.kinds import KINDS
from thereafter.messaging.samples import sample_facts
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LOOK = look_of("#1f5f4f", {})
WELL_FORMED = {"table", "tbody", "tr", "td", "div", "a", "p", "ul", "li"}


@pytest.fixture
def store() -> Store:
    return make_store()


def mail_of(*kinds: str, **settings: Any) -> documents.Document:
    """A mail of these kinds; the settings are those of the first."""
    made = documents.empty("Mail", "transactional", "en")
    for kind in kinds:
        made, _ = editing.add(made, kind)
    return editing.set_block(made, made["blocks"][0]["id"], settings)


def shown(store: Store, document: documents.Document, language: str = "en", **facts: Any) -> Rendered:
    compiled = compile_document(document, language, "email", LOOK)
    known = sample_facts(store, document["class"], NOW) | facts
    return render(compiled.fingerprint, compiled.sources, known, language)


class _Balance(HTMLParser):
    """Whether everything that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in WELL_FORMED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in WELL_FORMED and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def assert_well_formed(page: str) -> None:
    balance = _Balance()
    balance.feed(page)
    assert (balance.open, balance.wrong) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_alone_twice_and_between_others(store: Store, kind: str) -> None:
    for kinds in ([kind], [kind, kind], ["text", kind, "text"], ["columns", kind, "columns"]):
        mail = shown(store, mail_of(*kinds))
        assert_well_formed(mail.html)
        assert "{{" not in mail.html + mail.text
        assert "{%" not in mail.html + mail.text


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.fits_column])
def test_what_fits_a_column_is_drawn_in_one(store: Store, kind: str) -> None:
    made = mail_of("columns")
    for column in (0, 1):
        made, _ = editing.add(made, kind, Place(within="columns", column=column))
    assert_well_formed(shown(store, made).html)


def test_text_stands_in_the_mail_and_in_its_text_part(store: Store) -> None:
    made = editing.set_words(mail_of("text"), "en", {"text": "Hi **{{ customer.first_name }}**\n\n- <one>\n- two"})
    mail = shown(store, made)
    assert "Hi <b>John</b>" in mail.html
    assert "&lt;one&gt;" in mail.html
    assert "Hi John\n\n- <one>\n- two" in mail.text


def test_facts_cannot_bring_html(store: Store) -> None:
    made = editing.set_words(mail_of("text"), "en", {"text": "Hi {{ customer.first_name }}"})
    evil: dict[str, Any] = {"customer": {"first_name": "<script>alert(1)</script>"}}
    assert "<script>alert" not in shown(store, made, "en", **evil).html


def test_a_block_is_shown_on_its_condition_only(store: Store) -> None:
    made = mail_of("text", show_if='customer.country == "DE"')
    assert "Write something" in shown(store, made, customer={"country": "DE"}).html
    assert "Write something" not in shown(store, made, customer={"country": "FR"}).html


def test_a_condition_holds_for_columns_and_rooms_and_cards_too(store: Store) -> None:
    for kind, mark in (("columns", "Good news"), ("points", "Your points"), ("order", "application/ld+json")):
        made = mail_of(kind, show_if="customer.vip")
        if kind == "columns":
            made, _ = editing.add(made, "heading", Place(within="columns"))
        hidden = shown(store, made, order_card={"a": 1})
        assert mark not in hidden.html
        assert mark in shown(store, made, customer={"vip": True}, order_card={"a": 1}).html
        assert_well_formed(hidden.html)


def test_an_order_says_only_what_was_asked_for(store: Store) -> None:
    every = shown(store, mail_of("order"))
    assert all(part in every.html for part in ("€89.90", "Subtotal", "Delivery to"))
    bare = shown(store, mail_of("order", prices=False, address=False, images=False, mailbox_card=False))
    assert not any(part in bare.html for part in ("€89.90", "Subtotal", "Delivery to", "ld+json"))
    assert "1 × Trail Runner 2" in bare.text


def test_nothing_in_an_order_can_break_out_of_its_card(store: Store) -> None:
    evil: dict[str, Any] = {"order_card": {"name": "</script><script>alert(1)</script>"}}
    assert "</script><script>" not in shown(store, mail_of("order"), "en", **evil).html


def test_a_coupon_is_that_of_the_message_or_always_the_same(store: Store) -> None:
    assert "THANKS-7Q4K" in shown(store, mail_of("coupon")).text
    none = shown(store, mail_of("coupon"), coupon=None)
    assert "Use it now" not in none.html
    assert "SPRING" in shown(store, mail_of("coupon", code="SPRING"), coupon=None).text


@pytest.mark.parametrize("shape", ["rows", "grid"])
def test_products_are_shown_with_price_and_link(store: Store, shape: str) -> None:
    chosen = [
        {
            "title": "Socks & <Co>",
            "url": "https://shop.de/s?a=1&b=2",
            "image": "",
            "price_minor": 990,
            "currency": "EUR",
        },
        {"title": "Cap", "url": "javascript:alert(1)", "image": "https://shop.de/c.png", "price_minor": None},
        {"title": "Shoe"},
    ]
    mail = shown(store, mail_of("products", products=chosen, shape=shape))
    assert_well_formed(mail.html)
    assert "Socks &amp; &lt;Co&gt;" in mail.html
    assert "€9.90" in mail.html
    assert "javascript" not in mail.html
    assert 'src="https://shop.de/c.png"' in mail.html


def test_chosen_colours_have_a_shade_for_the_dark(store: Store) -> None:
    page = shown(store, mail_of("text", colour="#1d2f91")).html
    assert "color:#1d2f91" in page.replace(" ", "")
    (shade,) = re.findall(r"\.c1d2f91 div, \.c1d2f91 p \{ color: (#\w{6}) !important", page)
    assert contrast(shade, DARK_CARD) >= 4.5


@pytest.mark.parametrize("colour", ["#1f5f4f", "#ffee00", "#000000", "#ffffff", "#c2410c", "#777777"])
def test_every_brand_can_be_read_in_light_and_dark(colour: str) -> None:
    look = look_of(colour, {})
    assert contrast(look.on_colour, look.colour) >= 4.5
    assert min(contrast(look.text_light, LIGHT_CARD), contrast(look.text_light, look.tint)) >= 4.5
    assert min(contrast(look.text_dark, DARK_CARD), contrast(look.text_dark, look.tint_dark)) >= 4.5


@pytest.mark.parametrize("page", ["#f4f5f6", "#ffffff", "#000000", "#336699", "#8a8a8a"])
def test_the_foot_can_be_read_on_every_background(page: str) -> None:
    look = look_of("#1f5f4f", {"page": page})
    assert min(contrast(look.page_quiet, page), contrast(look.page_ink, page)) >= 4.5


def test_a_language_that_is_not_there_falls_back(store: Store) -> None:
    made = editing.set_words(mail_of("heading", "order"), "de", {"heading": "Hallo"})
    mail = shown(store, made, "de")
    assert "Hallo" in mail.html
    assert "Deine Artikel" in mail.html or "Artikel" in mail.html
    assert mail.subject == "Mail"


def test_the_marks_of_the_editor_are_in_no_mail_that_is_sent(store: Store) -> None:
    document = library.document("order_confirmation")
    marked = compile_document(document, "en", "email", LOOK, marked=True)
    assert "block-intro" in marked.html
    assert "block-points" in marked.html
    assert "block-" not in compile_document(document, "en", "email", LOOK).html
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("key", [key for key, one in library.templates.items() if "email" in one.channels])
def test_the_source_made_of_blocks_says_the_same(store: Store, key: str) -> None:
    document = library.document(key)
    source = as_source(document["blocks"], documents.words_in(document, "en"))
    for language in ("en", "de"):
        blocks, by_hand = shown(store, document, language), shown(store, {**document, "source": source}, language)
        assert " ".join(by_hand.text.split()) == " ".join(blocks.text.split())


def test_a_whole_page_keeps_its_tables_too(store: Store) -> None:
    """The trap of the parser that moves loops out of tables is there for HTML of one's own as well."""
    page = (
        "<!doctype html><html><head><title></title><style>td { color: red }</style></head><body><table><tbody>"
        "{% for item in order.items %}<tr><td>{{ item.title }}</td></tr>{% endfor %}</tbody></table></body></html>"
    )
    mail = shown(store, {**mail_of("text"), "source": page})
    assert mail.html.index("<tbody>") < mail.html.index("Trail Runner 2") < mail.html.index("</tbody>")
    assert 'style="color: red' in mail.html
    assert "Trail Runner 2" in mail.text


def test_pictures_and_fonts_come_from_nowhere_else(store: Store) -> None:
    every = mail_of(*(kind for kind in KINDS if kind != "image"))
    page = shown(store, every, order=sample_facts(store, "transactional", NOW)["order"]).html
    assert not re.findall(r'(?:src=|url\(|@import)\s*"?https?://', page)


def test_a_template_without_blocks_says_so() -> None:
    with pytest.raises(publishing.CannotPublish, match="says nothing by email"):
        compile_document(documents.empty("Empty", "service", "en"), "en", "email", LOOK)
