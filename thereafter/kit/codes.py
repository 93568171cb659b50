"""Codes that cameras read. Plain Python."""

import io

import segno


def qr(text: str) -> str:
    """As SVG, without a border; of medium redundancy, because parcels are dark and slips get folded."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()
