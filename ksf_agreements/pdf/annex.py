"""Makes of somebody's PDF an annex that can be bound in: its pages as they look, and nothing that acts.

It is read in a bounded child process. Only what a page shows is kept: no scripts, attachments, forms or links; what
notes and form fields show becomes part of the page. What cannot be kept as it looks is refused with a sentence.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ksf_agreements.bounded import BoundedError, Bounds, run_bounded
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader, PdfWriter

PAGES_LIMIT = 500
_BOUNDS = Bounds(seconds=60, memory=1024 * 2**20, output=40 * 2**20)
_CONTENT_LIMIT = 200 * 2**20  # bytes of drawing in all pages together, unpacked
_SIDES = (10.0, 14400.0)  # points; PDF's own limits are 3 and 14400

_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "encrypted": T("it is protected by a password; save it without"),
        "pages": T("it has more than {limit} pages", limit=PAGES_LIMIT),
        "empty": T("it has no pages"),
        "form": T("it is a form whose fields are filled in by the reader's program; print it to a new PDF"),
        "layers": T("it has hidden layers; print it to a new PDF"),
        "unreadable": T("it is no PDF that can be read; open it and print it to a new PDF"),
        "bounds": T("it is too large or too complicated to be read; print it to a new PDF"),
    }
)
_REMARKS: Mapping[str, Text] = MappingProxyType(
    {
        "attachments": T("files attached to it are not taken along"),
        "notes": T("closed notes in it are not taken along"),
        "scripts": T("scripts and actions in it are not taken along"),
        "signed": T("it is signed electronically itself; the signature can be checked only in the original file"),
    }
)


class AnnexRefused(KsfError):
    """A file cannot be bound in as an annex; nothing was made."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Annex:
    """A PDF that can be bound in, its number of pages, and what of the file was not taken along."""

    pdf: bytes
    pages: int
    remarks: tuple[Text, ...] = ()


def clean_annex(data: bytes, name: str) -> Annex:
    """Return a PDF from outside as an annex; ``name`` is the file's, for messages. Raises `AnnexRefused`."""
    try:
        told, _, pdf = run_bounded(__name__, data, bounds=_BOUNDS).partition(b"\n")
        head = json.loads(told)
        code, pages, remarks = str(head["code"]), int(head["pages"]), tuple(map(str, head["remarks"]))
    except BoundedError:
        code = "bounds"
    except (ValueError, KeyError, TypeError):
        code = "unreadable"
    if code:
        reason = _REASONS.get(code, _REASONS["unreadable"])
        raise AnnexRefused(T("{file} cannot be an annex: {reason}. Nothing was made.", file=name, reason=reason))
    return Annex(pdf, pages, tuple(_REMARKS[one] for one in remarks if one in _REMARKS))


class _Unfit(Exception):
    """What the file is not fit for; the argument is a code of `_REASONS`."""


def main(data: bytes) -> bytes:
    """Answer in the child: a line of JSON, then the PDF."""
    head: dict[str, Any] = {"code": "", "pages": 0, "remarks": []}
    pdf = b""
    try:
        pdf, head["pages"], remarks = _clean(data)
        head["remarks"] = sorted(remarks)
    except _Unfit as fault:
        head["code"] = str(fault)
    except MemoryError:
        raise
    except Exception:  # a library that reads garbage raises anything, and all of it means the same
        head["code"] = "unreadable"
    return json.dumps(head).encode("ascii") + b"\n" + pdf


_KEPT = ("/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit")
# Kinds of annotations that show nothing on the page itself, or only act: their remark, or '' where nothing is lost.
_DROPPED = {
    "/Link": "",
    "/Popup": "",
    "/TrapNet": "",
    "/Text": "notes",
    "/FileAttachment": "attachments",
    "/Sound": "attachments",
    "/Movie": "attachments",
    "/Screen": "attachments",
    "/3D": "attachments",
    "/RichMedia": "attachments",
}


def _clean(data: bytes) -> tuple[bytes, int, set[str]]:
    from pypdf import PageObject, PdfReader, PdfWriter
    from pypdf.generic import NameObject

    if b"%PDF-" not in data[:1024]:
        raise _Unfit("unreadable")
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise _Unfit("encrypted")
    remarks = _whole(reader)
    count = len(reader.pages)
    if not count:
        raise _Unfit("empty")
    if count > PAGES_LIMIT:
        raise _Unfit("pages")
    writer, drawn = PdfWriter(), 0
    for page in reader.pages:
        drawn += _measure(page)
        if drawn > _CONTENT_LIMIT:
            raise _Unfit("bounds")
        shown = list(_shown(page, remarks))
        bare = PageObject(reader)
        for name in _KEPT:
            if name in page:
                bare[NameObject(name)] = page.raw_get(name)
        bare[NameObject("/Type")] = NameObject("/Page")
        _flatten(writer, writer.add_page(bare), shown)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue(), count, remarks


def _whole(reader: PdfReader) -> set[str]:
    """Return the remarks on what belongs to the whole file. Raises `_Unfit`."""
    root = reader.root_object
    layers = _group(root, "/OCProperties")
    usual = _group(layers, "/D")
    if usual.get("/OFF", ()) or usual.get("/BaseState", "/ON") != "/ON" or usual.get("/AS", ()):
        raise _Unfit("layers")
    form = _group(root, "/AcroForm")
    if "/XFA" in form:
        raise _Unfit("form")
    names = _group(root, "/Names")
    found = {
        "scripts": "/JavaScript" in names or "/AA" in root or _acts(root.get("/OpenAction")),
        "attachments": "/EmbeddedFiles" in names or "/AF" in root or "/Collection" in root,
        "signed": bool(int(form.get("/SigFlags", 0)) & 1),
    }
    return {name for name, is_there in found.items() if is_there}


def _group(owner: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a group of values, empty where there is none."""
    found = owner.get(name)
    found = found.get_object() if found is not None else None
    return found if isinstance(found, Mapping) else {}


def _acts(action: Any) -> bool:
    """Whether an action does more than to show a page of the file."""
    found = action.get_object() if action is not None else None
    return isinstance(found, Mapping) and found.get("/S") != "/GoTo"


def _measure(page: PageObject) -> int:
    """Return how many bytes of drawing a page has. Raises `_Unfit` for a page of an impossible size."""
    for side in (float(page.mediabox.width), float(page.mediabox.height)):
        if not _SIDES[0] <= side <= _SIDES[1]:
            raise _Unfit("unreadable")
    contents = page.get_contents()
    return len(contents.get_data()) if contents is not None else 0


def _shown(page: PageObject, remarks: set[str]) -> Iterator[tuple[Any, tuple[float, ...]]]:
    """Yield what annotations show: a drawing, and the matrix that puts it in its place (ISO 32000-1, 12.5.5)."""
    for item in page.get("/Annots", ()) or ():
        annotation = item.get_object()
        if not isinstance(annotation, Mapping):
            continue
        if "/AA" in annotation or (_acts(annotation.get("/A")) and annotation.get("/Subtype") != "/Link"):
            remarks.add("scripts")
        kind = str(annotation.get("/Subtype"))
        if kind in _DROPPED:
            remarks.update([_DROPPED[kind]] if _DROPPED[kind] else [])
            continue
        if int(annotation.get("/F", 0)) & 0b100010:  # hidden, or not to be viewed
            continue
        drawing = _appearance(annotation)
        if drawing is None:
            if kind == "/Widget" and _value(annotation):
                raise _Unfit("form")
            continue
        place = _placed(drawing, [float(one) for one in annotation["/Rect"]])
        if place is not None:
            yield drawing, place


def _value(annotation: Mapping[str, Any]) -> bool:
    return bool(annotation.get("/V") or _group(annotation, "/Parent").get("/V"))


def _appearance(annotation: Mapping[str, Any]) -> Any:
    from pypdf.generic import StreamObject

    drawing = _group(annotation, "/AP").get("/N")
    drawing = drawing.get_object() if drawing is not None else None
    if isinstance(drawing, Mapping) and not isinstance(drawing, StreamObject):
        drawing = drawing.get(annotation.get("/AS", "/Off"))
        drawing = drawing.get_object() if drawing is not None else None
    return drawing if isinstance(drawing, StreamObject) else None


def _placed(drawing: Any, rect: list[float]) -> tuple[float, ...] | None:
    a, b, c, d, e, f = (float(one) for one in drawing.get("/Matrix", (1, 0, 0, 1, 0, 0)))
    left, bottom, right, top = (float(one) for one in drawing["/BBox"])
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = [a * x + c * y + e for x, y in corners], [b * x + d * y + f for x, y in corners]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if not width or not height:
        return None
    wide, high = abs(rect[2] - rect[0]) / width, abs(rect[3] - rect[1]) / height
    found = wide, 0.0, 0.0, high, min(rect[0], rect[2]) - wide * min(xs), min(rect[1], rect[3]) - high * min(ys)
    if not all(map(math.isfinite, found)):
        raise _Unfit("unreadable")
    return found


def _flatten(writer: PdfWriter, page: PageObject, shown: list[tuple[Any, tuple[float, ...]]]) -> None:
    """Draw on the page what its annotations showed."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

    if not shown:
        return
    resources = DictionaryObject(page.get("/Resources", DictionaryObject()).get_object())
    drawings = DictionaryObject(resources.get("/XObject", DictionaryObject()).get_object())
    orders = ["\nQ\n"]
    for number, (drawing, place) in enumerate(shown):
        name = f"/KsfNote{number}"
        copy = drawing.clone(writer)
        copy[NameObject("/Type")], copy[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
        drawings[NameObject(name)] = copy.indirect_reference or writer._add_object(copy)
        orders.append(f"q {' '.join(f'{one:.5f}' for one in place)} cm {name} Do Q\n")
    resources[NameObject("/XObject")] = drawings
    page[NameObject("/Resources")] = resources
    before, after = StreamObject(), StreamObject()
    before.set_data(b"q\n")
    after.set_data("".join(orders).encode("ascii"))
    contents = page.get("/Contents")
    there = contents.get_object() if contents is not None else ArrayObject()
    middle = list(there) if isinstance(there, ArrayObject) else [page.raw_get("/Contents")]
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *middle, writer._add_object(after)])
