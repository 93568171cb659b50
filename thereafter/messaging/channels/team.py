"""Posts to the shop's own people, wherever Apprise can post: chat rooms, phones, mail. It is an extra to install."""

import logging
import threading
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from thereafter.messaging.channels import guarded
from thereafter.messaging.channels.letters import ACCEPTED, Account, Answer, Channel, Kind, Letter, Verdict
from thereafter.messaging.channels.null import Null

try:
    import apprise
except ImportError:
    apprise = None  # type: ignore[assignment,unused-ignore]  # it is not installed everywhere

AT_ONCE = 4
_loading = threading.Lock()
MISSING = 'Apprise is not installed. Whoever runs the server adds it with: pip install "apprise"'
# Services that talk to the machine they run on instead of to somewhere else.
_LOCAL = frozenset({"dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})


class BadPlace(ValueError):
    """Not an address that Apprise can post to, or one that we do not post to; the text says why."""


def is_there() -> bool:
    return apprise is not None


def place(url: str, *, private: bool = False) -> Any:
    """Apprise's object for an address. Raises `BadPlace`."""
    if apprise is None:
        raise BadPlace(MISSING)
    # What is wrong with an address stands in Apprise's own log, with the keys that are in it.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    # Its plugins are loaded here, and some of them use what Python will drop one day.
    with _loading, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = apprise.Apprise.instantiate(url.strip(), suppress_exceptions=True)
    if made is None:
        raise BadPlace(
            "Apprise cannot read this address. It begins with the service's name, such as slack:// or tgram://."
        )
    if _scheme(url) in _LOCAL:
        raise BadPlace("This service talks to the server itself; choose one that reaches your people.")
    if not private:
        _check_host(made)
    return made


def _scheme(url: str) -> str:
    return url.strip().partition("://")[0].lower()


def _check_host(made: Any) -> None:
    """Where the address names a host of its own, it may not be one of our network."""
    host = str(getattr(made, "host", "") or "")
    if "." not in host and host != "localhost" and ":" not in host:
        return
    try:
        guarded.number_of(host, int(getattr(made, "port", None) or 443))
    except guarded.Forbidden as error:
        raise BadPlace(str(error)) from None
    except guarded.NoAnswer:
        return


def service_of(url: str) -> str:
    """The service's own name, such as Slack. Raises `BadPlace`."""
    return str(place(url, private=True).service_name)


class Posts:
    """`letter.extra["urls"]` are the places; posted to one is posted."""

    together = AT_ONCE

    def __init__(self, account: Account) -> None:
        self._private = bool(account.get("private"))
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="team")

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return self._threads.map(self._one, letters)

    def _one(self, letter: Letter) -> Verdict:
        verdicts = [self.post(str(url), letter.subject, letter.text) for url in letter.extra.get("urls", ())]
        fine = [verdict for verdict in verdicts if verdict.answer == Answer.ACCEPTED]
        return (fine or verdicts or [Verdict(Answer.REFUSED, "There is no place to post to.")])[0]

    def post(self, url: str, title: str, text: str) -> Verdict:
        try:
            made = place(url, private=self._private)
            there = apprise.Apprise()
            there.add(made)
            # Said to be text, because a customer's name may look like markup: Telegram refuses what is no good HTML.
            posted = there.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
        except BadPlace as error:
            return Verdict(Answer.REFUSED, str(error))
        except Exception as error:
            # A hundred services of others: whatever one raises must not keep the rest from going.
            return Verdict(Answer.LATER, f"{type(error).__name__}: {error}"[:250])
        return ACCEPTED if posted else Verdict(Answer.LATER, "The service did not take it. Test its address.")


@lru_cache(maxsize=8)
def _opened(account: Account) -> Channel:
    return Null() if account.provider == "null" else Posts(account)


KIND = Kind("team", "Team post", "people", "a place of your team", _opened, to_customers=False)
