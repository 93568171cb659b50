"""The order, its parcel, products and a coupon."""

import html
from collections.abc import Sequence

from thereafter.messaging.drawing.pieces import Block, Drawn, Words, link, liquid_link
from thereafter.messaging.rules import markup

_AMOUNT = '<td class="sum">{{ order.%s_minor | money: order.currency }}</td>'
_ROWS = "".join(
    (
        "{% if order.discount_minor > 0 or order.shipping_minor > 0 or order.tax_minor > 0 %}"
        "<tr><td>{{ t.subtotal }}</td>" + _AMOUNT % "subtotal" + "</tr>{% endif %}",
        '{% if order.discount_minor > 0 %}<tr><td>{{ t.discount }}</td><td class="sum">'
        "−{{ order.discount_minor | money: order.currency }}</td></tr>{% endif %}",
        "{% if order.shipping_minor > 0 %}<tr><td>{{ t.shipping }}</td>" + _AMOUNT % "shipping" + "</tr>{% endif %}",
        "{% if order.tax_minor > 0 %}<tr><td>{% if order.taxes_included %}{{ t.tax_included }}{% else %}{{ t.tax }}"
        "{% endif %}</td>" + _AMOUNT % "tax" + "</tr>{% endif %}",
        '<tr class="grand"><td>{{ t.total }}</td>' + _AMOUNT % "total" + "</tr>",
    )
)
_TOTALS = f'<mj-table css-class="order"><tbody class="totals">{_ROWS}</tbody></mj-table>'
_MORE = '{% if order.more_items %}<mj-text mj-class="muted" css-class="quiet">{{ t.more_items }}</mj-text>{% endif %}'
_ADDRESS = (
    '{% if order.address %}<mj-text mj-class="heading" css-class="order">{{ t.goes_to }}</mj-text>'
    '<mj-text padding-top="0" css-class="order">{% for line in order.address %}{{ line }}<br />{% endfor %}</mj-text>'
    "{% endif %}"
)
_ORDER_CARD = (
    '{% if order_card %}<mj-raw><script type="application/ld+json">{{ order_card | json_ld }}</script></mj-raw>'
    "{% endif %}"
)
_ITEM_IMAGE = (
    '{% if order.has_images %}<td class="thumb html-only">{% if item.image %}<img src="{{ item.image }}" alt="" '
    'width="64" height="64" />{% endif %}</td>{% endif %}'
)
_ITEM = (
    "<td>{{ item.quantity }} × {{ item.title }}"
    '{% if item.variant %}<span class="small">, {{ item.variant }}</span>{% endif %}</td>'
)
_ITEM_PRICE = '<td class="sum">{{ item.total_minor | money: order.currency }}</td>'


def order(given: Block, words: Words) -> Drawn:
    heading = markup.escaped(words.get(str(given["id"])) or "{{ t.your_items }}")
    row = f"{_ITEM_IMAGE if given['images'] else ''}{_ITEM}{_ITEM_PRICE if given['prices'] else ''}"
    rows = f"{{% for item in order.items %}}<tr>{row}</tr>{{% endfor %}}"
    parts = [
        f'<mj-text mj-class="heading" css-class="order">{heading}</mj-text>',
        f'<mj-table css-class="order"><tbody class="items">{rows}</tbody></mj-table>',
        _MORE,
        _TOTALS if given["prices"] else "",
        _ADDRESS if given["address"] else "",
    ]
    return Drawn("\n".join(part for part in parts if part), card=_ORDER_CARD if given["mailbox_card"] else "")


_DAYS = (
    "<b>{{ from | day }}{% if delivery.to and delivery.to != delivery.from %} – {{ delivery.to | day }}{% endif %}</b>"
)
_PICKUP = (
    '{% if delivery.pickup.name or delivery.pickup.address %}<mj-text css-class="parcel">{% if delivery.pickup.name %}'
    "<b>{{ delivery.pickup.name }}</b><br />{% endif %}{{ delivery.pickup.address }}</mj-text>{% endif %}"
)
_NUMBERS = (
    "{% assign number = event.tracking_number | default: delivery.tracking_number %}"
    "{% assign carrier = event.carrier | default: delivery.carrier %}"
    '{% if number %}<mj-text mj-class="muted" css-class="quiet parcel">{{ t.carrier }}: {{ carrier | default: "–" }}'
    "<br />{{ t.tracking_number }}: {{ number }}</mj-text>{% endif %}"
)


def parcel(given: Block, words: Words) -> Drawn:
    parts = [
        _expected(given, words) if given["expected"] else "",
        _PICKUP if given["pickup"] else "",
        _NUMBERS if given["numbers"] else "",
    ]
    card = "<!-- block: parcel_delivery -->" if given["mailbox_card"] else ""
    return Drawn("\n".join(part for part in parts if part), card=card)


def _expected(given: Block, words: Words) -> str:
    label = markup.escaped(words.get(str(given["id"])) or "{{ t.expected }}")
    otherwise = " | default: order.promised_on" if given["promised"] else ""
    line = f'<mj-text css-class="parcel">{label} {_DAYS}</mj-text>'
    return f"{{% assign from = delivery.from{otherwise} %}}{{% if from %}}{line}{{% endif %}}"


def products(given: Block, words: Words) -> Drawn:
    chosen = list(given["products"])
    if not chosen:
        return Drawn("")
    said = markup.escaped(words.get(str(given["id"]), ""))
    heading = f'<mj-text mj-class="heading" css-class="products">{said}</mj-text>' if said else ""
    drawn = _tiles(chosen, given) if given["shape"] == "grid" else _rows(chosen, given)
    return Drawn(f'{heading}<mj-table css-class="products">{drawn}</mj-table>')


def _rows(chosen: Sequence[Block], given: Block) -> str:
    rows = "".join(
        f'<tr>{_thumb(one)}<td class="link">{_named(one)}</td>{_price(one) if given["prices"] else ""}</tr>'
        for one in chosen
    )
    return f'<tbody class="items">{rows}</tbody>'


def _tiles(chosen: Sequence[Block], given: Block) -> str:
    pairs = [chosen[at : at + 2] for at in range(0, len(chosen), 2)]
    rows = "".join(f"<tr>{''.join(_tile(one, given) for one in pair)}</tr>" for pair in pairs)
    return f'<tbody class="tiles">{rows}</tbody>'


def _tile(one: Block, given: Block) -> str:
    image = f'<img src="{liquid_link(str(one["image"]))}" alt="" width="240" />' if one.get("image") else ""
    price = f'<br /><span class="small">{_amount(one)}</span>' if given["prices"] and one.get("price_minor") else ""
    return f'<td class="link" width="50%" style="padding:8px 10px;vertical-align:top">{image}{_named(one)}{price}</td>'


def _thumb(one: Block) -> str:
    if not one.get("image"):
        return ""
    return (
        f'<td class="thumb html-only"><img src="{liquid_link(str(one["image"]))}" alt="" width="64" height="64" /></td>'
    )


def _named(one: Block) -> str:
    title, address = html.escape(str(one["title"])), link(str(one.get("url") or ""))
    return f'<a href="{address}">{title}</a>' if address else title


def _price(one: Block) -> str:
    return f'<td class="sum">{_amount(one)}</td>' if one.get("price_minor") else "<td></td>"


def _amount(one: Block) -> str:
    return f'{{{{ {int(one["price_minor"])} | money: "{html.escape(str(one.get("currency") or ""))}" }}}}'


_UNTIL = (
    '{% if coupon.until %}<mj-text mj-class="muted" align="center" css-class="quiet coupon">'
    "{{ t.valid_until }} {{ coupon.until | day }}</mj-text>{% endif %}"
)


def coupon(given: Block, words: Words) -> Drawn:
    own = str(given["code"]).strip()
    code = markup.escaped(own) if own else "{{ coupon.code }}"
    above = markup.escaped(words.get(str(given["id"])) or "")
    parts = [
        f'<mj-text align="center" mj-class="muted" css-class="quiet coupon">{above}</mj-text>' if above else "",
        '<mj-table align="center" css-class="coupon"><tbody><tr>'
        f'<td class="code" align="center">{code}</td></tr></tbody></mj-table>',
        "" if own else _UNTIL,
        _use_it(liquid_link(str(given["link"])), markup.escaped(words.get(f"{given['id']}.button") or "")),
    ]
    drawn = "\n".join(part for part in parts if part)
    return Drawn(drawn if own else f"{{% if coupon.code %}}{drawn}{{% endif %}}")


def _use_it(address: str, label: str) -> str:
    if not address or not label:
        return ""
    return f'<mj-button href="{address}" align="center" css-class="action">{label}</mj-button>'
