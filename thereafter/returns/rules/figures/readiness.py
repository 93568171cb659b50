"""What a shop that is ready for returns shows and sends, with what each point is worth. Plain Python.

The figures are those of the studies that docs/returns-insight.md names. The score is the weight of what was passed of
the weight of all that could be told, 0 to 100; what is unknown counts neither way.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

State = Literal["passed", "failed", "unknown"]


class Check(NamedTuple):
    """`what` is a sentence that is true when it is passed, `why` says why it matters, `fix` names where it is mended:
    a page of the console and what the button says."""

    key: str
    group: str
    what: str
    why: str
    weight: int
    fix: tuple[str, str]


_LINKS = ("returns_console:links", "Get the links")
_POLICY = ("returns_console:policy", "Edit the policy")
_WAYS = ("returns_console:ways", "Set up ways back")
_SETTINGS = ("returns_console:settings", "Open return settings")
_SHOP = ("console:settings", "Open store settings")
_MAILS = ("messaging_console:templates", "Open the mails")

CHECKS: tuple[Check, ...] = (
    Check("footer", "Your shop", "Header or footer of your shop lead to returns.",
          "14 % of shops link the portal in neither; 20 % of sites lack a link in the footer.", 10, _LINKS),
    Check("home", "Your shop", "The home page speaks of returns.",
          "Only 15 % of shops do; 71 % of shoppers are less loyal after a bad return.", 4, _LINKS),
    Check("product", "Your shop", "Product pages speak of returns.",
          "43 % of sites say nothing of returns where people decide.", 6, _LINKS),
    Check("policy_page", "Your shop", "A page with your return policy can be found.",
          "54 % of sites have serious problems in their returns flow; most begin with finding it.", 8, _LINKS),
    Check("withdraw_link", "Your shop", "Shoppers find the function to withdraw.",
          "In the EU it has to be there during the whole period, since June 2026.", 8, _LINKS),
    Check("reading", "Your shop", "The policy reads easily (LIX below 50).",
          "LIX = words per sentence + per cent of words longer than six letters (Björnsson 1968); holds in all your "
          "languages.", 4, _POLICY),
    Check("accessible", "Your shop", "The pages name their language, have a title and say what pictures show.",
          "Shoppers who cannot see the page cannot send back either; since June 2025 the law asks for it in the EU.",
          4, _SHOP),
    Check("mail_block", "Your mails", "The order confirmation names the last day and leads to the return.",
          "Only 34 % of shops mention returns there.", 10, _MAILS),
    Check("mail_withdrawal", "Your mails", "The order confirmation leads to the withdrawal.",
          "The right is easiest to find in the mail that everybody keeps.", 4, _MAILS),
    Check("mail_received", "Your mails", "Shoppers hear when their parcel has arrived.",
          "54 % of the large shops stay silent.", 6, _MAILS),
    Check("mail_refund", "Your mails", "Shoppers hear when their money goes out.",
          "64 % of the large shops give no date; 57 % take more than six days.", 6, _MAILS),
    Check("ways", "Your policy", "There are at least four ways to send something back.",
          "Shops offer 1.91 on average; 46 % of shoppers gave a purchase up for lack of a handy way.", 8, _WAYS),
    Check("window", "Your policy", "Shoppers have at least 30 days.",
          "The average is 40 days, and 80 % of returns come in the first 21: a longer window costs little.",
          6, _POLICY),
    Check("free", "Your policy", "One way back costs nothing.",
          "82 % want it free; 47 % of shops have it. A paid way is fine beside a free one.", 8, _POLICY),
    Check("guest", "Your policy", "Nobody needs an account.",
          "An order's number with an e-mail address or a postcode is enough.", 4, _LINKS),
    Check("languages", "Your mails", "Mails of returns are written in your shop's language.",
          "A shopper who cannot read what is asked writes to you instead.", 4, _MAILS),
)  # fmt: skip
BY_KEY: Mapping[str, Check] = {check.key: check for check in CHECKS}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, with the evidence in a sentence, and where it was seen ("" where that is no page)."""

    key: str
    state: State
    evidence: str
    url: str = ""


def score(findings: Sequence[Finding]) -> int | None:
    """0 to 100; None when nothing could be told."""
    told = [one for one in findings if one.state != "unknown" and one.key in BY_KEY]
    whole = sum(BY_KEY[one.key].weight for one in told)
    passed = sum(BY_KEY[one.key].weight for one in told if one.state == "passed")
    return round(100 * passed / whole) if whole else None


EASY = 50
_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)")
_WORD = re.compile(r"[^\W\d_]+")
_LONG = 6
_ENOUGH_WORDS = 60


def lix(text: str) -> float | None:
    """Läsbarhetsindex (Björnsson 1968): words per sentence + per cent of words longer than six letters. Below 40 reads
    easily, above 60 is for specialists. None for a text too short to tell."""
    words = _WORD.findall(text)
    if len(words) < _ENOUGH_WORDS:
        return None
    sentences = max(1, len(_SENTENCE.findall(text)))
    return len(words) / sentences + 100 * sum(len(word) > _LONG for word in words) / len(words)
