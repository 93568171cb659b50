"""What is asked of themes: of what people speak in a stretch of time, how pleased they are, and what moved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from django.db.models import Count, Q, Sum

from thereafter.feedback.models import Answer, Review, Said, Survey, TextModel, Theme
from thereafter.feedback.queries import comments
from thereafter.feedback.queries.figures import STEPS, Window
from thereafter.feedback.rules.answers import FORM
from thereafter.feedback.rules.words.changes import TOO_FEW, Shares, verdicts
from thereafter.feedback.rules.words.sentiment import ENOUGH
from thereafter.stores.models import Store, StoreQuerySet

# Words that sound so pleased, or so little, that it is worth saying.
SOUNDS_PLEASED, SOUNDS_UNHAPPY = 0.8, 0.2
REVIEWS = "reviews"
_STARS = "csat"


@dataclass(frozen=True)
class Choice:
    """Which comments: of one survey, of reviews (`room`) or of all; of a score band, a language, a sound."""

    window: Window
    survey_id: int | None = None
    room: str = ""
    band: str = ""
    language: str = ""
    # pleased, unhappy, or "" for all.
    sounds: str = ""


@dataclass
class Tally:
    """Comments of one theme, or of none. Scores are told by the scale they were given on."""

    n: int = 0
    unhappy: int = 0
    content: int = 0
    before: int = 0
    scores: dict[str, tuple[int, int]] = field(default_factory=lambda: defaultdict(lambda: (0, 0)))

    @property
    def unhappy_share(self) -> float | None:
        """Of those with a score."""
        scored = sum(times for _, times in self.scores.values())
        return self.unhappy / scored if scored else None

    @property
    def mean(self) -> tuple[str, float] | None:
        """The scale and the mean on it; None where the comments came with scores of several."""
        if len(self.scores) != 1:
            return None
        ((kind, (total, times)),) = self.scores.items()
        return kind, total / times


@dataclass(frozen=True)
class Spoken:
    """A theme in a stretch of time: of how many comments, which share of all, and whether that moved."""

    theme: Theme
    parts: list[Theme]
    tally: Tally
    share: float
    verdict: str


@dataclass(frozen=True)
class Overview:
    themes: list[Spoken]
    # Near no theme, and all together.
    other: Tally
    everything: Tally


@dataclass(frozen=True)
class State:
    """What was learnt, how many comments there are, and how many it takes."""

    model: TextModel | None
    written: int
    enough: int = ENOUGH

    @property
    def is_enough(self) -> bool:
        return self.written >= self.enough


def state(store: Store) -> State:
    model = TextModel.objects.of(store).defer("content").order_by("-trained_at", "-id").first()
    return State(model, comments.written(store.pk))


def themes(store: Store) -> list[Theme]:
    return list(Theme.objects.of(store).defer("centre").select_related("merged_into").order_by("name", "id"))


def theme(store: Store, theme_id: int) -> Theme | None:
    return Theme.objects.of(store).select_related("merged_into").filter(pk=theme_id).first()


def family(known: Iterable[Theme], theme: Theme) -> list[Theme]:
    """A theme and those merged into it."""
    return [theme, *(one for one in known if one.merged_into_id == theme.pk)]


def said(store: Store, choice: Choice) -> StoreQuerySet[Said]:
    found = Said.objects.of(store).filter(said_at__lt=choice.window.until)
    if choice.window.since:
        found = found.filter(said_at__gte=choice.window.since)
    exact = {"survey_id": choice.survey_id, "room": choice.room, "band": choice.band, "language": choice.language}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if choice.sounds == "pleased":
        return found.filter(pleased__gte=SOUNDS_PLEASED)
    return found.filter(pleased__lte=SOUNDS_UNHAPPY) if choice.sounds else found


def overview(store: Store, choice: Choice, known: Collection[Theme] | None = None) -> Overview:
    """Of what people spoke, the most frequent theme first, hidden ones left out; in three queries."""
    known = themes(store) if known is None else known
    tallies = _tallies(store, choice)
    roots = {theme.pk: theme.merged_into_id or theme.pk for theme in known}
    by_root: dict[int | None, Tally] = defaultdict(Tally)
    for theme_id, tally in tallies.items():
        _add(by_root[roots.get(theme_id or 0)], tally)
    everything = Tally()
    for tally in tallies.values():
        _add(everything, tally)
    shown = [theme for theme in known if not theme.merged_into_id and not theme.hidden_at and by_root[theme.pk].n]
    spoken = [_spoken(theme, known, by_root[theme.pk], everything) for theme in shown]
    told = verdicts([Shares(one.tally.n, everything.n, one.tally.before, everything.before) for one in spoken])
    spoken = [replace(one, verdict=verdict) for one, verdict in zip(spoken, told, strict=True)]
    spoken.sort(key=lambda one: (-one.tally.n, one.theme.name))
    return Overview(spoken, by_root[None], everything)


def _spoken(theme: Theme, known: Iterable[Theme], tally: Tally, everything: Tally) -> Spoken:
    return Spoken(theme, family(known, theme), tally, tally.n / everything.n, TOO_FEW)


def _tallies(store: Store, choice: Choice) -> Mapping[int | None, Tally]:
    """By theme; None of comments near no theme."""
    found: dict[int | None, Tally] = defaultdict(Tally)
    rows = said(store, choice).order_by().values_list("theme_id", "room", "survey__kind")
    counted = rows.annotate(
        n=Count("id"),
        low=Count("id", filter=Q(band="low")),
        high=Count("id", filter=Q(band="high")),
        total=Sum("score"),
        scored=Count("score"),
    )
    for theme_id, room, kind, n, low, high, total, scored in counted:
        tally = found[theme_id]
        tally.n, tally.unhappy, tally.content = tally.n + n, tally.unhappy + low, tally.content + high
        scale = _STARS if room == comments.REVIEW else kind
        if scored and scale != FORM:
            tally.scores[scale] = (tally.scores[scale][0] + total, tally.scores[scale][1] + scored)
    if choice.window.before:
        past = said(store, replace(choice, window=choice.window.before)).order_by().values_list("theme_id")
        for theme_id, n in past.annotate(n=Count("id")):
            found[theme_id].before = n
    return found


def _add(whole: Tally, part: Tally) -> None:
    whole.n, whole.before = whole.n + part.n, whole.before + part.before
    whole.unhappy, whole.content = whole.unhappy + part.unhappy, whole.content + part.content
    for scale, (total, times) in part.scores.items():
        whole.scores[scale] = (whole.scores[scale][0] + total, whole.scores[scale][1] + times)


def by_step(
    store: Store, choice: Choice, family: Collection[Theme], step: str, zone: tzinfo
) -> list[tuple[date, int, int]]:
    """(first day, comments of these themes, comments) of each week or month in which somebody wrote, oldest first."""
    begins = STEPS[step]("said_at", tzinfo=zone)
    rows = said(store, choice).order_by().annotate(begins=begins).values_list("begins")
    mine = Count("id", filter=Q(theme__in=[theme.pk for theme in family]))
    counted = rows.annotate(mine=mine, n=Count("id")).order_by("begins")
    return [(day.date(), part, whole) for day, part, whole in counted]


def quotes(store: Store, rows: Iterable[Said]) -> list[tuple[Said, Answer | Review]]:
    """The answers and reviews themselves; what is gone by now is left out."""
    rows = list(rows)
    texts = comments.texts(store.pk, [(one.room, one.row) for one in rows])
    return [(one, texts[one.room, one.row]) for one in rows if (one.room, one.row) in texts]


def languages(store: Store) -> list[str]:
    found = Said.objects.of(store).exclude(language="").order_by().values_list("language", flat=True).distinct()
    return sorted(found)


def surveys(store: Store) -> list[Survey]:
    """Those that somebody wrote to."""
    wrote = Said.objects.of(store).filter(survey__isnull=False).values("survey_id")
    return list(Survey.objects.of(store).filter(pk__in=wrote).order_by("id"))
