"""A programme in sentences that an owner of a shop understands, and what is different between two."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from thereafter.loyalty.rules.programme import Action, Expiry, Programme
from thereafter.loyalty.rules.ways import LIMITS, name_of
from thereafter.loyalty.rules.wording_figures import Shop, Speaker, days, join, many, plain, sentence, tongue, zone_name
from thereafter.loyalty.rules.wording_rules import STACKING, rule_sentence
from thereafter.loyalty.rules.wording_tiers import counted, metric, term, tier_sentence

Keyed = Iterator[tuple[str, str]]
_ONE, NAMES = Decimal(1), "joining"


@dataclass(frozen=True, slots=True)
class Part:
    """`key` is that of the section of the editor where it is changed."""

    key: str
    title: str
    icon: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """`kind`: added, gone, or now (with what stood there before)."""

    kind: str
    title: str
    text: str
    before: str = ""


def parts(programme: Programme, shop: Shop) -> list[Part]:
    speaker = Speaker(programme, shop)
    return [Part(key, title, icon, tuple(text for _, text in tell(speaker))) for key, title, icon, tell in _PARTS]


def changes(before: Programme, after: Programme, shop: Shop) -> list[Change]:
    """What is different, sentence by sentence, in the order of the programme."""
    # A new name for points is said once, where names are, and not in every sentence with points in it.
    renamed = before.model_copy(update={"points_name": after.points_name})
    found: list[Change] = []
    for part, title, _, tell in _PARTS:
        old = Speaker(before if part == NAMES else renamed, shop)
        was, is_now = _once(tell(old)), _once(tell(Speaker(after, shop)))
        for key, text in is_now.items():
            if key not in was:
                found.append(Change("added", title, text))
            elif was[key] != text:
                found.append(Change("now", title, text, was[key]))
        found += [Change("gone", title, text) for key, text in was.items() if key not in is_now]
    return found


def _once(said: Keyed) -> dict[str, str]:
    """Two rules of one name are still two; that there is nothing is no news beside what is gone."""
    kept: dict[str, str] = {}
    for key, text in said:
        if key == "none":
            continue
        count = sum(1 for one in kept if one == key or one.startswith(f"{key}#"))
        kept[f"{key}#{count}" if count else key] = text
    return kept


def _orders(speaker: Speaker) -> Keyed:
    programme = speaker.programme
    yield "rate", f"{rate_words(speaker)} spent on goods, after discounts and without shipping."
    how = {"floor": "rounded down", "ceil": "rounded up", "half_up": "rounded to the nearest"}[programme.rounding]
    scope = "once for the order" if programme.rounding_scope == "order" else "for each line of the order"
    yield "rounding", f"Parts of a point are {how}, {scope}."
    if programme.max_per_order is not None:
        yield "cap", f"One order never earns more than {speaker.points(programme.max_per_order)}."
    for code, worth in programme.currencies.items():
        yield f"currency.{code}", f"{speaker.money(_ONE, code)} counts as {speaker.money(worth)}."


def rate_words(speaker: Speaker) -> str:
    """2 points for every €1; 1 point for every €10."""
    rate = speaker.programme.rate
    if not rate:
        return "No points for what is"
    if rate < _ONE and _ONE / rate == (_ONE / rate).to_integral():
        return f"{speaker.points(1)} for every {speaker.money(_ONE / rate)}"
    noun = speaker.points(1 if rate == _ONE else 2).split(" ", 1)[1]
    return f"{plain(rate)} {noun} for every {speaker.money(_ONE)}"


def _bonuses(speaker: Speaker) -> Keyed:
    programme = speaker.programme
    for rule in programme.rules:
        said = rule_sentence(rule, speaker)
        yield f"rule.{rule.kind}.{rule.name}", f"{rule.name}: {said}" if rule.name else said
    if not programme.rules:
        yield "none", "No multipliers and no bonuses."
        return
    yield "stacking", f"Multipliers that meet {STACKING[programme.stacking]}."


def _ways(speaker: Speaker) -> Keyed:
    for key, action in speaker.programme.actions.items():
        yield f"way.{key}", way_sentence(key, action, speaker)
    if not speaker.programme.actions:
        yield "none", "Points come from orders only."


def way_sentence(key: str, action: Action, speaker: Speaker) -> str:
    name = name_of(key, action.label)
    return f"{name}: {way_terms(action, speaker)}." if action.is_on else f"{name}: switched off."


def way_terms(action: Action, speaker: Speaker) -> str:
    """50 points, at most 4 a month."""
    return ", ".join([_given(action, speaker), *_way_terms(action)])


def _given(action: Action, speaker: Speaker) -> str:
    return speaker.points(action.points) if action.currency == "points" else f"{action.points:,} {action.currency}"


def _way_terms(action: Action) -> Iterator[str]:
    limits = [(getattr(action, name), words) for name, words in LIMITS.items()]
    if action.total == 1:
        yield "once"
    elif said := [f"{_times(count)} {words}" for count, words in limits if count]:
        yield f"at most {join(said)}"
    if action.pending_days:
        yield f"after {days(action.pending_days)}"
    if action.qualifying:
        yield "counted for tiers"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _lifetime(speaker: Speaker) -> Keyed:
    wait = speaker.programme.pending_days
    yield "wait", f"Points can be used {days(wait)} after the order." if wait else "Points can be used at once."
    expiry = speaker.programme.expiry
    yield "expiry", f"{expiry_words(expiry)}."
    if expiry.mode != "never" and expiry.warn_days:
        ahead = join(days(count) for count in sorted(expiry.warn_days, reverse=True))
        yield "warnings", f"Members are told {ahead} before."


def expiry_words(expiry: Expiry) -> str:
    length = expiry.length or 0
    return {
        "never": "Points never end",
        "days": f"Points end {days(length)} after they were earned",
        "months": f"Points end {many(length, 'month')} after they were earned",
        "end_of_month": "Points end with the month in which they were earned",
        "end_of_year": "Points end with the year in which they were earned",
        "inactivity": f"All points end after {many(length, 'month')} without earning or using any",
    }[expiry.mode]


def _refunds(speaker: Speaker) -> Keyed:
    programme = speaker.programme
    basis = "its share of the order" if programme.clawback_basis == "proportional" else "what those items earned"
    yield "basis", f"A refund takes back {basis}, by the rules that held when it was bought."
    yield "clawback", CLAWBACK[programme.clawback]
    end = f"with {days(programme.grace_days)} to use those that ended" if programme.grace_days else "with their old end"
    yield "restore", f"Points used on an order that is cancelled come back {end}."


CLAWBACK = {
    "only_pending": "Only points that still wait are taken back; those that could be used stay.",
    "within_balance": "A balance never falls below zero: what was spent already is forgiven.",
    "unlimited": "What was spent already is owed, and the next points pay it.",
}


def _tiers(speaker: Speaker) -> Keyed:
    programme = speaker.programme
    if not programme.tiers:
        yield "none", "No tiers: all members are the same."
        return
    for tier in programme.tiers:
        yield f"tier.{tier.id}", tier_sentence(tier, speaker)
    standing = programme.tier
    yield "metric", f"Tiers count {metric(standing)} {counted(standing)}."
    yield "term", term(standing)
    if standing.term != "none" or standing.window != "lifetime":
        lost = "one tier at a time" if standing.downgrade == "one_down" else "to the tier they still reach"
        told = f", and are told {days(standing.notice_days)} before" if standing.notice_days else ""
        yield "downgrade", f"Members who no longer reach theirs fall {lost}{told}."
    when = "at once" if standing.refund == "immediate" else "at the next review"
    yield "refund", f"A refund that takes a member below the entry counts {when}."


def _days(speaker: Speaker) -> Keyed:
    programme = speaker.programme
    if birthday := programme.birthday:
        notice = f"; a birthday told less than {days(birthday.min_notice_days)} ahead counts from next year"
        told = notice if birthday.min_notice_days else ""
        yield "birthday", f"{speaker.points(birthday.points)} on the birthday{told}."
    if programme.anniversary:
        yield "anniversary", f"{speaker.points(programme.anniversary.points)} on each anniversary with the shop."
    for one in programme.milestones:
        name = f"{one.name}: " if one.name else ""
        yield f"milestone.{one.orders}", f"{name}{speaker.points(one.points)} for order number {one.orders:,}."
    if not (programme.birthday or programme.anniversary or programme.milestones):
        yield "none", "Nothing for birthdays, anniversaries or numbers of orders."


def _referral(speaker: Speaker) -> Keyed:
    terms = speaker.programme.referral
    if terms is None or not terms.is_on:
        yield "referral", "Nobody is rewarded for inviting friends."
        return
    least = f" of at least {speaker.money(terms.min_amount)}" if terms.min_amount else ""
    on = {
        "first_order": f"the friend's first order{least}",
        "every_order": f"each order of the friend{least}",
        "joining": "the friend joining",
    }[terms.on]
    hold = f", {days(terms.hold_days)} later" if terms.hold_days else ""
    yield "referral", f"Who invites a friend gets {speaker.points(terms.points)} for {on}{hold}."
    friend = [speaker.points(terms.friend_points)] if terms.friend_points else []
    if terms.friend_pool:
        friend.append(f"a code from “{speaker.shop.pools.get(terms.friend_pool, 'coupons that are gone')}”")
    yield "friend", f"The friend gets {join(friend) if friend else 'nothing'}."
    if terms.most_per_member:
        yield "most", f"At most {many(terms.most_per_member, 'friend')} for each member."
    yield "lapse", f"An invitation holds for {days(terms.lapse_days)}."
    yield "fraud", f"More than {terms.max_per_ip_7d:,} friends in a week from one connection are looked at first."


def _joining(speaker: Speaker) -> Keyed:
    programme = speaker.programme
    asked = f"Customers join by themselves; orders of the {days(programme.reach_back_days)} before count."
    yield "joining", asked if programme.joining == "asked" else "Whoever orders is a member."
    if programme.name:
        yield "name", f"The programme is called “{programme.name}”."
    for code, (one, more) in programme.points_name.items():
        yield f"noun.{code}", f"In {tongue(code)}: 1 {one}, 2 {more}."
    if programme.point_value is not None:
        yield "value", f"A point counts as {speaker.money(programme.point_value)} in your books."
    if programme.holdout_percent:
        share = programme.holdout_percent
        yield "holdout", f"{share} of 100 new members are left without rewards, to see what the programme does."
    yield "zone", sentence(f"days begin at midnight in {zone_name(programme.tz)}")


_PARTS: tuple[tuple[str, str, str, Callable[[Speaker], Keyed]], ...] = (
    ("orders", "Points on orders", "bag", _orders),
    ("bonuses", "Multipliers and bonuses", "sparkle", _bonuses),
    ("ways", "Other ways to earn", "star", _ways),
    ("days", "Birthdays and milestones", "calendar", _days),
    ("referral", "Inviting friends", "people", _referral),
    ("lifetime", "Waiting time and end", "clock", _lifetime),
    ("refunds", "Refunds", "return", _refunds),
    ("tiers", "Tiers", "chart", _tiers),
    ("joining", "Joining, names and value", "settings", _joining),
)
SECTIONS = {key: title for key, title, _, _ in _PARTS}
