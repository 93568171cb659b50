"""Photos as we keep them: made anew from what was uploaded, so that they are a picture and nothing else.

Place and time of taking, the camera's number and whatever else hides in a file stay outside. One is made at a time in
a process, of at most 50 million pixels, so that what it takes of memory has a bound: 0.4 GB at worst, as measured.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any, BinaryIO

import pillow_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

LARGEST_BYTES = 15 * 1024 * 1024
# A phone's best camera makes 48 or 50 million; as RGB they are 150 MB.
MOST_PIXELS = 51_000_000
LONGEST_EDGE = 2000
THUMBNAIL_EDGE = 320
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
# Decoders that hold the whole picture several times over.
_FEWER_PIXELS = {"WEBP": 25_000_000, "GIF": 25_000_000}
_AT_ONCE = BoundedSemaphore(1)
_WIDE = ("I", "I;16", "I;16B", "I;16L")

pillow_heif.register_heif_opener()


class NotAPhoto(Exception):
    """Says in a sentence why the upload was refused, in the language of who uploaded it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as JPEG in sRGB, upright, and a small one of it. `fingerprint`: SHA-256 of `content`, hexadecimal."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int
    fingerprint: str


def read(upload: bytes | BinaryIO | Any) -> Picture:
    """A picture from an upload: bytes, an open file or an uploaded file; raises `NotAPhoto`.

    JPEG, PNG, WebP, HEIC, AVIF, or the first frame of a GIF.
    """
    stream = _bounded(upload)
    with _AT_ONCE, _opened(stream) as image:
        made = _made_anew(image)
        content = _jpeg(made)
        width, height = made.size
        made.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.LANCZOS)
        return Picture(content, _jpeg(made), width, height, hashlib.sha256(content).hexdigest())


def read_some(files: Iterable[Any], most: int, too_many: str) -> tuple[list[Picture], list[str]]:
    """The first `most` uploads as pictures, and a sentence for each that is none; `too_many` where there are more. It
    takes a second for each: call it outside of any transaction."""
    made: list[Picture] = []
    problems: list[str] = []
    for place, file in enumerate(files):
        if place >= most:
            problems.append(too_many)
            break
        try:
            made.append(read(file))
        except NotAPhoto as why:
            name = str(getattr(file, "name", "") or "")[:60]
            problems.append(f"{name}: {why}" if name else str(why))
    return made, problems


def _bounded(upload: Any) -> BinaryIO:
    """The upload as a file that can be searched. One that says how big it is, is refused unread; of any other no more
    is read than may be."""
    if isinstance(upload, bytes):
        upload = io.BytesIO(upload)
    size = getattr(upload, "size", None)
    if size is None:
        kept = io.BytesIO(upload.read(LARGEST_BYTES + 1))
        size, upload = kept.getbuffer().nbytes, kept
    if size > LARGEST_BYTES:
        raise NotAPhoto(_("The photo is larger than 15 MB. Please choose a smaller one."))
    if size == 0:
        raise NotAPhoto(_("The file is empty. Please choose a photo."))
    upload.seek(0)
    stream: BinaryIO = upload
    return stream


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[Image.Image]:
    try:
        with Image.open(stream, formats=_FORMATS) as image:
            if image.width * image.height > _FEWER_PIXELS.get(str(image.format), MOST_PIXELS):
                raise NotAPhoto(_too_many_pixels())
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPhoto(_too_many_pixels()) from None
    except UnidentifiedImageError:
        raise NotAPhoto(_("This is not a photo that we can read. Please send a JPEG, PNG, HEIC or WebP.")) from None
    # What decoders raise on a broken file differs from one to the next.
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, IndexError, KeyError):
        raise NotAPhoto(_("The photo did not arrive completely, or is damaged. Please try again.")) from None


def _too_many_pixels() -> str:
    return _("The photo has too many pixels: 50 million fit. Please choose a smaller one.")


def _made_anew(image: Image.Image) -> Image.Image:
    """Small first and right after: whatever follows then costs little."""
    profile, exif = image.info.get("icc_profile"), image.getexif()
    # A JPEG can be decoded at a half, a quarter or an eighth of its size.
    image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
    image.load()
    factor = max(image.size) // LONGEST_EDGE
    plain = _eight_bits(image)
    small = plain.reduce(factor) if factor > 1 and plain.mode not in {"P", "1"} else plain
    small = _on_white(small)
    small.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    small.getexif().update(exif)
    upright = ImageOps.exif_transpose(small)
    return _in_srgb(upright, profile)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen bits of grey would all be white if they were cut off at 255."""
    return image.convert("I").point(lambda value: value / 256).convert("L") if image.mode in _WIDE else image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode not in {"RGBA", "LA", "PA", "La", "RGBa"}:
        return image.convert("RGB")
    see_through = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(see_through, mask=see_through.getchannel("A"))
    return paper


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones take wider colours than a JPEG without a profile can say."""
    if not profile:
        return image
    try:
        found = ImageCms.profileToProfile(image, io.BytesIO(profile), _srgb(), outputMode="RGB")
    # A profile for another kind of colours, or a broken one: the picture is good without it.
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return found or image


@lru_cache(maxsize=1)
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def _jpeg(image: Image.Image) -> bytes:
    """A new image over the same pixels: nothing of the old one's data goes along."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    file = io.BytesIO()
    clean.save(file, "JPEG", quality=84, optimize=True, progressive=True)
    return file.getvalue()
