"""Whether a text asks for good stars instead of an opinion, in five languages. Plain Python.

Asking for good reviews, rewarding only those, and inviting only the happy are unlawful in the United States
(16 CFR 465.4, "expressly or by implication") and unfair in the European Union (2005/29/EC, Annex I, 23c).
"""

import re
from itertools import pairwise
from typing import NamedTuple

# stars: asks for good ones; reward: promises something for good ones; happy: invites only who is content.
STARS, REWARD, HAPPY = "stars", "reward", "happy"
SAID = {
    STARS: "It asks for good stars (“{quote}”). Ask for an honest review instead, whatever it says.",
    REWARD: "It promises something for good stars (“{quote}”). A reward is for any review, never for its stars.",
    HAPPY: "It invites only who is content (“{quote}”). Invite everybody to say what they think, in the same words.",
}


class Asked(NamedTuple):
    """`kind` is one of `STARS`, `REWARD`, `HAPPY`; `quote` the words that do it."""

    kind: str
    quote: str

    def __str__(self) -> str:
        return SAID[self.kind].format(quote=self.quote)


_MARKUP = re.compile(r"{{.*?}}|{%.*?%}|<[^>]*>", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?\n…]+[.!?…]*")


_OPINION = (
    r"(?:reviews?|ratings?|feedback|\w*bewertung(?:en)?|\w*rezension(?:en)?|avis|notes?|évaluations?|commentaires?"
    r"|reseñas?|opini(?:ón|ones)|valoraci(?:ón|ones)|avaliaç(?:ão|ões)|opini(?:ão|ões))"
)
_FIVE = (
    r"(?:\b(?:5|five|fünf|cinq|cinco)(?:[\s-]+(?:full|volle))?[\s-]*(?:stars?|sterne?\w*|étoiles?|estrellas?|estrelas?)"
    r"|[★⭐🌟]{5})"
)
_PRAISE = (
    r"(?:positive[nrs]?|good|great|glowing|excellente?s?|perfect|favou?rable|gute[nrs]?|tolle[nrs]?|beste[nrs]?|top"
    r"|bonn?e?s?|positifs?|favorables?|buenas?|positivas?|boas?|excelentes?)"
)
_PRAISE_AFTER = r"(?:positifs?|favorables?|positivas?|excelentes?|buenas?|boas?)"
_GOOD = re.compile(
    rf"(?:{_FIVE}|\b{_PRAISE}[\s-]+{_OPINION}\b|\b{_OPINION}\s+{_PRAISE_AFTER}\b)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:leave|give|write|post|drop|submit|rate|send|share|deserve|appreciate|hope"
    r"|gib|geben|gebt|hinterlass\w*|schreib\w*|bewerte\w*|schenk\w*|freuen|vergib|vergeben|hoffen"
    r"|laiss\w+|donn\w+|écri\w+|mett\w+|mets|notez?|attribu\w+|espérons"
    r"|d[eé]j[aáeé]\w*|danos|dar|da|escrib\w+|pon\w*|puntúa\w*|valora|valóranos|califica\w*"
    r"|deix\w+|dá|dê|dê-nos|dá-nos|escrev\w+|avali[ae]\w*|classifi\w+)\b",
    re.IGNORECASE,
)
_REWARD = re.compile(
    r"(?:\b\d+\s?%|\b(?:coupons?|vouchers?|discount|points?|gifts?|rewards?|gutschein\w*|rabatt\w*|punkte\w*|geschenk\w*"
    r"|prämie\w*|bon d['’]achat|réduction|remise|cadeaux?|cup[oó]n(?:es)?|descuento|puntos|regalo|vale|cup[aã]o|cupom"
    r"|desconto|pontos|prenda|presente|brinde|free|gratis|gratuit\w*|grátis)\b)",
    re.IGNORECASE,
)
# "From 1 to 5 stars", "good or bad", "whatever it says": then it is about all stars.
_ANY_STARS = re.compile(
    r"\b(?:1|one|einem|eins|un|une|uma?)\b[^.!?]{0,12}(?:\s(?:to|bis|oder|or|à|ou|a|hasta|até)\s|\s?[-–]\s?)[^.!?]{0,8}"
    r"\b(?:5|five|fünf|cinq|cinco)\b"
    r"|\b(?:good|positive|gute?|positiv|bonn?e?s?|positi[fv]\w*|buenas?|boas?)\b[^.!?]{0,12}\b(?:or|and|oder|und|wie|ou|et|o|y|e)\b"
    r"[^.!?]{0,12}\b(?:bad|negative|critical|schlechte?|negativ|kritisch|mauvaise?s?|négatifs?|malas?|negativas?|más?)\b"
    r"|\b(?:whatever|any (?:rating|review)|no matter|regardless|egal|ganz gleich|unabhängig|quel\w* que soi\w+"
    r"|peu importe|sea cual|cualquier|qualquer|seja qual)\b",
    re.IGNORECASE,
)
_IF_HAPPY = re.compile(
    r"(?:\b(?:if|wenn|falls|si|se|when)\b[^.!?]{0,25}\b(?:love|like|enjoy|happy|satisfied|pleased|zufrieden|gefällt|gefallen"
    r"|glücklich|liebst|content\w*|satisfait\w*|plaît|plu|aimé?\w*|adoré?\w*|contento|contenta|satisfech\w+|gusta|gustado"
    r"|encanta|satisfeit\w+|gostaste|gostou|gosta|adoraste|adorou)\b"
    r"|^\W*(?:love|loved|loving|like|enjoy\w*|happy|satisfied|pleased|zufrieden|gefällt|content\w*|satisfait\w*|contento"
    r"|satisfech\w+|satisfeit\w+|gostaste|gostou|te gusta|te ha gustado|tu as aimé|ça te plaît)\b[^.!?]*\?)",
    re.IGNORECASE,
)
_REVIEW_US = re.compile(
    rf"\b(?:{_OPINION}|review us|rate us|bewerte\w*|valóranos|avali[ae]\w*|notez?-nous)\b", re.IGNORECASE
)


def asks_for_stars(text: str) -> list[Asked]:
    """What in a text asks for good stars, pays for them or leaves the unhappy out; nothing for an honest question."""
    sentences = [one.strip() for one in _SENTENCE.findall(_MARKUP.sub(" ", text)) if one.strip()]
    found = [_of_sentence(one) for one in sentences]
    found += [_of_the_happy(one, then) for one, then in pairwise([*sentences, ""])]
    return list(dict.fromkeys(asked for asked in found if asked))


def _of_sentence(sentence: str) -> Asked | None:
    good = _GOOD.search(sentence)
    if not good or _ANY_STARS.search(sentence):
        return None
    if _REWARD.search(sentence):
        return Asked(REWARD, _short(sentence))
    return Asked(STARS, _short(sentence)) if _ASKING.search(sentence) else None


def _of_the_happy(sentence: str, then: str) -> Asked | None:
    """Also where the invitation is the next sentence: "Happy with it? Leave us a review."."""
    if not _IF_HAPPY.search(sentence) or _ANY_STARS.search(sentence):
        return None
    is_asked = _REVIEW_US.search(sentence) or (
        sentence.endswith("?") and _REVIEW_US.search(then) and _ASKING.search(then)
    )
    return Asked(HAPPY, _short(f"{sentence} {then}" if sentence.endswith("?") else sentence)) if is_asked else None


def _short(text: str) -> str:
    longest = 90
    words = " ".join(text.split())
    return words if len(words) <= longest else f"{words[:longest].rsplit(' ', 1)[0]} …"
