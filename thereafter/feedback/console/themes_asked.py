"""Which comments a page of themes is about, from its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from thereafter.feedback.console import results_asked
from thereafter.feedback.console.results_asked import Stretch
from thereafter.feedback.models import Survey
from thereafter.feedback.queries import comments, themes
from thereafter.feedback.queries.surveys import title_of
from thereafter.feedback.queries.themes import REVIEWS, Choice
from thereafter.kit.pages import tongue
from thereafter.stores.models import Store

BANDS = {"": "All scores", "low": "Low scores", "middle": "Scores between", "high": "High scores"}
SOUNDS = {"": "However it sounds", "pleased": "Sounds pleased", "unhappy": "Sounds unhappy"}


@dataclass(frozen=True)
class Asked:
    """What was chosen, and what may be."""

    stretch: Stretch
    choice: Choice
    where: str
    wheres: list[tuple[str, str]]
    languages: list[tuple[str, str]]

    def params(self) -> dict[str, str]:
        chosen = {
            "where": self.where,
            "band": self.choice.band,
            "sounds": self.choice.sounds,
            "language": self.choice.language,
        }
        return self.stretch.params() | {name: value for name, value in chosen.items() if value}

    @property
    def is_filtered(self) -> bool:
        return bool(self.where or self.choice.band or self.choice.sounds or self.choice.language)


def asked(store: Store, given: Mapping[str, str], now: datetime) -> Asked:
    """What makes no sense is not filtered by."""
    stretch = results_asked.stretch(store, given, now)
    surveys, spoken = themes.surveys(store), themes.languages(store)
    wheres = _wheres(surveys)
    where = _known(given.get("where", ""), dict(wheres))
    choice = Choice(
        stretch.window,
        survey_id=int(where) if where.isdecimal() else None,
        room=comments.REVIEW if where == REVIEWS else "",
        band=_known(given.get("band", ""), BANDS),
        language=_known(given.get("language", ""), dict.fromkeys(spoken, "")),
        sounds=_known(given.get("sounds", ""), SOUNDS),
    )
    return Asked(stretch, choice, where, wheres, [("", "All languages"), *((one, tongue(one)) for one in spoken)])


def _wheres(surveys: list[Survey]) -> list[tuple[str, str]]:
    named = [(str(survey.pk), title_of(survey)) for survey in surveys]
    return [("", "Surveys and reviews"), (REVIEWS, "Reviews"), *named]


def _known(value: str, possible: Mapping[str, str]) -> str:
    return value if value in possible else ""
