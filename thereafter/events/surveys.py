"""What people were asked and said. `kind` is csat (1 to 5), nps (0 to 10), ces (1 to 7) or form (no score)."""

from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class SurveyAsked(ShopperEvent, name="survey.asked"):
    """A question went out."""

    invitation_id: int
    survey: str
    kind: str = "csat"


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(ShopperEvent, name="survey.answered"):
    """A person (not a link scanner) answered. `band` is low, middle or high; "" without a score."""

    answer_id: int
    survey: str
    # None where the survey asks for no score.
    score: int | None
    has_comment: bool = False
    # None when the answer was given elsewhere.
    invitation_id: int | None = None
    via: str = ""
    kind: str = "csat"
    band: str = ""


@dataclass(frozen=True, kw_only=True)
class SurveyAnswerChanged(ShopperEvent, name="survey.answer_changed"):
    """The person changed their mind or added words within the days they may; `was` is the score before."""

    answer_id: int
    survey: str
    score: int | None
    was: int | None
    has_comment: bool = False
    kind: str = "csat"
    band: str = ""


@dataclass(frozen=True, kw_only=True)
class SurveyFinished(ShopperEvent, name="survey.finished"):
    """The last question of a survey with several was answered."""

    answer_id: int
    survey: str
    score: int | None
    has_comment: bool = False
    kind: str = "csat"
    band: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUpOpened(ShopperEvent, name="follow_up.opened"):
    """Somebody is unhappy and a person of the shop should answer by `due_by` (ISO time); a help desk opens a ticket.

    `opened_for`: low_score, review or by_hand. `parcel` says where the parcel is, in the shop's words.
    """

    follow_up_id: int
    opened_for: str
    due_by: str
    answer_id: int | None = None
    review_id: int | None = None
    survey: str = ""
    score: int | None = None
    comment: str = ""
    order_number: str = ""
    parcel: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUpReplied(ShopperEvent, name="follow_up.replied"):
    """A person of the shop wrote to the customer; the message goes out by itself."""

    follow_up_id: int
    note_id: int


@dataclass(frozen=True, kw_only=True)
class FollowUpOverdue(ShopperEvent, name="follow_up.overdue"):
    """Nobody answered in time."""

    follow_up_id: int
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUpClosed(ShopperEvent, name="follow_up.closed"):
    """It is over: resolved (`outcome` says how) or closed without an outcome."""

    follow_up_id: int
    resolved: bool
    reason: str = ""
    outcome: str = ""
