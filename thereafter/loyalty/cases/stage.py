"""The shop of one case: its programme, its people and its orders, all through what the product offers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, OrderDoc, Person
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.queries import find_customer
from thereafter.kit import clock
from thereafter.kit.money import UnknownCurrency, exponent
from thereafter.loyalty.actions import members, programmes, rewards
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.cases.documents import Case, Details, Malformed, OrderPaid
from thereafter.loyalty.models import Account, Member, Reward
from thereafter.loyalty.rules.programme import BadProgramme
from thereafter.stores.actions import BadSetting, open_store
from thereafter.stores.models import Store
from thereafter.timeline.models import Delivery
from thereafter.timeline.worker import run_until_idle

SOURCE = "case"
# The category of lines that a case calls excluded; its programme excludes it.
EXCLUDED = "excluded"
_USUAL_CURRENCY = "EUR"
_NOTHING = Details()
_OF_EXPONENT = {0: "JPY", 2: "EUR", 3: "KWD"}


@dataclass
class Stage:
    """What a case has built so far. `join` opens a connection of its own for a thread."""

    store: Store
    join: Callable[[], AbstractContextManager[None]]
    program: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    orders: dict[str, OrderDoc] = field(default_factory=dict)
    # By key: as the case tells it, and the reward that was made of it.
    rewards: dict[str, tuple[Any, Reward]] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        return self.people.get(name) or Person(external_id=name, email=f"{name.casefold()}@case.example")

    def introduce(self, name: str, told: Details = _NOTHING) -> None:
        """The shop learns of a person, or more of one it knew."""
        was = self.person(name)
        person = Person(
            external_id=name, email=told.email or was.email, name=told.name or was.name, phone=told.phone or was.phone
        )
        (taken,) = take_customers(self.store, [CustomerDoc(person=person)], source=SOURCE, now=clock.now())
        if taken.reason:
            raise Malformed(f"The shop does not take {name}: {taken.reason}.")
        self.people[name] = person
        if self.program.get("joining") == "asked":
            self.member(name)

    def customer(self, name: str) -> Customer:
        """The person of this name, known to the shop from now on; who was merged is the one they became."""
        if name not in self.people:
            self.introduce(name)
        found = find_customer(self.store, source=SOURCE, external_id=name)
        if found is None:
            raise Malformed(f"The shop does not know {name}.")
        return found

    def member(self, name: str) -> Member:
        return members.join(self.customer(name), source=Member.Source.PAGE, now=clock.now())

    def account(self, name: str) -> Account | None:
        accounts = Account.objects.of(self.store).filter(customer=self.customer(name), kind="points")
        return accounts.first()

    def order(self, name: str) -> Order:
        found = Order.objects.of(self.store).filter(source=SOURCE, external_id=name).first()
        if found is None:
            raise Malformed(f"There is no order {name!r} at this point of the case.")
        return found

    def reward(self, key: str | None) -> Reward | None:
        if key is None:
            return None
        if key not in self.rewards:
            raise Malformed(f"There is no reward {key!r} in the programme.")
        return self.rewards[key][1]

    def settle(self) -> None:
        """All that follows from what was done. A handler that fails is the case's failure, not tried again."""
        run_until_idle()
        failed = Delivery.objects.filter(entry__store_id=self.store.pk, attempts__gt=0).order_by("pk").first()
        if failed:
            raise Malformed(f"{failed.subscriber} failed: {failed.error.strip().splitlines()[-1]}")


def set_up(case: Case, slug: str, join: Callable[[], AbstractContextManager[None]]) -> Stage:
    """A shop of its own whose programme is in force before the first thing happens."""
    with clock.at(case.begins_at):
        try:
            currency = str(case.program.get("currency", _USUAL_CURRENCY))
            store = open_store(slug, name="Case", currency=currency, now=clock.now(), time_zone="UTC")
        except BadSetting as wrong:
            raise Malformed(f"program: {wrong}") from None
        stage = Stage(store, join)
        program = {name: said for name, said in case.program.items() if name != "currency"}
        publish(stage, _with_what_orders_say(program, case))
        stage.settle()
    return stage


def _with_what_orders_say(program: dict[str, Any], case: Case) -> dict[str, Any]:
    """Orders of a case say themselves which goods earn nothing and what their currency is worth; here the programme
    does, from the start."""
    paid = [event for event in case.events if isinstance(event, OrderPaid)]
    if any(line.excluded for event in paid for line in event.goods):
        rule = {"kind": "excluded", "categories": [EXCLUDED]}
        program = {**program, "rules": [*program.get("rules", []), rule]}
    worth: dict[str, str] = {}
    for event in paid:
        if event.fx is not None:
            worth.setdefault(currency_of(event, program), str(event.fx))
    return {**program, "currencies": {**worth, **program.get("currencies", {})}} if worth else program


def currency_of(event: OrderPaid, program: dict[str, Any]) -> str:
    """As the order says; else one with as many decimals as it says."""
    if event.currency:
        return event.currency
    usual = str(program.get("currency", _USUAL_CURRENCY))
    if event.exponent is None or event.exponent == places(usual):
        return usual
    if event.exponent not in _OF_EXPONENT:
        raise Malformed(f"No currency has {event.exponent} decimals; name one.")
    return _OF_EXPONENT[event.exponent]


def places(currency: str) -> int:
    try:
        return exponent(currency)
    except UnknownCurrency:
        raise Malformed(f"{currency!r} is no currency of ISO 4217.") from None


def change_rate(stage: Stage, currency: str, fx: Decimal) -> None:
    """Another rate of exchange from now on; what was bought before keeps its own."""
    known = stage.program.get("currencies", {})
    if currency not in known or Decimal(str(known[currency])) != fx:
        publish(stage, {**stage.program, "currencies": {**known, currency: str(fx)}})


def publish(stage: Stage, program: dict[str, Any]) -> None:
    """Puts a programme of the form of the cases in force: with amounts in minor units, and its rewards."""
    stage.program = program
    document = {name: said for name, said in program.items() if name != "rewards"}
    if isinstance(document.get("referral"), dict):
        document["referral"] = _in_major(document["referral"], stage.store)
    if isinstance(document.get("rules"), list):
        document["rules"] = [_in_major(rule, stage.store) for rule in document["rules"]]
    try:
        programmes.publish(stage.store, document, by=None, now=clock.now())
    except BadProgramme as wrong:
        raise Malformed(f"program: {wrong}") from None
    offered = program.get("rewards") or {}
    if not isinstance(offered, dict):
        raise Malformed("program.rewards should be an object of rewards by their names.")
    for key, said in offered.items():
        _offer(stage, str(key), said)


def _in_major(part: Any, store: Store) -> Any:
    """Amounts of a case are whole minor units; thresholds that are texts stand in major units already."""
    amount = part.get("min_amount") if isinstance(part, dict) else None
    if not isinstance(amount, int):
        return part
    return {**part, "min_amount": str(Decimal(amount).scaleb(-exponent(store.currency)))}


def _offer(stage: Stage, key: str, said: Any) -> None:
    """A reward without a kind is a thing that is sent: what it is does not move points."""
    if stage.rewards.get(key, (None, None))[0] == said:
        return
    if not isinstance(said, dict):
        raise Malformed(f"program.rewards.{key} should be an object.")
    usual: dict[str, Any] = {"name": key, "kind": Reward.Kind.GIFT, "currency": stage.store.currency}
    known = {one.name for one in fields(RewardSettings)} - {"words", "checkout"}
    if unknown := set(said) - known:
        raise Malformed(f"program.rewards.{key} has {min(unknown)!r}; we know {', '.join(sorted(known))}.")
    try:
        settings = RewardSettings(**usual | said)
        made = stage.rewards.get(key)
        now = clock.now()
        reward = rewards.change(made[1], settings, now=now) if made else rewards.make(stage.store, settings, now=now)
    except (rewards.BadReward, TypeError) as wrong:
        raise Malformed(f"program.rewards.{key}: {wrong}") from None
    stage.rewards[key] = said, reward


def moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
