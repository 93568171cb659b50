"""The card as a store card for Apple Wallet. Pure: facts and a certificate in, bytes out."""

from typing import Any

from thereafter.kit import passes
from thereafter.kit.passes import Signer, field
from thereafter.loyalty.wallet.card import Card


def package(card: Card, by: Signer) -> bytes:
    """The .pkpass."""
    return passes.package(document(card, by), passes.icons(_star, card.colour, card.on_colour), by)


def document(card: Card, by: Signer) -> dict[str, Any]:
    about = passes.signed_by(
        by,
        serial=card.serial,
        shop=card.shop,
        description=card.programme,
        colours=(card.colour, card.on_colour),
    )
    barcode = {
        "format": "PKBarcodeFormatQR",
        "message": card.code,
        "messageEncoding": "iso-8859-1",
        "altText": card.number,
    }
    secondary = [field("member", "", card.member)] if card.member else []
    if card.tier:
        secondary.append(field("tier", card.tier_label, card.tier))
    return about | {
        # Both: phones before iOS 9 know the singular only.
        "barcode": barcode,
        "barcodes": [barcode],
        "sharingProhibited": True,
        "storeCard": {
            "primaryFields": [{"key": "points", "label": card.points_label, "value": card.points}],
            "secondaryFields": secondary,
            "backFields": [field("page", card.page_label, card.page)],
        },
    }


def _star(size: int, x: int, y: int) -> bool:
    """A four-pointed star in the middle."""
    reach = size * 0.38
    across, down = abs(x + 0.5 - size / 2) / reach, abs(y + 0.5 - size / 2) / reach
    return bool(across**0.6 + down**0.6 < 1)
