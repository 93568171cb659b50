"""A return parcel as its papers show it."""

from collections import defaultdict

from django.utils import translation
from django.utils.translation import gettext

from thereafter.kit.pages import day
from thereafter.returns.labels.paper import Item, Packed, Sheet
from thereafter.returns.models import CaseUnit, ReturnParcel
from thereafter.returns.rules import reasons
from thereafter.storefront.shell import choose_language


def sheet_of(parcel: ReturnParcel) -> Sheet:
    """Three queries, whatever is in it. The language is the first case's, else the shop's."""
    cases = list(parcel.cases.select_related("order").order_by("pk"))
    units = CaseUnit.objects.of(parcel.store_id).filter(case__in=cases, is_live=True).select_related("line")
    of_case: dict[int, dict[tuple[int, str], list[CaseUnit]]] = defaultdict(lambda: defaultdict(list))
    for unit in units.order_by("line_id", "place"):
        of_case[unit.case_id][unit.line_id, unit.reason].append(unit)
    store = parcel.store
    language = choose_language(cases[0].locale if cases else "", store.locale)
    with translation.override(language):
        return Sheet(
            shop=store.name,
            code=parcel.code,
            language=language,
            sender=parcel.sender,
            receiver=parcel.receiver,
            cases=[
                Packed(case.number, case.order.number, [_item(alike) for alike in of_case[case.pk].values()])
                for case in cases
            ],
            send_by=day(parcel.send_by) if parcel.send_by else "",
        )


def _item(alike: list[CaseUnit]) -> Item:
    """Units of one line that come back for one reason."""
    unit = alike[0]
    reason = gettext(reasons.reason(unit.reason).text) if unit.reason else ""
    return Item(unit.line.title, len(alike), unit.line.variant_title, unit.line.sku, reason)
