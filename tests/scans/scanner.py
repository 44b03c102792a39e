"""A scanner with its faults: what it does to a sheet, drawn by chance within bounds that say what is readable."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.scans.paper import CODE, DPI, MM, Box


@dataclass(frozen=True, slots=True)
class Scan:
    """How one sheet is scanned.

    `turn` in degrees clockwise, `skew` on top of it; `whole` that the image grows so that a skewed sheet keeps its
    corners; `shift` and `crop` in mm; `blur` is a radius in mm; `paper` and `ink` are how light they come out (0 to
    255); `shade` how much darker the darkest corner is, 0 to 1; `noise` the largest change of a dot; `specks` how many;
    `quality` JPEG's, 0 for an image of black and white dots alone.
    """

    dpi: int = 200
    turn: int = 0
    skew: float = 0.0
    whole: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    crop: float = 0.0
    blur: float = 0.0
    paper: int = 255
    ink: int = 0
    shade: float = 0.0
    noise: int = 0
    specks: int = 0
    quality: int = 75

    def shows(self, box: Box) -> bool:
        """Whether a box of the sheet, in mm, is on the scan with all its corners."""
        angle, (left, top, size) = math.radians(self.skew), box
        corners = ((left + x, top + y) for x in (0, size) for y in (0, size))
        for x, y in corners:
            across, down = x - 105, y - 148.5
            place = (
                across * math.cos(angle) - down * math.sin(angle) + self.shift[0],
                across * math.sin(angle) + down * math.cos(angle) + self.shift[1],
            )
            if not self.whole and (abs(place[0]) > 105 - self.crop or abs(place[1]) > 148.5 - self.crop):
                return False
        return True


def readable(chance: random.Random) -> Scan:
    """Draw a scan within the bounds of what an office scanner gives and a person reads without effort.

    150 to 300 dots per inch, in any of four positions, up to 7 degrees skewed, moved up to 4 mm and cropped up to 4 mm
    where the page's code stays on the scan, blurred up to 0.12 mm, ink of at most half the paper's lightness, a corner
    up to a third darker, noise up to a tenth, 400 specks, JPEG of quality 30 to 80, or (one in eight) black and white.
    """
    while not (how := _drawn(chance)).shows(CODE):
        pass
    return how


def _drawn(chance: random.Random) -> Scan:
    rough = chance.random() < 0.7
    return Scan(
        dpi=chance.choice((150, 200, 240, 300)),
        turn=chance.choice((0, 0, 90, 180, 270)),
        skew=chance.uniform(-7, 7) if rough else chance.uniform(-1, 1),
        whole=chance.random() < 0.4,
        shift=(chance.uniform(-4, 4), chance.uniform(-4, 4)),
        crop=chance.uniform(0, 4) if rough else 0.0,
        blur=chance.uniform(0, 0.12),
        paper=chance.randint(200, 255),
        ink=chance.randint(0, 100),
        shade=chance.uniform(0, 0.33) if rough else 0.0,
        noise=chance.randint(0, 25),
        specks=chance.randint(0, 400) if rough else 0,
        quality=0 if chance.random() < 0.125 else chance.randint(30, 80),
    )


def scanned(sheet: Image.Image, how: Scan, chance: random.Random) -> Image.Image:
    """Return what the scanner gives for a sheet."""
    resampling = Image.Resampling.BICUBIC
    image = sheet.filter(ImageFilter.GaussianBlur(how.blur * MM)) if how.blur else sheet
    moved = round(how.shift[0] * MM), round(how.shift[1] * MM)
    if how.skew or moved != (0, 0):
        image = image.rotate(-how.skew, resampling, expand=how.whole, translate=moved, fillcolor=255)
    if how.crop and not how.whole:
        edge = round(how.crop * MM)
        image = image.crop((edge, edge, image.width - edge, image.height - edge))
    share = how.dpi / DPI
    image = image.resize((round(image.width * share), round(image.height * share)), resampling)
    if how.specks:
        draw = ImageDraw.Draw(image)
        for _ in range(how.specks):
            x, y, size = chance.randrange(image.width), chance.randrange(image.height), chance.choice((0, 1, 1, 2))
            draw.ellipse((x, y, x + size, y + size), fill=chance.choice((0, 90, 255)))
    image = image.point([round(how.ink + (how.paper - how.ink) * step / 255) for step in range(256)])
    if how.shade:
        image = ImageChops.multiply(image, _shade(image.size, how.shade))
    if how.noise:
        grain = Image.frombytes("L", image.size, chance.randbytes(image.width * image.height))
        grain = grain.point([round(128 + (step - 127.5) / 127.5 * how.noise) for step in range(256)])
        image = ImageChops.add(image, grain, offset=-128)
    if how.turn:
        image = image.rotate(-how.turn, expand=True)
    if not how.quality:
        # A scanner parts black from white where this sheet's ink and paper meet, the shade halved.
        limit = (how.ink + how.paper * (1 - how.shade / 2)) / 2
        return image.point([0 if step < limit else 255 for step in range(256)]).convert("1")
    return image


def _shade(size: tuple[int, int], depth: float) -> Image.Image:
    """Return paper that darkens towards one corner."""
    slope = Image.linear_gradient("L")
    both = ImageChops.add(slope, slope.rotate(90), scale=2)
    return both.resize(size, Image.Resampling.BILINEAR).point([round(255 - step * depth) for step in range(256)])


def _quality(how: Scan) -> dict[str, int]:
    return {"quality": how.quality} if how.quality else {}


def as_pdf(pages: Sequence[tuple[Image.Image, Scan]]) -> bytes:
    """Return scans as a PDF of images, as a scanner mails it."""
    from pypdf import PdfReader, PdfWriter

    whole = PdfWriter()
    for image, how in pages:
        one = io.BytesIO()
        image.copy().save(one, "PDF", resolution=how.dpi, **_quality(how))
        whole.append(PdfReader(one))
    target = io.BytesIO()
    whole.write(target)
    return target.getvalue()


def as_image(image: Image.Image, how: Scan, kind: str) -> bytes:
    """Return one scan as a PNG, JPEG or TIFF."""
    target = io.BytesIO()
    image.copy().save(target, kind, **(_quality(how) if kind == "JPEG" else {}))
    return target.getvalue()


def as_tiff(images: Sequence[Image.Image]) -> bytes:
    """Return several scans as one TIFF."""
    target = io.BytesIO()
    first, *others = (image.copy() for image in images)
    first.save(target, "TIFF", save_all=True, append_images=others)
    return target.getvalue()
