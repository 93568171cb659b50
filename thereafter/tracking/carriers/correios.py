"""Correios of Brazil: the SRO Rastro API, with the access code of a posting card."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request, Token
from thereafter.tracking.carriers.reading import at, expected, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, Pickup, ScanDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.rules.states import (
    ATTEMPTED,
    AVAILABLE_FOR_PICKUP,
    CANCELLED,
    DELIVERED,
    EXCEPTION,
    IN_TRANSIT,
    LABEL_CREATED,
    OUT_FOR_DELIVERY,
    PICKED_UP,
    RETURNED,
    RETURNING,
)

HOST = "https://api.correios.com.br"
# All of its clocks show the time of Brasilia.
ZONE = "America/Sao_Paulo"
MOVING, WAITS, BACK = Meaning(IN_TRANSIT), Meaning(AVAILABLE_FOR_PICKUP), Meaning(RETURNING)
NOT_HOME, ADDRESS = Meaning(ATTEMPTED, reason="consignee_not_home"), Meaning(EXCEPTION, reason="consignee_bad_address")
CLOSED, DUTIES = Meaning(ATTEMPTED), Meaning(EXCEPTION, reason="customs_duties_unpaid")
LOST, DAMAGED = Meaning(EXCEPTION, reason="carrier_lost"), Meaning(EXCEPTION, reason="carrier_damaged")
# BDE, BDI and BDR are three lists of the same ends of a day's round; the numbers say which.
_ROUND: Mapping[int, Meaning] = {
    0: Meaning(DELIVERED),
    1: Meaning(DELIVERED),
    2: NOT_HOME,
    3: Meaning(EXCEPTION, reason="consignee_unclaimed"),
    4: Meaning(EXCEPTION, reason="consignee_refused"),
    5: BACK,
    6: ADDRESS,
    7: ADDRESS,
    8: ADDRESS,
    9: LOST,
    10: ADDRESS,
    12: Meaning(EXCEPTION, reason="consignee_unclaimed"),
    14: Meaning(CANCELLED),
    15: MOVING,
    18: NOT_HOME,
    19: ADDRESS,
    20: NOT_HOME,
    21: BACK,
    22: BACK,
    23: Meaning(RETURNED),
    24: WAITS,
    25: CLOSED,
    26: BACK,
    28: DAMAGED,
    30: Meaning(IN_TRANSIT, delayed=True),
    32: Meaning(IN_TRANSIT),
    33: BACK,
    34: ADDRESS,
    35: CLOSED,
    36: BACK,
    37: DAMAGED,
    38: Meaning(EXCEPTION, reason="consignee_business_closed"),
    39: Meaning(EXCEPTION, reason="other"),
    40: Meaning(EXCEPTION, reason="customs_prohibited"),
    41: MOVING,
    42: BACK,
    43: Meaning(EXCEPTION, reason="customs_prohibited"),
    45: MOVING,
    46: CLOSED,
    47: Meaning(IN_TRANSIT, delayed=True),
    48: BACK,
    49: BACK,
    50: LOST,
    51: LOST,
    52: LOST,
    53: MOVING,
    54: DUTIES,
    55: Meaning(EXCEPTION, reason="customs_hold"),
    56: Meaning(EXCEPTION, reason="customs_documents"),
    57: MOVING,
    58: MOVING,
    59: MOVING,
    60: Meaning(EXCEPTION, reason="consignee_unclaimed"),
    66: Meaning(IN_TRANSIT, delayed=True),
    67: Meaning(DELIVERED),
    68: Meaning(AVAILABLE_FOR_PICKUP, detail="locker"),
    69: Meaning(IN_TRANSIT, delayed=True),
    70: Meaning(DELIVERED),
    75: Meaning(EXCEPTION, reason="customs_prohibited"),
    80: LOST,
}
_OTHERS: Mapping[str, Mapping[int, Meaning]] = {
    "BLQ": {1: BACK, 2: MOVING},
    "CAR": {1: MOVING},
    "CD": {0: MOVING, 1: MOVING, 2: MOVING, 3: MOVING},
    "CMR": {1: MOVING},
    "CMT": {0: MOVING},
    "CO": {1: Meaning(PICKED_UP), 15: MOVING},
    "CUN": {0: MOVING, 1: MOVING},
    "DO": {0: MOVING, 1: MOVING, 2: MOVING},
    # "Please disregard the information before": it says nothing by itself.
    "EST": {number: Meaning("") for number in (1, 2, 3, 4, 5, 6, 9)},
    "FC": {
        1: BACK,
        2: MOVING,
        3: Meaning(IN_TRANSIT, delayed=True),
        4: ADDRESS,
        5: BACK,
        7: CLOSED,
        8: Meaning(IN_TRANSIT, delayed=True),
        9: Meaning(EXCEPTION, reason="consignee_unclaimed"),
        10: MOVING,
        47: BACK,
        82: Meaning(LABEL_CREATED),
    },
    "IDC": dict.fromkeys(range(1, 8), LOST),
    "LDE": {0: BACK, 9: BACK},
    "LDI": dict.fromkeys((0, 1, 2, 3, 4, 14), WAITS),
    "OEC": {0: Meaning(OUT_FOR_DELIVERY), 1: Meaning(OUT_FOR_DELIVERY), 9: BACK},
    "PAR": {15: MOVING, 16: MOVING, 17: MOVING, 18: MOVING, 24: MOVING, 21: Meaning(EXCEPTION, reason="customs_hold")},
    "PMT": {1: MOVING},
    "PO": {0: Meaning(PICKED_UP), 1: Meaning(PICKED_UP), 9: Meaning(PICKED_UP)},
    "RO": {0: MOVING, 1: MOVING},
    "TRI": {0: MOVING},
}
_LISTS = {**dict.fromkeys(("BDE", "BDI", "BDR"), _ROUND), **_OTHERS}
CODES = {f"{kind}-{number:02}": meaning for kind, numbers in _LISTS.items() for number, meaning in numbers.items()}
# "Not in our data base"; an invalid number (SRO-019) is refused with its sentence.
NOT_FOUND = "SRO-020"


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    found = rows(document, "objetos")
    if not found:
        said = reading.first(text(document, "mensagem"), text(document, "msgs", 0), text(document, "msgs"))
        raise BadScan(f"bad_document: no objects in the answer of Correios {said}".strip()[:200])
    return reading.parcels(found, _object)


def _object(item: dict[str, Any]) -> ParcelDoc | BadScan:
    number, said = name(item, "codObjeto"), text(item, "mensagem")
    events = rows(item, "eventos")
    if NOT_FOUND in said and not events:
        return ParcelDoc(carrier="correios", tracking_number=number, scans=[], unknown_number=True)
    if said and not events:
        return BadScan(f"bad_document: Correios answers {said} for {number}"[:200])
    arrives = expected(text(item, "dtPrevista"))[: len("2026-03-03")]
    return ParcelDoc(
        carrier="correios",
        tracking_number=number,
        service=name(item, "tipoPostal", "categoria"),
        expected_from=arrives,
        expected_to=arrives,
        pickup=_pickup(events),
        scans=reading.scans(events, _event),
    )


def code_of(event: dict[str, Any]) -> str:
    """ "BDE-01" of the two halves, with or without the zero before the number."""
    kind, number = text(event, "codigo"), text(event, "tipo")
    return f"{kind}-{number.zfill(2)}" if number else kind


def _event(event: dict[str, Any]) -> ScanDoc:
    code, said = code_of(event), text(event, "descricao")
    where = at(event, "unidade", "endereco")
    meaning = reading.meaning(CODES, code, words=said)
    at_once = text(event, "dtHrCriado", "date") or text(event, "dtHrCriado")
    abroad = text(event, "unidade", "tipo").lower() in {"país", "pais"}
    return ScanDoc(
        occurred_at=reading.when(at_once),
        code=code,
        text=reading.first(" - ".join(part for part in (said, text(event, "detalhe")) if part)),
        place=place(text(where, "cidade") or text(event, "unidade", "nome"), text(where, "uf")),
        country="" if abroad else "BR",
        zone=ZONE,
        **meaning._asdict(),
    )


def _pickup(events: Sequence[Any]) -> Pickup | None:
    """Where it waits, when that is the newest thing told: Correios tells the newest first."""
    newest = max(
        (event for event in events if isinstance(event, dict)), key=lambda event: text(event, "dtHrCriado"), default={}
    )
    if reading.meaning(CODES, code_of(newest)).status != AVAILABLE_FOR_PICKUP:
        return None
    where = at(newest, "unidade", "endereco")
    street = " ".join(part for part in (text(where, "logradouro"), text(where, "numero")) if part)
    return Pickup(
        name=text(newest, "unidade", "nome") or text(newest, "unidade", "tipo"),
        address=place(street, text(where, "bairro"), text(where, "cidade"), text(where, "uf")),
        until=expected(text(newest, "dtLimiteRetirada"))[: len("2026-03-03")],
    )


def read_token(body: bytes) -> Token:
    """The token and how long it lives, from the two times beside it; raises `BadScan`."""
    answer = reading.json_document(body.decode(errors="replace"))
    value = text(answer, "token")
    if not value:
        raise BadScan(f"no_token: {reading.first(text(answer, 'msgs'), 'the answer of Correios holds no token')}"[:200])
    try:
        given, ends = (datetime.fromisoformat(text(answer, part)) for part in ("emissao", "expiraEm"))
        return Token(value, max(int((ends - given).total_seconds()), 0))
    except (ValueError, TypeError):
        return Token(value, 600)


def _token(credentials: Credentials) -> Request:
    who = asking.basic(credentials["user"], credentials["access_code"])
    return asking.post(f"{HOST}/token/v1/autentica/cartaopostagem", {"numero": credentials["card"]}, Authorization=who)


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    url = f"{HOST}/srorastro/v1/objetos/{quote(asks[0].number, safe='')}"
    return asking.get(url, {"resultado": "T"}, Authorization=asking.bearer(token), Accept="application/json")


ADAPTER = Adapter(
    code="correios",
    name="Correios",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(
            Field("user", "Meu Correios user", "The user name of your company at Meu Correios.", secret=False),
            Field("access_code", "API access code", "Made at cws.correios.com.br, under Gestão de acesso às APIs."),
            Field("card", "Posting card number", "The cartão de postagem of your contract.", secret=False),
        ),
        request=_request,
        token=_token,
        read_token=read_token,
        per_minute=300,
        about="At cws.correios.com.br, make an access code for the APIs with your contract's user.",
    ),
)
