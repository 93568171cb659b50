"""How the portal names outcomes, ways back and moments; and what a way back needs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from thereafter.returns.rules import reasons
from thereafter.returns.wording import told

OUTCOMES = {
    "exchange_variant": ("refresh", gettext_noop("Another size or colour")),
    "exchange_product": ("tag", gettext_noop("Another product")),
    "exchange_shop": ("bag", gettext_noop("Anything from the shop")),
    "replacement": ("parcel", gettext_noop("The same again, new")),
    "repair": ("settings", gettext_noop("Repair")),
    "store_credit": ("gift", gettext_noop("Store credit")),
    "refund": ("card", gettext_noop("Money back")),
    "keep": ("heart", gettext_noop("Keep it")),
    "donate": ("people", gettext_noop("Give it to somebody who can use it")),
}
METHODS = {
    "label": ("tag", gettext_noop("Print a label"), gettext_noop("Print it, stick it on, hand it in.")),
    "qr": ("phone", gettext_noop("Show a code"), gettext_noop("Nothing to print: show the code where you hand it in.")),
    "counter": (
        "pin",
        gettext_noop("Bring it to a counter"),
        gettext_noop("They scan your code, and you are done. No box needed."),
    ),
    "pickup": ("truck", gettext_noop("Have it collected"), gettext_noop("We collect it at your door.")),
    "own_carrier": (
        "parcel",
        gettext_noop("Send it yourself"),
        gettext_noop("With the carrier you like, at your own cost."),
    ),
}
RELEASES = {
    "at_once": gettext_noop("at once"),
    "dropped_off": gettext_noop("as soon as you have handed it in"),
    "in_transit": gettext_noop("as soon as the carrier has it"),
    "received": gettext_noop("as soon as it has arrived here"),
    "inspected": gettext_noop("as soon as we have looked at it"),
}


__all__ = ["METHODS", "OUTCOMES", "RELEASES", "outcome", "reason_choices", "told"]


def outcome(name: str) -> str:
    return _(OUTCOMES[name][1])


def reason_choices(group: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The tree of reasons for a kind of goods: [(question, [(key, reason)])]."""
    return [(_(branch.text), [(one.key, _(one.text)) for one in branch.reasons]) for branch in reasons.tree(group)]
