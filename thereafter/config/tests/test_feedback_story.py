"""One timeline: a late parcel, the shop tells first, a bad answer, somebody puts it right, then a review, points, a
refund that takes its share of them back."""

from datetime import datetime, timedelta

import pytest

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order, make_product, ship
from thereafter.demo.player import catch_up
from thereafter.feedback.actions import answering, follow_ups, reviews
from thereafter.feedback.actions.follow_ups import Ending
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import FollowUp, Invitation, Review, ReviewRequest
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.loyalty.actions.programmes import publish
from thereafter.messaging.models import Message
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.tracking.tests.makers import scan, scan_doc

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
DAY = timedelta(days=1)
NUMBER = "JD0000000001"


@pytest.fixture
def store(settings: object) -> Store:
    settings.MAIL_URL = "null:"  # type: ignore[attr-defined]  # the fixture of pytest-django
    made = make_store()
    install_recipes(made, PLACED - DAY)
    actions = {"survey": {"points": 25}, "review_text": {"points": 50}}
    publish(made, {"rate": "1", "actions": actions}, by=None, now=PLACED - DAY)
    make_product(made, "shoe", title="Trail Runner 2")
    return made


def live(until: datetime, *, since: datetime) -> datetime:
    """Six hours at a time, as the workers would."""
    now = since
    while now < until:
        now += timedelta(hours=6)
        catch_up(now)
    return now


def told(order: Order) -> list[str]:
    return list(Entry.objects.of(order.store_id).filter(customer_id=order.customer_id).values_list("name", flat=True))


def points(order: Order) -> int:
    order.customer.refresh_from_db()
    return int(order.customer.trait("loyalty.points", 0))


def put_right(trouble: FollowUp, order: Order, *, by: Staff, now: datetime) -> None:
    """An apology, and half of the money back."""
    with clock.at(now):
        follow_ups.reply(trouble, "I am sorry. Half of it goes back to you today.", by=by, now=now)
        follow_ups.close(trouble, Ending(reason="late", outcome="refund", ask_again_days=0), by=by, now=now)
        refund = RefundDoc(external_id="r1", amount="44.95", at=now)
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=refund)], source="api", now=now)
        catch_up(now)


def test_a_late_parcel_is_put_right_before_anybody_asks_for_a_review(store: Store) -> None:
    clerk = make_staff(store, role="support")
    with clock.at(PLACED):
        order = make_order(store, promised_on=(PLACED + 3 * DAY).date())
        ship(order, tracking_number=NUMBER)
        catch_up(PLACED)
    scan(store, scan_doc("in_transit", PLACED + 2 * DAY), now=PLACED + 2 * DAY, tracking_number=NUMBER)
    now = live(PLACED + 6 * DAY, since=PLACED + 2 * DAY)
    # The shop said it first.
    assert "parcel.late" in told(order)
    assert Message.objects.of(store).filter(template__in=["late", "delay_expected"]).exists()

    scan(store, scan_doc("delivered", PLACED + 7 * DAY), now=PLACED + 7 * DAY, tracking_number=NUMBER)
    now = live(PLACED + 11 * DAY, since=now)
    asked = Invitation.objects.of(store).select_related("survey").get(order=order)
    with clock.at(now):
        answering.answer(asked, score=1, comment="Too late for my race.", now=now)
        catch_up(now)
    trouble = FollowUp.objects.of(store).select_related("answer__survey").get(order=order)
    assert trouble.answer
    assert trouble.answer.facts["late"] is True

    put_right(trouble, order, by=clerk, now=now + DAY)
    # 89 points for 89.90, half of the money back; 25 for the answer, whatever it said.
    assert points(order) == 44 + 25

    now = live(PLACED + 25 * DAY, since=now + DAY)
    request = ReviewRequest.objects.of(store).get(order=order)
    with clock.at(now):
        author = Author(customer=order.customer, order=order)
        product = request.products.select_related("product").get().product
        review = reviews.write(request, product, author, Draft(rating=2, body="Good shoes, came late."), now=now)
        catch_up(now)
    assert Review.objects.of(store).get(pk=review.pk).is_verified
    assert points(order) == 44 + 25 + 50

    story = [
        "order.placed",
        "parcel.shipped",
        "parcel.late",
        "parcel.delivered",
        "survey.asked",
        "survey.answered",
        "follow_up.opened",
        "follow_up.replied",
        "follow_up.closed",
        "review.asked",
        "review.written",
    ]
    assert [name for name in told(order) if name in story] == story
