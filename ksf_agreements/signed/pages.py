"""Finds our codes on the pages of a scan: a PDF or an image that came back, its pages in any position.

Runs inside the bounded child that reads files from outside. It is bounded in itself too: pages of a file, pixels of a
page, and pixels looked at in all, so that a long pile of unreadable pages ends in time.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ksf_agreements.domain.codes import Code, read_code
from ksf_agreements.domain.verdict import FoundPage
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

if TYPE_CHECKING:
    from PIL.Image import Image

Grey: TypeAlias = "Callable[[int], Image]"
"""Shows a page in grey, at so many dots per inch of an A4 sheet."""

PAGES: Final = 500
"""Pages of a file that are looked at; those after them are unread."""
PIXELS: Final = 80_000_000
"""Pixels of a page as it is stored: A4 at 900 dots per inch."""
BUDGET: Final = 2_500_000_000
"""Pixels of a file that are looked at again, after the first look at every page."""
LONG_SIDE: Final = 11.69
"""Inches of A4's long side. What a file says of its own resolution is often wrong: every page is taken for A4."""


class NotInstalled(KsfError):
    """What reads scans is an optional part, and is not here."""

    def __init__(self) -> None:
        super().__init__(
            T(
                "Reading scanned pages needs a part that is not installed. Install it with "
                "'pip install ksf-agreements[signed]', and run the command again."
            )
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """What the pages of a file show: `found` carry a code of ours, `blank` nothing, `unread` something without a code.

    `pages` is how many the file has, 0 where it cannot be opened. A page that was not asked for is in none of them.
    """

    pages: int = 0
    found: tuple[FoundPage, ...] = ()
    blank: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a page: at how many dots per inch, and blurred before, by a radius in dots."""

    dpi: int
    blur: float = 0.0


FIRST: Final = Look(150)
FURTHER: Final = (Look(300, 2.0), Look(200, 1.2), Look(300))
"""How a page is looked at whose code the first look did not find: blurring takes away grain and JPEG's blocks."""
ENOUGH: Final = 2
"""Further looks after which the document's own code will do: a page of the DOCX, printed, has no code of the page."""


def find_pages(data: bytes, places: Iterable[int] | None = None) -> Looked:
    """Look for our codes on the pages of a PDF, PNG, JPEG or TIFF: on all of them, or on ``places``, from 1.

    Raises `NotInstalled`. A file that cannot be opened has no pages; a page that cannot be shown is unread.
    """
    try:
        import PIL  # noqa: F401 (all three are asked for at once, and used further down)
        import pypdfium2  # noqa: F401
        import zxingcpp  # noqa: F401
    except ImportError:
        raise NotInstalled from None
    looked = Looked()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong with a file shows in what is found
        with _forgiving(), closing(_Pdf(data) if b"%PDF-" in data[:1024] else _Images(data)) as file:
            there = range(1, file.count + 1)
            looked = _look_at(file, there if places is None else sorted(set(places) & set(there)))
    return looked


@contextmanager
def _forgiving() -> Iterator[None]:
    """Pass over what the libraries raise on garbage, which is every kind of fault; what was not found is told so."""
    try:
        yield
    except MemoryError:
        raise
    except Exception:  # noqa: S110 (see above)
        pass


def _look_at(file: _Pdf | _Images, places: Iterable[int]) -> Looked:
    """Look at every page once, then again at those that need it: each way at all of them, while the budget lasts."""
    said: dict[int, dict[Code, int]] = {place: {} for place in places}
    blank: set[int] = set()
    left = BUDGET
    for number, look in enumerate((FIRST, *FURTHER)):
        for place, codes in said.items():
            if place > PAGES or place in blank or not _needs(codes, number) or left <= 0:
                continue
            with _forgiving():
                image = file.page(place)(look.dpi)
                left -= image.width * image.height if number else 0
                codes.update(_codes(image, look.blur))
                if not number and not codes and _is_blank(image):
                    blank.add(place)
    found = {place: page for place, codes in said.items() if (page := _judge(place, codes)) is not None}
    unread = tuple(place for place in said if place not in found and place not in blank)
    return Looked(file.count, tuple(found.values()), tuple(sorted(blank)), unread)


def _needs(codes: Mapping[Code, int], number: int) -> bool:
    """Whether a page that shows these codes is worth one more look, after so many."""
    return not any(code.page for code in codes) and (not codes or number <= ENOUGH)


def _judge(place: int, codes: Mapping[Code, int]) -> FoundPage | None:
    """Return the page by its code; None where there is none, or codes of two documents or two pages: never a guess."""
    exact = [code for code in codes if code.page]
    if len({(code.document_id, code.version) for code in codes}) != 1 or len(exact) > 1:
        return None
    code = exact[0] if exact else next(iter(codes))
    return FoundPage(
        place=place, document_id=code.document_id, version=code.version, page=code.page, turned=codes[code]
    )


class _Pdf:
    """The pages of a PDF, drawn by pdfium."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2

        self._document = pypdfium2.PdfDocument(data)
        self.count = len(self._document)

    def close(self) -> None:
        """Let go of the document."""
        self._document.close()

    def page(self, place: int) -> Grey:
        """Return how to draw a page."""
        page = self._document[place - 1]
        longest = max(page.get_size())

        def grey(dpi: int) -> Image:
            drawn: Image = page.render(scale=LONG_SIDE * dpi / longest, grayscale=True).to_pil()
            return drawn.convert("L")

        return grey


class _Images:
    """The pages of an image file: several in a TIFF."""

    def __init__(self, data: bytes) -> None:
        import PIL.Image

        self._image = PIL.Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF"))
        self.count = self._frames()
        self._decoded: tuple[int, Image] = 0, self._image

    def close(self) -> None:
        """Let go of the image."""
        self._image.close()

    def _frames(self) -> int:
        """Count the pages, one more than are looked at at most: a hostile file tells of millions."""
        if self._image.format != "TIFF":
            return 1
        for place in range(1, PAGES + 1):
            try:
                self._image.seek(place)
            except EOFError:
                return place
            except Exception:  # the rest of the file is lost: told as one more page, which will be unread
                return place + 1
        return PAGES + 1

    def page(self, place: int) -> Grey:
        """Return how to show a page. Raises `ValueError` for one of too many pixels."""
        from PIL.Image import Resampling

        if self._decoded[0] != place:
            self._decoded = place, self._decode(place)
        image = self._decoded[1]
        longest = max(image.size)

        def grey(dpi: int) -> Image:
            share = LONG_SIDE * dpi / longest
            size = max(1, round(image.width * share)), max(1, round(image.height * share))
            return image.resize(size, Resampling.BICUBIC, reducing_gap=2.0)

        return grey

    def _decode(self, place: int) -> Image:
        from PIL import ImageOps

        self._image.seek(place - 1)
        width, height = self._image.size
        if width * height > PIXELS:
            raise ValueError("too many pixels")
        self._image.draft("L", self._image.size)
        return ImageOps.exif_transpose(_flat(self._image))


def _flat(image: Image) -> Image:
    """Return an image in grey, what is see-through on white paper, 16 bits as 8."""
    from PIL import Image as Pillow

    if image.mode.startswith(("I", "F")):
        return image.convert("F").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Pillow.alpha_composite(Pillow.new("RGBA", image.size, "white"), image).convert("L")
    return image.convert("L")


def _codes(image: Image, blur: float = 0.0) -> dict[Code, int]:
    """Return our codes on an image, each with how far it is turned clockwise: 0, 90, 180 or 270."""
    import zxingcpp
    from PIL import ImageFilter

    image = image.filter(ImageFilter.GaussianBlur(blur)) if blur else image
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    read = zxingcpp.read_barcodes(image, formats=kind, try_invert=False)
    said = ((read_code(one.text), one.orientation) for one in read)
    return {code: round(degrees / 90) % 4 * 90 for code, degrees in said if code is not None}


def _ink(image: Image) -> Image:
    """Return how much darker than the paper around it each dot is."""
    from PIL import ImageChops, ImageFilter
    from PIL.Image import Resampling

    paper = image.reduce(16).filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MedianFilter(5))
    return ImageChops.subtract(paper.resize(image.size, Resampling.BILINEAR), image)


def _is_blank(image: Image) -> bool:
    """Whether nothing is on a page but specks, shadows and what shines through, 17 mm from its edges and more.

    In squares of 2 mm, ink fills an eighth or more of those that hold a letter, and specks do not.
    """
    margin = round(min(image.size) * 0.08)
    ink = _ink(image).crop((margin, margin, image.width - margin, image.height - margin))
    squares = ink.point([0] * 40 + [255] * 216).reduce(12)
    return sum(squares.histogram()[32:]) <= 2
