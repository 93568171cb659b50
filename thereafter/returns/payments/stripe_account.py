"""Connecting Stripe: what is typed in, and what Stripe says of it. Loads Stripe's library, so it is loaded late."""

from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from thereafter.returns.payments.adapters import Account, BadAccount, Credentials, Later, Refusal

A = TypeVar("A")
TOO_MANY, CONFLICT, BROKEN = 429, 409, 500


def client(credentials: Credentials) -> Any:
    """Stripe's own retries keep the key, but we count tries ourselves."""
    address = address_of(credentials)
    addresses: Any = {"api": address} if address else None
    return stripe.StripeClient(credentials["secret_key"], base_addresses=addresses, max_network_retries=0)


def address_of(credentials: Credentials) -> str:
    """Where Stripe is asked; "" is Stripe itself. Tests point it to this machine."""
    return credentials.get("address", "")


def asking(call: Callable[[], A]) -> A:
    """Carries a call out; what Stripe raises becomes `Later`, `Refusal` or `BadAccount`."""
    try:
        return call()
    except (stripe.AuthenticationError, stripe.PermissionError) as wrong:
        raise BadAccount(f"Stripe refuses our key: {_said(wrong)}") from None
    except stripe.RateLimitError as wrong:
        raise Later(f"Stripe has no time for us: {_said(wrong)}", 5) from None
    except (stripe.APIConnectionError, stripe.IdempotencyError) as wrong:
        raise Later(f"Stripe could not be reached: {_said(wrong)}") from None
    except stripe.StripeError as wrong:
        status = wrong.http_status or BROKEN
        if status >= BROKEN or status in (CONFLICT, TOO_MANY):
            raise Later(f"Stripe is not well: {_said(wrong)}") from None
        raise Refusal(_said(wrong)) from None


def _said(wrong: stripe.StripeError) -> str:
    return (wrong.user_message or str(wrong))[:250]


def check(credentials: Credentials) -> Account:
    """The account's name. Raises `BadAccount` for a key that is not good, `Later` when Stripe cannot be asked now."""
    key = credentials.get("secret_key", "")
    if not key.startswith(("sk_", "rk_")):
        raise BadAccount("This is not a secret key: those begin with sk_ or rk_.")
    found = asking(client(credentials).v1.balance.retrieve)
    is_test = not bool(getattr(found, "livemode", "_live_" in key))
    return Account(title=f"Key ending in {key[-4:]}", is_test=is_test)
