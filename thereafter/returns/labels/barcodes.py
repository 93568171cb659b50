"""Codes for scanners as SVG: Code 128 for the line of light of a hand scanner, QR for cameras. Pure."""

import io
from collections.abc import Iterator

import segno

# Widths of bar, space, bar, space, bar, space by value; ISO/IEC 15417, table 1. 103 to 105 start the sets A, B, C.
_SIX = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
_WIDTHS = tuple(_SIX[at : at + 6] for at in range(0, len(_SIX), 6))
_STOP = "2331112"
_START_B, _SUM = 104, 103
_FIRST, _LAST = " ", "~"
QUIET = 10


def code128_widths(text: str) -> str:
    """Widths of bars and spaces in turn, in modules, for set B; raises ValueError for signs beyond ASCII."""
    if not text or any(not _FIRST <= sign <= _LAST for sign in text):
        raise ValueError(f"{text!r} cannot be written in Code 128.")
    values = [_START_B, *(ord(sign) - ord(_FIRST) for sign in text)]
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))) % _SUM
    return "".join(_WIDTHS[value] for value in [*values, check]) + _STOP


def code128(text: str) -> str:
    """The code as SVG, one unit to the module, with the quiet zones that scanners want."""
    bars = "".join(f"M{start} 0h{width}v1h-{width}z" for start, width in _bars(code128_widths(text)))
    width = sum(map(int, code128_widths(text))) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="1" viewBox="0 0 {width} 1" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{bars}"/></svg>'
    )


def _bars(widths: str) -> Iterator[tuple[int, int]]:
    at = QUIET
    for place, width in enumerate(map(int, widths)):
        if place % 2 == 0:
            yield at, width
        at += width


def qr(text: str, *, border: int = 0) -> str:
    """A QR code as SVG; of medium redundancy, because labels get creased and screens scratched."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=border, xmldecl=False, omitsize=True)
    return drawn.getvalue().decode()


def qr_png(text: str, *, scale: int = 8) -> bytes:
    """The same as a picture, with the white border that cameras want."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", border=4, scale=scale)
    return drawn.getvalue()
