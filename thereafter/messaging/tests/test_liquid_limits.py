"""A template of a merchant that computes without end stops, and takes nothing with it."""

import pytest

from thereafter.messaging import rendering
from thereafter.messaging.rendering import CannotRender

FACTS = {"order": {"items": [{"title": "Socks"}, {"title": "Shoes"}]}}


def said(source: str) -> str:
    return rendering.render(source, {"subject": "", "html": "", "text": source}, FACTS, "en").text


def again(step: str, times: int, first: str = '"aaaaaaaaaaaaaaaa"') -> str:
    return f"{{% assign a = {first} %}}" + f"{{% assign a = a | {step} %}}" * times + "{{ a | size }}"


@pytest.mark.parametrize(
    "source",
    [
        '{{ (1..30000000) | join: "," }}',
        "{{ (1..30000000) | sum }}",
        '{% if (1..300000000) contains "x" %}{% endif %}',
        "{% for i in (1..100000000) %}{% endfor %}",
        "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
        again("append: a", 40),
        again('replace: "a", a', 4),
        again("times: a", 40, "99999"),
        again("concat: a", 40, '"a,b,c" | split: ","'),
        again("append: a", 14) + '{% assign l = a | split: "" %}{{ l | join: a }}',
        "".join(f"{again('append: a', 14)}{{% assign b{n} = a %}}" for n in range(60)),
    ],
)
def test_what_would_take_the_machine_with_it_is_refused(source: str) -> None:
    with pytest.raises(CannotRender):
        said(source)


def test_what_people_write_is_written() -> None:
    assert (
        said('{{ "a-b" | replace: "-", "+" | upcase }}{{ order.items | map: "title" | join: ", " }}')
        == "A+BSocks, Shoes"
    )
    assert said("{{ 3 | times: 4 }}{% for i in (1..3) %}{{ i }}{% endfor %}") == "12123"
    assert said('{{ "a b" | replace: " ", "-" | append: "!" | default: "x" }}') == "a-b!"
