"""Words that ask for a good score instead of an honest one, in the five languages of the shoppers' pages.

A review or a score that was asked for like this is worth nothing, and 16 CFR 465.4 forbids it "expressly or by
implication". Saying how the scale goes ("from 1 to 5 stars") and what others gave ("4.8 of 5 stars") is allowed.
Questions are looked at more strictly than messages (`kit.wording`): they show no stars of others, and ask for numbers.
"""

import re
from unicodedata import normalize

from thereafter.kit.wording import asks_for_stars as of_messages


def _one_of(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


_FIVE = "(?:5|five|fünf|fuenf|cinq|cinco)"
_TEN = "(?:10|ten|zehn|dix|diez|dez)"
_STARS = "(?:stars?|sterne?n?|étoiles?|etoiles?|estrellas?|estrelas?)"
_REVIEW = _one_of(
    "reviews?|ratings?|scores?|feedback|marks?",
    "bewertung(?:en)?|rezension(?:en)?|noten?",
    "avis|notes?|évaluations?|commentaires?",
    "reseñas?|valoraci(?:ón|ones)|opini(?:ón|ones)|notas?|puntuaci(?:ón|ones)|calificaci(?:ón|ones)",
    "avaliaç(?:ão|ões)|comentários?",
)
_PRAISE = _one_of(
    "good|great|glowing|excellent|perfect|amazing|top|kind|nice",
    "(?:gut|toll|positiv|nett|perfekt|best)e[nrs]?",
    "bonne?|positi(?:f|ve)|excellente?|parfaite?|super|gentil(?:le)?",
    "buena?|gran|mejor|positiv[ao]|excelente|perfect[ao]",
    "boa|bom|perfeita|[oó]tim[ao]|melhor",
)
_GIVE = _one_of(
    "give|rate|leave|write|post|score|select|choose|tap|drop",
    "gib|gebt|geben|gebe|bewerte[nt]?|schreib(?:e|t|en)?|hinterlass(?:e|t|en)?|vergib|vergebt|wähle|drücke?",
    "donne[zr]?|mett(?:ez|re)|mets|laisse[zr]?|attribue[zr]?|note[zr]|choisis(?:sez)?|écri(?:s|vez)",
    "da(?:nos|rnos|me|le)?|d[ée]janos|dej(?:a|ar)|escribe|ponnos|pon|punt[úu]a(?:nos)?|val[oó]ra(?:nos)?|elige",
    "d[êáa]-nos|dê|dar|deix[ea]|escreva|avalie|escolha",
)
# Only these: "if you like it, tell us" makes the happy write and the others keep silent.
_IF_HAPPY = _one_of(
    r"(?:if|when) you(?:'re| are| were|'ve been)?(?: \w+){0,2} (?:happy|satisfied|pleased|loved?|liked?|enjoy(?:ed)?)",
    r"(?:happy|love it|loved it|satisfied|pleased)\s*\?",
    r"(?:wenn|falls|sofern)[^.!?\n]{0,40} (?:zufrieden|gefällt|gefallen|glücklich|begeistert)",
    r"(?:zufrieden|glücklich|begeistert)\s*\?",
    r"si (?:vous|tu)[^.!?\n]{0,30} (?:satisfaite?s?|contente?s?|aimez|aimé|heureu\w+|ravie?s?|plu)",
    r"(?:satisfaite?|contente?)\s*\?",
    r"si (?:te|le|les|os|est[áa]s?|estáis|has)[^.!?\n]{0,30} ?(?:gust|encant|content|satisfech|feliz)\w*",
    r"(?:content[oa]|satisfech[oa])\s*\?",
    r"se (?:você|voce)?[^.!?\n]{0,20}(?:gostou|gostar|adorou|amou|satisfeit[oa]|feliz)",
    r"(?:gostou|satisfeit[oa])\s*\?",
)
_REVIEW_IT = _one_of(
    "review|rate (?:us|it)|(?:leave|give) (?:us )?(?:a |your )?(?:rating|feedback)",
    "bewert|rezension|avis|évalu|notez|reseñ|valor[ae]|opini|avali|comentári",
)
# What may follow a bare number that is wished for: "give us a 10, please", but not "give 10 friends a code".
_ENDS = r"""(?=\s*(?:$|[.,;:!?)"'»“”*]|(?:please|bitte|on|if|when|and|und|auf|et|sur|si|y|por favor|e|na|no)\b))"""
_BEST = _one_of(
    r"(?:top|best|highest|full|maximum)(?: possible)? (?:score|marks|rating|review)",
    r"bestnoten?|(?:höchste|volle|maximale|beste)[rn]? (?:note|punktzahl|bewertung|wertung)",
    r"(?:note|évaluation) (?:maximale|parfaite)|meilleure note",
    r"(?:puntuación|nota|valoración|calificación) (?:máxima|más alta|perfecta)|máxima (?:puntuación|nota)",
    r"(?:nota|pontuação|avaliação) (?:máxima|mais alta|10|dez)",
)
_ASKING = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_FIVE}[ -]?{_STARS}\b(?:[ -]{_REVIEW})?",
        r"(?:[★⭐]\ufe0f?){5}",
        rf"\b{_GIVE}\b[^.!?\n\d]{{0,30}}\b(?:{_TEN}/10|5/5|{_TEN} (?:out of|von|sur|de) {_TEN}|{_TEN}|5){_ENDS}",
        rf"\b{_GIVE}\b[^.!?\n]{{0,25}}\b(?:{_PRAISE} {_REVIEW}|{_REVIEW} {_PRAISE})\b",
        rf"\b{_BEST}\b",
        rf"\b{_IF_HAPPY}[^.!?\n]{{0,60}}\b{_REVIEW_IT}\w*",
    )
]
_HONEST = re.compile(
    # Both ends are named: the scale is explained.
    rf"(?:\b(?:[01]|one|eine?m?|une?|uno?|uma?|zero|null|cero)\b)\s*{_STARS}?(?:\s*\([^)]*\))?"
    rf"\s*(?:to|bis(?: zu)?|à|a|and|und|et|y|e|-|–|/)\s*(?:{_FIVE}|{_TEN})\b"
    # What others gave is a fact.
    rf"|\b\d[.,]\d\s*(?:of|out of|von|sur|de|em|/)\s*(?:5|10)\b\s*{_STARS}?"
    rf"|\b[\d.,]{{2,}}\+? {_FIVE}[ -]?{_STARS}[ -]?{_REVIEW}",
    re.IGNORECASE,
)


def asks_for_stars(text: str) -> str | None:
    """The words of a text that ask for a good score; None when it asks for none."""
    plain = normalize("NFKC", text).replace("’", "'").replace("\u00ad", "")
    plain = re.sub(r"[^\S\n]+", " ", plain)
    wishes = _HONEST.sub(lambda found: "·" * len(found[0]), plain)
    found = next((found for asking in _ASKING if (found := asking.search(wishes))), None)
    return found[0].strip() if found else next((asked.quote for asked in of_messages(text)), None)
