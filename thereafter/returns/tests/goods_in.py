"""Parcels on their way back, and a browser in the warehouse."""

from django.test import Client
from django.urls import reverse

from thereafter.commerce.tests.makers import make_order
from thereafter.returns.actions import policies, unannounced
from thereafter.returns.actions.opening import Wish
from thereafter.returns.actions.unannounced import Described
from thereafter.returns.models import Case
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import again, ask_for_one, delivered_order
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff


def pays_after_inspection(store: Store) -> None:
    owner = make_staff(store, email="boss@stride.example")
    document = ready_policies.document("classic_30", "EUR")
    document["release"] = {"refund": "inspected"}
    policies.save_draft(store, document, by=owner, now=visits.PLACED)
    policies.publish(store, by=owner, now=visits.PLACED)


def on_its_way(store: Store, *wishes: Wish) -> Case:
    wishes = wishes or (Wish(line="1", reason="changed_mind", method="own_carrier", note="Too tight at the toes"),)
    return ask_for_one(delivered_order(store, shipping_address=visits.in_america()), *wishes)


def page(store: Store, name: str, *args: object) -> str:
    return reverse(f"returns_console:{name}", args=[store.slug, *args])


def parcel_page(case: Case) -> str:
    return page(case.store, "receive_parcel", visits.parcel(case).pk)


def scan(desk: Client, store: Store, code: str) -> str:
    """Where a code leads; the text of the page when it leads nowhere else."""
    answer = desk.get(page(store, "warehouse"), {"code": code})
    return answer.headers["Location"] if answer.status_code == 302 else answer.content.decode()


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]  # the test client's answer


def received(store: Store, desk: Client, *wishes: Wish) -> Case:
    case = on_its_way(store, *wishes)
    desk.post(parcel_page(case), {"action": "all"})
    return again(case)


def one_of_each(store: Store, by: Staff) -> dict[str, int]:
    """A row of each kind that the warehouse has pages of, by the name it has in addresses."""
    order = make_order(store, number="4711", lines=(visits.SHOES,), placed_at=visits.PLACED, status="fulfilled")
    case = ask_for_one(order, now=visits.CAME)
    came = unannounced.take_in(store, Described(text="A bag"), None, by=by, now=visits.CAME)
    return {
        "case_id": case.pk,
        "return_parcel_id": visits.parcel(case).pk,
        "unit_id": visits.units(case)[0].pk,
        "unannounced_id": came.pk,
    }
