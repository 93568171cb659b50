"""Our own words of the scores, for surveys that have none of their own yet."""

LANGUAGES = ("en", "de", "fr", "es", "pt")

PLAIN: dict[str, dict[str, str]] = {
    "csat": {
        "en": "How satisfied are you with this order?",
        "de": "Wie zufrieden bist du mit dieser Bestellung?",
        "fr": "Êtes-vous satisfait de cette commande\u00a0?",
        "es": "¿Qué te ha parecido este pedido?",
        "pt": "Qual é a sua satisfação com este pedido?",
    },
    "nps": {
        "en": "How likely are you to recommend {shop} to a friend?",
        "de": "Wie wahrscheinlich ist es, dass du {shop} weiterempfiehlst?",
        "fr": "Quelle est la probabilité que vous recommandiez {shop} à un proche\u00a0?",
        "es": "¿Qué probabilidad hay de que recomiendes {shop} a alguien que conoces?",
        "pt": "Qual é a probabilidade de você recomendar {shop} a alguém?",
    },
    "ces": {
        "en": "{shop} made it easy for me to handle my issue.",
        "de": "{shop} hat es mir leicht gemacht, mein Anliegen zu klären.",
        "fr": "{shop} m’a permis de régler facilement mon problème.",
        "es": "{shop} me ha puesto fácil resolver mi problema.",
        "pt": "{shop} facilitou a solução do meu problema.",
    },
    "csat_low": {"en": "Very bad", "de": "Sehr schlecht", "fr": "Très mal", "es": "Muy mal", "pt": "Péssimo"},
    "csat_high": {"en": "Great", "de": "Sehr gut", "fr": "Super", "es": "Genial", "pt": "Ótimo"},
    "nps_low": {
        "en": "Not at all likely",
        "de": "Sehr unwahrscheinlich",
        "fr": "Pas du tout probable",
        "es": "Nada probable",
        "pt": "Nada provável",
    },
    "nps_high": {
        "en": "Extremely likely",
        "de": "Sehr wahrscheinlich",
        "fr": "Très probable",
        "es": "Muy probable",
        "pt": "Muito provável",
    },
    "ces_low": {
        "en": "Strongly disagree",
        "de": "Stimme gar nicht zu",
        "fr": "Pas du tout d’accord",
        "es": "Totalmente en desacuerdo",
        "pt": "Discordo totalmente",
    },
    "ces_high": {
        "en": "Strongly agree",
        "de": "Stimme voll zu",
        "fr": "Tout à fait d’accord",
        "es": "Totalmente de acuerdo",
        "pt": "Concordo totalmente",
    },
    "comment": {
        "en": "Anything you want to add?",
        "de": "Möchtest du noch etwas sagen?",
        "fr": "Souhaitez-vous ajouter quelque chose\u00a0?",
        "es": "¿Quieres añadir algo?",
        "pt": "Quer acrescentar alguma coisa?",
    },
}
