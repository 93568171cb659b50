"""Labels by EasyPost: a shipment is made, its cheapest (or preferred) rate is bought, and the label is fetched."""

import base64
from collections.abc import Mapping
from typing import Any

from thereafter.commerce.connectors.discounts import Field
from thereafter.kit.money import to_minor
from thereafter.returns.labels.adapter import (
    G_PER_OUNCE,
    MM_PER_INCH,
    Adapter,
    Credentials,
    Label,
    NotNow,
    Offer,
    ParcelToSend,
    Refused,
    choose,
    text,
)
from thereafter.returns.labels.wire import Line

NAME, ADDRESS = "EasyPost", "https://api.easypost.com/v2"


def prepare(credentials: Credentials, parcel: ParcelToSend) -> str:
    """A shipment, whose addresses EasyPost turns round because it is a return. Costs nothing until it is bought."""
    line = _line(credentials)
    shipment = {
        "reference": parcel.reference,
        "is_return": True,
        "to_address": _address(parcel.sender, parcel.email),
        "from_address": _address(parcel.receiver, ""),
        "parcel": {
            "weight": round(parcel.weight_g / G_PER_OUNCE, 1),
            **{
                name: round(size / MM_PER_INCH, 1)
                for name, size in (
                    ("length", parcel.length_mm), ("width", parcel.width_mm), ("height", parcel.height_mm),
                )
            },
        },
        "options": {"label_format": "PDF", "print_custom_1": parcel.code, "print_custom_2": parcel.orders[:35]},
    }  # fmt: skip
    return text(line.made(line.post("/shipments", {"shipment": shipment})), "id")


def buy(credentials: Credentials, parcel: ParcelToSend) -> Label:
    line = _line(credentials)
    shipment = line.made(line.get(f"/shipments/{parcel.ref}"))
    if not shipment.get("postage_label"):
        offer = choose(_offers(shipment), parcel.service, NAME)
        answer = line.post(f"/shipments/{parcel.ref}/buy", {"rate": {"id": offer.id}})
        if "POSTAGE.EXISTS" in str(answer.document):
            answer = line.get(f"/shipments/{parcel.ref}")
        shipment = line.made(answer)
    return _label(line, shipment)


def cancel(credentials: Credentials, ref: str) -> None:
    line = _line(credentials)
    line.made(line.post(f"/shipments/{ref}/refund", {}))


def _line(credentials: Credentials) -> Line:
    key = base64.b64encode(f"{credentials['api_key']}:".encode()).decode()
    return Line(NAME, ADDRESS, credentials, f"Basic {key}")


def _address(address: Mapping[str, Any], email: str) -> dict[str, str]:
    return {
        "name": text(address, "name"),
        "company": text(address, "company"),
        "street1": text(address, "line1"),
        "street2": text(address, "line2"),
        "city": text(address, "city"),
        "state": text(address, "region"),
        "zip": text(address, "postcode"),
        "country": text(address, "country"),
        "phone": text(address, "phone"),
        "email": email,
    }


def _offers(shipment: Mapping[str, Any]) -> list[Offer]:
    try:
        return [
            Offer(
                text(one, "id"),
                text(one, "carrier"),
                text(one, "service"),
                to_minor(one["rate"], one["currency"]),
                one["currency"],
            )
            for one in shipment.get("rates") or ()
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(f"The rates of {NAME} cannot be read.") from None


def _label(line: Line, shipment: Mapping[str, Any]) -> Label:
    postage, rate = shipment.get("postage_label") or {}, shipment.get("selected_rate") or {}
    number = text(shipment, "tracking_code")
    if not number:
        raise NotNow(f"{NAME} has no tracking number for the label yet.")
    content, kind = line.download(text(postage, "label_pdf_url") or text(postage, "label_url"))
    currency = text(rate, "currency")
    return Label(
        content=content,
        content_type=kind,
        carrier=text(rate, "carrier"),
        tracking_number=number,
        ref=text(shipment, "id"),
        cost_minor=to_minor(text(rate, "rate"), currency) if currency else None,
        currency=currency,
    )


ADAPTER = Adapter(
    code="easypost",
    name=NAME,
    about="In EasyPost, open Account > API keys and copy the production key. Carriers are set up over there.",
    fields=(
        Field("api_key", "Production API key", "A test key makes labels that no carrier takes.", secret=True),
    ),
    prepare=prepare,
    buy=buy,
    cancel=cancel,
)  # fmt: skip
