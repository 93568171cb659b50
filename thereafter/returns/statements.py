"""The words of a declaration of withdrawal: what is sent, word for word, and the moment that is confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date, format_datetime
from django.utils.translation import gettext as _

from thereafter.kit.clock import zone
from thereafter.returns.rules.legal import law
from thereafter.stores.models import Store


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What somebody declares. `picks` are units of the order's lines, by their external ids; `titles` their names, in
    the same order; `items` is what the shopper wrote instead. With neither, the whole contract is meant."""

    name: str
    contract: str
    email: str = ""
    postcode: str = ""
    items: str = ""
    picks: tuple[tuple[str, int], ...] = ()
    titles: tuple[str, ...] = ()


def labels(language: str) -> tuple[str, str]:
    """What the law calls the link, and the button that confirms."""
    return law.current().labels(language)


def written(declared: Declared, store: Store) -> str:
    """The statement as it goes to the shop, after the model form of Directive 2011/83, Annex I(B); in the language in
    force."""
    to = ", ".join(part for part in (store.name, *store.legal_address.splitlines()) if part)
    lines = [
        _("To: %(shop)s") % {"shop": to},
        _("I hereby withdraw from my contract of sale of the following goods."),
        _("Contract: %(contract)s") % {"contract": declared.contract},
        _("Goods: %(goods)s") % {"goods": _goods(declared)},
        _("Name: %(name)s") % {"name": declared.name},
    ]
    if declared.email:
        lines.append(_("E-mail for the confirmation: %(email)s") % {"email": declared.email})
    if declared.postcode:
        lines.append(_("Postcode: %(postcode)s") % {"postcode": declared.postcode})
    return "\n".join(lines)


def _goods(declared: Declared) -> str:
    if declared.picks:
        units = zip(declared.picks, declared.titles, strict=True)
        return "; ".join(f"{quantity} × {title}" for (_line, quantity), title in units)
    return " ".join(declared.items.split()) or _("everything in this contract")


def in_language(language: str) -> str:
    """ "de-AT" as "de"; our words are by language."""
    return language.split("-", maxsplit=1)[0]


def exact(moment: datetime, zone_name: str, language: str) -> str:
    """A moment to the second, with the zone's distance from UTC, as people of a language write it."""
    local, locale = moment.astimezone(zone(zone_name)), language.replace("-", "_")
    day, time = format_date(local.date(), "long", locale=locale), f"{local:%H:%M:%S}"
    if zone_name == "UTC":
        return f"{day}, {time} (UTC)"
    return f"{day}, {time} (UTC{format_datetime(local, 'xxx', locale=locale)}, {zone_name})"


def receipt_text(text: str, moment: str, shop: str) -> str:
    """The confirmation as a plain file that can be kept."""
    head: Sequence[str] = (
        _("Confirmation of receipt of a withdrawal"),
        _("%(shop)s received this declaration on %(moment)s.") % {"shop": shop, "moment": moment},
    )
    return "\n\n".join([*head, text]) + "\n"
