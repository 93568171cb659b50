"""The tables of tracking, by noun."""

from thereafter.tracking.models.carriers import CarrierAccount, CarrierCode, NumberChoice, PollPlan
from thereafter.tracking.models.flags import CarrierClaim, Flag, Report
from thereafter.tracking.models.parcels import Parcel, ParcelItem, ParcelQuerySet, Scan
from thereafter.tracking.models.promises import ForecastTable, Promise
from thereafter.tracking.models.settings import TrackingSettings
from thereafter.tracking.models.sharing import Notice, Subscription, WalletKey

__all__ = [
    "CarrierAccount",
    "CarrierClaim",
    "CarrierCode",
    "Flag",
    "ForecastTable",
    "Notice",
    "NumberChoice",
    "Parcel",
    "ParcelItem",
    "ParcelQuerySet",
    "PollPlan",
    "Promise",
    "Report",
    "Scan",
    "Subscription",
    "TrackingSettings",
    "WalletKey",
]
