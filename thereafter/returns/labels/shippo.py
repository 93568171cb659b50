"""Labels by Shippo: a shipment gives rates, and a transaction buys one of them.

Their pay-on-use returns are of carriers of the US, and there Shippo turns the addresses round. Elsewhere the label is
an ordinary one, from the shopper to the shop.
"""

from collections.abc import Mapping
from typing import Any

from thereafter.commerce.connectors.discounts import Field
from thereafter.kit.money import to_minor
from thereafter.returns.labels.adapter import (
    MM_PER_CM,
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

NAME, ADDRESS = "Shippo", "https://api.goshippo.com"
_BOUGHT, _UNDER_WAY = "SUCCESS", ("QUEUED", "WAITING")


def prepare(credentials: Credentials, parcel: ParcelToSend) -> str:
    """The rate that will be bought, by its own name: by that its purchase is found again."""
    line = _line(credentials)
    is_return = text(parcel.receiver, "country") == text(parcel.sender, "country") == "US"
    shopper, shop = _address(parcel.sender, parcel.email), _address(parcel.receiver, "")
    shipment = line.made(
        line.post(
            "/shipments/",
            {
                "address_from": shop if is_return else shopper,
                "address_to": shopper if is_return else shop,
                "parcels": [_box(parcel)],
                "extra": {"is_return": True} if is_return else {},
                "metadata": parcel.reference,
                "async": False,
            },
        )
    )
    offers = _offers(shipment)
    if not offers and (why := _messages(shipment)):
        raise Refused(f"{NAME} offers no way to send this parcel: {why}")
    return choose(offers, parcel.service, NAME).id


def buy(credentials: Credentials, parcel: ParcelToSend) -> Label:
    line = _line(credentials)
    bought = _bought(line, parcel.ref)
    if bought is None:
        order = {"rate": parcel.ref, "label_file_type": "PDF", "async": False, "metadata": parcel.reference}
        bought = line.made(line.post("/transactions/", order))
    status = text(bought, "status").upper()
    if status in _UNDER_WAY:
        raise NotNow(f"{NAME} is still making the label.")
    if status != _BOUGHT:
        why = _messages(bought)
        raise (NotNow if "timeout" in str(bought.get("messages")) else Refused)(f"{NAME} made no label: {why}")
    return _label(line, bought, parcel.ref)


def cancel(credentials: Credentials, ref: str) -> None:
    line = _line(credentials)
    line.made(line.post("/refunds/", {"transaction": ref, "async": False}))


def _line(credentials: Credentials) -> Line:
    return Line(NAME, ADDRESS, credentials, f"ShippoToken {credentials['api_key']}")


def _bought(line: Line, rate: str) -> dict[str, Any] | None:
    """The purchase of this rate, done or under way."""
    found = line.made(line.get(f"/transactions/?rate={rate}&results=25")).get("results")
    for one in found if isinstance(found, list) else ():
        status = text(one, "status").upper() if isinstance(one, dict) else ""
        if status in (_BOUGHT, *_UNDER_WAY) and _rate_id(one) == rate:
            return dict(one)
    return None


def _rate_id(transaction: Mapping[str, Any]) -> str:
    rate = transaction.get("rate")
    return text(rate, "object_id") if isinstance(rate, dict) else str(rate or "")


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


def _box(parcel: ParcelToSend) -> dict[str, str]:
    sizes = (("length", parcel.length_mm), ("width", parcel.width_mm), ("height", parcel.height_mm))
    return {name: str(size / MM_PER_CM) for name, size in sizes} | {
        "distance_unit": "cm",
        "weight": str(parcel.weight_g),
        "mass_unit": "g",
    }


def _offers(shipment: Mapping[str, Any]) -> list[Offer]:
    try:
        return [_offer(one) for one in shipment.get("rates") or ()]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(f"The rates of {NAME} cannot be read.") from None


def _offer(rate: Mapping[str, Any]) -> Offer:
    service = rate.get("servicelevel") or {}
    cost = to_minor(rate["amount"], rate["currency"])
    return Offer(text(rate, "object_id"), text(rate, "provider"), text(service, "name"), cost, rate["currency"])


def _messages(document: Mapping[str, Any]) -> str:
    told = document.get("messages")
    texts = [text(one, "text") for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return " ".join(dict.fromkeys(filter(None, texts)))[:200]


def _label(line: Line, bought: Mapping[str, Any], rate_id: str) -> Label:
    number = text(bought, "tracking_number")
    if not number:
        raise NotNow(f"{NAME} has no tracking number for the label yet.")
    content, kind = line.download(text(bought, "label_url"))
    rate = bought.get("rate")
    known = rate if isinstance(rate, dict) else line.made(line.get(f"/rates/{rate_id}"))
    currency = text(known, "currency")
    return Label(
        content=content,
        content_type=kind,
        carrier=text(known, "provider"),
        tracking_number=number,
        ref=text(bought, "object_id"),
        cost_minor=to_minor(text(known, "amount"), currency) if currency else None,
        currency=currency,
    )


ADAPTER = Adapter(
    code="shippo",
    name=NAME,
    about="In Shippo, open Settings > API and copy the live token. Carriers are set up over there.",
    fields=(Field("api_key", "Live API token", "A test token makes labels that no carrier takes.", secret=True),),
    prepare=prepare,
    buy=buy,
    cancel=cancel,
)
