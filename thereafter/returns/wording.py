"""The sentences of the rules in the reader's language."""

from django.utils.translation import get_language, gettext

from thereafter.kit.pages import day
from thereafter.returns.rules.sentences import Said


def told(said: Said | None) -> str:
    """A sentence in the language of the page; "" when there is none."""
    if said is None:
        return ""
    return said.told(get_language() or "en", gettext, day)
