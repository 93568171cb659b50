"""Which column says what: the names that Smile, LoyaltyLion, Yotpo and others give them. Plain Python."""

import re
from collections.abc import Mapping, Sequence

# What a row may say, as the merchant reads it.
FIELDS = {
    "email": "E-mail address",
    "phone": "Phone number",
    "number": "Customer number in your shop",
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "points": "Points",
    "expires": "When the points end",
    "tier": "Tier",
    "birthday": "Birthday",
    "code": "Referral code or link",
    "joined": "Member since",
    "status": "Takes part or not",
}
SYSTEMS = {"smile": "Smile", "loyaltylion": "LoyaltyLion", "yotpo": "Yotpo Loyalty", "other": "Another programme"}

# By their bare letters and digits, the best first: what can be spent now before what was ever earned.
_NAMES: dict[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "customeremail", "emails", "mail", "useremail", "memberemail"),
    "phone": ("phone", "phonenumber", "mobile", "mobilenumber", "customerphone", "telephone"),
    "number": ("shopifycustomerid", "merchantid", "customernumber", "externalid", "platformid", "thirdpartyid"),
    "name": ("name", "fullname", "customername", "customer", "membername"),
    "first_name": ("firstname", "givenname", "forename", "vorname"),
    "last_name": ("lastname", "familyname", "surname", "nachname"),
    "points": (
        "pointsbalance",
        "pointbalance",
        "currentpointsbalance",
        "currentpointbalance",
        "pointsapproved",
        "approvedpoints",
        "approvedpointsbalance",
        "availablepoints",
        "pointsavailable",
        "currentpoints",
        "currentbalance",
        "points",
        "balance",
        "loyaltypoints",
        "rewardpoints",
        "pointstotal",
        "totalpoints",
        "punkte",
    ),
    "expires": (
        "pointsexpirydate",
        "pointsexpiry",
        "pointsexpirationdate",
        "pointsexpiration",
        "pointsexpireat",
        "pointsexpireson",
        "pointsexpire",
        "pointsexpiringat",
        "pointsexpiresat",
        "expiresat",
        "expireson",
        "expirydate",
        "expirationdate",
        "expiry",
        "expires",
        "nextexpirationdate",
        "validuntil",
        "ablaufdatum",
    ),
    "tier": (
        "viptiername",
        "viptier",
        "loyaltytiername",
        "loyaltytier",
        "tiername",
        "currenttier",
        "currenttierlevel",
        "currentviptier",
        "tier",
        "viplevel",
        "level",
        "stufe",
    ),
    "birthday": ("birthday", "birthdayor", "birthdate", "dateofbirth", "dob", "birthdaydate", "geburtstag"),
    "code": (
        "referralcode",
        "referralurl",
        "referrallink",
        "uniquereferralurl",
        "uniquereferrallink",
        "refcode",
        "invitecode",
    ),
    "joined": (
        "joinedat",
        "enrolledat",
        "enrollmentdate",
        "enrolmentdate",
        "membersince",
        "joindate",
        "datejoined",
        "dateenrolled",
        "joined",
        "activationdate",
        "optedinat",
        "optindate",
        "signupdate",
        "signedupat",
        "createdat",
        "customersince",
    ),
    "status": ("state", "status", "enrolled", "isenrolled", "optedin", "loyaltystatus", "memberstatus"),
}  # fmt: skip
# What only one of them has: a column of its own, or two that stand together.
_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("loyaltylion", frozenset({"pointsapproved"})),
    ("loyaltylion", frozenset({"approvedpoints"})),
    ("loyaltylion", frozenset({"approvedpointsbalance"})),
    ("yotpo", frozenset({"pointsspent", "pointsbalance"})),
    ("yotpo", frozenset({"currentpointsbalance", "referrallink"})),
    ("yotpo", frozenset({"optedin"})),
    ("smile", frozenset({"pointsbalance", "referralurl"})),
    ("smile", frozenset({"pointsbalance", "viptier"})),
    ("smile", frozenset({"pointsbalance", "state"})),
)


def bare(column: str) -> str:
    """ "Birthday (MM/DD)" as "birthday"."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(.*?\)", "", column.lower()))


def guess(columns: Sequence[str]) -> dict[str, str]:
    """The column of each field that one is named after; no column stands for two fields."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(bare(column), column)
    found = {field: next((by_name[name] for name in names if name in by_name), "") for field, names in _NAMES.items()}
    return {field: column for field, column in found.items() if column}


def guess_system(columns: Sequence[str]) -> str:
    names = {bare(column) for column in columns}
    return next((system for system, signs in _SIGNS if signs <= names), "other")


def problem(mapping: Mapping[str, str]) -> str:
    """What is missing to read a row, as a sentence; "" when nothing is."""
    if not any(mapping.get(field) for field in ("email", "phone", "number")):
        return "Say which column names the member: an e-mail address, a phone number or a customer number."
    if not any(mapping.get(field) for field in ("points", "tier", "birthday", "code", "joined")):
        return "Say which column has the points; without them there is nothing to bring in."
    chosen = [column for column in mapping.values() if column]
    twice = next((column for column in chosen if chosen.count(column) > 1), "")
    return f"“{twice}” is chosen twice. A column says one thing." if twice else ""
