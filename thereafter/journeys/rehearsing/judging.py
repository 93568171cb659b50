"""What the contact rules would have said of every message, one after the other on the virtual clock."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from thereafter.commerce.models import Consent, Customer, Order
from thereafter.journeys.attribution import origin_of
from thereafter.journeys.models import Journey
from thereafter.journeys.registry import steps
from thereafter.journeys.rehearsing.playing import Play, Stage
from thereafter.messaging import catalogue, reach, standing
from thereafter.messaging.models import Message, MessageClass, Suppression
from thereafter.messaging.rules import gate
from thereafter.messaging.rules.addresses import key_of
from thereafter.messaging.rules.gate import GO, HOLD, Candidate, Contact, Facts, Said

_CHUNK = 1000
TOGETHER = timedelta(hours=24)
UNKNOWN = "unknown_template"


@dataclass(slots=True)
class Letter:
    """A message that would have been wanted; `sent_at` when the contact rules let it go, else `why` they did not.

    `held` are the reasons for which it had to wait; `beside` what else the person was sent within a day.
    """

    play: Play
    step: str
    template: str
    at: datetime
    message_class: str = ""
    channel: str = ""
    sent_at: datetime | None = None
    why: str = ""
    held: list[str] = field(default_factory=list)
    beside: str = ""


class Sent(NamedTuple):
    """A message that somebody was really sent."""

    at: datetime
    message_class: str
    channel: str
    origin: str


def judge(journey: Journey, plays: Sequence[Play], stage: Stage) -> list[Letter]:
    """Every message of these runs with its verdict, in the order of time."""
    letters = sorted(_letters(plays, stage), key=lambda letter: letter.at)
    templates = catalogue.chosen((stage.store_id, letter.template) for letter in letters)
    for letter in letters:
        template = templates.get((stage.store_id, letter.template))
        letter.message_class = template.message_class if template else ""
        letter.why = "" if template else UNKNOWN
    _Judge(journey, [letter for letter in letters if letter.message_class], stage, templates).judge()
    return letters


def _letters(plays: Sequence[Play], stage: Stage) -> Iterator[Letter]:
    told = {step: template_of(settings) for step, settings in stage.ground.plan.steps.items()}
    for play in plays:
        for at, step in play.acts:
            if told[step]:
                yield Letter(play, step, told[step], at)


def template_of(settings: Mapping[str, object]) -> str:
    """The message that a step sends; "" when it sends none."""
    kind = str(settings.get("kind"))
    return str(settings.get("template") or (steps[kind].sends if kind in steps else ""))


class _Judge:
    """Goes through the messages as a worker would have, with what was known at each moment."""

    def __init__(
        self,
        journey: Journey,
        letters: Sequence[Letter],
        stage: Stage,
        templates: Mapping[tuple[int, str], catalogue.Template],
    ) -> None:
        self.journey, self.letters, self.stage, self.templates = journey, letters, stage, templates
        people = {letter.play.customer_id for letter in letters}
        self.said = _said(stage.store_id, people)
        self.closed = _closed(stage.store_id)
        self.others = _others(journey, people, stage)
        # What the person got by the moment that is being judged; the gate reads it.
        self.history: dict[int, list[Contact]] = {}
        self._fed: dict[int, int] = defaultdict(int)

    def judge(self) -> None:
        due: list[tuple[datetime, tuple[object, ...], int, Candidate]] = []
        known: dict[int, Facts] = {}
        for place, (candidate, facts) in enumerate(self._gathered()):
            known[place] = facts
            heappush(due, (self.letters[place].at, gate.rank(candidate), place, candidate))
        while due:
            now, _, place, candidate = heappop(due)
            again = self._ask(self.letters[place], candidate, known[place], now)
            if again:
                heappush(due, (again[0], gate.rank(again[1]), place, again[1]))
        for letter in self.letters:
            letter.beside = self._beside(letter)

    def _ask(
        self, letter: Letter, candidate: Candidate, facts: Facts, now: datetime
    ) -> tuple[datetime, Candidate] | None:
        """Takes the verdict down; when and how it is asked again if the message has to wait."""
        customer_id = letter.play.customer_id
        self._feed(customer_id, now)
        then = now - self.stage.shift
        verdict = gate.judge(
            candidate, replace(facts, said=self._said_by(customer_id, then), closed=self._open(facts, then)), now
        )
        letter.channel = verdict.channel
        if verdict.answer == HOLD and verdict.until:
            letter.held.append(verdict.why)
            return self.stage.looked(verdict.until), replace(
                candidate, held_for=verdict.why, expires_at=verdict.expires or candidate.expires_at
            )
        if verdict.answer != GO:
            letter.why = verdict.why
            return None
        letter.sent_at = now
        if candidate.message_class != MessageClass.TRANSACTIONAL:
            self.history.setdefault(customer_id, []).append(Contact(now, candidate.message_class, verdict.channel))
        return None

    def _said_by(self, customer_id: int, moment: datetime) -> dict[tuple[str, str], Said]:
        return {about: said for at, about, said in self.said.get(customer_id, ()) if at <= moment}

    def _open(self, facts: Facts, moment: datetime) -> dict[str, gate.Closed]:
        """The channels that were closed by then."""
        return {
            channel: closed
            for channel, closed in facts.closed.items()
            if self.closed.get((channel, key_of(channel, facts.addresses.get(channel, ""))), moment) <= moment
        }

    def _feed(self, customer_id: int, now: datetime) -> None:
        """What others sent the person until now counts."""
        others, at = self.others.get(customer_id, []), self._fed[customer_id]
        while at < len(others) and others[at].at <= now:
            self.history.setdefault(customer_id, []).append(Contact(*others[at][:3]))
            at += 1
        self._fed[customer_id] = at

    def _beside(self, letter: Letter) -> str:
        if letter.sent_at is None or letter.message_class == MessageClass.TRANSACTIONAL:
            return ""
        at = letter.sent_at
        near = (one.origin for one in self.others.get(letter.play.customer_id, ()) if abs(one.at - at) < TOGETHER)
        return next(near, "")

    def _gathered(self) -> Iterator[tuple[Candidate, Facts]]:
        for first in range(0, len(self.letters), _CHUNK):
            messages = self._messages(first, self.letters[first : first + _CHUNK])
            told = standing.gather(messages, reach.addresses(messages), self.stage.until, history=self.history)
            for candidate, facts in told:
                # Whether a claim was open then, nobody knows any more.
                yield candidate, replace(facts, open=())

    def _messages(self, first: int, letters: Sequence[Letter]) -> list[Message]:
        customers = Customer.objects.in_bulk({letter.play.customer_id for letter in letters})
        orders = Order.objects.in_bulk({letter.play.row.order_id for letter in letters if letter.play.row.order_id})
        made = []
        for place, letter in enumerate(letters, start=first):
            template = self.templates[self.stage.store_id, letter.template]
            settings = self.stage.ground.plan.steps[letter.step]
            wanted = settings.get("channels") or template.channels
            made.append(
                Message(
                    pk=place,
                    store=self.journey.store,
                    customer=customers[letter.play.customer_id],
                    order=orders.get(letter.play.row.order_id or 0),
                    template=letter.template,
                    message_class=letter.message_class,
                    channels=[channel for channel in wanted if channel in template.channels],
                    origin=f"{origin_of(self.journey)}{letter.step}",
                    priority=settings.get("priority") or 0,
                    created_at=letter.at,
                )
            )
        return made


def _said(store_id: int, people: Collection[int]) -> dict[int, list[tuple[datetime, tuple[str, str], Said]]]:
    """What each person said of being written to, and when."""
    found: dict[int, list[tuple[datetime, tuple[str, str], Said]]] = defaultdict(list)
    rows = Consent.objects.of(store_id).order_by("at", "id")
    columns = ("customer_id", "at", "channel", "purpose", "granted", "source")
    for customer_id, at, channel, purpose, granted, source in rows.values_list(*columns).iterator():
        if customer_id in people:
            found[customer_id].append((at, (channel, purpose), Said(granted, source)))
    return found


def _closed(store_id: int) -> dict[tuple[str, str], datetime]:
    """Since when addresses are closed."""
    rows = Suppression.objects.of(store_id).order_by("-at").values_list("channel", "address", "at")
    return {(channel, address): at for channel, address, at in rows}


def _others(journey: Journey, people: Collection[int], stage: Stage) -> dict[int, list[Sent]]:
    """What these people were really sent by other journeys and campaigns."""
    found: dict[int, list[Sent]] = defaultdict(list)
    rows = Message.objects.of(stage.store_id).filter(admitted_at__isnull=False, state=Message.State.SENT)
    rows = rows.exclude(origin__startswith=origin_of(journey)).order_by("admitted_at")
    columns = ("customer_id", "admitted_at", "message_class", "channel", "origin")
    for customer_id, at, *sent in rows.values_list(*columns).iterator():
        if customer_id in people and at:
            found[customer_id].append(Sent(at + stage.shift, *sent))
    return found
