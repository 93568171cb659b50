"""What is wrong with a document, as people read it. Plain Python."""

from pydantic import ValidationError


def of_document(wrong: ValidationError) -> list[tuple[str, str]]:
    """Places ("rules.0.points") and sentences."""
    errors = wrong.errors(include_url=False)
    return [(".".join(map(str, error["loc"])), _sentence(error["msg"])) for error in errors]


def _sentence(text: str) -> str:
    text = text.removeprefix("Value error, ")
    return f"{text[:1].upper()}{text[1:]}."
