"""Templates of Klaviyo, which are Django's, as Liquid."""

import pytest

from thereafter.messaging import rendering
from thereafter.messaging.rules.django_templates import to_liquid

PAIRS = [
    ("{{ first_name|default:'there' }}", "{{ customer.first_name | default: 'there' }}"),
    ('{{ person.last_name|title|default:"friend" }}', '{{ customer.last_name | capitalize | default: "friend" }}'),
    ("{{ organization.name }}", "{{ store.name }}"),
    ("{{ event.extra.line_items.0.title }}", "{{ order.items[0].title }}"),
    ("{{ event|lookup:'Item Name' }}", '{{ event["Item Name"] }}'),
    ("{{ person|lookup:'Size'|upper }}", "{{ trait.Size | upcase }}"),
    ("{{ event.value|floatformat:2 }}", "{{ event.value | round: 2 }}"),
    ("{{ event.when|date:'j F Y' }}", '{{ event.when | date: "%-d %B %Y" }}'),
    ("{{ person.shoe_size }}", "{{ trait.shoe_size }}"),
    ("{% if first_name %}Hi{% elif person.email %}Ho{% else %}Hey{% endif %}", None),
    ("{% if not first_name %}you{% endif %}", "{% if customer.first_name == nil %}you{% endif %}"),
    ("{% if event.value >= 100 and first_name != 'Al and Bo' %}x{% endif %}", None),
    ("{% for item in event.extra.line_items|slice:':3' %}{{ item.title }}{% endfor %}", None),
    ("{% with name=first_name %}{{ name }}{% endwith %}", "{% assign name = customer.first_name %}{{ name }}"),
    ("{# a note #}", "{% comment %} a note {% endcomment %}"),
    ("{% unsubscribe 'No more' %}", '<a href="{{ links.unsubscribe }}">No more</a>'),
    ("{% unsubscribe_link %}", "{{ links.unsubscribe }}"),
    ("{% web_view 'Look' %}", '<a href="{{ links.view }}">Look</a>'),
    ("plain | text", "plain | text"),
]


@pytest.mark.parametrize(("theirs", "ours"), PAIRS)
def test_it_becomes_liquid_that_can_be_read(theirs: str, ours: str | None) -> None:
    made = to_liquid(theirs).text
    assert ours is None or made == ours
    rendering.names_in(made)


def test_it_says_the_same() -> None:
    made = to_liquid(
        "{% if event.value >= 100 and first_name != 'Al and Bo' %}{{ first_name|upper }}{% endif %}"
        "{% for item in event.extra.line_items|slice:':2' %}-{{ item.title }}{% endfor %}"
    ).text
    facts = {
        "event": {"value": 120},
        "customer": {"first_name": "Ana"},
        "order": {"items": [{"title": "a"}, {"title": "b"}, {"title": "c"}]},
    }
    out = rendering.render(made, {"subject": "", "html": "", "text": made}, facts, "en")
    assert out.text == "ANA-a-b"


def test_what_has_no_counterpart_is_left_out_and_said() -> None:
    made = to_liquid("{{ a|pluralize }} {% coupon_code 'X' %} {% if a in b %}x{% endif %}")
    assert "pluralize" not in made.text
    assert len(made.notes) == 3
    assert "pluralize" in made.notes[1] or "pluralize" in " ".join(made.notes)


def test_liquid_that_is_liquid_already_stays() -> None:
    ours = '{{ customer.first_name | default: "there" }}{% if order.number %}{{ order.number }}{% endif %}'
    assert to_liquid(ours).text == ours
