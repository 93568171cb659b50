"""Learning from a store's own words and stars, and keeping what was learnt with how good it is."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from thereafter.feedback.actions import themes as reading
from thereafter.feedback.models import TextModel, Theme
from thereafter.feedback.queries import comments
from thereafter.feedback.queries.comments import Comment
from thereafter.feedback.rules.words import matching, packing, sentiment, themes, tokens
from thereafter.feedback.rules.words.packing import Learnt
from thereafter.feedback.rules.words.sentiment import ENOUGH, Model, NotEnough, Quality
from thereafter.feedback.rules.words.themes import Found
from thereafter.stores.models import Store

# The newest comments say what people say now, and more of them teach hardly more.
MOST = 5_000
# A language with so many comments has themes of its own; the others share theirs.
OWN_THEMES = 200
# Learnt anew, at most once a week, where half as many comments came again, or at least so many in a quarter of a year.
AGAIN, MORE = timedelta(days=7), 0.5
LONG_AGO, LEAST_MORE = timedelta(days=90), 50


@dataclass(frozen=True)
class Result:
    """`problem` says why there is no model of how pleased words sound."""

    model: Model | None
    quality: Quality | None
    problem: str
    rarity: Mapping[str, Mapping[str, float]]
    usual: str
    found: Mapping[str, Sequence[Found]]


def refresh(store: Store, now: datetime) -> bool:
    """Learns anew when there is reason to, and looks through all comments again; returns whether it learnt."""
    last = TextModel.objects.of(store).order_by("-trained_at", "-id").first()
    if not _is_time(store, last, now):
        return False
    learn(store, now)
    return True


def _is_time(store: Store, last: TextModel | None, now: datetime) -> bool:
    if last is None:
        return comments.written(store.pk) >= ENOUGH
    passed = now - last.trained_at
    if passed < AGAIN:
        return False
    more = LEAST_MORE if passed >= LONG_AGO else max(LEAST_MORE, MORE * last.trained_on)
    return comments.written(store.pk, last.trained_at) >= more


def learn(store: Store, now: datetime) -> TextModel:
    """The numbers are worked out outside any transaction."""
    said = comments.newest(store.pk, MOST)
    result = _result(said, store.locale)
    model = _keep(store, said, result, now)
    reading.read_again(store, now)
    return model


def _result(said: Sequence[Comment], locale: str) -> Result:
    model, quality, problem = _sentiment(said)
    by_language: dict[str, list[list[tokens.Word]]] = defaultdict(list)
    usual = _usual(said) or locale
    spoken = [tokens.language_of(comment.text, comment.language or usual) for comment in said]
    own = {language for language, times in Counter(spoken).items() if times >= OWN_THEMES}
    for comment, language in zip(said, spoken, strict=True):
        by_language[language if language in own else ""].append(tokens.words(comment.text, language))
    enough = {language: words for language, words in by_language.items() if len(words) >= OWN_THEMES}
    rarity = {language: themes.rarity_of(words) for language, words in enough.items()}
    found = {language: themes.find(words, rarity[language]) for language, words in enough.items()}
    return Result(model, quality, problem, rarity, usual, found)


def _usual(said: Sequence[Comment]) -> str:
    """The language most comments are in, of those that show it."""
    told = Counter(tokens.language_of(comment.text, comment.language) for comment in said)
    del told[""]
    return told.most_common(1)[0][0] if told else ""


def _sentiment(said: Sequence[Comment]) -> tuple[Model | None, Quality | None, str]:
    taught = [comment for comment in reversed(said) if comment.band in {"low", "high"}]
    taught = taught[: sentiment.within_reach([comment.text for comment in taught])]
    texts = [comment.text for comment in taught]
    is_content = np.array([comment.band == "high" for comment in taught], dtype=bool)
    try:
        return sentiment.fit(texts, is_content), sentiment.cross_validate(texts, is_content), ""
    except NotEnough as refusal:
        return None, None, str(refusal)


@transaction.atomic
def _keep(store: Store, said: Sequence[Comment], result: Result, now: datetime) -> TextModel:
    bands, quality = Counter(comment.band for comment in said), result.quality
    TextModel.objects.of(store).update(content=b"")
    model = TextModel.objects.create(
        store=store,
        trained_at=now,
        trained_on=len(said),
        positive=bands["high"],
        negative=bands["low"],
        accuracy=quality.accuracy if quality else None,
        auc=quality.auc if quality else None,
        content=packing.pack(Learnt(result.model, result.rarity, result.usual)),
        problem=result.problem,
    )
    for language in {*result.found, *Theme.objects.of(store).values_list("language", flat=True)}:
        _keep_themes(store, language, result.found.get(language, ()), now)
    return model


def _keep_themes(store: Store, language: str, found: Sequence[Found], now: datetime) -> None:
    """Themes found again go on under their names. One that is not found goes, unless somebody of the shop named, hid
    or merged it."""
    before = list(Theme.objects.of(store).filter(language=language).order_by("id"))
    centres = [packing.unpack_centre(bytes(theme.centre)) for theme in before]
    again = matching.known_again(centres, [one.centre for one in found])
    for place, one in enumerate(found):
        old = before[again[place]] if place in again else None
        theme = old or Theme(store=store, language=language, made_at=now)
        theme.words, theme.centre = one.words, packing.pack_centre(one.centre)
        if not theme.is_renamed:
            theme.name = one.name[:120]
        theme.save()
    targets = set(Theme.objects.of(store).filter(merged_into__isnull=False).values_list("merged_into_id", flat=True))
    for place, theme in enumerate(before):
        is_touched = theme.is_renamed or theme.hidden_at or theme.merged_into_id or theme.pk in targets
        if place not in again.values() and not is_touched:
            theme.delete()
