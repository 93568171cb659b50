import io
import resource
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from thereafter.kit import pictures
from thereafter.kit.pictures import NotAPhoto

RED, GREEN = (200, 30, 30), (30, 160, 60)
ORIENTATION, GPS = 0x0112, 0x8825


def file_of(kind: str, size: tuple[int, int] = (900, 600), colour: Any = RED, **extra: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **extra)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF"])
def test_every_kind_that_phones_make_becomes_a_jpeg(kind: str) -> None:
    picture = pictures.read(file_of(kind))
    image = opened(picture.content)
    assert (image.format, image.size) == ("JPEG", (900, 600))
    assert (picture.width, picture.height) == (900, 600)
    assert opened(picture.thumbnail).size == (320, 213)
    red, green, blue = image.convert("RGB").getpixel((400, 300))  # type: ignore[misc]  # three bands
    assert red > 170
    assert max(green, blue) < 70


def test_a_large_photo_is_made_smaller_and_a_small_one_is_not_blown_up() -> None:
    picture = pictures.read(file_of("JPEG", (4000, 3000)))
    assert (picture.width, picture.height) == (2000, 1500)
    small = pictures.read(file_of("PNG", (40, 30)))
    assert opened(small.thumbnail).size == (40, 30)


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mrs Secret"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    picture = pictures.read(file_of("JPEG", exif=exif, comment=b"written behind it"))
    for made in (picture.content, picture.thumbnail):
        assert not opened(made).getexif()
        assert b"Secret" not in made
        assert b"written behind" not in made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_taken_sideways_stands_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    sideways = Image.new("RGB", (1200, 800), RED)
    sideways.paste(GREEN, (0, 0, 600, 800))
    file = io.BytesIO()
    sideways.save(file, kind, exif=exif)
    picture = pictures.read(file.getvalue())
    assert (picture.width, picture.height) == (800, 1200)
    # What was left is above once it is turned clockwise.
    assert opened(picture.content).getpixel((400, 100))[1] > 120  # type: ignore[index]  # three bands


def test_what_is_see_through_is_white_and_sixteen_bits_of_grey_are_grey() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(file, "PNG")
    assert opened(pictures.read(file.getvalue()).content).getpixel((50, 50)) == (255, 255, 255)
    file = io.BytesIO()
    Image.new("I;16", (100, 100), 32768).save(file, "PNG")
    assert opened(pictures.read(file.getvalue()).content).getpixel((50, 50)) == (128, 128, 128)


def test_of_a_moving_picture_the_first_is_taken() -> None:
    file = io.BytesIO()
    frames = [Image.new("RGB", (60, 60), colour) for colour in (RED, GREEN)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    pixel = opened(pictures.read(file.getvalue()).content).getpixel((30, 30))
    assert pixel[0] > 170  # type: ignore[index]  # a picture of three colours


def test_the_same_photo_has_the_same_fingerprint() -> None:
    one, again, other = (pictures.read(file_of("JPEG", colour=colour)) for colour in (RED, RED, GREEN))
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 64


@pytest.mark.parametrize("bad", [b"%PDF-1.7", b"<svg onload='x()'></svg>", b"MZ\x90", b"GIF89a", b"\xff\xd8\xff"])
def test_what_is_no_photo_is_refused_in_a_sentence(bad: bytes) -> None:
    with pytest.raises(NotAPhoto, match=r"\.$"):
        pictures.read(bad)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(NotAPhoto, match="empty"):
        pictures.read(b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_half_a_photo_is_refused(kind: str) -> None:
    noise = Image.effect_noise((700, 500), 90).convert("RGB")
    file = io.BytesIO()
    noise.save(file, kind)
    half = file.getvalue()[: len(file.getvalue()) // 2]
    with pytest.raises(NotAPhoto, match=r"Please (try again|send a JPEG)"):
        pictures.read(half)


class Endless:
    """A stream that counts what is taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, most: int) -> bytes:
        self.taken += most
        return bytes(most)


class FiftyMegabytes:
    """An uploaded file that says its size and must not be touched."""

    size = 50 * 1024 * 1024

    def read(self, *args: int) -> bytes:
        raise AssertionError("it was read")


def test_fifty_megabytes_are_refused_unread() -> None:
    with pytest.raises(NotAPhoto, match="15 MB"):
        pictures.read(FiftyMegabytes())
    stream = Endless()
    with pytest.raises(NotAPhoto, match="15 MB"):
        pictures.read(stream)
    assert stream.taken <= pictures.LARGEST_BYTES + 1


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize("edge", [8000, 12_000, 60_000])
def test_a_bomb_of_pixels_is_refused_without_being_unpacked(edge: int) -> None:
    head = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NotAPhoto, match="50 million"):
        pictures.read(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
