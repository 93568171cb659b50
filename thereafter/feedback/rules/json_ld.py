"""What search engines read of a product's reviews (schema.org), for what stands on the page and nothing else.

Only ever about a product: stars of a shop on its own pages are self-serving and count for nothing with Google.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Longer names are not taken for names of people.
LONGEST_AUTHOR = 99


@dataclass(frozen=True, slots=True)
class About:
    name: str
    url: str = ""
    image: str = ""
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One review as it is shown; `written_on` is an ISO date."""

    rating: int
    author: str
    written_on: str
    title: str = ""
    body: str = ""
    language: str = ""


def product(about: About, mean: float | None, count: int, reviews: Sequence[Said]) -> str:
    """A JSON-LD document to stand inside <script>; "" for a product without a review, of which there is nothing to
    say. `mean` is the plain mean of all `count` published reviews."""
    if mean is None or not count:
        return ""
    found = _filled(
        {"@context": "https://schema.org", "@type": "Product", "name": about.name, "url": about.url}
        | {"image": about.image, "sku": about.sku}
    )
    found["aggregateRating"] = {
        "@type": "AggregateRating",
        "ratingValue": round(mean, 2),
        "reviewCount": count,
        "bestRating": 5,
        "worstRating": 1,
    }
    if reviews:
        found["review"] = [_review(one) for one in reviews]
    return _inside_script(found)


def _review(one: Said) -> dict[str, Any]:
    return _filled(
        {
            "@type": "Review",
            "author": {"@type": "Person", "name": one.author[:LONGEST_AUTHOR]},
            "datePublished": one.written_on,
            "name": one.title,
            "reviewBody": one.body,
            "inLanguage": one.language,
            "reviewRating": {"@type": "Rating", "ratingValue": one.rating, "bestRating": 5, "worstRating": 1},
        }
    )


def _filled(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}


def _inside_script(facts: dict[str, Any]) -> str:
    """No text of a visitor may end the script."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")
