"""A survey as somebody has it before them: what it asks, and what it is about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.returns import ReturnResolved
from thereafter.events.support import TicketClosed
from thereafter.feedback import snapshots
from thereafter.feedback.models import Answer, Invitation, OpenLink, Survey, SurveyVersion
from thereafter.feedback.rules import documents
from thereafter.feedback.rules.documents import SurveyDocument
from thereafter.feedback.rules.replies import words_question
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

# Where a survey stands open without being sent, and what has to happen on the order before it shows.
PLACES = {"order_page": ParcelDelivered.name, "return_page": ReturnResolved.name, "after_ticket": TicketClosed.name}


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """Whoever it is before a survey. `order` and `customer` are known where a link said so; `given` is what they have
    answered so far, and `invitation` is there once they were asked or have answered."""

    store: Store
    survey: Survey
    version: int
    document: SurveyDocument
    via: str
    invitation: Invitation | None = None
    customer: Customer | None = None
    order: Order | None = None
    link: OpenLink | None = None
    given: Answer | None = None

    @property
    def replies(self) -> dict[str, Any]:
        return replies_of(self.given, self.document) if self.given else {}

    @property
    def facts(self) -> Mapping[str, Any]:
        """What questions may depend on beside replies."""
        if self.given:
            return dict(self.given.facts)
        blank = Answer(
            store_id=self.store.pk,
            survey=self.survey,
            order_id=self.order.pk if self.order else None,
            customer_id=self.customer.pk if self.customer else None,
            via=self.via,
            facts=dict(self.link.facts) if self.link else {},
        )
        snapshots.stamp([blank])
        return dict(blank.facts)


def replies_of(given: Answer, document: SurveyDocument) -> dict[str, Any]:
    """All that was said by question, the score and the words among them."""
    found = dict(given.replies)
    if document.score and given.score is not None:
        found[document.score.id] = given.score
    words = words_question(document)
    if words and given.comment:
        found[words.id] = given.comment
    return found


def document_of(survey: Survey, version: int) -> SurveyDocument:
    """What the survey asked in this version; 0 is our own words."""
    kept = SurveyVersion.objects.of(survey.store_id).filter(survey=survey, number=version).first() if version else None
    return documents.read(kept.document) if kept else documents.plain(survey.kind, survey.question)


def documents_of(invitations: Iterable[Invitation]) -> dict[tuple[int, int], SurveyDocument]:
    """What these were asked, by survey and version, in one query; they come with their surveys."""
    surveys = {(one.survey_id, one.version): one.survey for one in invitations}
    kept = SurveyVersion.objects.filter(survey__in={key for key, number in surveys if number})
    written = {(one.survey_id, one.number): one.document for one in kept}
    return {
        at: documents.read(written[at]) if at in written else documents.plain(survey.kind, survey.question)
        for at, survey in surveys.items()
    }


def of_invitation(invitation: Invitation, *, via: str = "") -> Sitting:
    given = Answer.objects.of(invitation.store_id).filter(invitation=invitation).select_related("survey").first()
    version = given.version if given else invitation.version
    return Sitting(
        store=invitation.store,
        survey=invitation.survey,
        version=version,
        document=document_of(invitation.survey, version),
        via=via or via_of(invitation),
        invitation=invitation,
        customer=invitation.customer,
        order=invitation.order,
        given=given,
    )


def via_of(invitation: Invitation) -> str:
    return "email" if invitation.channel == "mail" else invitation.channel


def of_answer(store: Store, answer_id: int) -> Sitting | None:
    """An answer that was begun, by whatever way."""
    known = Answer.objects.of(store).filter(pk=answer_id).select_related("survey", "invitation", "customer", "order")
    given = known.first()
    if given is None:
        return None
    return Sitting(
        store=store,
        survey=given.survey,
        version=given.version,
        document=document_of(given.survey, given.version),
        via=given.via,
        invitation=given.invitation,
        customer=given.customer,
        order=given.order,
        given=given,
    )


def of_open_link(store: Store, code: str) -> Sitting | None:
    """None where there is no such link; one that is closed has its `closed_at`."""
    known = OpenLink.objects.of(store).filter(code=code).select_related("survey")
    link = known.first()
    if link is None:
        return None
    survey = link.survey
    document = document_of(survey, survey.version)
    return Sitting(store=store, survey=survey, version=survey.version, document=document, via="link", link=link)


def of_order(order: Order, survey_id: int, *, via: str) -> Sitting | None:
    """A survey about an order, by a card in the parcel or the order's page; what was asked already is asked on."""
    asked = Invitation.objects.of(order.store_id).filter(survey_id=survey_id, order=order)
    known = asked.select_related("survey", "order__store", "customer", "store").order_by("-id").first()
    if known is not None:
        return of_invitation(known, via=via)
    survey = Survey.objects.of(order.store_id).filter(pk=survey_id, archived_at=None).first()
    if survey is None:
        return None
    return Sitting(
        store=order.store,
        survey=survey,
        version=survey.version,
        document=document_of(survey, survey.version),
        via=via,
        customer=order.customer,
        order=order,
    )


def survey_on_page(order: Order) -> Survey | None:
    """What the order's page asks: the survey that stands open on it once the parcel is there, a return is done or a
    ticket closed, and that nobody has asked of this order or heard an answer to."""
    standing = Survey.objects.of(order.store_id).filter(archived_at=None).exclude(places=[])
    wanted = [survey for survey in standing.order_by("-priority", "id") if PLACES.keys() & set(survey.places)]
    if not wanted:
        return None
    happened = Entry.objects.of(order.store_id).filter(order_id=order.pk, name__in=PLACES.values())
    names = set(happened.values_list("name", flat=True))
    asked = Invitation.objects.of(order.store_id).filter(order=order).values_list("survey_id", flat=True)
    heard = Answer.objects.of(order.store_id).filter(order=order).values_list("survey_id", flat=True)
    known = {*asked, *heard}
    return next((survey for survey in wanted if survey.pk not in known and _is_time(survey, names)), None)


def _is_time(survey: Survey, happened: Collection[str]) -> bool:
    return any(PLACES.get(place) in happened for place in survey.places)
