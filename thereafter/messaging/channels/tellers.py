"""How each provider of e-mail tells what became of letters: who reads its calls, what proves them, and what a merchant
does over there to turn them on."""

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.core.handlers.wsgi import WSGIRequest

from thereafter.kit import tokens

_HARD_CLASSES = frozenset({"10", "30", "90"})  # SparkPost: no such recipient, nobody there, unsubscribed


class _Ses(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # anymail has no types
    """Without Amazon's library, which is only there to confirm a subscription: a merchant does that with a click."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        AnymailBaseWebhookView.__init__(self, **kwargs)


class _Resend(ResendTrackingWebhookView):  # type: ignore[misc]  # anymail has no types
    """Its signature is checked here: the library that anymail would use for that is not among ours."""

    warn_if_no_basic_auth = False

    def __init__(self, **kwargs: Any) -> None:
        self._svix_webhook, self.secret = None, kwargs.pop("secret", "")
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def validate_request(self, request: WSGIRequest) -> None:
        if not is_signed_by_svix(self.secret, request):
            raise AnymailWebhookValidationFailure("not signed with this secret")


class _Mandrill(MandrillCombinedWebhookView):  # type: ignore[misc]  # anymail has no types
    """Mandrill tells of deliveries too, which came after anymail's list."""

    event_types: ClassVar[dict[str, str]] = {**MandrillCombinedWebhookView.event_types, "delivered": "delivered"}


def is_signed_by_svix(secret: str, request: WSGIRequest) -> bool:
    """Base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>", keyed with what stands after whsec_."""
    name, at = request.headers.get("svix-id", ""), request.headers.get("svix-timestamp", "")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"))
    except ValueError:
        return False
    signed = hmac.digest(key, f"{name}.{at}.".encode() + request.body, "sha256")
    wanted = base64.b64encode(signed).decode()
    given = [part.partition(",")[2] for part in request.headers.get("svix-signature", "").split(" ")]
    return any(tokens.same(wanted, one) for one in given)


@dataclass(frozen=True)
class Teller:
    """How a provider tells: `reader` reads it, `secret` names what the reader wants of it. With "ours" the provider
    signs nothing: a secret that we make stands in the address."""

    name: str
    reader: Callable[..., Any]
    secret: str
    steps: Sequence[str]
    # Whether a bounce of this event is for ever.
    hard: Callable[[Any], bool]

    @property
    def is_ours(self) -> bool:
        return self.secret == OURS


OURS = "webhook_secret"
_EVENTS = "delivery, bounce, spam complaint, open and click"


def value_at(event: Any, *path: str) -> str:
    found = event
    for name in path:
        found = found.get(name) if hasattr(found, "get") else None
    return "" if found is None else str(found)


TELLERS: dict[str, Teller] = {
    "amazon_ses": Teller(
        "Amazon SES",
        _Ses,
        OURS,
        (
            "In Amazon SNS, create a topic (Standard), and in SES a configuration set that publishes deliveries, "
            "bounces, complaints and rejects to it. Make it the default of your sending identity.",
            "Add a subscription to the topic: protocol HTTPS, the address below as the endpoint, raw message delivery "
            "off.",
            "Come back here after a minute and confirm the subscription.",
        ),
        lambda event: value_at(event, "bounce", "bounceType") == "Permanent",
    ),
    "brevo": Teller(
        "Brevo",
        BrevoTrackingWebhookView,
        OURS,
        (
            "In Brevo, open Transactional, Settings, Webhook, Add a new webhook.",
            f"Paste the address below and choose the events {_EVENTS}, blocked and invalid.",
        ),
        lambda event: value_at(event, "event") in {"hard_bounce", "invalid_email"},
    ),
    "mailersend": Teller(
        "MailerSend",
        MailerSendTrackingWebhookView,
        "signing_secret",
        (
            "In MailerSend, open Domains, your domain, Webhooks, Create webhook.",
            f"Endpoint is the address below; choose the events {_EVENTS}.",
            "Copy the signing secret that it shows, and paste it here.",
        ),
        lambda event: value_at(event, "type").endswith("hard_bounced"),
    ),
    "mailgun": Teller(
        "Mailgun",
        MailgunTrackingWebhookView,
        "webhook_signing_key",
        (
            "In Mailgun, open Send, Webhooks, and choose your domain.",
            "Add the address below for delivered, permanent and temporary failure, spam complaint, opened and clicked.",
            "Copy the HTTP webhook signing key (API security), and paste it here.",
        ),
        lambda event: value_at(event, "event-data", "severity") == "permanent",
    ),
    "mailjet": Teller(
        "Mailjet",
        MailjetTrackingWebhookView,
        OURS,
        (
            "In Mailjet, open Account settings, Event notifications (webhooks).",
            "Paste the address below for sent, open, click, bounce, spam, blocked and unsub, and group events.",
        ),
        lambda event: value_at(event, "hard_bounce").lower() in {"true", "1"},
    ),
    "mailtrap": Teller(
        "Mailtrap",
        MailtrapTrackingWebhookView,
        "tracking_secret",
        (
            "In Mailtrap, open Settings, Webhooks, Create new webhook, format JSON.",
            f"Webhook URL is the address below; choose {_EVENTS}.",
            "Copy the signature secret, and paste it here.",
        ),
        lambda event: value_at(event, "event") == "bounce",
    ),
    "mandrill": Teller(
        "Mandrill (Mailchimp Transactional)",
        _Mandrill,
        "webhook_key",
        (
            "In Mandrill, open Settings, Webhooks, Add a webhook.",
            "Post to the address below; choose delivered, soft- and hard-bounced, opened, clicked, marked as spam, "
            "rejected.",
            "Copy the key that stands beside the webhook, and paste it here.",
        ),
        lambda event: value_at(event, "event") == "hard_bounce",
    ),
    "postmark": Teller(
        "Postmark",
        PostmarkTrackingWebhookView,
        OURS,
        (
            "In Postmark, open your server, the message stream, Webhooks, Add webhook.",
            f"Paste the address below and choose {_EVENTS}.",
        ),
        lambda event: value_at(event, "Type") in {"HardBounce", "BadEmailAddress", "ManuallyDeactivated"},
    ),
    "resend": Teller(
        "Resend",
        _Resend,
        "secret",
        (
            "In Resend, open Webhooks, Add webhook.",
            "Endpoint URL is the address below; choose all events of e-mails.",
            "Copy the signing secret (whsec_…), and paste it here.",
        ),
        lambda event: value_at(event, "data", "bounce", "type") == "Permanent",
    ),
    "sendgrid": Teller(
        "SendGrid",
        SendGridTrackingWebhookView,
        "tracking_webhook_verification_key",
        (
            "In SendGrid, open Settings, Mail settings, Event webhooks, Create new webhook.",
            f"Post URL is the address below; choose {_EVENTS}, and turn on the signed event webhook.",
            "Copy the verification key, and paste it here.",
        ),
        lambda event: value_at(event, "event") == "bounce" and value_at(event, "type") != "blocked",
    ),
    "sparkpost": Teller(
        "SparkPost",
        SparkPostTrackingWebhookView,
        OURS,
        (
            "In SparkPost, open Configuration, Webhooks, Create webhook.",
            f"Target is the address below; choose the events {_EVENTS}.",
        ),
        lambda event: value_at(event, "msys", "message_event", "bounce_class") in _HARD_CLASSES,
    ),
    "unisender_go": Teller(
        "Unisender Go",
        UnisenderGoTrackingWebhookView,
        "api_key",
        (
            "In Unisender Go, open Settings, Webhooks, and add the address below, format JSON POST.",
            "It signs with your API key: paste that key here.",
        ),
        lambda event: value_at(event, "event_data", "status") == "hard_bounced",
    ),
}
