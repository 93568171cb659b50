"""Who may do what. A permission is a verb, `returns.approve`; a role is a list of patterns over verbs."""

import re
from fnmatch import fnmatchcase

ROLES: dict[str, tuple[str, ...]] = {
    "owner": ("*",),
    "marketer": (
        "*.read",
        "journeys.*",
        "messages.*",
        "loyalty.*",
        "feedback.*",
        "recommendations.*",
        "insights.*",
        "campaigns.*",
        "coupons.*",
        "inserts.*",
    ),
    "support": (
        "*.read",
        "orders.*",
        "customers.*",
        "tracking.*",
        "returns.*",
        "feedback.answer",
        "feedback.moderate",
        "loyalty.adjust",
        "loyalty.hand_over",
        "loyalty.till",
        "inserts.print",
    ),
    "warehouse": (
        "orders.read",
        "tracking.*",
        "returns.receive",
        "returns.read",
        "insights.read",
        "inserts.print",
        "loyalty.hand_over",
        "loyalty.till",
    ),
    "analyst": ("*.read",),
}
# Reading these tells more than a colleague needs to know.
OWNERS_ONLY = ("settings.*", "audit.*", "staff.*", "keys.*")

SCOPES = (
    "orders:write",
    "orders:read",
    "tracking:write",
    "feedback:write",
    "feedback:read",
    "customers:read",
    "products:write",
    "events:write",
    "coupons:use",
    "credit:use",
    "returns:read",
    "returns:write",
    "loyalty:read",
    "loyalty:use",
    "loyalty:write",
    "recommendations:read",
    "recommendations:write",
)

# fmt: off
RESERVED_SLUGS = frozenset((
    "admin", "api", "console", "demo", "docs", "hooks", "mail", "profile", "s", "security", "sign-in", "sign-out",
    "static", "welcome", "www",
))
# fmt: on
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")


def may(role: str, verb: str) -> bool:
    """Whether a role includes a verb; an unknown role may nothing."""
    patterns = ROLES.get(role, ())
    if "*" not in patterns and any(fnmatchcase(verb, pattern) for pattern in OWNERS_ONLY):
        return False
    return any(fnmatchcase(verb, pattern) for pattern in patterns)


def is_slug(text: str) -> bool:
    """Lower-case letters, digits and inner hyphens, at most 48, none of the words our own addresses use."""
    return bool(_SLUG.fullmatch(text)) and text not in RESERVED_SLUGS


def is_colour(text: str) -> bool:
    return bool(re.fullmatch(r"#[0-9a-fA-F]{6}", text))
