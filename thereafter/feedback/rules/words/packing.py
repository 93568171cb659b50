"""What was learnt as bytes for the database, and back: numbers and word stems only, nothing that could be run."""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from thereafter.feedback.rules.words.sentiment import Model
from thereafter.feedback.rules.words.themes import Centre


class Packed(msgspec.Struct):
    """`rarity` is by language, "" for those too few to have themes of their own."""

    known: bytes = b""
    rarity: bytes = b""
    weights: bytes = b""
    bias: float = 0.0
    stems: dict[str, dict[str, float]] = {}
    usual: str = ""


class Learnt(msgspec.Struct):
    """`model` is None where there were too few unhappy or too few content comments to tell them apart; `usual` is the
    language that most comments are in."""

    model: Model | None
    rarity: Mapping[str, Mapping[str, float]]
    usual: str = ""


def pack(learnt: Learnt) -> bytes:
    packed = Packed(stems={language: dict(stems) for language, stems in learnt.rarity.items()}, usual=learnt.usual)
    if learnt.model is not None:
        packed.known = learnt.model.known.astype("<u8").tobytes()
        packed.rarity = learnt.model.rarity.astype("<f4").tobytes()
        packed.weights = learnt.model.weights.astype("<f4").tobytes()
        packed.bias = learnt.model.bias
    return zlib.compress(msgspec.msgpack.encode(packed), 6)


def unpack(content: bytes) -> Learnt:
    packed = msgspec.msgpack.decode(zlib.decompress(content), type=Packed)
    model = None
    if packed.known:
        model = Model(
            known=np.frombuffer(packed.known, dtype="<u8"),
            rarity=_numbers(packed.rarity),
            weights=_numbers(packed.weights),
            bias=packed.bias,
        )
    return Learnt(model, packed.stems, packed.usual)


def _numbers(packed: bytes) -> Any:
    return np.frombuffer(packed, dtype="<f4").astype(np.float64)


def pack_centre(centre: Centre) -> bytes:
    return msgspec.msgpack.encode(dict(centre))


def unpack_centre(content: bytes) -> Centre:
    return msgspec.msgpack.decode(content, type=dict[str, float]) if content else {}
