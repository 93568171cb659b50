"""The editor of templates, by forms as a browser without scripts sends them, and by htmx."""

import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from thereafter.commerce.documents import Person
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.messaging import catalogue
from thereafter.messaging.models import Message, MessageTemplate, TemplateRevision
from thereafter.messaging.tests.test_email import Mailbox
from thereafter.messaging.tests.test_lint import PNG
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
EDIT = "/console/stride/messages/templates/order_confirmation/edit/"


@pytest.fixture
def store(client: Client) -> Store:
    store = make_store()
    client.force_login(make_staff(store, "marketer"))
    return store


def do(client: Client, verb: str, path: str = EDIT, **fields: Any) -> str:
    answer = client.post(path, {"do": verb, **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def draft(key: str = "order_confirmation") -> dict[str, Any]:
    row = MessageTemplate.objects.get(key=key)
    assert row.draft
    return dict(row.draft.document)


def ids(key: str = "order_confirmation") -> list[str]:
    return [block["id"] for block in draft(key)["blocks"]]


def test_looking_changes_nothing(store: Store, client: Client) -> None:
    assert "Order confirmation" in client.get(EDIT).content.decode()
    assert client.get(f"{EDIT}?block=intro&lang=de").status_code == 200
    for tab in ("sms", "whatsapp", "push", "source"):
        assert client.get(f"{EDIT}?tab={tab}").status_code == 200
    assert not MessageTemplate.objects.exists()


def test_a_block_is_added_moved_duplicated_and_deleted(store: Store, client: Client) -> None:
    do(client, "add", kind="text", before="intro")
    assert ids()[:3] == ["title", "text", "intro"]
    do(client, "down", block="text")
    assert ids()[:3] == ["title", "intro", "text"]
    do(client, "move", block="text", before="title")
    assert ids()[0] == "text"
    do(client, "duplicate", block="text")
    assert ids()[:2] == ["text", "text_2"]
    assert draft()["words"]["en"]["text_2"] == draft()["words"]["en"]["text"]
    do(client, "delete", block="text")
    assert ids()[0] == "text_2"
    assert "text" not in draft()["words"]["en"]
    assert catalogue.template(store, "order_confirmation").revision is None


def test_htmx_gets_the_parts_that_changed(store: Store, client: Client) -> None:
    answer = client.post(EDIT, {"do": "add", "kind": "heading"}, headers={"hx-request": "true"})
    body = answer.content.decode()
    assert 'id="desk-blocks"' in body
    assert 'id="desk-settings"' in body
    assert answer.headers["HX-Trigger-After-Settle"] == "mail-changed"
    typed = client.post(
        EDIT,
        {"do": "block", "block": "intro", "w:intro": "Hello", "s:align": "left"},
        headers={"hx-request": "true"},
    )
    assert 'id="desk-settings"' not in typed.content.decode()
    assert draft()["words"]["en"]["intro"] == "Hello"


def test_a_text_is_changed_in_the_language_that_is_shown(store: Store, client: Client) -> None:
    do(client, "block", f"{EDIT}?lang=de&block=intro", block="intro", **{"w:intro": "Servus", "s:align": "center"})
    assert draft()["words"]["de"]["intro"] == "Servus"
    assert draft()["words"]["en"]["intro"] != "Servus"
    (changed,) = [block for block in draft()["blocks"] if block["id"] == "intro"]
    assert changed == {"id": "intro", "kind": "text", "align": "center"}


def test_a_block_is_shown_on_a_condition(store: Store, client: Client) -> None:
    fields = {"block": "intro", "w:intro": "Hello"}
    do(client, "block", **fields, show_when="customer.first_name")
    assert draft()["blocks"][1]["show_if"] == "customer.first_name"
    do(client, "block", **fields, show_when="own", show_if="order.total_minor > 5")
    assert draft()["blocks"][1]["show_if"] == "order.total_minor > 5"
    do(client, "block", **fields, show_when="")
    assert "show_if" not in draft()["blocks"][1]


def test_mistakes_are_shown_where_they_are_and_block_publishing(store: Store, client: Client) -> None:
    shown = do(client, "block", block="intro", **{"w:intro": "{{ customer.frist_name }}"})
    assert "customer.frist_name }} is not known" in shown
    assert "1 to mend" in shown
    answer = client.post("/console/stride/messages/templates/order_confirmation/publish/", follow=True)
    assert "Not published" in answer.content.decode()
    assert catalogue.template(store, "order_confirmation").revision is None


def test_a_draft_is_published_and_the_original_comes_back(store: Store, client: Client) -> None:
    do(client, "block", block="intro", **{"w:intro": "Servus"})
    base = "/console/stride/messages/templates/order_confirmation/"
    assert "Changed by you" in client.post(f"{base}publish/", follow=True).content.decode()
    assert "Servus" in client.get(f"{base}mail/").content.decode()
    assert "Changed by you" not in client.post(f"{base}do/", {"do": "original"}, follow=True).content.decode()
    assert "Servus" not in client.get(f"{base}mail/").content.decode()


def test_what_makes_no_sense_changes_nothing(store: Store, client: Client) -> None:
    for verb, fields in {
        "fly": {},
        "delete": {"block": "nobody"},
        "add": {"kind": "sandwich"},
        "remove_language": {"language": "en"},
        "add_language": {"language": "klingon!"},
        "head": {"class": "marketing"},
        "upload": {"block": "intro"},
        "add_product": {"block": "intro", "product": "7"},
    }.items():
        shown = do(client, verb, **fields)
        assert "toast tone-bad" in shown, verb
    assert draft() == draft() | {"class": "transactional"}
    assert MessageTemplate.objects.get().revisions.count() == 1


def test_a_picture_is_uploaded_and_shown_on_the_shops_page(store: Store, client: Client) -> None:
    do(client, "add", kind="image", before="intro")
    client.post(
        f"{EDIT}?block=image",
        {"do": "upload", "block": "image", "picture": SimpleUploadedFile("a.png", PNG, "text/html")},
    )
    source = next(block["src"] for block in draft()["blocks"] if block["id"] == "image")
    answer = Client().get(source.partition("://")[2].partition("/")[2].join(["/", ""]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content == PNG
    again = Client().get(answer.wsgi_request.path, headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_store("other")
    assert Client().get(answer.wsgi_request.path.replace("/stride/", "/other/")).status_code == 404


def test_products_are_chosen_and_written_down(store: Store, client: Client) -> None:
    product = make_product(store, "socks", title="Merino Socks")
    do(client, "add", kind="products")
    found = client.get(f"{EDIT}?block=products&find=merino").content.decode()
    assert "Merino Socks" in found
    do(client, "add_product", block="products", product=product.pk)
    (block,) = [one for one in draft()["blocks"] if one["kind"] == "products"]
    assert block["products"][0]["title"] == "Merino Socks"
    do(client, "drop_product", block="products", at=0)
    assert "products" not in next(one for one in draft()["blocks"] if one["kind"] == "products")


def test_a_mail_is_looked_at_for_a_real_customer_in_their_language(store: Store, client: Client) -> None:
    order = make_order(store, number="4711", customer=Person(email="zoe@example.com", name="Zoë Maier"))
    assert "4711" in client.get(f"{EDIT}?find_reader=4711").content.decode()
    assert "zoe@example.com" in client.get(f"{EDIT}?find_reader=zoe").content.decode()
    for reader in (f"order:{order.pk}", f"customer:{order.customer_id}"):
        mail = client.get(f"/console/stride/messages/templates/order_confirmation/mail/?draft=1&reader={reader}")
        assert "4711" in mail.content.decode()
        assert "Zoë" in mail.content.decode()
    other = make_order(make_store("other"), number="666")
    hidden = client.get(f"/console/stride/messages/templates/order_confirmation/mail/?reader=order:{other.pk}")
    assert "666" not in hidden.content.decode()


def test_a_preview_gives_away_no_link_that_signs_in(store: Store, client: Client) -> None:
    order = make_order(store)
    mail = client.get(f"/console/stride/messages/templates/account_link/mail/?reader=order:{order.pk}").content.decode()
    assert "/account/" not in mail


def test_source_is_made_of_the_blocks_and_left_again(store: Store, client: Client) -> None:
    do(client, "to_source", f"{EDIT}?tab=source")
    assert "{{ t.intro | rich }}" in draft()["source"]
    mail = client.get("/console/stride/messages/templates/order_confirmation/mail/?draft=1&lang=de").content.decode()
    assert "Vielen Dank, John!" in mail
    shown = do(client, "source", f"{EDIT}?tab=source", source="<mj-section>\n<mj-column>\n</mj-section>")
    assert "Line 3" in shown
    do(client, "convert", f"{EDIT}?tab=source", source="{{ first_name|default:'you' }}")
    assert draft()["source"] == "{{ customer.first_name | default: 'you' }}"
    do(client, "to_blocks", f"{EDIT}?tab=source")
    assert draft()["source"] is None
    assert len(draft()["blocks"]) > 5


def test_a_whole_page_of_html_stands_alone(store: Store, client: Client) -> None:
    page = "<!doctype html><html><head><title></title></head><body><p>Only {{ order.number }}</p></body></html>"
    do(client, "source", f"{EDIT}?tab=source", source=page)
    mail = client.get("/console/stride/messages/templates/order_confirmation/mail/?draft=1").content.decode()
    assert "<p>Only 1042</p>" in mail
    assert "Stride" not in mail


def test_text_messages_are_counted_and_made_plainer(store: Store, client: Client) -> None:
    sms = f"{EDIT}?tab=sms"
    shown = do(client, "words", sms, part="sms", **{"w:sms": "Your order is on its way – “soon”"})
    assert "Unicode" in shown
    assert "Use plain punctuation" in shown
    shown = do(client, "plainer", sms)
    assert "GSM-7" in shown
    assert draft()["words"]["en"]["sms"] == 'Your order is on its way - "soon"'


def test_a_new_template_begins_with_something_to_change(store: Store, client: Client) -> None:
    made = client.post(
        "/console/stride/messages/templates/new/", {"name": "Spring", "message_class": "marketing", "like": ""}
    )
    assert made.headers["Location"].endswith("/templates/spring/edit/")
    assert [block["kind"] for block in draft("spring")["blocks"]] == ["heading", "text", "button"]
    assert "Publish" in client.get(made.headers["Location"]).content.decode()
    client.post("/console/stride/messages/templates/spring/publish/")
    assert catalogue.template(store, "spring").message_class == "marketing"
    client.post("/console/stride/messages/templates/new/", {"name": "B", "message_class": "service", "like": "shipped"})
    assert draft("b")["class"] == "service"
    assert "Spring" in client.get("/console/stride/messages/templates/?show=own").content.decode()


def test_history_shows_every_step_and_goes_back(store: Store, client: Client) -> None:
    do(client, "block", block="intro", **{"w:intro": "One"})
    client.post("/console/stride/messages/templates/order_confirmation/publish/")
    do(client, "add", kind="heading")
    history = "/console/stride/messages/templates/order_confirmation/history/"
    shown = client.get(history).content.decode()
    assert "Added a heading" in shown
    assert "Live" in shown
    first = TemplateRevision.objects.order_by("pk")[0]
    assert "Go back to this" in client.get(f"{history}?revision={first.pk}").content.decode()
    client.post(f"{history.replace('history', 'do')}", {"do": "go_back", "revision": first.pk})
    assert draft()["words"]["en"]["intro"] != "One"
    assert client.get(f"{history.replace('history', 'mail')}?revision=999999").status_code == 404


def test_a_test_goes_to_oneself_by_real_mail_and_is_not_counted(
    store: Store, client: Client, settings: Settings, free_port: int
) -> None:
    box, path = Mailbox(), "/console/stride/messages/templates/goes_well_with/test/"
    settings.MAIL_URL = f"smtp://127.0.0.1:{free_port}?tls=never"
    controller = Controller(box, hostname="127.0.0.1", port=free_port)
    controller.start()
    shown = client.post(path, {"lang": "de", "next": "https://evil.example"}, follow=True).content.decode()
    controller.stop()
    assert "A test is on its way to marketer@stride.example" in shown
    (letter,) = box.messages
    assert letter["To"] == "marketer@stride.example"
    assert letter["Subject"].startswith("[Test] ")
    assert not Message.objects.exists()
    assert "did not take it" in client.post(path, follow=True).content.decode()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
