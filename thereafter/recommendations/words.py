"""Why something is recommended, in the shopper's language."""

from django.utils.translation import gettext as _


def sentence(reason: str, because: str) -> str:
    """Plain text, in the language in force; whoever puts it into a page escapes it."""
    said = {
        "together": _("Bought together with %(title)s"),
        "bought": _("Because you bought %(title)s"),
        "also": _("Others who bought %(title)s chose this too"),
        "category": _("Popular in %(category)s"),
        "popular": _("Popular in our shop"),
        "new": _("New in our shop"),
        "pinned": _("Our recommendation"),
    }
    wanted = reason if because or reason not in {"together", "bought", "also", "category"} else "popular"
    return said.get(wanted, said["popular"]) % {"title": because, "category": because}
