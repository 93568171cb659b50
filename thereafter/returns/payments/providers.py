"""What connecting a provider takes, without loading its library."""

from thereafter.commerce.connectors.discounts import Field
from thereafter.returns.payments.adapters import Provider

STRIPE = Provider(
    title="Stripe",
    about="Gives card and wallet payments back that Stripe took, and takes what an exchange costs more.",
    fields=(
        Field(
            "secret_key",
            "Secret key",
            "In Stripe under Developers, API keys: a restricted key that may write refunds and Checkout sessions and "
            "read the balance is enough.",
            secret=True,
        ),
        Field(
            "webhook_secret",
            "Signing secret of the webhook",
            "Begins with whsec_. With it Stripe tells us at once when a shopper paid, and when a bank took a refund.",
            secret=True,
            required=False,
        ),
    ),
    check="thereafter.returns.payments.stripe_account.check",
)
