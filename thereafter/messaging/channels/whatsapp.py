"""WhatsApp by Twilio: words of our own within a day of the customer's last message, else a template approved there."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from thereafter.messaging.channels import sms, twilio
from thereafter.messaging.channels.letters import Account, Channel, Field, Kind, Letter, Provider, Verdict
from thereafter.messaging.channels.null import Null

AT_ONCE = 8
# How Twilio spells who is written to, and by whom.
PREFIX = "whatsapp:"


class Chats:
    """`letter.extra["content_sid"]` names an approved template, `["variables"]` fills it; without one the words go."""

    together = 3 * AT_ONCE

    def __init__(self, account: Account) -> None:
        self._account = account
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="whatsapp")

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return self._threads.map(self._one, letters)

    def _one(self, letter: Letter) -> Verdict:
        message: dict[str, Any] = {"to": f"{PREFIX}{letter.to}", **self._sender()}
        if letter.extra.get("content_sid"):
            message["content_sid"] = letter.extra["content_sid"]
            message["content_variables"] = json.dumps(letter.extra.get("variables", {}), ensure_ascii=False)
        else:
            message["body"] = letter.text
        if letter.extra.get("news"):
            message["status_callback"] = letter.extra["news"]
        return twilio.send(self._account, message)

    def _sender(self) -> dict[str, str]:
        chosen = self._account.get("from")
        if chosen.startswith("MG"):
            return {"messaging_service_sid": chosen}
        return {"from_": chosen if chosen.startswith(PREFIX) else f"{PREFIX}{chosen}"}


@lru_cache(maxsize=64)
def _opened(account: Account) -> Channel:
    return Null() if account.provider == "null" else Chats(account)


KIND = Kind(
    "whatsapp",
    "WhatsApp",
    "chat",
    "a mobile number",
    _opened,
    providers=(
        Provider(
            "twilio",
            "Twilio",
            (
                *sms.TWILIO_FIELDS,
                Field("from", "Sender", "The WhatsApp number, such as +4930123456, or a messaging service (MG…)."),
                sms.TWILIO_URL,
            ),
            "Outside of a conversation only templates that WhatsApp has approved are sent.",
        ),
    ),
)
