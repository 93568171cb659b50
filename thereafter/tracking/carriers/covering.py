"""Which of a store's accounts a parcel is asked of."""

from collections.abc import Collection, Mapping

from thereafter.tracking.carriers import karrio_poll
from thereafter.tracking.carriers.names import carrier_code
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.rules.scans import carrier_key

# Who else knows a carrier's parcels: DHL's Unified API those of DHL in Germany, and shops write plain "DHL" for these.
SIBLINGS: Mapping[str, tuple[str, ...]] = {
    "dhl": ("dhl", "dhl_parcel_de"),
    "dhl_parcel_de": ("dhl_parcel_de", "dhl"),
}


def covering(carrier: str, connected: Collection[str]) -> str:
    """The carrier's own account, else an aggregator's, else ""; `connected` are the codes of adapters."""
    if not carrier.strip():
        return ""
    code = carrier_code(carrier)
    own = next((one for one in SIBLINGS.get(code, (code,)) if one in connected), "")
    own = own or next((one for one in sorted(connected) if _is_named(one, carrier)), "")
    return own or next((one for one in sorted(connected) if _is_aggregator(one)), "")


def _is_named(code: str, carrier: str) -> bool:
    if code not in ADAPTERS or _is_aggregator(code):
        return False
    names = (code, code.removeprefix(karrio_poll.BEFORE), ADAPTERS[code].name)
    return carrier_key(carrier) in {carrier_key(name) for name in names}


# Carriers that we know by their numbers only.
NAMES: Mapping[str, str] = {
    "auspost": "Australia Post",
    "ontrac": "OnTrac",
    "inpost": "InPost",
    "yunexpress": "YunExpress",
    "gofo": "GOFO",
    "lasership": "LaserShip",
    "speedee": "Spee-Dee",
}


def carrier_name(code: str) -> str:
    """A carrier of ours as shoppers know it; any other name stays as it is."""
    if code in ADAPTERS:
        return ADAPTERS[code].name
    return NAMES.get(code) or (code.replace("_", " ").title() if code.islower() else code)


def _is_aggregator(code: str) -> bool:
    return code in ADAPTERS and ADAPTERS[code].kind == "aggregator"
