"""Readable colours. Contrast by WCAG 2.2 (relative luminance); colours are "#rrggbb"."""

READABLE = 4.5
SRGB_LINEAR_BELOW = 0.04045


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(colour: str) -> str:
    """White or near-black, whichever is read better on the colour."""
    return "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, "#111111") else "#111111"


def readable(colour: str, page: str, towards: str) -> str:
    """The colour, mixed with black or white in steps of 5 % until it can be read on the page."""
    tints = (mixed(colour, towards, step / 20) for step in range(21))
    return next(tint for tint in tints if contrast(tint, page) >= READABLE or tint == towards)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (
        share / 12.92 if share <= SRGB_LINEAR_BELOW else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, share: float) -> str:
    """The colour with this share of another in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)
