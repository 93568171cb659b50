"""The code of a return as a picture, for mails: mail programs show no SVG."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.returns.labels import phone
from thereafter.returns.labels.barcodes import qr_png
from thereafter.returns.models import Case, ReturnParcel
from thereafter.returns.storefront.doors import case_holder
from thereafter.storefront.guards import ShopperRequest, refuse


@require_safe
@case_holder
def code(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """What a counter scans; the newest parcel of the case that was not given up."""
    rows = ReturnParcel.objects.of(case.store_id).filter(links__case=case).exclude(state="cancelled")
    parcel = rows.order_by("-pk").first()
    if parcel is None:
        return refuse(request, 404)
    content = qr_png(phone.make(phone.counter_key(case.store_id), parcel.code))
    return HttpResponse(content, content_type="image/png")
