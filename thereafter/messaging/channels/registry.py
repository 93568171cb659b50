"""The channels there are. A new one is a file beside this one that ends in a `Kind`, and its line here."""

from thereafter.messaging.channels import email, hook, push, sms, team, ticket, whatsapp
from thereafter.messaging.channels.letters import Account, Channel, Kind, Provider

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (email.KIND, sms.KIND, whatsapp.KIND, push.KIND, ticket.KIND, team.KIND, hook.KIND)
}
TO_CUSTOMERS = tuple(kind.name for kind in KINDS.values() if kind.to_customers)


def opened(account: Account) -> Channel:
    """The channel of an account; each keeps its connections. Raises `ValueError` for what cannot be opened."""
    return KINDS[account.channel].open(account)


def label(name: str) -> str:
    return KINDS[name].label if name in KINDS else name


def provider(channel: str, code: str) -> Provider | None:
    return next((one for one in KINDS[channel].providers if one.code == code), None) if channel in KINDS else None
