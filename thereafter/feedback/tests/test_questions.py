"""Questions about products: from the page to a buyer's answer, for shoppers and for the shop."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client

from thereafter.commerce.models import Order, Product
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.console.tests.tools import signed_in
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.questions import QuestionAnswered, QuestionAsked, QuestionSent
from thereafter.feedback.actions import asking, people, question_answers
from thereafter.feedback.actions import questions as actions
from thereafter.feedback.actions.questions import Asker
from thereafter.feedback.models import Ask, ProductAnswer, ProductQuestion, QuestionMail
from thereafter.feedback.rules import questions as rules
from thereafter.feedback.tests.makers import ASKED
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
TEXT = "Are they wide enough for insoles?"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def shoe(store: Store) -> Product:
    return make_product(store, "shoe", title="Trail Runner 2")


def has_one(store: Store, email: str, days_before: int = 1) -> Order:
    order = make_order(store, email=email)
    at = ASKED - timedelta(days=days_before)
    ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
    with transaction.atomic():
        record(
            ParcelDelivered(**ids, occurred_at=at, parcel_id=order.pk, carrier="dhl")
        )  # the carrier's news, without a carrier
    return order


@pytest.fixture
def buyers(store: Store, shoe: Product) -> list[Order]:
    return [has_one(store, f"buyer{number}@example.com", number) for number in range(1, 8)]


def ask(shoe: Product, order: Order, text: str = TEXT) -> ProductQuestion:
    found = actions.ask_about(shoe, Asker(customer=order.customer), text, language="en", now=ASKED)
    assert found
    return found


def published(shoe: Product, order: Order) -> ProductQuestion:
    one = ask(shoe, order)
    actions.publish(shoe.store, [one.pk], by=None, now=ASKED)
    one.refresh_from_db()
    return one


def test_a_published_question_goes_to_the_newest_buyers_and_not_to_who_asks(
    store: Store, shoe: Product, buyers: list[Order]
) -> None:
    one = published(shoe, buyers[0])
    assert_recorded(QuestionAsked, question_id=one.pk)
    asked = QuestionMail.objects.of(store).filter(question=one)
    assert {mail.customer_id for mail in asked.all()} == {order.customer_id for order in buyers[1:6]}
    assert_recorded(QuestionSent, times=5, question_id=one.pk)
    assert one.sent_to == 5
    actions.turn(ASKED + timedelta(days=2))
    assert asked.count() == 5
    actions.turn(ASKED + timedelta(days=3))
    assert asked.count() == 6


def test_who_was_asked_something_else_lately_waits(store: Store, shoe: Product, buyers: list[Order]) -> None:
    published(shoe, buyers[0])
    other = ask(shoe, buyers[0], "Do they squeak on wet floors?")
    actions.publish(store, [other.pk], by=None, now=ASKED)
    reasons = set(
        Ask.objects.of(store).filter(source__startswith=f"question:{other.pk}:").values_list("reason", flat=True)
    )
    assert "asked_lately" in reasons


def test_nobody_is_asked_before_somebody_looked_and_after_it_was_answered(
    store: Store, shoe: Product, buyers: list[Order]
) -> None:
    one = ask(shoe, buyers[0])
    assert not Ask.objects.of(store).exists()
    question_answers.answer_as_shop(one, "Yes, with room to spare.", by=make_staff(store), now=ASKED)
    one.refresh_from_db()
    assert (one.state, one.answer_count) == ("published", 1)
    sent = QuestionMail.objects.of(store).count()
    actions.turn(ASKED + timedelta(days=4))
    assert QuestionMail.objects.of(store).count() == sent


def test_a_buyer_answers_from_the_mail_and_the_asker_hears_of_it(
    store: Store, shoe: Product, buyers: list[Order]
) -> None:
    with clock.at(ASKED):
        one = published(shoe, buyers[0])
        run_until_idle(ASKED)
    messages = Message.objects.of(store).select_related("store", "version", "customer", "order")
    mail = messages.filter(template="question_to_buyer").first()
    assert mail
    html = render_again(mail).html
    assert TEXT in html
    (link,) = set(re.findall(r'href="(http[^"]+/feedback/ask/[^"]+)"', html))
    address = urlsplit(link).path
    with clock.at(ASKED + timedelta(hours=2)):
        page = Client().get(address).content.decode()
        assert TEXT in page
        assert not ProductAnswer.objects.of(store).exists()
        assert Client().post(address, {"text": "x"}).status_code == 422
        Client().post(address, {"text": "Yes, I wear <b>thick</b> ones."})
        answer = ProductAnswer.objects.of(store).get()
        assert (answer.state, answer.is_verified, answer.by) == ("pending", True, "buyer")
        question_answers.publish_answers(store, [answer.pk], by=None, now=clock.now())
        run_until_idle(clock.now())
    assert_recorded(QuestionAnswered, question_id=one.pk, by="buyer")
    news = messages.get(template="question_answered")
    assert news.customer_id == buyers[0].customer_id
    assert "Yes, I wear &lt;b&gt;thick&lt;/b&gt; ones." in render_again(news).html
    assert Ask.objects.of(store).get(customer=answer.customer).answered_at


def test_who_does_not_know_says_so_once(store: Store, shoe: Product, buyers: list[Order]) -> None:
    published(shoe, buyers[0])
    mail = QuestionMail.objects.of(store).select_related("ask").first()
    assert mail
    question_answers.decline(mail, now=ASKED)
    mail.refresh_from_db()
    assert mail.declined_at == ASKED
    assert mail.ask.__class__.objects.of(store).get(pk=mail.ask_id).answered_at == ASKED


def test_a_stranger_says_yes_by_mail_before_anybody_sees_the_question(store: Store, shoe: Product) -> None:
    address = f"/s/{store.slug}/feedback/products/{shoe.external_id}/ask"
    with clock.at(ASKED):
        assert Client().get(address).status_code == 200
        given = {"text": TEXT, "name": "Zoe Zimmer", "email": "zoe@example.com"}
        page = Client().post(address, given).content.decode()
        assert "zoe@example.com" in page
        one = ProductQuestion.objects.of(store).get()
        assert (one.state, one.shown_name, one.mail) == ("unconfirmed", "Zoe Z.", "queued")
        assert actions.confirm(one, now=ASKED).state == "pending"
        one.refresh_from_db()
        assert one.customer
        assert (one.customer.email, one.email) == ("zoe@example.com", "")


def test_machines_and_short_questions_leave_nothing(store: Store, shoe: Product) -> None:
    address = f"/s/{store.slug}/feedback/products/{shoe.external_id}/ask"
    given = {"text": TEXT, "name": "Zoe", "email": "zoe@example.com"}
    assert Client().post(address, given | {"website": "https://spam.example"}).status_code == 200
    assert Client().post(address, given | {"text": "Hm?"}).status_code == 422
    assert not ProductQuestion.objects.of(store).exists()
    assert Client().get(f"/s/{store.slug}/feedback/products/nothing/ask").status_code == 404


def test_the_desk_publishes_answers_and_hides_with_a_reason(store: Store, shoe: Product, buyers: list[Order]) -> None:
    one = ask(shoe, buyers[0])
    client, base = signed_in(make_staff(store, role="support")), f"/console/{store.slug}/feedback/questions/"
    assert TEXT in client.get(f"{base}?view=check").content.decode()
    client.post(f"{base}{one.pk}/publish/")
    client.post(f"{base}{one.pk}/answer/", {"text": "Yes, they are."})
    page = client.get(f"{base}{one.pk}/").content.decode()
    assert "Yes, they are." in page
    assert "Asked, no answer yet" in page
    client.post(f"{base}{one.pk}/hide/", {"reason": ""})
    one.refresh_from_db()
    assert one.state == "published"
    client.post(f"{base}{one.pk}/hide/", {"reason": "off_topic"})
    one.refresh_from_db()
    assert (one.state, one.hidden_for) == ("hidden", "off_topic")


def test_the_same_words_find_what_was_answered_before(store: Store, shoe: Product, buyers: list[Order]) -> None:
    one = published(shoe, buyers[0])
    question_answers.answer_as_shop(one, "Yes, they are.", by=make_staff(store), now=ASKED)
    page = Client().get(f"/s/{store.slug}/feedback/products/shoe/ask?q=wide+insoles").content.decode()
    assert TEXT in page
    assert "Yes, they are." in page


def test_buyers_are_chosen_by_the_newest_delivery() -> None:
    since = {1: ASKED, 2: ASKED + timedelta(days=2), 3: ASKED + timedelta(days=1), 4: ASKED}
    assert list(rules.next_buyers(since, asked={4}, asker=3, most=5)) == [2, 1]


def test_two_buyers_who_turn_out_to_be_one_are_asked_once(store: Store, shoe: Product, buyers: list[Order]) -> None:
    one = published(shoe, buyers[0])
    keep, other = buyers[1].customer_id, buyers[2].customer_id
    QuestionMail.objects.of(store).filter(customer=other).delete()
    Ask.objects.of(store).filter(customer=other).update(state="waiting", asked_at=None, look_at=ASKED)
    people.merge(store.pk, keep_id=keep, merged_id=other)
    asking.decide(store.pk, [keep], now=ASKED + timedelta(days=5))
    states = Ask.objects.of(store).filter(customer=keep).values_list("state", "reason")
    assert sorted(states) == [("asked", ""), ("skipped", "gone")]
    assert QuestionMail.objects.of(store).filter(question=one, customer=keep).count() == 1


@pytest.mark.parametrize("address", ['"odd one"@example.com', "me@localhost"])
def test_an_address_that_could_never_be_confirmed_is_refused(store: Store, shoe: Product, address: str) -> None:
    said = {"text": TEXT, "email": address}
    assert Client().post(f"/s/{store.slug}/feedback/products/shoe/ask", said).status_code == 422
    assert not ProductQuestion.objects.of(store).exists()


def test_words_of_shoppers_are_words_in_mails_and_never_code(store: Store, shoe: Product, buyers: list[Order]) -> None:
    with clock.at(ASKED):
        one = ask(shoe, buyers[0], "{{ store.name }} {% if 1 %}<script>x</script>{% endif %} {{ 7 | times: 6 }}?")
        actions.publish(store, [one.pk], by=None, now=ASKED)
        run_until_idle(ASKED)
    messages = Message.objects.of(store).select_related("store", "version", "customer", "order")
    mail = messages.filter(template="question_to_buyer").first()
    assert mail
    html, text = render_again(mail).html, render_again(mail).text
    assert "{{ store.name }}" in html
    assert "{{ 7 | times: 6 }}" in text
    assert "<script>" not in html


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_double_click_of_a_buyer_is_one_answer(store: Store, shoe: Product, buyers: list[Order]) -> None:
    published(shoe, buyers[0])
    mail = QuestionMail.objects.of(store).select_related("store", "question", "customer").first()
    assert mail

    def press(_: int) -> int:
        try:
            return question_answers.answer_as_buyer(mail, "Yes, I wear thick ones.", now=ASKED).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(press, range(6)))) == 1


def test_a_question_that_breaks_keeps_no_other_waiting(
    store: Store, shoe: Product, buyers: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = published(shoe, buyers[0]), published(shoe, buyers[1])
    send = actions.send_round

    def breaks(question: ProductQuestion, *, now: datetime) -> int:
        if question.pk == broken.pk:
            raise ValueError("its buyers cannot be read")
        return send(question, now=now)

    monkeypatch.setattr(actions, "send_round", breaks)
    at = ASKED + timedelta(days=3)
    actions.turn(at)
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert broken.next_at == at + timedelta(hours=1)
    assert sound.next_at is None or sound.next_at > at
