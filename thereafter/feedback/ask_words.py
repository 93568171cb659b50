"""How the console says why somebody was not asked."""

from thereafter.feedback.actions import answering
from thereafter.feedback.models import Ask
from thereafter.feedback.queries import review_asks
from thereafter.feedback.rules import budget

WHY = {
    budget.NOT_YET: "It is not due yet",
    budget.TOO_LATE: "The moment to ask had passed",
    budget.HELD_OUT: "In the group that is never asked",
    budget.BUDGET: "Asked as often as the budget allows",
    budget.ASKED_LATELY: "They were asked something a few days before",
    budget.ANSWERED_LATELY: "They answered something a few days before",
    budget.SAME_AGAIN: "They were asked the same not long before",
    budget.PREFERRED: "Something more important was asked",
    budget.MATTER: "Something was open: a return, a ticket, a parcel in trouble",
    budget.NO_ADDRESS: "We have no address",
    budget.GONE: "There was nothing to ask about any more",
    answering.ANSWERED: "They have answered it already",
    review_asks.ORDER_GONE: "The order was cancelled or paid back",
    review_asks.COUNTRY: "You ask nobody for reviews in their country",
    review_asks.REVIEWED: "They have reviewed it already",
    review_asks.OFF: "You ask nobody for reviews",
}
QUIET = {
    "return": "a return or an exchange is open",
    "claim": "a claim is open",
    "ticket": "a support ticket is open",
    "follow_up": "a bad answer is being put right (reviews are asked all the same: scores decide nothing there)",
    "problem": "a parcel is in trouble",
}


def why(reason: str) -> str:
    return WHY.get(reason, reason.replace("_", " ").capitalize())


def what(ask: Ask) -> str:
    """The survey's name, or what else it is."""
    if ask.survey is None:
        return ask.get_what_display()
    name = str(ask.survey).replace("_", " ")
    return name[:1].upper() + name[1:]
