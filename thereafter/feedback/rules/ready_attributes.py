"""Questions about a product that shops often ask beside the stars, in five languages. Plain Python."""

from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "pt")
Words = dict[str, str]


def _words(*said: str) -> Words:
    return dict(zip(LANGUAGES, said, strict=True))


def _attribute(key: str, kind: str, label: Words, options: dict[str, Words]) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": label, "options": [{"key": k, "label": v} for k, v in options.items()]}


READY: dict[str, dict[str, Any]] = {
    one["key"]: one
    for one in (
        _attribute(
            "fit",
            "scale",
            _words("How does it fit?", "Wie fällt es aus?", "Comment taille-t-il ?", "¿Cómo talla?", "Como assenta?"),
            {
                "small": _words("Runs small", "Klein", "Petit", "Pequeño", "Pequeno"),
                "true": _words("True to size", "Wie erwartet", "Conforme", "Como se espera", "Como esperado"),
                "large": _words("Runs large", "Groß", "Grand", "Grande", "Grande"),
            },
        ),
        _attribute(
            "quality",
            "scale",
            _words(
                "How well is it made?",
                "Wie gut ist es gemacht?",
                "Comment est-il fabriqué ?",
                "¿Qué tal está hecho?",
                "Como está feito?",
            ),
            {
                "poor": _words("Poorly", "Schlecht", "Mal", "Mal", "Mal"),
                "fair": _words("So-so", "Mäßig", "Moyennement", "Regular", "Mais ou menos"),
                "well": _words("Well", "Gut", "Bien", "Bien", "Bem"),
            },
        ),
        _attribute(
            "used_for",
            "choice",
            _words(
                "How often do you use it?",
                "Wie oft benutzt du es?",
                "À quelle fréquence l’utilises-tu ?",
                "¿Con qué frecuencia lo usas?",
                "Com que frequência o usas?",
            ),
            {
                "daily": _words("Every day", "Jeden Tag", "Tous les jours", "Cada día", "Todos os dias"),
                "weekly": _words("Every week", "Jede Woche", "Chaque semaine", "Cada semana", "Todas as semanas"),
                "rarely": _words(
                    "Now and then", "Ab und zu", "De temps en temps", "De vez en cuando", "De vez em quando"
                ),
            },
        ),
        _attribute(
            "age",
            "choice",
            _words("How old are you?", "Wie alt bist du?", "Quel âge as-tu ?", "¿Qué edad tienes?", "Que idade tens?"),
            {
                key: _words(text, text, text, text, text)
                for key, text in (("under25", "< 25"), ("25-39", "25–39"), ("40-59", "40–59"), ("60", "60 +"))
            },
        ),
        _attribute(
            "skin",
            "choice",
            _words(
                "What is your skin like?",
                "Wie ist deine Haut?",
                "Comment est ta peau ?",
                "¿Cómo es tu piel?",
                "Como é a tua pele?",
            ),
            {
                "dry": _words("Dry", "Trocken", "Sèche", "Seca", "Seca"),
                "normal": _words("Normal", "Normal", "Normale", "Normal", "Normal"),
                "oily": _words("Oily", "Fettig", "Grasse", "Grasa", "Oleosa"),
                "sensitive": _words("Sensitive", "Empfindlich", "Sensible", "Sensible", "Sensível"),
            },
        ),
    )
}
NAMES = {"fit": "Fit", "quality": "Workmanship", "used_for": "How often it is used", "age": "Age", "skin": "Skin type"}
