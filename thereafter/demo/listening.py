"""What runners say of what they bought, what they ask, and what the shop does about it."""

import io
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from thereafter.commerce.models import Customer, Order, Product
from thereafter.demo.opinions import ANSWERS, ATTRIBUTES, NAMING, NPS_WORDS, QUESTIONS, REPLIES, REVIEWS
from thereafter.feedback.actions import (
    answering,
    follow_ups,
    moderating,
    question_answers,
    questions,
    replying,
    reviews,
)
from thereafter.feedback.actions.asking import Asking, ask, turn
from thereafter.feedback.actions.follow_ups import Ending
from thereafter.feedback.actions.questions import Asker
from thereafter.feedback.actions.review_photos import made as made_photos
from thereafter.feedback.actions.review_setup import keep_rule
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.actions.surveys import make_ready, open_link
from thereafter.feedback.models import FollowUp, OpenLink, QuestionMail, Review, ReviewRequest, ReviewRule
from thereafter.feedback.ready_surveys import all_ready
from thereafter.stores.models import Membership, Staff, Store

SEED = 7
# One of so many who are asked for a review writes one, and one of so many reviews comes with a photo.
WRITES, SHOWS = 0.8, 0.1
STARS = ((1, 4), (2, 5), (3, 10), (4, 30), (5, 51))
NPS = ((2, 3), (4, 3), (6, 6), (7, 12), (8, 20), (9, 28), (10, 28))


def fill(store: Store, now: datetime) -> None:
    """Surveys, reviews, questions, and what was done with them, all in the past of `now`; once."""
    if OpenLink.objects.of(store).exists():
        return
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    people = {one.role: one.staff for one in Membership.objects.of(store).select_related("staff")}
    _questions(store, now, by=people["support"])
    _recommendations(store, chance, now, by=people["marketer"])
    _reviews(store, chance, now, by=people["support"])
    _hide_one(store, people, now)
    _look_after(store, chance, now, by=people["support"])


def _recommendations(store: Store, chance: random.Random, now: datetime, *, by: Staff) -> None:
    """Would you recommend us? Asked of people who bought twice, over the last five months."""
    survey = make_ready(store, all_ready()["nps_second_order"], by=by, now=now - timedelta(days=160))
    open_link(survey, "Card in the parcel", {"place": "Parcel"}, now=now - timedelta(days=90), by=by)
    again = Order.objects.of(store).filter(
        placed_at__gt=now - timedelta(days=150), placed_at__lt=now - timedelta(days=12)
    )
    for order in again.order_by("placed_at", "pk"):
        at = order.placed_at + timedelta(days=10, hours=chance.randrange(8))
        turn(at)
        invited = ask(store.pk, [Asking(order.customer_id, f"demo:nps:{order.pk}", order.pk, survey.key)], now=at)
        if invited and chance.random() < NPS_SHARE:
            score = _chosen(chance, NPS)
            words = chance.choice(NPS_WORDS["low" if score <= LOW_NPS else "high" if score >= HIGH_NPS else "middle"])
            given = answering.answer(invited[0], score=score, comment=words, now=at + timedelta(hours=5))
            if words:
                answering.finish(given, now=at + timedelta(hours=5, minutes=2))


NPS_SHARE, LOW_NPS, HIGH_NPS = 0.5, 6, 9


def _chosen(chance: random.Random, weights: Sequence[tuple[int, int]]) -> int:
    return chance.choices([value for value, _ in weights], [weight for _, weight in weights])[0]


def _reviews(store: Store, chance: random.Random, now: datetime, *, by: Staff) -> None:
    """Of those who were asked; somebody looks at them every few days, whatever their stars."""
    for category in ("Road shoes", "Trail shoes", "Race shoes"):
        rule = ReviewRule(store=store, category=category, attributes=ATTRIBUTES)
        keep_rule(store, rule, by=by, now=now - timedelta(days=360))
    asked = ReviewRequest.objects.of(store).select_related("customer", "order").prefetch_related("products__product")
    for request in asked.order_by("asked_at", "pk"):
        at = request.asked_at + timedelta(hours=chance.randrange(2, 90))
        for one in request.products.all() if chance.random() < WRITES and at < now else ():
            review = _review(request, one.product, chance, at)
            if at < now - timedelta(days=2):
                moderating.approve(store, [review.pk], by=by, now=at + timedelta(hours=20))
                if review.rating in REPLIES:
                    review.refresh_from_db()
                    replying.reply(review, chance.choice(REPLIES[review.rating]), by=by, now=at + timedelta(hours=26))


def _review(request: ReviewRequest, product: Product, chance: random.Random, at: datetime) -> Review:
    stars = _chosen(chance, STARS)
    title, body = chance.choice(REVIEWS[product.category if product.category in REVIEWS else ""][stars])
    if stars == 1 and Review.objects.of(request.store_id).filter(body__in=NAMING).count() < len(NAMING):
        body = NAMING[Review.objects.of(request.store_id).filter(body__in=NAMING).count()]
    fits = "shoes" in product.category
    photos = made_photos([_photo(chance)])[0] if chance.random() < SHOWS else ()
    draft = Draft(
        rating=stars,
        title=title,
        body=body,
        recommends=stars > REPLIES_UP_TO,
        attributes={"fit": chance.choice(("small", "true", "true", "true", "large"))} if fits else {},
        language="en",
        photos=photos,
    )
    return reviews.write(request, product, Author(customer=request.customer, order=request.order), draft, now=at)


REPLIES_UP_TO = 3


def _photo(chance: random.Random) -> io.BytesIO:
    """A trail at some hour of the day: a sky, hills, a path."""
    width, height = 900, 700
    sky = chance.choice(((246, 214, 178), (186, 214, 235), (222, 226, 232), (250, 190, 150)))
    image = Image.new("RGB", (width, height), sky)
    draw = ImageDraw.Draw(image)
    for layer in range(4):
        top = 260 + layer * 95
        shade = tuple(max(20, part - 45 - layer * 35) for part in (sky[2], sky[1], sky[0]))
        points = [(x, top + chance.randrange(-50, 50)) for x in range(0, width + 150, 150)]
        draw.polygon([(0, height), *points, (width, height)], fill=shade)
    draw.polygon([(380, height), (430, 560), (470, 560), (560, height)], fill=(214, 196, 168))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    out.seek(0)
    return out


def _hide_one(store: Store, people: dict[str, Staff], now: datetime) -> None:
    """A review that names a driver is hidden by two; another one waits for the second person."""
    few = Review.objects.of(store).filter(body__in=NAMING, state=Review.State.PUBLISHED).order_by("pk")
    note = "It names the driver and his telephone number."
    for review, is_done in zip(few, (True, False), strict=False):
        at = now - timedelta(days=1 + is_done)
        proposed = moderating.hide(review, reason="personal_data", note=note, by=people["support"], now=at)
        if is_done:
            moderating.confirm(proposed, by=people["owner"], now=at + timedelta(hours=3))


def _questions(store: Store, now: datetime, *, by: Staff) -> None:
    """Asked by people who bought something else; some are answered by buyers, some by the shop, one by nobody yet."""
    askers = Customer.objects.of(store).filter(merged_into=None).exclude(name="").order_by("-pk")
    for days, (key, text), asker in zip(range(40, 0, -6), QUESTIONS, askers, strict=False):
        product = Product.objects.of(store).select_related("store").get(external_id=key)
        at = now - timedelta(days=days)
        question = questions.ask_about(product, Asker(customer=asker), text, language="en", now=at)
        if question is None or text not in ANSWERS:
            continue
        questions.publish(store, [question.pk], by=by, now=at + timedelta(hours=2))
        if ANSWERS[text].shop:
            question_answers.answer_as_shop(question, ANSWERS[text].shop, by=by, now=at + timedelta(hours=5))
        mail = QuestionMail.objects.of(store).filter(question=question).select_related("store", "question", "customer")
        for words, asked in zip(ANSWERS[text].buyers, mail.order_by("pk"), strict=False):
            given = question_answers.answer_as_buyer(asked, words, now=at + timedelta(hours=30))
            question_answers.publish_answers(store, [given.pk], by=by, now=at + timedelta(hours=40))


STILL_OPEN = 3


def _look_after(store: Store, chance: random.Random, now: datetime, *, by: Staff) -> None:
    """Most bad answers were looked after; the newest still wait."""
    done = (
        ("late", "apology"),
        ("late", "credit"),
        ("size", "replaced"),
        ("quality", "refund"),
        ("other", "explained"),
    )
    found = list(FollowUp.objects.of(store).select_related("answer").order_by("answer__answered_at", "pk"))
    for place, one in enumerate(found, start=1):
        asked_at = one.answer.answered_at if one.answer else one.opened_at
        # They were opened when the play was over; the shop saw them when they came.
        FollowUp.objects.of(store).filter(pk=one.pk).update(opened_at=asked_at, due_at=asked_at + timedelta(hours=48))
        if place > len(found) - STILL_OPEN:
            continue
        one.refresh_from_db()
        at = asked_at + timedelta(hours=chance.randrange(2, 70))
        follow_ups.reply(one, "I am sorry about this. I have looked into it and put it right today.", by=by, now=at)
        reason, outcome = chance.choice(done)
        ending = Ending(reason=reason, outcome=outcome, ask_again_days=0)
        follow_ups.close(one, ending, by=by, now=at + timedelta(hours=20))
