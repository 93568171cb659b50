"""One customer's way through a journey, as far as it is known: what was done for them, when, and what comes next."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from thereafter.journeys import words
from thereafter.journeys.console.picture import forks
from thereafter.journeys.models import Run
from thereafter.journeys.rules import graph
from thereafter.journeys.rules.graph import Graph
from thereafter.kit.pages import humanise
from thereafter.messaging.models import Message
from thereafter.messaging.words import reason_in_words

_MESSAGES = {
    "queued": ("Waits to be sent", "neutral"),
    "sending": ("Is being sent", "info"),
    "sent": ("Sent", "good"),
    "skipped": ("Not sent", "warn"),
    "failed": ("Could not be sent", "bad"),
    "unknown": ("Nobody knows whether it went out", "warn"),
}
LONGEST = 60


def messages_of(run: Run) -> list[Message]:
    """What this run had sent; its keys begin with the run's own."""
    rows = Message.objects.of(run.store_id).filter(customer=run.customer_id, key__startswith=f"run:{run.pk}:")
    return list(rows.order_by("created_at", "id")[:LONGEST])


def story(run: Run, names: words.Names) -> list[dict[str, Any]]:
    """The entries of a timeline, oldest first."""
    made = graph.load(run.version.document, forks())
    sent = messages_of(run)
    by_step = {step_of(message): message for message in sent}
    way = [
        _message(run, by_step.pop(step), names) if step in by_step else _step(made, step, names)
        for step in passed(made, run, set(by_step))
    ]
    others = [_message(run, message, names) for message in by_step.values()]
    return [_entered(run, names), *way, *others, *_now(run, made, names)]


def passed(made: Graph, run: Run, known: set[str]) -> Iterator[str]:
    """The steps that they surely passed: those that every way to where they are leads over, and those that left a
    message behind."""
    here = run.asleep_at or run.node
    for step in graph.order(made):
        if step == here and run.state == Run.State.WAITING:
            return
        if step in known or _is_certain(made, run, step, here):
            yield step


def _is_certain(made: Graph, run: Run, step: str, here: str) -> bool:
    if run.state == Run.State.HELD or (run.state == Run.State.STOPPED and not here):
        return False
    target = here if run.state == Run.State.WAITING and here else graph.END
    return target not in made.reach(made.first, without=step)


def step_of(message: Message) -> str:
    """ "run:17:ask" and "run:17:ask#2" are of the step ask."""
    return message.key.split(":")[2].partition("#")[0] if message.key.count(":") >= 2 else ""  # noqa: PLR2004 three parts


def _entered(run: Run, names: words.Names) -> dict[str, Any]:
    number = f"For the order {run.order.number}" if run.order else ""
    held = run.state == Run.State.HELD
    title = "Held out of the journey" if held else words.trigger_in_words(run.version.document, names)
    body = "They meet the trigger but get nothing, so that you see what the journey earns." if held else number
    return {"icon": "bell", "tone": "good", "title": title, "body": body, "at": run.started_at}


def _step(made: Graph, step: str, names: words.Names) -> dict[str, Any]:
    row = made.steps[step]
    return {
        "icon": words.icon(row["kind"]),
        "tone": words.tone(row["kind"]),
        "title": words.step_in_words(row, names),
        "when": "passed",
    }


def _message(run: Run, message: Message, names: words.Names) -> dict[str, Any]:
    told, tone = _MESSAGES[message.state]
    at: datetime = message.sent_at or message.created_at
    return {
        "icon": "mail",
        "tone": tone,
        "title": f"{told}: {message.subject or names.template(message.template)}",
        "body": reason_in_words(message.reason) if message.reason else "",
        "url": reverse("messaging_console:message", args=[run.store.slug, message.pk]),
        "at": at,
    }


def _now(run: Run, made: Graph, names: words.Names) -> Iterator[dict[str, Any]]:
    if run.state == Run.State.WAITING:
        here = run.asleep_at or run.node
        title = words.step_in_words(made.steps[here], names) if here in made.steps else "On to the next step"
        yield {"icon": "clock", "tone": "brand", "title": title, "body": run.why, "when": "now"}
        if run.asleep_at and run.node in made.steps and run.node != run.asleep_at:
            row = made.steps[run.node]
            following = words.step_in_words(row, names)
            yield {"icon": words.icon(row["kind"]), "title": following, "at": run.due_at, "actor": "comes next"}
    elif run.ended_at:
        done = run.state == Run.State.DONE
        title = words.outcome_in_words(run.outcome) or humanise(run.state)
        yield {"icon": "check", "tone": "good" if done else "neutral", "title": title, "at": run.ended_at}
