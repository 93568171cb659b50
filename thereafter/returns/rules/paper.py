"""What paper lies in the printers of a country. Millimetres."""

A4, LETTER = (210.0, 297.0), (215.9, 279.4)
# The countries where CLDR says that paper is "US-Letter".
_LETTER_COUNTRIES = frozenset(("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"))


def page_size(country: str) -> tuple[float, float]:
    """Width and height of a page; A4 where nothing is known."""
    return LETTER if country.upper() in _LETTER_COUNTRIES else A4
