"""Surveys, reviews and questions: what is asked of whom, what they say, and what the shop does about it."""

from thereafter.feedback.models.answers import Answer, AnswerPhoto, Hit, Invitation, Revision
from thereafter.feedback.models.asks import Ask, AskDecision, Budget, OpenMatter
from thereafter.feedback.models.imports import BroughtReview, RefusedReview, ReviewImport
from thereafter.feedback.models.letters import ReviewLetter
from thereafter.feedback.models.loop import FollowUp, FollowUpNote
from thereafter.feedback.models.moderation import Appeal, Decision, Report, Vote
from thereafter.feedback.models.questions import ProductAnswer, ProductQuestion, QuestionMail
from thereafter.feedback.models.review_confirmations import ReviewConfirmation
from thereafter.feedback.models.review_rules import GroupedProduct, ReviewGroup, ReviewRule, ReviewSettings
from thereafter.feedback.models.reviews import (
    Rating,
    RequestedProduct,
    Review,
    ReviewPhoto,
    ReviewRequest,
    ReviewThanks,
    ReviewVersion,
)
from thereafter.feedback.models.surveys import OpenLink, Survey, SurveyVersion
from thereafter.feedback.models.themes import Said, TextModel, Theme
from thereafter.feedback.models.widgets import WidgetSettings

__all__ = [
    "Answer",
    "AnswerPhoto",
    "Appeal",
    "Ask",
    "AskDecision",
    "BroughtReview",
    "Budget",
    "Decision",
    "FollowUp",
    "FollowUpNote",
    "GroupedProduct",
    "Hit",
    "Invitation",
    "OpenLink",
    "OpenMatter",
    "ProductAnswer",
    "ProductQuestion",
    "QuestionMail",
    "Rating",
    "RefusedReview",
    "Report",
    "RequestedProduct",
    "Review",
    "ReviewConfirmation",
    "ReviewGroup",
    "ReviewImport",
    "ReviewLetter",
    "ReviewPhoto",
    "ReviewRequest",
    "ReviewRule",
    "ReviewSettings",
    "ReviewThanks",
    "ReviewVersion",
    "Revision",
    "Said",
    "Survey",
    "SurveyVersion",
    "TextModel",
    "Theme",
    "Vote",
    "WidgetSettings",
]
