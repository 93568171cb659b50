"""A row of each kind in a shop, for whoever walks all pages of the console."""

from thereafter.campaigns.tests.makers import make_campaign
from thereafter.commerce.documents import Line
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool, make_product, ship
from thereafter.feedback.actions import answer_photos
from thereafter.feedback.actions.answering import answer as answer_survey
from thereafter.feedback.actions.asking import Asking as SurveyAsking
from thereafter.feedback.actions.asking import ask as ask_survey
from thereafter.feedback.actions.questions import Asker, ask_about
from thereafter.feedback.actions.review_imports import look as look_at_reviews
from thereafter.feedback.actions.surveys import make_ready as make_ready_survey
from thereafter.feedback.actions.surveys import open_link as open_survey_link
from thereafter.feedback.models import Answer, AnswerPhoto, FollowUp, Theme
from thereafter.feedback.ready_surveys import all_ready
from thereafter.feedback.tests.review_makers import reviews_of_each_kind
from thereafter.insights.actions.links import Wanted as SharedPage
from thereafter.insights.actions.links import share as share_figures
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.journeys.actions.segments import create as make_segment
from thereafter.journeys.actions.syncing import add as sync_segment
from thereafter.journeys.models import Run
from thereafter.kit import clock
from thereafter.kit.pictures import Picture
from thereafter.loyalty.actions.codes import CodeSettings
from thereafter.loyalty.actions.codes import make as make_earning_code
from thereafter.loyalty.actions.importing import look as look_at_members
from thereafter.loyalty.actions.members import join as join_programme
from thereafter.loyalty.actions.programmes import publish as publish_programme
from thereafter.loyalty.actions.redemptions import redeem
from thereafter.loyalty.actions.referrals import claim as claim_invitation
from thereafter.loyalty.actions.referrals import friend_of as accept_invitation
from thereafter.loyalty.tests.reward_makers import make_reward
from thereafter.messaging.actions.contacts import Closing, close
from thereafter.messaging.actions.queueing import send
from thereafter.messaging.models import Message, Suppression, TeamPlace
from thereafter.recommendations.actions.reorders import renew as renew_reorders
from thereafter.recommendations.actions.rules_of_shop import keep_rule as keep_pick_rule
from thereafter.recommendations.models import ReorderProduct
from thereafter.recommendations.rules.showing import Rule as PickRule
from thereafter.returns.actions import withdrawals
from thereafter.returns.actions.opening import Asking, Wish, open_cases
from thereafter.returns.actions.points import save as save_point
from thereafter.returns.actions.withdrawals import Circumstances
from thereafter.returns.models import Case, DropOffPoint, Photo, Withdrawal
from thereafter.returns.statements import Declared
from thereafter.returns.tests.goods_in import one_of_each
from thereafter.returns.tests.past_rates import jumped
from thereafter.returns.tests.refund_makers import paid_refund
from thereafter.stores import actions as stores
from thereafter.stores.models import Membership, Store
from thereafter.stores.tests.makers import make_staff
from thereafter.timeline import inbox
from thereafter.timeline.models import Delivery, Due, Entry, Inbound
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.flags import raise_flag
from thereafter.tracking.actions.watching import claim
from thereafter.tracking.models import CarrierClaim, Parcel
from thereafter.tracking.watching import watched


def furnish(store: Store) -> dict[str, int]:
    """A row of each kind in the store, by the name it has in addresses."""
    with clock.at(PLACED):
        install_recipes(store, PLACED)
        order = make_order(store, number="1001")
        ship(order, tracking_number="JD1", shipped_at=PLACED)
        run_until_idle(PLACED)
        send(order.customer, template="order_confirmation", key="wall", now=PLACED, order=order)
        parcel = Parcel.objects.of(store).get()
        raise_flag(order, parcel, "reported", "damaged", now=PLACED)
        claim(
            store, watched(store, [(order.pk, parcel.pk)]), "lost", by=make_staff(store, role="warehouse"), now=PLACED
        )
    close(store, [Closing(channel="email", address="gone@example.com", reason="hard_bounce")], PLACED)
    call = inbox.Received(store.pk, "commerce", "shopify", "orders/create", "k", "{}")
    inbox.refuse([(call, "No number.")], PLACED)
    entry = Entry.objects.of(store).filter(name="order.placed").get()
    delivery = Delivery.objects.create(entry=entry, subscriber="gone.room", due_at=PLACED, state=Due.DEAD)
    make_staff(store, role="support", email=f"clerk@{store.slug}.example")
    key, _ = stores.make_api_key(store, name="Scanner", scopes=["orders:read"], now=PLACED)
    return (
        {
            "order_id": order.pk,
            "customer_id": order.customer_id,
            "product_id": make_product(store, external_id="sock").pk,
            "place_id": TeamPlace.objects.create(store=store, name="Room", sealed_url="x", created_at=PLACED).pk,
            "pool_id": make_pool(store, delivery="shopify").pk,
            "campaign_id": make_campaign(store).pk,
            "run_id": Run.objects.of(store).get(journey__key="order_confirmation").pk,
            "call_id": Inbound.objects.of(store).filter(state="refused").get().pk,
            "delivery_id": delivery.pk,
            "key_id": key.pk,
            "sync_id": _segment_sync(store),
            "pick_rule_id": _pick_rule(store),
            "usual_id": _reordered(store),
            "theme_id": Theme.objects.create(store=store, name="Late", words=["late"], made_at=PLACED).pk,
        }
        | _returned(store, order)
        | _at_till(store, order)
        | _reward(store, order)
        | _brought(store)
        | _reviews_brought(store)
        | _reviewed(store)
        | _surveyed(store)
        | _unhappy(store, order)
        | _invited(store, order)
        | _first_of(store)
        | _shared_figures(store)
    )


def _shared_figures(store: Store) -> dict[str, int]:
    """A page of figures that is shown to others."""
    sharer = make_staff(store, role="marketer", email=f"shares@{store.slug}.example")
    link, _ = share_figures(store, SharedPage("retention", {}, "Agency", 30), by=sharer, now=PLACED)
    return {"link_id": link.pk}


def _first_of(store: Store) -> dict[str, int]:
    """What came about by itself."""
    first = {
        "suppression_id": Suppression,
        "message_id": Message,
        "parcel_id": Parcel,
        "claim_id": CarrierClaim,
        "membership_id": Membership,
    }
    return {
        name: model.objects.of(store).order_by("pk").values_list("pk", flat=True)[0] for name, model in first.items()
    }


def _at_till(store: Store, order: Order) -> dict[str, int]:
    """A member at the till, with something to pay with, and a QR code that gives points."""
    wanted = CodeSettings(label="Repair café", action="qr")
    return {
        "member_id": join_programme(order.customer, source="console", now=PLACED).pk,
        "earning_code_id": make_earning_code(store, wanted, by=None, now=PLACED).pk,
    }


def _reward(store: Store, order: Order) -> dict[str, int]:
    """A gift that somebody took for the points of their order, waiting to be sent."""
    reward = make_reward(store, "gift", cost=10, value=0, currency="")
    taken = redeem(order.customer, key="wall", reward=reward, now=PLACED).redemption
    return {"reward_id": reward.pk, "redemption_id": taken.pk}


def _brought(store: Store) -> dict[str, int]:
    """A file from another programme that somebody looked at."""
    clerk = make_staff(store, role="marketer", email=f"moves@{store.slug}.example")
    file = b"email,points\nold@example.com,5\n"
    return {"import_id": look_at_members(store, "old.csv", file, by=clerk, now=PLACED).pk}


def _surveyed(store: Store) -> dict[str, int]:
    """A survey of several questions, with a card in the parcel."""
    survey = make_ready_survey(store, all_ready()["return_reason"], by=None, now=PLACED)
    return {"survey_id": survey.pk, "open_link_id": open_survey_link(survey, "Card", {"place": "Lyon"}, now=PLACED).pk}


def _unhappy(store: Store, order: Order) -> dict[str, int]:
    """A bad answer somebody looks after, and a question about what was bought."""
    with clock.at(PLACED):
        (asked,) = ask_survey(store.pk, [SurveyAsking(order.customer_id, "wall", order.pk)], now=PLACED)
        answer = answer_survey(asked, score=1, comment="The sole came off.", now=PLACED)
        run_until_idle(PLACED)
    shoe = make_product(store, external_id="trail", title="Trail Runner 2")
    asker = Asker(customer=order.customer)
    question = ask_about(shoe, asker, "Are they wide enough?", language="en", now=PLACED)
    assert question
    return {
        "follow_up_id": FollowUp.objects.of(store).get().pk,
        "question_id": question.pk,
        "answer_id": answer.pk,
        "answer_photo_id": _answer_photo(answer),
    }


def _segment_sync(store: Store) -> int:
    people = make_segment(store, name="Wall", condition="", by=None, now=PLACED)
    return sync_segment(people, "https://example.com/segment", by=None, now=PLACED).pk


def _reordered(store: Store) -> int:
    """Something that is used up, bought once: its customer is due."""
    make_product(store, external_id="coffee", title="Coffee", replenish_days=30)
    coffee = Line(external_id="1", title="Coffee", quantity=2, unit_price="9", product_id="coffee")
    make_order(store, number="1900", email="coffee@example.com", lines=[coffee])
    renew_reorders(store, now=PLACED)
    return ReorderProduct.objects.of(store).get().pk


def _pick_rule(store: Store) -> int:
    return int(keep_pick_rule(store, PickRule("", "never", category="Gift cards"), by=None, now=PLACED))


def _answer_photo(given: Answer) -> int:
    answer_photos.add(given, "photo", [Picture(b"jpeg", b"jpeg", 1, 1, "0" * 64)], now=PLACED)
    return AnswerPhoto.objects.of(given.store_id).get(answer=given).pk


def _reviewed(store: Store) -> dict[str, int]:
    """Reviews that are being decided about, and how they are asked for."""
    first, second = (make_staff(store, role="marketer", email=f"{who}@{store.slug}.example") for who in ("one", "two"))
    return reviews_of_each_kind(store, first, second)


def _reviews_brought(store: Store) -> dict[str, int]:
    """A file of reviews that somebody looked at."""
    clerk = make_staff(store, role="marketer", email=f"reviews@{store.slug}.example")
    file = b"rating,body,author,date,product_title\n5,Good,Ann,2025-03-25,Something else\n4.5,Fine,Bo,2025-03-25,Mug\n"
    return {"review_import_id": look_at_reviews(store, "old.csv", file, by=clerk, now=PLACED).pk}


def _invited(store: Store, order: Order) -> dict[str, int]:
    """A member who invited themselves under another address."""
    publish_programme(store, {"referral": {"points": 500}}, by=None, now=PLACED)
    advocate = join_programme(order.customer, source="console", now=PLACED)
    friend = accept_invitation(store, email="john+me@example.com", language="en", now=PLACED)
    claimed = claim_invitation(advocate, friend, ip="198.51.100.7", channel="link", now=PLACED).referral
    return {"referral_id": claimed.pk if claimed else 0}


def _returned(store: Store, order: Order) -> dict[str, int]:
    """What there is of returns, refunds and the warehouse."""
    point = DropOffPoint(
        store=store, name="Counter", kind="own", address="Weg 1", city="Berlin", postcode="10115", country="DE"
    )
    save_point(point, by=make_staff(store, role="owner", email=f"points@{store.slug}.example"), now=PLACED)
    return (
        {
            "point_id": point.pk,
            "withdrawal_id": _declared(store).pk,
            "photo_id": _photo(store).pk,
            "case_id": _case(order).pk,
            "jump_id": jumped(store).pk,
        }
        | paid_refund(order, now=PLACED)
        | one_of_each(store, make_staff(store, role="warehouse", email=f"goods@{store.slug}.example"))
    )


def _declared(store: Store) -> Withdrawal:
    said, how = Declared(name="Ana", contract="nothing we know"), Circumstances(source="wall", language="en")
    return withdrawals.declare(store, said, how, declared_at=PLACED, now=PLACED)


def _case(order: Order) -> Case:
    """A claim that waits for somebody."""
    wish = Wish(line=order.lines.all()[0].external_id, reason="not_here", outcome="replacement")
    (case,) = open_cases(order, [wish], Asking(source="wall", channel="watch", review="Look at it."), now=PLACED)
    return case


def _photo(store: Store) -> Photo:
    return Photo.objects.create(
        store=store, upload="wall", taken_by="shopper", width=1, height=1, content=b"", thumbnail=b"", added_at=PLACED
    )
