"""What somebody means who answers a text message: no more, again, or help. Plain Python.

Carriers act on a message that is one word of theirs; people write "stop please" and "bitte keine SMS mehr".
"""

import re
import unicodedata

STOP, START, HELP, OTHER = "stop", "start", "help", ""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# The words that carriers know (CTIA, Twilio), and those of our languages.
_STOP = _set(
    "stop stopp stopall unsubscribe cancel end quit revoke optout remove arret arreter arretez desabonner "
    "desinscrire desinscription abmelden abbestellen austragen stoppen beenden ende kundigen kuendigen parar pare alto "
    "baja cancelar cancela salir sair remover descadastrar detener basta fin"
)
_START = _set("start unstop yes subscribe anmelden demarrer reprendre commencer iniciar comecar alta")
_HELP = _set("help info hilfe aide ayuda ajuda")
# What people put around the one word that counts.
_POLITE = _set(
    "please pls plz thanks thank you now it all me my this these the texting text texts message messages messaging sms "
    "sending send contacting from list to bitte danke jetzt alle alles nachrichten keine mich das merci svp sil vous "
    "te plait maintenant les des envoyer por favor gracias obrigado obrigada ya agora mensajes mensagens los as os de "
    "dar darme"
)
_SENTENCES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bopt(ing)? ?(me )?out\b",
        r"\b(take|remove) me (off|from)\b",
        r"\bleave me alone\b",
        r"\b(no|keine) (more|weiteren|weitere) (texts?|messages?|sms|nachrichten)\b",
        r"\bkeine (sms|nachrichten?|werbung) mehr\b",
        r"\b(do not|dont|never|stop) (text|texting|message|messaging|contact|contacting|sms|sending) me\b",
        r"\bplus (de|aucun) (sms|messages?)\b",
        r"\bno mas (sms|mensajes)\b",
        r"\b(no|nao) (me )?(envie|envien|enviem|mande|manden|mandem|escriba|escriban|quiero|quero) mas?i?s?\b",
    )
)
_MOST_WORDS = 6


def meaning(text: str) -> str:
    """STOP, START or HELP; OTHER when it is a message for a person to read ("when does it stop raining?")."""
    words = _words(text)
    if any(sentence.search(" ".join(words)) for sentence in _SENTENCES):
        return STOP
    if len(words) == 1:
        return _of_word(words[0])
    return STOP if _is_polite_stop(words) else OTHER


def _of_word(word: str) -> str:
    for meant, known in ((STOP, _STOP), (START, _START), (HELP, _HELP)):
        if word in known:
            return meant
    return OTHER


def _is_polite_stop(words: list[str]) -> bool:
    """One word that ends it, and nothing else but what people put around it: "please stop texting me"."""
    rest = [word for word in words if word not in _STOP]
    return len(rest) < len(words) <= _MOST_WORDS and all(word in _POLITE for word in rest)


def _words(text: str) -> list[str]:
    """Lower case without accents, apostrophes or signs."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign)).replace("'", "").replace("\u2019", "")
    return re.findall(r"[^\W_]+", plain)
