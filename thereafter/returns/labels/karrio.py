"""Labels by a Karrio server, the merchant's own or a hosted one: a draft is made, then a rate of it is bought."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from thereafter.commerce.connectors.discounts import Field
from thereafter.commerce.connectors.wire import host_of
from thereafter.kit.money import to_minor
from thereafter.returns.labels.adapter import (
    G_PER_KG,
    MM_PER_CM,
    Adapter,
    BadAccount,
    Credentials,
    Label,
    NotNow,
    Offer,
    ParcelToSend,
    Refused,
    choose,
    text,
)
from thereafter.returns.labels.wire import Line, kind_of

NAME = "Karrio"
_DRAFTS = ("draft", "created", "")


def prepare(credentials: Credentials, parcel: ParcelToSend) -> str:
    line = _line(credentials)
    shipment = {
        "shipper": _address(parcel.sender, parcel.email),
        "recipient": _address(parcel.receiver, ""),
        "parcels": [
            {
                "weight": parcel.weight_g / G_PER_KG,
                "weight_unit": "KG",
                "length": parcel.length_mm / MM_PER_CM,
                "width": parcel.width_mm / MM_PER_CM,
                "height": parcel.height_mm / MM_PER_CM,
                "dimension_unit": "CM",
            }
        ],
        "options": {"is_return": True},
        "label_type": "PDF",
        "reference": parcel.code,
        "metadata": {"reference": parcel.reference},
    }
    return text(line.made(line.post("/v1/shipments", shipment)), "id")


def buy(credentials: Credentials, parcel: ParcelToSend) -> Label:
    line = _line(credentials)
    shipment = line.made(line.get(f"/v1/shipments/{parcel.ref}"))
    if text(shipment, "status") in _DRAFTS:
        offer = choose(_offers(shipment), parcel.service, NAME)
        shipment = line.made(line.post(f"/v1/shipments/{parcel.ref}/purchase", {"selected_rate_id": offer.id}))
    return _label(line, shipment)


def cancel(credentials: Credentials, ref: str) -> None:
    line = _line(credentials)
    line.made(line.post(f"/v1/shipments/{ref}/cancel", {}))


def _line(credentials: Credentials) -> Line:
    """Karrio has no address of its own: every server has another."""
    if not host_of(credentials.get("host", "")):
        raise BadAccount("Say the address of your Karrio server: https:// and a host name.")
    return Line(NAME, "", credentials, f"Token {credentials['api_key']}")


def _address(address: Mapping[str, Any], email: str) -> dict[str, str]:
    told = {
        "person_name": text(address, "name"),
        "company_name": text(address, "company"),
        "address_line1": text(address, "line1"),
        "address_line2": text(address, "line2"),
        "city": text(address, "city"),
        "state_code": text(address, "region"),
        "postal_code": text(address, "postcode"),
        "country_code": text(address, "country"),
        "phone_number": text(address, "phone"),
        "email": email,
    }
    return {name: value for name, value in told.items() if value}


def _offers(shipment: Mapping[str, Any]) -> list[Offer]:
    try:
        return [
            Offer(
                text(one, "id"),
                text(one, "carrier_name"),
                text(one, "service").replace("_", " "),
                to_minor(one["total_charge"], one["currency"]),
                one["currency"],
            )
            for one in shipment.get("rates") or ()
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(f"The rates of {NAME} cannot be read.") from None


def _label(line: Line, shipment: Mapping[str, Any]) -> Label:
    number, rate = text(shipment, "tracking_number"), shipment.get("selected_rate") or {}
    if not number:
        raise NotNow(f"{NAME} has no tracking number for the label yet.")
    content, kind = _paper(line, shipment)
    currency = text(rate, "currency")
    return Label(
        content=content,
        content_type=kind,
        carrier=text(shipment, "carrier_name"),
        tracking_number=number,
        ref=text(shipment, "id"),
        cost_minor=to_minor(text(rate, "total_charge"), currency) if currency else None,
        currency=currency,
    )


def _paper(line: Line, shipment: Mapping[str, Any]) -> tuple[bytes, str]:
    """Newer servers send it along, older ones say where it lies, relative to themselves."""
    inside = text(shipment.get("docs") or {}, "label")
    if inside:
        try:
            content = base64.b64decode(inside, validate=True)
        except binascii.Error:
            raise NotNow(f"The label of {NAME} cannot be read.") from None
        return content, kind_of(content)
    url = text(shipment, "label_url")
    return line.download(url if "://" in url else line.address + url)


ADAPTER = Adapter(
    code="karrio",
    name=NAME,
    about="On your Karrio server, open Developers > API keys and copy the key. Carriers are set up over there.",
    fields=(
        Field("host", "Address of the server", "https:// and a host name."),
        Field("api_key", "API key", secret=True),
    ),
    prepare=prepare,
    buy=buy,
    cancel=cancel,
)
