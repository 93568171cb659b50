"""Who a document speaks of: customers are found by shop id, e-mail and phone, or made, for a whole batch at once.

Two known customers that one document names are merged, with two exceptions: nobody is merged on an order when the
e-mails differ (a family's landline; somebody else's address at the checkout), only on the shop's own record of the
person; nor when each has an account of its own in the same shop system.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from thereafter.commerce.actions.customers import consent_changed, merge
from thereafter.commerce.actions.taking import Became, Taken, refusal, wait_turn
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Consent, Customer, Identity
from thereafter.commerce.queries import MARKETING, find_customer, latest_consents, shop_identity
from thereafter.commerce.rules.orders import person_problems, time_problems
from thereafter.commerce.rules.text import clean, clean_note, normal_email, normal_phone
from thereafter.events.base import Event
from thereafter.events.customers import CustomerJoined
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.timeline.rows import insert

Key = tuple[str, str]
SHOP, EMAIL, PHONE = Identity.Kind.SHOP.value, Identity.Kind.EMAIL.value, Identity.Kind.PHONE.value
_DETAILS = ("name", "email", "phone", "locale", "country")


class Mention(NamedTuple):
    """A person as a document names them, when, and what the document is called."""

    person: Person
    at: datetime
    country: str
    told_by: str
    # The shop's own record of the person: what it says replaces what we have.
    is_profile: bool = False


@dataclass(eq=False, slots=True)
class Node:
    """A customer in the making: what is known, and which other record it turned out to be."""

    customer: Customer
    is_new: bool
    keys: set[Key] = field(default_factory=set)
    is_changed: bool = False
    became: "Node | None" = None

    @property
    def root(self) -> "Node":
        return self.became.root if self.became else self

    @property
    def age(self) -> tuple[bool, datetime, int]:
        return self.is_new, self.customer.created_at, self.customer.pk or 0

    def values(self, kind: str) -> set[str]:
        return {value for own, value in self.keys if own == kind}


class People:
    """The customers of a batch. `resolve` once; then `customers` stands in the order of the mentions."""

    def __init__(self, store: Store, source: str, now: datetime) -> None:
        self.store, self.source, self.now = store, source, now
        self.customers: list[Customer] = []
        self.events: dict[int, list[Event]] = {}
        self._by_key: dict[Key, Node] = {}
        self._nodes: list[Node] = []
        self._new_identities: list[tuple[Key, Node]] = []
        self._merges: list[tuple[Node, Node]] = []

    def resolve(self, mentions: Sequence[Mention]) -> None:
        """Finds, makes, completes and merges; fills `customers`, and `events` by the mention's index."""
        keys = [self._keys(mention) for mention in mentions]
        self._load({key for own in keys for key in own})
        nodes = [self._place(mention, own) for mention, own in zip(mentions, keys, strict=True)]
        self._save()
        self.customers = [node.root.customer for node in nodes]
        self._tell_of_the_new(mentions, nodes)
        self._take_consents(mentions)

    def _keys(self, mention: Mention) -> list[Key]:
        person = mention.person
        account = clean(person.external_id, 200)
        country = mention.country or person.country or self.store.country
        keys = [
            (SHOP, shop_identity(self.source, account) if account else ""),
            (EMAIL, normal_email(person.email) if person.email else ""),
            (PHONE, normal_phone(person.phone, country) if person.phone else ""),
        ]
        return [key for key in keys if key[1]]

    def _load(self, keys: Iterable[Key]) -> None:
        values: dict[str, list[str]] = {SHOP: [], EMAIL: [], PHONE: []}
        for kind, value in keys:
            values[kind].append(value)
        named = Q()
        for kind, of_kind in values.items():
            if of_kind:
                named |= Q(kind=kind, value__in=of_kind)
        if not named:
            return
        found = set(Identity.objects.of(self.store).filter(named).values_list("customer_id", flat=True))
        of_found = Identity.objects.of(self.store).filter(customer_id__in=found).select_related("customer")
        nodes: dict[int, Node] = {}
        for identity in of_found if found else ():
            node = nodes.setdefault(identity.customer_id, Node(identity.customer, is_new=False))
            key = (identity.kind, identity.value)
            node.keys.add(key)
            self._by_key[key] = node
        self._nodes += nodes.values()

    def _place(self, mention: Mention, keys: list[Key]) -> Node:
        node = None
        for key in keys:
            known = self._by_key.get(key)
            if known is None:
                continue
            if node is None:
                node = known.root if self._is_theirs(key, keys, known.root) else None
            elif known.root is not node and self._are_one(node, known.root, is_profile=mention.is_profile, by=key[0]):
                node = self._unite(node, known.root)
        node = node or self._new(mention)
        for key in keys:
            if key not in self._by_key and (mention.is_profile or not self._is_foreign_email(key, node)):
                self._by_key[key] = node
                node.keys.add(key)
                self._new_identities.append((key, node))
        self._complete(node, mention, dict(keys))
        return node

    def _is_theirs(self, key: Key, keys: list[Key], known: Node) -> bool:
        """Whether the document's person may be the known one; a phone number alone does not outweigh other facts."""
        if key[0] != PHONE:
            return True
        return not any(kind != PHONE and self._rivals(kind, {value}, known) for kind, value in keys)

    def _are_one(self, node: Node, other: Node, *, is_profile: bool, by: str) -> bool:
        if self._rivals(SHOP, node.values(SHOP), other):
            return False
        vouched_for = is_profile and by != PHONE
        return vouched_for or not self._rivals(EMAIL, node.values(EMAIL), other)

    def _is_foreign_email(self, key: Key, node: Node) -> bool:
        """Anybody may type anybody's address at a checkout: it makes nobody the owner of that address's orders."""
        return key[0] == EMAIL and self._rivals(EMAIL, {key[1]}, node)

    def _rivals(self, kind: str, values: set[str], other: Node) -> bool:
        """Whether both have a value of this kind (for shop ids: of this shop system), and none in common."""
        theirs = other.values(kind)
        if kind == SHOP:
            own_shop = f"{self.source}:"
            values, theirs = ({each for each in some if each.startswith(own_shop)} for some in (values, theirs))
        return bool(values and theirs and not values & theirs)

    def _unite(self, one: Node, two: Node) -> Node:
        keep, other = sorted((one, two), key=lambda node: node.age)
        other.became = keep
        keep.keys |= other.keys
        if not other.is_new:
            self._merges.append((keep, other))
        return keep

    def _new(self, mention: Mention) -> Node:
        node = Node(Customer(store_id=self.store.pk, created_at=mention.at), is_new=True)
        self._nodes.append(node)
        return node

    def _complete(self, node: Node, mention: Mention, keys: dict[str, str]) -> None:
        person, customer = mention.person, node.customer
        told = {
            "name": clean(person.name, 200),
            "email": keys.get(EMAIL, ""),
            "phone": keys.get(PHONE, ""),
            "locale": clean(person.locale, 10),
            "country": clean(person.country or mention.country, 2).upper(),
        }
        for name, value in told.items():
            held = getattr(customer, name)
            if value and value != held and (mention.is_profile or not held):
                setattr(customer, name, value)
                node.is_changed = True

    def _save(self) -> None:
        made = [node.customer for node in self._nodes if node.is_new and not node.became]
        insert(made)
        changed = [node.customer for node in self._nodes if node.is_changed and not node.is_new and not node.became]
        Customer.objects.bulk_update(changed, _DETAILS)
        insert(
            Identity(store_id=self.store.pk, customer_id=node.root.customer.pk, kind=kind, value=value)
            for (kind, value), node in self._new_identities
        )
        for keep, other in self._merges:
            merge(keep.root.customer, other.customer, self.now)

    def _tell_of_the_new(self, mentions: Sequence[Mention], nodes: Sequence[Node]) -> None:
        told: set[int] = set()
        for index, node in enumerate(nodes):
            customer = node.root.customer
            if node.root.is_new and customer.pk not in told:
                told.add(customer.pk)
                joined = CustomerJoined(
                    store_id=self.store.pk, customer_id=customer.pk, occurred_at=mentions[index].at, source=self.source
                )
                self.events.setdefault(index, []).append(joined)

    def _take_consents(self, mentions: Sequence[Mention]) -> None:
        """A yes or no to marketing mail, when it is news: of another mind than what held, and said later."""
        said = [index for index, mention in enumerate(mentions) if mention.person.accepts_marketing is not None]
        if not said:
            return
        ids = {self.customers[index].pk for index in said}
        held = latest_consents(self.store, ids, "email", MARKETING)
        rows = []
        for index in said:
            consent = self._consent(self.customers[index], mentions[index])
            before = held.get(consent.customer_id)
            is_news = (
                consent.granted if before is None else (before.granted != consent.granted and before.at < consent.at)
            )
            if is_news:
                held[consent.customer_id] = consent
                rows.append(consent)
                self.events.setdefault(index, []).append(
                    consent_changed(
                        self.customers[index],
                        channel=consent.channel,
                        purpose=consent.purpose,
                        granted=consent.granted,
                        source=consent.source,
                        at=consent.at,
                    )
                )
        insert(rows)

    def _consent(self, customer: Customer, mention: Mention) -> Consent:
        person = mention.person
        return Consent(
            store_id=self.store.pk,
            customer_id=customer.pk,
            channel="email",
            purpose=MARKETING,
            granted=bool(person.accepts_marketing),
            source=self.source,
            evidence=clean_note(person.consent_evidence, 2000) or f"{mention.told_by} said so",
            at=person.consent_at or mention.at,
        )


@transaction.atomic
def take_customers(store: Store, documents: Sequence[CustomerDoc], *, source: str, now: datetime) -> list[Taken]:
    """The shop's own records of people: made, completed, merged. One answer per document; idempotent."""
    wait_turn(store)
    answers = [_judge(store, doc, now) for doc in documents]
    sound = [(index, doc) for index, doc in enumerate(documents) if answers[index].became == Became.SAME]
    people = People(store, source, now)
    people.resolve(
        [Mention(doc.person, doc.changed_at or now, "", "the customer's record", is_profile=True) for _, doc in sound]
    )
    record(*(event for index in range(len(sound)) for event in people.events.get(index, ())))
    for at, (index, _) in enumerate(sound):
        if any(isinstance(event, CustomerJoined) for event in people.events.get(at, ())):
            answers[index] = answers[index]._replace(became=Became.NEW)
    return answers


def _judge(store: Store, doc: CustomerDoc, now: datetime) -> Taken:
    problems = list(person_problems(doc.person, doc.person.country or store.country))
    if doc.changed_at:
        problems += time_problems("changed_at", doc.changed_at, now)
    name = doc.person.external_id or doc.person.email
    return refusal(name, problems) if problems else Taken(name, Became.SAME)


@transaction.atomic
def known_by_address(store: Store, email: str, *, name: str, locale: str, source: str, now: datetime) -> Customer:
    """Who has this address already, or somebody new; what the shop knows of them stays. The address must be proven to
    be theirs. Raises `LookupError` when it is no address."""
    found = find_customer(store, email=email)
    if found is None:
        person = Person(email=email, name=name, locale=locale)
        take_customers(store, [CustomerDoc(person=person, changed_at=now)], source=source, now=now)
        found = find_customer(store, email=email)
    if found is None:
        raise LookupError("nobody can be made of this address")
    return found
