"""The providers of e-mail that anymail speaks to: what each wants to know, and what it can take at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives

from thereafter.messaging.channels.letters import Field, Provider


@dataclass(frozen=True)
class Batch:
    """How a provider takes many letters in one call: where, and how its answer comes apart again."""

    most: int
    path: Callable[[str], str]
    join: Callable[[list[Any]], Any]
    split: Callable[[Any], list[Any]]


@dataclass(frozen=True)
class Api(Provider):
    """`batch` where many letters go in one call; `repeat` puts into a letter what keeps its repetition from going out
    twice."""

    batch: Batch | None = None
    repeat: Callable[[EmailMultiAlternatives, str], None] | None = None


def _brevo_repeat(message: EmailMultiAlternatives, key: str) -> None:
    message.extra_headers["idempotencyKey"] = key


def _unisender_repeat(message: EmailMultiAlternatives, key: str) -> None:
    message.esp_extra = {"message": {"idempotence_key": key}}  # type: ignore[attr-defined]  # anymail looks for it


def _key(label: str = "API key", help: str = "") -> Field:
    return Field("api_key", label, help, secret=True)


_HOST = Field(
    "api_url", "Another address", "Only for another region or a sandbox; else leave it empty.", required=False
)
_ALL = (
    Api(
        "brevo",
        "Brevo",
        (_key(help="SMTP & API, API keys, Generate a new API key."), _HOST),
        repeat=_brevo_repeat,
    ),
    Api("mailersend", "MailerSend", (Field("api_token", "API token", secret=True), _HOST)),
    Api(
        "mailgun",
        "Mailgun",
        (
            _key("Sending key"),
            Field("sender_domain", "Sending domain", "Such as mail.yourshop.com."),
            Field(
                "api_url",
                "Another address",
                "https://api.eu.mailgun.net/v3 for a domain in the EU.",
                required=False,
            ),
        ),
    ),
    Api("mailjet", "Mailjet", (_key(), Field("secret_key", "Secret key", secret=True), _HOST)),
    Api(
        "mailtrap",
        "Mailtrap",
        (Field("api_token", "API token", secret=True), _HOST),
        batch=Batch(
            100,
            lambda url: url.removesuffix("send") + "batch",
            lambda letters: {"requests": letters},
            lambda answer: list(answer["responses"]),
        ),
    ),
    Api("mandrill", "Mandrill (Mailchimp Transactional)", (_key(), _HOST)),
    Api(
        "postmark",
        "Postmark",
        (
            Field("server_token", "Server API token", "Servers, your server, API Tokens.", secret=True),
            Field("message_stream", "Message stream", "Empty for the default one, outbound.", required=False),
            _HOST,
        ),
        batch=Batch(100, lambda url: f"{url}/batch", list, list),
    ),
    Api(
        "resend",
        "Resend",
        (_key(), _HOST),
        batch=Batch(100, lambda url: f"{url}/batch", list, lambda answer: list(answer["data"])),
    ),
    Api(
        "scaleway",
        "Scaleway",
        (
            Field("secret_key", "Secret key", secret=True),
            Field("project_id", "Project ID"),
            Field("region", "Region", default="fr-par"),
        ),
    ),
    Api("sendgrid", "SendGrid", (_key(), _HOST)),
    Api("sparkpost", "SparkPost", (_key(), Field("subaccount", "Subaccount", required=False), _HOST)),
    Api(
        "unisender_go",
        "Unisender Go",
        (_key(), Field("api_url", "API address", "It names the data centre, such as https://go1.unisender.ru/….")),
        repeat=_unisender_repeat,
    ),
)
PROVIDERS: dict[str, Api] = {one.code: one for one in _ALL}
