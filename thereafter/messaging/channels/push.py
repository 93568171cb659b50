"""Notifications to the browsers of a customer."""

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from thereafter.kit import clock
from thereafter.messaging.channels import webpush
from thereafter.messaging.channels.letters import Account, Answer, Channel, Kind, Letter, Verdict
from thereafter.messaging.channels.null import Null

AT_ONCE = 8


class Notifications:
    """`letter.extra["browsers"]` are all browsers of the person, as they named themselves; `["url"]` is opened by a
    tap, `["topic"]` replaces an older one unread."""

    together = 3 * AT_ONCE

    def __init__(self, account: Account) -> None:
        self._key = webpush.key_of(account.get("secret").encode())
        self._more_hosts = tuple(filter(None, account.get("hosts").split(",")))
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push")

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return self._threads.map(self._one, letters)

    def _one(self, letter: Letter) -> Verdict:
        body = _body(letter)
        browsers: Sequence[str] = letter.extra.get("browsers", ())
        return together([(browser, self._to(browser, letter, body)) for browser in browsers])

    def _to(self, given: str, letter: Letter, body: bytes) -> Verdict:
        try:
            browser = webpush.read(given, self._more_hosts)
        except webpush.BadSubscription as error:
            return Verdict(Answer.GONE, str(error))
        sender = webpush.Sender(self._key, f"mailto:{letter.sender}")
        return webpush.send(browser, body, sender, topic=str(letter.extra["topic"]), now=clock.now())


def _body(letter: Letter) -> bytes:
    """Cut to what every service takes."""
    told = {
        "title": letter.subject[:120],
        "body": letter.text[:600],
        "url": letter.extra.get("url", ""),
        "tag": letter.extra.get("topic", ""),
        "lang": letter.extra.get("language", ""),
    }
    return json.dumps(told, ensure_ascii=False).encode()


def together(answers: Sequence[tuple[str, Verdict]]) -> Verdict:
    """One verdict on all the browsers of a person: seen on one is seen. Those that are gone are named."""
    gone = [browser for browser, verdict in answers if verdict.answer == Answer.GONE]
    for wanted in (Answer.ACCEPTED, Answer.LATER, Answer.REFUSED):
        found = next((verdict for _, verdict in answers if verdict.answer == wanted), None)
        if found:
            return Verdict(found.answer, found.detail, closed=gone)
    return Verdict(Answer.GONE, "Every browser of this person has closed.", closed=gone)


@lru_cache(maxsize=8)
def _opened(account: Account) -> Channel:
    return Null() if account.provider == "null" else Notifications(account)


KIND = Kind("push", "Notification", "bell", "a browser that allowed it", _opened)
