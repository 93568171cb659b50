"""Who can give money back. By dotted names, loaded when they are needed: a provider's library may take long to load."""

from collections.abc import Collection, Mapping

from django.utils.module_loading import import_string

from thereafter.returns.payments import providers
from thereafter.returns.payments.adapters import Account, Adapter, Credentials, Holds, Pages, Provider

STRIPE, SHOPIFY, WOOCOMMERCE, CREDIT, MANUAL = "stripe", "shopify", "woocommerce", "store_credit", "manual"
_ADAPTERS = {
    STRIPE: "thereafter.returns.payments.stripe_refunds.STRIPE",
    SHOPIFY: "thereafter.returns.payments.shopify_refunds.SHOPIFY",
    WOOCOMMERCE: "thereafter.returns.payments.woo_refunds.WOOCOMMERCE",
}
_PAGES = {STRIPE: "thereafter.returns.payments.stripe_checkout.STRIPE"}
_HOLDS = {STRIPE: "thereafter.returns.payments.stripe_holds.STRIPE"}
PROVIDERS: Mapping[str, Provider] = {STRIPE: providers.STRIPE}
TITLES: Mapping[str, str] = {
    STRIPE: "Stripe",
    SHOPIFY: "Shopify",
    WOOCOMMERCE: "WooCommerce",
    CREDIT: "Store credit",
    MANUAL: "By hand",
}
# A shop system only knows its own orders.
_SHOPS = (SHOPIFY, WOOCOMMERCE)
_STRIPES_NAMES = ("pi_", "ch_", "py_")


def adapter(name: str) -> Adapter:
    """Loads an adapter; raises KeyError for one that needs no network (`store_credit`, `manual`)."""
    found: Adapter = import_string(_ADAPTERS[name])
    return found


def pages(name: str) -> Pages:
    """Loads what makes a provider's pages for paying; raises KeyError for one that has none."""
    found: Pages = import_string(_PAGES[name])
    return found


def holds(name: str) -> Holds:
    """Loads what holds amounts on cards; raises KeyError for a provider that cannot."""
    found: Holds = import_string(_HOLDS[name])
    return found


def check(name: str, credentials: Credentials) -> Account:
    """Asks a provider whether credentials are good; raises `Later` or `BadAccount`."""
    found: Account = import_string(PROVIDERS[name].check)(credentials)
    return found


def choose(*, tender: str, kind: str, source: str, connected: Collection[str], chosen: str = "") -> str:
    """Who gives a share back: store credit is ours; else what the shop chose for this way of paying, if that can be
    had; else who took the payment, if it is connected; else a person.
    """
    if tender == CREDIT:
        return CREDIT
    if chosen and _can(chosen, tender, source, connected):
        return chosen
    if chosen == MANUAL:
        return MANUAL
    able = (name for name in (STRIPE, *_SHOPS) if _can(name, tender, source, connected))
    return next(able, MANUAL)


def _can(name: str, tender: str, source: str, connected: Collection[str]) -> bool:
    if name == CREDIT:
        return True
    if name not in connected:
        return False
    return tender.startswith(_STRIPES_NAMES) if name == STRIPE else source == name
