"""What providers tell of messages: /hooks/<store>/<provider>, each verified as it signs. News and answers of phones
come from Twilio. The bodies are read when the inbox is drained, see `actions/intake.py`."""

from collections.abc import Sequence
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from twilio.request_validator import RequestValidator

from thereafter.commerce.webhooks import Call, Envelope, Reader, delivery_key, source
from thereafter.kit import tokens
from thereafter.messaging.actions.intake import NEWS, ROOM, TWILIO
from thereafter.messaging.channels import provider_news
from thereafter.messaging.channels.tellers import TELLERS

FORM = "application/x-www-form-urlencoded"


def kept(body: bytes, content_type: str) -> bytes | None:
    """A form inside of JSON, for the inbox keeps nothing else; None for what is JSON already."""
    if not content_type.startswith(FORM):
        return None
    return msgspec.json.encode({"form": body.decode("utf-8", "replace")})


def reader_of(code: str) -> Reader:
    def read(secrets: Sequence[str], call: Call) -> Envelope | None:
        url = settings.PUBLIC_URL + call.path
        if not provider_news.is_genuine(code, secrets, call.headers, call.body, url):
            return None
        key = delivery_key(call.headers.get("svix-id"), NEWS, call.body)
        return Envelope(NEWS, key, ROOM, kept(call.body, call.headers.get("content-type", "")))

    return read


for _code in TELLERS:
    source(_code)(reader_of(_code))


@source(TWILIO)
def read_twilio(secrets: Sequence[str], call: Call) -> Envelope | None:
    """Signed with the account's token over the address and the sorted fields."""
    try:
        fields = parse_qs(call.body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return None
    told = {name: values[0] for name, values in fields.items()}
    url, given = settings.PUBLIC_URL + call.path, call.headers.get("x-twilio-signature", "")
    wanted = [RequestValidator(secret).compute_signature(url, told) for secret in secrets]
    if not any(tokens.same(one, given) for one in wanted):
        return None
    key = delivery_key(call.headers.get("i-twilio-idempotency-token"), NEWS, call.body)
    return Envelope(NEWS, key, ROOM, kept(call.body, FORM))
