"""Links that were opened: after a while it is decided what each was, and what a person opened may count."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.feedback.actions.answering import OPENED, Said, give
from thereafter.feedback.models import Answer, Hit, Invitation
from thereafter.feedback.queries.sittings import of_invitation
from thereafter.feedback.rules import scanners
from thereafter.feedback.rules.scanners import ANSWERED, CROWD_IN, OFF, WAIT, Opening, Verdict
from thereafter.messaging.models import Message


def turn(now: datetime, limit: int = 200) -> int:
    """Decides what is due of all stores; returns how many openings that were."""
    due = (
        Hit.objects.filter(look_at__lte=now).order_by("look_at", "id").values_list("store_id", "invitation_id")[:limit]
    )
    by_store: dict[int, set[int]] = defaultdict(set)
    for store_id, invitation_id in due:
        by_store[store_id].add(invitation_id)
    for store_id, invitation_ids in by_store.items():
        look_at(store_id, invitation_ids, now=now)
    return len(due)


@transaction.atomic
def look_at(store_id: int, invitation_ids: Collection[int], *, now: datetime) -> None:
    """Decides the openings of these invitations, in a fixed number of queries but for those that become answers."""
    locked = Invitation.objects.of(store_id).filter(pk__in=invitation_ids).select_for_update(of=("self",))
    invitations = {one.pk: one for one in locked.select_related("survey", "store", "customer", "order").order_by("pk")}
    hits: dict[int, list[Hit]] = defaultdict(list)
    for hit in Hit.objects.of(store_id).filter(invitation__in=invitations).order_by("at", "id"):
        hits[hit.invitation_id].append(hit)
    _wait_for_the_last(hits, now)
    sent, crowded = _sent(store_id, hits), _crowded(store_id, hits)
    answered = set(Answer.objects.of(store_id).filter(invitation__in=hits).values_list("invitation_id", flat=True))
    for pk, mine in hits.items():
        verdict = scanners.judge([_opening(hit) for hit in mine], sent=sent[pk], crowded=crowded)
        counts = invitations[pk].survey.counts_opens and pk not in answered
        _note(mine, verdict, "" if counts else ANSWERED if pk in answered else OFF)
        if counts and verdict.score is not None:
            _take(invitations[pk], verdict.score, next(hit.at for hit in mine if hit.pk == verdict.key))
    everything = [hit for mine in hits.values() for hit in mine]
    Hit.objects.bulk_update(everything, ["why_not", "look_at"], batch_size=200)


def _wait_for_the_last(hits: dict[int, list[Hit]], now: datetime) -> None:
    """Of an invitation whose links are still being opened nothing is decided; its hits wait for the newest."""
    for pk in [pk for pk, mine in hits.items() if mine[-1].at + WAIT > now]:
        waiting = [hit.pk for hit in hits[pk] if hit.look_at]
        Hit.objects.filter(pk__in=waiting).update(look_at=hits.pop(pk)[-1].at + WAIT)


def _sent(store_id: int, invitation_ids: Collection[int]) -> Mapping[int, Sequence[datetime]]:
    """When the mail of each and its reminder were handed over."""
    keys = {f"survey:{pk}{again}": pk for pk in invitation_ids for again in ("", ":again")}
    found: dict[int, list[datetime]] = defaultdict(list)
    sent = Message.objects.of(store_id).filter(key__in=keys, sent_at__isnull=False)
    for key, at in sent.values_list("key", "sent_at"):
        if at is not None:
            found[keys[key]].append(at)
    return found


def _crowded(store_id: int, hits: Mapping[int, Sequence[Hit]]) -> set[int]:
    times = [hit.at for mine in hits.values() for hit in mine]
    networks = {hit.network for mine in hits.values() for hit in mine} - {""}
    if not times or not networks:
        return set()
    near = Hit.objects.of(store_id).filter(at__range=(min(times) - CROWD_IN, max(times) + CROWD_IN))
    seen = near.filter(network__in=networks).values_list("pk", "invitation_id", "network", "at")
    return scanners.crowd(list(seen))


def _opening(hit: Hit) -> Opening:
    return Opening(hit.pk, hit.score, hit.at, hit.user_agent, hit.network)


def _note(hits: Sequence[Hit], verdict: Verdict, otherwise: str) -> None:
    """`otherwise`: why what a person opened counts for nothing all the same."""
    for hit in hits:
        if hit.look_at is not None:
            hit.why_not, hit.look_at = verdict.why_not[hit.pk] or otherwise, None


def _take(invitation: Invitation, score: int, at: datetime) -> None:
    give(of_invitation(invitation), Said(score=score, via=OPENED), now=at)
