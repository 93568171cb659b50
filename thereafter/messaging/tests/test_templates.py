"""A store's own templates: changed, published, taken back, and what is sent of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging import catalogue, facts, library, publishing, rendering
from thereafter.messaging.actions import queueing, templates
from thereafter.messaging.actions.looks import BadLook, set_look
from thereafter.messaging.actions.pictures import add_picture
from thereafter.messaging.actions.templates import BadDocument, Did, NotReady, Who
from thereafter.messaging.models import Message, MessageTemplate, Picture, TemplateVersion
from thereafter.messaging.rules import documents, editing
from thereafter.messaging.tests.test_lint import PNG
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
TEXT = Did("Changed a text", "words")


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def anna(store: Store) -> Who:
    return Who(make_staff(store, "marketer"), NOW)


def say(row: MessageTemplate, who: Who, *, language: str = "en", **words: str) -> MessageTemplate:
    return templates.edit(row, lambda document: editing.set_words(document, language, words), TEXT, who)


def later(who: Who, seconds: int) -> Who:
    return replace(who, now=who.now + timedelta(seconds=seconds))


def intro(row: MessageTemplate) -> str:
    row.refresh_from_db()
    assert row.draft
    return str(row.draft.document["words"]["en"]["intro"])


def sent(store: Store, key: str, template: str = "order_confirmation", number: str = "1001") -> Message:
    order = make_order(store, number=number)
    queueing.send(order.customer, template=template, key=key, now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    return Message.objects.get(key=key)


def test_a_template_that_comes_along_is_changed_by_a_copy(store: Store, anna: Who) -> None:
    row = say(templates.own(store, "order_confirmation", anna), anna, intro="Servus!")
    assert catalogue.template(store, "order_confirmation").revision is None
    templates.publish(row, anna)
    chosen = catalogue.template(store, "order_confirmation")
    assert chosen.revision is not None
    assert "Servus!" in publishing.compiled_for(store, "order_confirmation", "en").html
    assert "Servus!" not in publishing.compiled_for(make_store("other"), "order_confirmation", "en").html
    assert [one.verb for one in Audit.objects.of(store)] == ["templates.publish"]


def test_the_original_comes_back_and_the_copy_stays_in_the_history(store: Store, anna: Who) -> None:
    row = say(templates.own(store, "order_confirmation", anna), anna, intro="Servus!")
    templates.publish(row, anna)
    templates.back_to_original(row, anna)
    assert catalogue.template(store, "order_confirmation") == library.template("order_confirmation")
    old = row.revisions.filter(published_at__isnull=False).get()
    templates.own(store, "order_confirmation", anna)
    templates.go_back(row, old.pk, anna)
    assert intro(row) == "Servus!"


def test_messages_keep_the_version_they_had(store: Store, anna: Who) -> None:
    before = sent(store, "k1")
    row = say(templates.own(store, "order_confirmation", anna), anna, subject="Neu {{ order.number }}")
    templates.publish(row, anna)
    after = sent(store, "k2", number="1002")
    assert (before.subject, after.subject) == ("Order 1001 confirmed", "Neu 1002")
    assert before.version_id != after.version_id
    before.refresh_from_db()
    assert before.version
    assert before.version.subject == "Order {{ order.number }} confirmed"


def test_two_stores_do_not_share_what_they_changed(store: Store, anna: Who) -> None:
    templates.publish(say(templates.own(store, "note", anna), anna, title="Ours"), anna)
    other = make_store("other")
    assert catalogue.template(other, "note").revision is None
    assert catalogue.chosen([(store.pk, "note"), (other.pk, "note"), (other.pk, "nonsense")]).keys() == {
        (store.pk, "note"),
        (other.pk, "note"),
    }


def test_typing_is_one_step_and_undone_at_once(store: Store, anna: Who) -> None:
    row = templates.own(store, "order_confirmation", anna)
    was = intro(row)
    for seconds, text in enumerate(("H", "He", "Hey"), start=1):
        say(row, later(anna, seconds), intro=text)
    say(row, later(anna, 60), intro="Hey you")
    assert row.revisions.count() == 3
    assert templates.undo(row)
    assert intro(row) == "Hey"
    assert templates.undo(row)
    assert intro(row) == was
    assert not templates.undo(row)
    assert templates.redo(row)
    assert intro(row) == "Hey"


def test_a_change_after_undoing_forgets_what_was_undone(store: Store, anna: Who) -> None:
    row = templates.own(store, "order_confirmation", anna)
    say(row, later(anna, 20), intro="One")
    say(row, later(anna, 40), intro="Two")
    templates.undo(row)
    say(row, later(anna, 60), intro="Three")
    assert not templates.redo(row)
    templates.undo(row)
    assert intro(row) == "One"


def test_a_step_of_somebody_else_is_a_step_of_its_own(store: Store, anna: Who) -> None:
    row = templates.own(store, "order_confirmation", anna)
    bert = Who(make_staff(store, "marketer", email="bert@stride.example"), NOW)
    say(row, later(anna, 1), intro="Anna")
    say(row, later(bert, 2), intro="Bert")
    templates.undo(row)
    assert intro(row) == "Anna"


def test_what_was_published_is_never_changed(store: Store, anna: Who) -> None:
    row = say(templates.own(store, "order_confirmation", anna), anna, intro="Live")
    templates.publish(row, anna)
    say(row, later(anna, 1), intro="Draft")
    row.refresh_from_db()
    assert row.live
    assert row.live.document["words"]["en"]["intro"] == "Live"
    assert row.has_changes
    templates.discard(row)
    assert intro(row) == "Live"


def test_old_steps_are_forgotten_but_nothing_that_was_published(
    store: Store, anna: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MOST_STEPS", 5)
    row = say(templates.own(store, "order_confirmation", anna), anna, intro="First")
    templates.publish(row, anna)
    for step in range(1, 12):
        say(row, later(anna, 20 * step), intro=f"Step {step}")
    assert row.revisions.filter(published_at=None).count() <= 6
    assert row.revisions.filter(published_at__isnull=False).count() == 1
    assert intro(row) == "Step 11"


def test_errors_keep_a_template_from_being_published_and_warnings_do_not(store: Store, anna: Who) -> None:
    row = templates.own(store, "order_confirmation", anna)
    say(row, anna, intro="Hello {{ customer.frist_name }}")
    with pytest.raises(NotReady, match="frist_name") as refused:
        templates.publish(row, anna)
    assert refused.value.findings[0].where == "intro"
    assert catalogue.template(store, "order_confirmation").revision is None
    say(row, anna, intro="Hello {{ event.nickname }}")
    templates.publish(row, anna)


def test_the_class_of_an_order_mail_cannot_be_changed(store: Store, anna: Who) -> None:
    row = templates.own(store, "order_confirmation", anna)
    with pytest.raises(BadDocument, match="belongs to the order"):
        templates.edit(row, lambda document: {**document, "class": "marketing"}, TEXT, anna)
    offer = templates.own(store, "goes_well_with", anna)
    with pytest.raises(BadDocument, match="people who unsubscribed"):
        templates.edit(offer, lambda document: {**document, "class": "transactional"}, TEXT, anna)


def test_a_store_makes_its_own_and_sends_it(store: Store, anna: Who) -> None:
    document = documents.empty("Danke schön!", "transactional", "de")
    document, _ = editing.add(document, "text")
    row = templates.create(store, document, anna)
    assert row.key == "danke_schon"
    assert "danke_schon" not in {one.key for one in catalogue.templates(store)}
    with pytest.raises(catalogue.UnknownTemplate):
        queueing.send(make_order(store).customer, template="danke_schon", key="early", now=NOW)
    templates.publish(row, anna)
    assert sent(store, "k", "danke_schon", "1009").subject == "Danke schön!"
    assert templates.create(store, document, anna).key == "danke_schon_2"


def test_an_archived_template_is_out_of_the_lists_and_still_sent(store: Store, anna: Who) -> None:
    document, _ = editing.add(documents.empty("Old", "transactional", "en"), "text")
    row = templates.create(store, document, anna)
    templates.publish(row, anna)
    templates.archive(row, anna)
    assert "old" not in {one.key for one in catalogue.templates(store)}
    assert sent(store, "k", "old").state == Message.State.SENT
    templates.restore(row, anna)
    assert "old" in {one.key for one in catalogue.templates(store)}


def test_a_template_speaks_by_every_channel_that_it_has_words_for(store: Store, anna: Who) -> None:
    row = templates.own(store, "refunded", anna)
    say(row, anna, sms="{{ store.name }}: refund for {{ order.number }}", push_title="Refund", push_body="On its way")
    say(row, later(anna, 20), language="de", sms="{{ store.name }}: Geld für {{ order.number }}")
    templates.publish(row, anna)
    assert set(catalogue.template(store, "refunded").channels) >= {"email", "sms", "push"}
    wanted = [
        (store, "refunded", language, channel) for language in ("en", "de") for channel in ("email", "sms", "push")
    ]
    versions = publishing.current_versions(wanted, NOW)
    text = versions[store.pk, "refunded", "de", "sms"]
    assert (text.html, text.channel, text.needs) == ("", "sms", ["order", "store"])
    known = {"store": {"name": "Stride"}, "order": {"number": "7"}, "links": {"order": "https://t.example/o"}}
    assert rendering.render(text.fingerprint, text.sources, known, "de").text == "Stride: Geld für 7"
    push = versions[store.pk, "refunded", "de", "push"]
    made = rendering.render(push.fingerprint, push.sources, known, "de")
    assert (made.subject, made.text, made.extras["url"]) == ("Refund", "On its way", "https://t.example/o")
    assert TemplateVersion.objects.count() == len(wanted)
    assert publishing.current_versions(wanted, NOW).keys() == versions.keys()
    assert TemplateVersion.objects.count() == len(wanted)


def test_what_cannot_be_published_is_said_and_holds_up_no_others(store: Store) -> None:
    wanted = [(store, "note", "en", "whatsapp"), (store, "note", "en", "email"), (store, "nonsense", "en", "email")]
    broken = publishing.broken(wanted)
    assert "whatsapp" in broken[store.pk, "note", "en", "whatsapp"]
    assert "nonsense" in broken[store.pk, "nonsense", "en", "email"]
    assert (store.pk, "note", "en", "email") not in broken


def test_the_sender_name_of_a_template_is_used(store: Store, anna: Who) -> None:
    row = say(templates.own(store, "note", anna), anna, sender_name="Anna of {{ store.name }}")
    templates.publish(row, anna)
    compiled = publishing.compiled_for(store, "note", "en")
    known = {"store": {"name": "Stride"}, "event": {"subject": "x", "paragraphs": ["y"]}, "links": {}, "order": {}}
    assert rendering.render(compiled.fingerprint, compiled.sources, known, "en").extras == {
        "sender_name": "Anna of Stride"
    }


def test_traits_and_the_order_card_are_facts(store: Store) -> None:
    order = make_order(store)
    order.customer.traits = {"loyalty.points": 120, "loyalty": "odd", "size": "42"}
    assert facts.traits(order.customer) == {"loyalty": {"points": 120}, "size": "42"}
    card = facts.order_card(order, list(order.lines.all()))
    assert (card["@type"], card["orderNumber"]) == ("Order", order.number)
    assert card["acceptedOffer"][0]["itemOffered"]["name"]


def test_the_look_of_mails_changes_all_of_them(store: Store, anna: Who) -> None:
    before = publishing.compiled_for(store, "shipped", "en")
    settings: dict[str, Any] = {"font": "georgia", "corners": "round", "page": "#fff7ed", "logo_width": 200}
    assert anna.by
    set_look(store, settings, by=anna.by, now=NOW)
    after = publishing.compiled_for(store, "shipped", "en")
    assert after.fingerprint != before.fingerprint
    assert "Georgia" in after.html
    assert "#fff7ed" in after.html
    with pytest.raises(BadLook):
        set_look(store, {**settings, "page": "red; } body { display: none"}, by=anna.by, now=NOW)


def test_a_picture_is_kept_once_however_often_it_is_added(store: Store) -> None:
    one = add_picture(store, "a.png", PNG, NOW)
    assert add_picture(store, "b.png", PNG, NOW) == one
    assert add_picture(make_store("other"), "a.png", PNG, NOW) != one
    assert (Picture.objects.of(store).get().width, one.content_type) == (640, "image/png")
