"""Text messages by a service of which we know nothing but where it takes them."""

import json
from typing import Any
from urllib.parse import urlencode

from thereafter.messaging.channels import guarded
from thereafter.messaging.channels.letters import LONGEST_ID, Account, Answer, Field, Letter, Verdict, by_status

ABOUT = "Any service that takes a message in one POST: say where to, in which words, and with which key."
FIELDS = (
    Field("url", "Address", "Where messages are posted, with https://."),
    Field(
        "body",
        "Body",
        "JSON or a form with {to}, {from} and {text} in their places.",
        default='{"to": "{to}", "from": "{from}", "text": "{text}"}',
        kind="long",
    ),
    Field("from", "Sender", "A number, or a name.", required=False),
    Field("header", "Header with the key", "Such as Authorization.", required=False, default="Authorization"),
    Field("key", "Key", "The whole value of that header, such as Bearer abc.", secret=True, required=False),
    Field("id", "Where the answer names the message", "Such as message.id; empty if it does not.", required=False),
)


def send(account: Account, letter: Letter, text: str) -> Verdict:
    words = {"to": letter.to, "from": account.get("from"), "text": text}
    is_json = account.get("body").lstrip().startswith(("{", "["))
    headers = {"Content-Type": "application/json" if is_json else "application/x-www-form-urlencoded"}
    headers["Idempotency-Key"] = letter.message_id.strip("<>")
    if account.get("key"):
        headers[account.get("header") or "Authorization"] = account.get("key")
    body = filled_json(account.get("body"), words) if is_json else filled_form(account.get("body"), words)
    try:
        answer = guarded.post(account.get("url"), body, headers, private=bool(account.get("private")))
    except guarded.Forbidden as error:
        return Verdict(Answer.REFUSED, str(error))
    except guarded.NoAnswer as error:
        return Verdict(Answer.LATER, str(error))
    verdict = by_status(answer.status, f"{answer.status} {answer.text}"[:250])
    if verdict.answer != Answer.ACCEPTED:
        return verdict
    return Verdict(Answer.ACCEPTED, provider_id=_named(answer.text, account.get("id")))


def filled_json(template: str, words: dict[str, str]) -> bytes:
    """Each word as JSON writes it inside of quotes. Raises nothing: what is no JSON was refused when it was set."""
    for name, value in words.items():
        template = template.replace(f"{{{name}}}", json.dumps(value)[1:-1])
    return template.encode()


def filled_form(template: str, words: dict[str, str]) -> bytes:
    """to={to}&text={text}: each value is encoded."""
    pairs = [part.partition("=")[::2] for part in template.split("&") if part]
    return urlencode([(name, words.get(value.strip("{}"), value)) for name, value in pairs]).encode()


def _named(text: str, path: str) -> str:
    try:
        found: Any = json.loads(text)
        for name in path.split("."):
            found = found[int(name) if name.isdecimal() else name]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return str(found)[:LONGEST_ID] if path and isinstance(found, str | int) else ""
