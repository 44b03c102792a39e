"""How surely scans are recognised: piles of scanned sheets, and what the reader makes of each page."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ksf_agreements.domain.verdict import FoundPage
from ksf_agreements.signed.pages import find_pages
from tests.scans.paper import BACK, FOREIGN, Sheet, package, printed
from tests.scans.scanner import Scan, as_pdf, as_tiff, readable, scanned

ONE, OTHER = package("KSF-7Q4M-2XKD", 2, 10), package("KSF-B0DE-88GZ", 1, 7)


class Outcome(StrEnum):
    """What became of a page."""

    RIGHT = "right"
    UNREAD = "unread"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a pile: the sheet, how it was scanned, and what became of it."""

    sheet: Sheet
    how: Scan
    outcome: Outcome


def whole(chance: random.Random) -> list[Sheet]:
    """A package, all of it."""
    return list(chance.choice((ONE, OTHER)))


def one_missing(chance: random.Random) -> list[Sheet]:
    """A package without one page."""
    sheets = whole(chance)
    del sheets[chance.randrange(len(sheets))]
    return sheets


def out_of_order(chance: random.Random) -> list[Sheet]:
    """A package in any order."""
    sheets = whole(chance)
    chance.shuffle(sheets)
    return sheets


def two_agreements(chance: random.Random) -> list[Sheet]:
    """Pages of two agreements, one after the other or mixed."""
    sheets = [*ONE[chance.randrange(8) :], *OTHER[chance.randrange(5) :]]
    if chance.random() < 0.5:
        chance.shuffle(sheets)
    return sheets


def with_backs(chance: random.Random) -> list[Sheet]:
    """Both sides of every sheet, printed on one."""
    return [side for sheet in whole(chance) for side in (sheet, BACK)]


def with_foreign(chance: random.Random) -> list[Sheet]:
    """A package with somebody else's pages between."""
    sheets = whole(chance)
    for _ in range(chance.randint(1, 2)):
        sheets.insert(chance.randrange(len(sheets) + 1), FOREIGN)
    return sheets


def signature_page(chance: random.Random) -> list[Sheet]:
    """The page that was signed, and nothing else."""
    return [chance.choice((*ONE[-2:], *OTHER[-2:]))]


def printout(chance: random.Random) -> list[Sheet]:
    """Some pages of the DOCX, printed: they say their document, not their page."""
    return [Sheet("KSF-7Q4M-2XKD", 2, 0, signature=chance.random() < 0.5) for _ in range(chance.randint(1, 3))]


PILES = (whole, one_missing, out_of_order, two_agreements, with_backs, with_foreign, signature_page, printout)


def pile(seed: int, draw: Callable[[random.Random], Scan] = readable) -> list[Page]:
    """Scan one pile, read it, and return what became of each page."""
    chance = random.Random(seed)  # noqa: S311 (the same pile for the same seed)
    sheets = PILES[seed % len(PILES)](chance)
    hows = [draw(chance) for _ in sheets]
    images = [scanned(printed(sheet), how, chance) for sheet, how in zip(sheets, hows, strict=True)]
    data = as_tiff(images) if seed % 5 == 4 else as_pdf(list(zip(images, hows, strict=True)))
    looked = find_pages(data)
    found = {page.place: page for page in looked.found}
    return [
        Page(sheet, how, _outcome(sheet, how, found.get(place), place in looked.blank))
        for place, (sheet, how) in enumerate(zip(sheets, hows, strict=True), 1)
    ]


def _outcome(sheet: Sheet, how: Scan, found: FoundPage | None, is_blank: bool) -> Outcome:
    if found is not None:
        said = found.document_id, found.version, found.page or 0
        return (
            Outcome.RIGHT
            if (*said, found.turned) == (sheet.document_id, sheet.version, sheet.page, how.turn)
            else Outcome.WRONG
        )
    if is_blank:
        return Outcome.RIGHT if not sheet.text else Outcome.WRONG
    return Outcome.RIGHT if not sheet.document_id and sheet.text else Outcome.UNREAD


def figures(pages: Sequence[Page]) -> str:
    """Return the figures in lines: pages with a code, blank backs, and foreign pages."""
    kinds = {
        "with a code": [page for page in pages if page.sheet.document_id],
        "blank": [page for page in pages if not page.sheet.text],
        "foreign": [page for page in pages if page.sheet.text and not page.sheet.document_id],
    }
    return "\n".join(_line(name, some) for name, some in kinds.items() if some)


def _line(name: str, pages: Sequence[Page]) -> str:
    count = Counter(page.outcome for page in pages)
    share = 100 * count[Outcome.RIGHT] / len(pages)
    return (
        f"{len(pages):5} pages {name}: {count[Outcome.RIGHT]} right ({share:.2f} %), "
        f"{count[Outcome.UNREAD]} not recognised, {count[Outcome.WRONG]} wrong"
    )
