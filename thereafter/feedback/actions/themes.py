"""Comments put into their themes as they come, and what the shop does with themes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.feedback.models import Said, TextModel, Theme
from thereafter.feedback.queries import comments
from thereafter.feedback.queries.comments import Comment
from thereafter.feedback.rules.answers import CHANGE_DAYS
from thereafter.feedback.rules.words import packing, themes, tokens
from thereafter.feedback.rules.words.packing import Learnt
from thereafter.stores.models import Store

AT_ONCE = 1_000
# People may change an answer for seven days.
LATELY = timedelta(days=CHANGE_DAYS + 1)
_KEPT = ["survey", "theme", "pleased", "score", "band", "language", "said_at", "read_at"]


class NotPossible(ValueError):
    """The sentence says why."""


def read_new(now: datetime) -> int:
    """Reads what came or was changed lately, in every store that has learnt; returns how many comments."""
    learnt = TextModel.objects.exclude(content=b"").defer("content").select_related("store")
    return sum(_read_new(model, now, now - LATELY) for model in learnt)


def look_through(now: datetime) -> int:
    """Reads what was brought in with an old date, and forgets what was taken back, hidden or erased."""
    learnt = TextModel.objects.exclude(content=b"").defer("content").select_related("store")
    return sum(forget(model.store_id) + _read_new(model, now, None) for model in learnt)


def _read_new(model: TextModel, now: datetime, since: datetime | None) -> int:
    done = 0
    while new := comments.unread(model.store_id, AT_ONCE, since):
        learnt = packing.unpack(bytes(model.content))
        _read(model.store, new, learnt, now)
        done += len(new)
    return done


def read_again(store: Store, now: datetime) -> None:
    """Reads every comment with what is known now."""
    forget(store.pk)
    model = TextModel.objects.of(store).exclude(content=b"").order_by("-trained_at", "-id").first()
    if model is None:
        return
    learnt = packing.unpack(bytes(model.content))
    for batch in comments.batches(store.pk, AT_ONCE):
        _read(store, batch, learnt, now)


def forget(store_id: int) -> int:
    """What was taken back, hidden or erased is counted no more."""
    return comments.gone(store_id).delete()[0]


@transaction.atomic
def _read(store: Store, said: Sequence[Comment], learnt: Learnt, now: datetime) -> None:
    spoken = [tokens.language_of(comment.text, comment.language or learnt.usual) for comment in said]
    owner = _themes(store.pk, said, spoken, learnt)
    pleased = learnt.model.content([comment.text for comment in said]).tolist() if learnt.model else [None] * len(said)
    rows = [
        Said(
            store_id=store.pk,
            room=comment.room,
            row=comment.row,
            survey_id=comment.survey_id,
            theme_id=owner[place],
            pleased=pleased[place],
            score=comment.score,
            band=comment.band,
            language=spoken[place],
            said_at=comment.said_at,
            # An answer from elsewhere may be dated a little ahead of our clock.
            read_at=max(now, comment.changed_at),
        )
        for place, comment in enumerate(said)
    ]
    Said.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["store", "room", "row"], update_fields=_KEPT
    )


def _themes(store_id: int, said: Sequence[Comment], spoken: Sequence[str], learnt: Learnt) -> dict[int, int | None]:
    """The theme of each comment, by its place."""
    found: dict[int, int | None] = dict.fromkeys(range(len(said)))
    known = list(Theme.objects.of(store_id).order_by("id"))
    groups = [language if language in learnt.rarity else "" for language in spoken]
    for language, rarity in learnt.rarity.items():
        mine = [theme for theme in known if theme.language == language]
        places = [place for place, group in enumerate(groups) if group == language]
        words = [tokens.words(said[place].text, spoken[place]) for place in places]
        centres = [packing.unpack_centre(bytes(theme.centre)) for theme in mine]
        for place, one in zip(places, themes.nearest(words, rarity, centres), strict=True):
            found[place] = None if one is None else mine[one].pk
    return found


def rename(theme: Theme, name: str) -> None:
    """Without a name, its own words name it again."""
    theme.is_renamed = bool(name.strip())
    theme.name = name.strip()[:120] or ", ".join(theme.words[: themes.NAMED_BY])
    theme.save(update_fields=["name", "is_renamed"])


def hide(theme: Theme, now: datetime) -> None:
    """It is shown no more; its comments still are."""
    theme.hidden_at = now
    theme.save(update_fields=["hidden_at"])


def show(theme: Theme) -> None:
    theme.hidden_at = None
    theme.save(update_fields=["hidden_at"])


@transaction.atomic
def merge(theme: Theme, into: Theme) -> None:
    """Both are counted as one from now on; raises `NotPossible`."""
    locked = {
        one.pk: one for one in Theme.objects.of(theme.store_id).select_for_update().filter(pk__in=[theme.pk, into.pk])
    }
    if theme.pk == into.pk or len(locked) < 2:  # noqa: PLR2004 one and another
        raise NotPossible("A theme can only be merged into another one.")
    if locked[into.pk].merged_into_id:
        raise NotPossible(f"“{into}” is part of another theme itself. Merge into that one.")
    Theme.objects.of(theme.store_id).filter(merged_into=theme).update(merged_into=into)
    Theme.objects.of(theme.store_id).filter(pk=theme.pk).update(merged_into=into)


def separate(theme: Theme) -> None:
    Theme.objects.of(theme.store_id).filter(pk=theme.pk).update(merged_into=None)
