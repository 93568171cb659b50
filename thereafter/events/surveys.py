from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class SurveyAsked(ShopperEvent, name="survey.asked"):
    """A question went out."""

    invitation_id: int
    survey: str


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(ShopperEvent, name="survey.answered"):
    """A person (not a link scanner) answered."""

    answer_id: int
    survey: str
    score: int
    has_comment: bool = False
    # None when the answer was given elsewhere.
    invitation_id: int | None = None
    via: str = ""


@dataclass(frozen=True, kw_only=True)
class SurveyAnswerChanged(ShopperEvent, name="survey.answer_changed"):
    """The person changed their mind or added words within the days they may; `was` is the score before."""

    answer_id: int
    survey: str
    score: int
    was: int
    has_comment: bool = False
