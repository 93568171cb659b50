"""Every adapter there is, by its code."""

from collections.abc import Mapping

from thereafter.tracking.carriers import (
    aftership,
    canada_post,
    correios,
    csv,
    dhl,
    dhl_parcel_de,
    dpd,
    easypost,
    fedex,
    gls,
    karrio_poll,
    ours,
    postnl,
    royal_mail,
    seventeentrack,
    shipengine,
    shippo,
    shopify,
    ups,
    usps,
    woocommerce_tracking,
)
from thereafter.tracking.carriers.adapter import Adapter

_ALL: tuple[Adapter, ...] = (
    ups.ADAPTER,
    fedex.ADAPTER,
    usps.ADAPTER,
    dhl.ADAPTER,
    dhl_parcel_de.ADAPTER,
    canada_post.ADAPTER,
    royal_mail.ADAPTER,
    dpd.ADAPTER,
    gls.ADAPTER,
    correios.ADAPTER,
    postnl.ADAPTER,
    aftership.ADAPTER,
    easypost.ADAPTER,
    shippo.ADAPTER,
    seventeentrack.ADAPTER,
    shipengine.ADAPTER,
    shopify.ADAPTER,
    woocommerce_tracking.ADAPTER,
    ours.ADAPTER,
    csv.ADAPTER,
    *karrio_poll.adapters(),
)
ADAPTERS: Mapping[str, Adapter] = {adapter.code: adapter for adapter in _ALL}
