"""What authors read of decisions about their reviews, in the language in force. None of it is about sentiment."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# By the codes of `rules.moderation`.
TOLD = {
    "personal_data": gettext_noop(
        "It contains personal details, such as a name, an address or a telephone number. Leave them out, and we will "
        "show your review."
    ),
    "abuse": gettext_noop(
        "It contains insults or threats against people. Harsh words about the product are welcome; please put it "
        "without them."
    ),
    "obscenity": gettext_noop("It contains sexual or violent content."),
    "off_topic": gettext_noop("It is not about this product."),
    "not_about_product": gettext_noop(
        "It is about delivery or our service, and stands beside the product. We have taken it up as a matter to put "
        "right and will write to you. What you say about the product itself we will show."
    ),
    "fake": gettext_noop("We have reason to believe that it does not come from somebody who used this product."),
    "conflict_of_interest": gettext_noop(
        "It seems to come from somebody who works for us or for a competitor, or was paid for it."
    ),
    "spam": gettext_noop("It contains advertising or links to other offers."),
    "duplicate": gettext_noop("The same review of yours is shown already."),
    "copyright": gettext_noop("Somebody who owns the rights to the words or pictures has objected."),
    "illegal": gettext_noop("We have been told that it breaks the law, and have to take it down."),
    "imported_hidden": gettext_noop("It was hidden before it came to us, and has not been looked at again yet."),
}


def told(reason: str) -> str:
    """Why something is hidden, for its author."""
    return _(TOLD[reason]) if reason in TOLD else ""


def outcome(upheld: bool) -> str:
    if upheld:
        return _("You were right. What you wrote is shown again.")
    return _("We looked at it again, and it stays hidden.")


def object_to_it() -> str:
    return _("Object to this")


def take_it_back() -> str:
    return _("See the change, and take it back if you like")


def look_at_it() -> str:
    return _("Look at your review")
