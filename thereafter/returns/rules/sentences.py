"""What returns say to people: a key, its values, and the English sentence. Other languages translate the template by
its English text (`SENTENCES[key]`) and fill in the same values. Plain Python.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Words:
    """What a merchant wrote, by language; "" is any."""

    texts: tuple[tuple[str, str], ...]

    def of(self, language: str) -> str:
        """The text in a language, else in English, else the first."""
        known = dict(self.texts)
        return known.get(language) or known.get(language.partition("-")[0]) or known.get("en") or self.texts[0][1]

    def __str__(self) -> str:
        return self.of("en")


Value = str | int | date | Words

SENTENCES = {
    # Why something cannot come back.
    "already_returned": "Everything of this item has come back already or is on its way.",
    "too_many": "At most %(left)s of this item can still come back.",
    "not_here_yet": "This item is still on its way. As soon as it has arrived, it can come back.",
    "none_chosen": "Choose at least one.",
    "cancelled": "This item was cancelled.",
    "window_over": "It could come back until %(day)s.",
    "claim_over": "Problems with this item could be reported until %(day)s.",
    "no_window": "This shop does not take this item back.",
    "final_sale": "This item was a final sale and cannot come back.",
    "rejected": "%(why)s",
    "not_offered": "This item is not offered for return here. Please ask the shop.",
    "nothing_left": "No way of returning this is open. Please ask the shop.",
    # The right of withdrawal.
    "withdrawal_open": "You may withdraw from the contract until %(day)s, without giving a reason.",
    "withdrawal_before": "You may withdraw from the contract until %(days)s days after everything has arrived.",
    "withdrawal_uninformed": "You were not told of your right of withdrawal, so it lasts until %(day)s.",
    "withdrawal_over": "The right of withdrawal ended on %(day)s.",
    "withdrawal_excepted": "There is no right of withdrawal: %(what)s.",
    "withdrawal_sealed": "You may withdraw from the contract until %(day)s, as long as the seal is unbroken.",
    "withdrawal_none": "No right of withdrawal is known for this country.",
    # When money comes.
    "refund_by": "The money is due by %(day)s.",
    "refund_waits": "The money may wait until the goods are back or it is shown that they were sent.",
    # Words shown beside an offer.
    "tier": "%(note)s",
    # Perks of a programme.
    "perk_free": "Sending this back is free for you as a member.",
    "perk_free_of": "Sending this back is free for you as a %(tier)s member.",
    "perk_days": "As a member you have more time to send things back.",
    "perk_days_of": "As a %(tier)s member you have more time to send things back.",
}

EXCEPTIONS = {
    "service_performed": "the service was performed completely",
    "market_price": "its price hangs on the financial market",
    "personalised": "it was personalised for you",
    "custom": "it was made to your wishes",
    "perishable": "it spoils or expires soon",
    "sealed_hygiene": "its seal was broken, and for reasons of health or hygiene it cannot be sold again",
    "mixed": "it cannot be separated from other goods any more",
    "wine_futures": "its value hangs on the market and it comes more than thirty days later",
    "urgent_repair": "it is an urgent repair that you asked for",
    "sealed_media": "the seal of the recording or software was broken",
    "periodical": "it is a newspaper, periodical or magazine",
    "auction": "it was bought at a public auction",
    "dated_leisure": "it is a booking for a fixed day",
    "digital_begun": "it is digital content that was already provided with your consent",
}

_TRANSLATED = frozenset(EXCEPTIONS.values())


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence by its key, with the values that it names."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return SENTENCES[self.key] % {name: in_english(value) for name, value in self.values}

    def told(self, language: str, translate: Callable[[str], str], day: Callable[[date], str]) -> str:
        """The sentence in another language: `translate` knows the English templates, `day` writes a date."""

        def word(value: Value) -> str:
            if isinstance(value, date):
                return day(value)
            if isinstance(value, Words):
                # The words of ready policies are ours, and have translations.
                return translate(value.of(language))
            return translate(value) if value in _TRANSLATED else str(value)  # type: ignore[arg-type]  # only texts are in it

        return translate(SENTENCES[self.key]) % {name: word(value) for name, value in self.values}


def words(said: str | Mapping[str, str]) -> Words:
    """What a document says: one text for all, or texts by language."""
    return Words(tuple(said.items()) if isinstance(said, Mapping) else (("", said),))


def say(key: str, **values: Value) -> Said:
    if key not in SENTENCES:
        raise KeyError(key)
    return Said(key, tuple(sorted(values.items())))


def in_english(value: Value) -> str:
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else str(value)
