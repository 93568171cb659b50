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
