"""What stands on labels and slips, in the shopper's language."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext as _


def words(language: str) -> Mapping[str, str]:
    """By key, for the paper's template."""
    with translation.override(language):
        return {
            "from": _("From"),
            "to": _("To"),
            "returns": _("Returns"),
            "order": _("Order"),
            "orders": _("Orders"),
            "send_by": _("Send it by"),
            "cut": _("Cut here"),
            "stick": _("Stick this part on the parcel, over all older labels."),
            "no_postage": _("This label is not paid postage: take the parcel to a carrier and keep the receipt."),
            "slip": _("Packing slip"),
            "put_inside": _("Put this page into the parcel, on top of the items, so that we know what came."),
            "only_these": _("Put only these items into this parcel."),
            "item": _("Item"),
            "quantity": _("Quantity"),
            "reason": _("Reason"),
            "parcel": _("Parcel"),
            "page": _("Page"),
        }
