"""Binds an agreement and its annexes into the one PDF that is signed; tells where its signature blocks are.

The agreement is cloned whole, so its tags, language and bookmarks stay; its pages get their codes (`stamps`). What
follows it has no tags, and so the bundle claims neither PDF/A nor PDF/UA. Runs in a bounded child process: annexes come
from outside, though cleaned (`annex`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from ksf_agreements.bounded import BoundedError, Bounds, run_bounded
from ksf_agreements.domain.events import SignaturePage
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

if TYPE_CHECKING:
    from pypdf import PdfWriter

_BOUNDS = Bounds(seconds=120, output=128 * 2**20)


class BundleFailed(KsfError):
    """The files could not be bound into one; nothing was made."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a bundle is: the document it is of, its language, and the words of its signature blocks.

    Its title is the agreement's, with `note` behind it (which counterpart it is). `blocks` are a municipality's number
    and the heading of its signature block, in the order of the document.
    """

    document_id: str
    version: int
    note: str
    language: str
    blocks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What is bound in after the agreement: its bookmark, the prefix of its page labels ('V1-'), and the PDF.

    `top` is a bookmark of its own; the others stand below the latest one.
    """

    bookmark: str
    label: str
    pdf: bytes
    top: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle, its length, how many pages from the first carry a code of their own, and its signature pages."""

    pdf: bytes
    pages: int
    stamped: int
    signature_pages: tuple[SignaturePage, ...]


def make_bundle(agreement: bytes, parts: Sequence[Part], plan: Plan) -> Bundle:
    """Return the bundle. Raises `BundleFailed`."""
    told = {
        "plan": asdict(plan),
        "parts": [{"bookmark": one.bookmark, "label": one.label, "top": one.top} for one in parts],
    }
    given = io.BytesIO()
    with zipfile.ZipFile(given, "w") as container:
        container.writestr("plan.json", json.dumps(told))
        for number, pdf in enumerate((agreement, *(one.pdf for one in parts))):
            container.writestr(f"{number}.pdf", pdf)
    try:
        line, _, pdf = run_bounded(__name__, given.getvalue(), bounds=_BOUNDS).partition(b"\n")
        head = json.loads(line)
        signature_pages = tuple(SignaturePage.model_validate_json(json.dumps(one)) for one in head["signature_pages"])
        return Bundle(pdf, int(head["pages"]), int(head["stamped"]), signature_pages)
    except (BoundedError, ValueError, KeyError, TypeError) as fault:
        raise BundleFailed(
            T(
                "The agreement and its annexes could not be bound into one PDF. Nothing was made. Print the annexes to "
                "new PDFs and try again."
            )
        ) from fault


def main(data: bytes) -> bytes:
    """Answer in the child: a line of JSON, then the PDF."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.constants import PageLabelStyle

    from ksf_agreements.pdf.stamps import stamp

    with zipfile.ZipFile(io.BytesIO(data)) as container:
        told = json.loads(container.read("plan.json"))
        pdfs = [container.read(f"{number}.pdf") for number in range(len(told["parts"]) + 1)]
    plan = Plan(**{**told["plan"], "blocks": tuple(map(tuple, told["plan"]["blocks"]))})
    agreement = PdfReader(io.BytesIO(pdfs[0]))
    found = _signature_pages([page.extract_text() for page in agreement.pages], plan.blocks)
    writer = PdfWriter(clone_from=agreement)
    stamped = len(writer.pages)
    for number, page in enumerate(writer.pages, 1):
        stamp(writer, page, plan.document_id, plan.version, number)
    writer.set_page_label(0, stamped - 1, style=PageLabelStyle.DECIMAL)
    above = None
    for part, pdf in zip(told["parts"], pdfs[1:], strict=True):
        begins = len(writer.pages)
        for page in PdfReader(io.BytesIO(pdf)).pages:
            for name in ("/StructParents", "/Tabs", "/Annots"):  # they would point into the agreement's tags
                page.pop(name, None)
            writer.add_page(page)
        ends = len(writer.pages) - 1
        writer.set_page_label(begins, ends, style=PageLabelStyle.DECIMAL, prefix=part["label"], start=1)
        mark = writer.add_outline_item(
            title=part["bookmark"], page_number=begins, parent=None if part["top"] else above
        )
        above = mark if part["top"] else above
    _describe(writer, plan, (agreement.metadata and agreement.metadata.title) or "")
    target = io.BytesIO()
    writer.write(target)
    head = {"pages": len(writer.pages), "stamped": stamped, "signature_pages": found}
    return json.dumps(head).encode("ascii") + b"\n" + target.getvalue()


def with_attachments(cover: bytes, files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return a PDF of ours with files in it, each byte for byte: their signatures stay what they were."""
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(io.BytesIO(cover))
    writer = PdfWriter(clone_from=reader)
    for name, data in files:
        writer.add_attachment(name, data)
    language = str(writer.root_object.get("/Lang", "nb-NO"))
    _describe(writer, Plan("", 0, "", language, ()), (reader.metadata and reader.metadata.title) or "")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _signature_pages(texts: Sequence[str], blocks: Sequence[tuple[str, str]]) -> list[Mapping[str, object]]:
    """Return the pages that have signature blocks, and whose; a block that is not found is on none."""
    pages = [" ".join(text.split()) for text in texts]
    found: dict[int, list[str]] = {}
    for party, heading in blocks:
        wanted = " ".join(heading.split())
        last = max((number for number, text in enumerate(pages, 1) if wanted in text), default=0)
        found.setdefault(last, []).append(party)
    return [{"page": number, "parties": parties} for number, parties in sorted(found.items()) if number]


def _describe(writer: PdfWriter, plan: Plan, title: str) -> None:
    """Give the bundle its own title, and take the claim of PDF/A away."""
    from pypdf.generic import IndirectObject, NameObject, StreamObject, TextStringObject

    title = f"{title} ({plan.note})" if plan.note else title
    writer.add_metadata({"/Title": title})
    xmp = StreamObject()
    xmp.set_data(_XMP.format(title=escape(title), language=escape(plan.language)).encode("utf-8"))
    xmp.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    root = writer.root_object
    said = root.raw_get("/Metadata") if "/Metadata" in root else None
    if isinstance(said, IndirectObject):
        writer._replace_object(said.idnum, xmp)  # else the old one, with its claim, would stay in the file
    else:
        root[NameObject("/Metadata")] = writer._add_object(xmp)
    root[NameObject("/Lang")] = TextStringObject(plan.language)
    root.pop("/OutputIntents", None)  # of PDF/A


_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
