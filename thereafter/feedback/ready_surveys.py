"""Surveys that can be made in one click: words in five languages, sensible settings, and a journey that asks them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thereafter.feedback.rules import documents
from thereafter.feedback.rules.documents import SurveyDocument

_FOLDER = Path(__file__).parent / "surveys_ready"


@dataclass(frozen=True)
class Ready:
    """`journey` is {"name", "document"}; its step of the kind "ask" gets the key that the survey is made with."""

    key: str
    name: str
    about: str
    icon: str
    kind: str
    document: SurveyDocument
    settings: Mapping[str, Any]
    journey: Mapping[str, Any]


@cache
def all_ready() -> dict[str, Ready]:
    """By key, in the order they are offered."""
    return {one.key: one for one in map(_read, sorted(_FOLDER.glob("*.json")))}


def _read(path: Path) -> Ready:
    known = json.loads(path.read_text(encoding="utf-8"))
    return Ready(**{**known, "document": documents.read(known["document"])})


def journey_for(survey_key: str, ready_key: str = "") -> tuple[str, dict[str, Any]]:
    """Name and document of a journey that asks a survey; of one that was made from nothing ready, after delivery."""
    ready = all_ready()
    found = ready.get(ready_key) or ready.get(survey_key) or ready["own"]
    document = json.loads(json.dumps(found.journey["document"]))
    for step in document["steps"]:
        if step["kind"] == "ask":
            step["survey"] = survey_key
    return str(found.journey["name"]), document
