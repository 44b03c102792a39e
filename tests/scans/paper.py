"""Sheets of paper as they are printed: drawn pages of a package with their codes, back sides, and foreign pages."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

import segno
from PIL import Image, ImageDraw, ImageFont

from ksf_agreements.domain.codes import Code

DPI = 300
MM = DPI / 25.4
WIDTH, HEIGHT = round(210 * MM), round(297 * MM)
Box: TypeAlias = "tuple[float, float, float]"
"""Left, top and size of a square, in mm."""
CODE: Box = (169, 12, 16)
"""Where a page of the package has its code, its white border included; a page of the DOCX has the document's there."""
WORDS = ("avtale", "klynge", "kommune", "part", "samarbeid", "oppsigelse", "varighet", "vedlegg", "satsingsområde")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of a sheet and what its code says; page 0 is a printout of the DOCX.

    Without a document it is foreign, and without text the blank back of a sheet.
    """

    document_id: str = ""
    version: int = 0
    page: int = 0
    signature: bool = False
    text: bool = True


BACK = Sheet(text=False)
FOREIGN = Sheet()


def package(document_id: str, version: int, pages: int) -> tuple[Sheet, ...]:
    """Return the sheets of a package; the last two pages are to be signed."""
    return tuple(Sheet(document_id, version, page, signature=page > pages - 2) for page in range(1, pages + 1))


@lru_cache(maxsize=64)
def printed(sheet: Sheet) -> Image.Image:
    """Return a sheet as it leaves the printer, at `DPI`, in grey."""
    paper = Image.new("L", (WIDTH, HEIGHT), 255)
    if not sheet.text:
        return paper
    chance = random.Random(repr(sheet))  # noqa: S311 (words, not secrets)
    draw = ImageDraw.Draw(paper)
    font, small = _font(round(3.9 * MM)), _font(round(2.8 * MM))
    bottom = 190 if sheet.signature else 272
    for row in range(32, bottom, 6):
        if chance.random() > 0.12:
            words = " ".join(chance.choices(WORDS, k=chance.randint(4, 9)))
            draw.text((25 * MM, row * MM), words, fill=10, font=font)
    if sheet.signature:
        _sign(draw, chance)
    if sheet.document_id:
        code = Code(sheet.document_id, sheet.version, sheet.page or None)
        draw.text((25 * MM, 284 * MM), f"{code} · versjon {sheet.version}", fill=10, font=small)
        _stamp(paper, str(code))
    return paper


def _sign(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Draw three lines to sign on, and ink on one of them."""
    for row in (205, 230, 255):
        draw.line((25 * MM, row * MM, 110 * MM, row * MM), fill=0, width=3)
    row = chance.choice((205, 230, 255))
    ink = [(30 * MM + step * 1.4 * MM, (row - 3 + chance.uniform(-6, 4)) * MM) for step in range(40)]
    draw.line(ink, fill=60, width=7, joint="curve")


def _stamp(paper: Image.Image, text: str) -> None:
    """Print a QR code with its border."""
    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="png", scale=8, border=2)
    left, top, size = (round(part * MM) for part in CODE)
    paper.paste(Image.open(target).convert("L").resize((size, size), Image.Resampling.BOX), (left, top))


@cache
def _font(pixels: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(pixels)
