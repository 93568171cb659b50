"""What an image file really is, by its first bytes. Plain Python."""

import struct
from typing import NamedTuple

LARGEST = 2 * 1024 * 1024
LARGEST_SIDE = 6_000
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
# Markers of JPEG that carry the size; the others in this range say something else.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class BadPicture(ValueError):
    """The file cannot be used in mails; the text says why."""


class Seen(NamedTuple):
    content_type: str
    width: int
    height: int


def look_at(content: bytes) -> Seen:
    """Raises `BadPicture`."""
    if len(content) > LARGEST:
        raise BadPicture(
            f"The picture has {len(content) / 1024 / 1024:.1f} MB; mails take at most 2 MB, better 200 kB."
        )
    try:
        seen = _png(content) or _gif(content) or _webp(content) or _jpeg(content)
    except (struct.error, IndexError):
        seen = None
    if seen is None:
        raise BadPicture("This is no picture that mailboxes show; use PNG, JPEG, GIF or WebP.")
    if not (0 < seen.width <= LARGEST_SIDE and 0 < seen.height <= LARGEST_SIDE):
        raise BadPicture(f"The picture is {seen.width} × {seen.height} pixels; at most {LARGEST_SIDE} a side work.")
    return seen


def _png(content: bytes) -> Seen | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    return Seen("image/png", *struct.unpack(">II", content[16:24]))


def _gif(content: bytes) -> Seen | None:
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    return Seen("image/gif", *struct.unpack("<HH", content[6:10]))


def _webp(content: bytes) -> Seen | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    if content[12:16] == b"VP8X":
        return Seen("image/webp", *(int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27)))
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return Seen("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack("<HH", content[26:30])
    return Seen("image/webp", width & 0x3FFF, height & 0x3FFF)


def _jpeg(content: bytes) -> Seen | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while content[at] == 0xFF:  # noqa: PLR2004 every marker of JPEG begins so
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Seen("image/jpeg", width, height)
        at += 2 + length
    return None
