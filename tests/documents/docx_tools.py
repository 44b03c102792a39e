"""Makes template variants from the installed ones: as an author would, or part by part as an attacker."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import docx
import docxtpl
import jinja2
import pytest
from docx.document import Document
from lxml import etree

from ksf_agreements.app import App
from ksf_agreements.documents.context import AgreementContext, agreement_context
from ksf_agreements.documents.language import FILTERS, field_types
from ksf_agreements.documents.lint import lint
from ksf_agreements.documents.package import PackageError
from ksf_agreements.documents.show import shown
from ksf_agreements.documents.template import PlacedFault, TemplateError, compile_template
from tests.documents.word import AGREEMENT, BODY, CONTACTS, W, packed, parts

ORIGINAL = AGREEMENT.read_bytes()
CONTACTS_ORIGINAL = CONTACTS.read_bytes()
ROOT = Path(__file__).parents[2]


@cache
def sample_context() -> AgreementContext:
    """Return the context of the sample cluster that uses every optional field."""
    app = App.open(str(ROOT))
    (file,) = app.cluster_files((str(ROOT / "clusters" / "alle-valg.yaml"),))
    assert file.cluster is not None
    return agreement_context(file.cluster, file.kind, app.municipalities, app.workspace.regions)


def with_part(name: str, change: Callable[[bytes], bytes], data: bytes = ORIGINAL) -> bytes:
    """Return a template with one part changed, or added (``change`` is given b'' then)."""
    content = parts(data)
    return packed({**content, name: change(content.get(name, b""))})


def with_parts(new: Mapping[str, bytes], data: bytes = ORIGINAL) -> bytes:
    """Return a template with parts replaced or added."""
    return packed({**parts(data), **new})


def replaced(old: str, new: str, name: str = BODY, data: bytes = ORIGINAL) -> bytes:
    """Return a template with the first ``old`` in a part replaced; it must be there."""

    def change(content: bytes) -> bytes:
        assert old.encode() in content, old
        return content.replace(old.encode(), new.encode(), 1)

    return with_part(name, change, data)


def paragraph(*runs: str, between: str = "") -> str:
    """Return a paragraph whose runs have these texts, with ``between`` between them."""
    return f"<w:p>{between.join(f'<w:r><w:t>{text}</w:t></w:r>' for text in runs)}</w:p>"


def with_body(xml: str, data: bytes = ORIGINAL) -> bytes:
    """Return a template with ``xml`` before everything else in its body: paragraph 1 and on."""
    return replaced("<w:body>", f"<w:body>{xml}", data=data)


def with_text(*texts: str, data: bytes = ORIGINAL) -> bytes:
    """Return a template with a paragraph for each text before everything else in its body."""
    return with_body("".join(map(paragraph, texts)), data)


def edited(change: Callable[[Document], None], data: bytes = ORIGINAL) -> bytes:
    """Return a template as python-docx saves it after a change."""
    document = docx.Document(io.BytesIO(data))
    change(document)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def faults(data: bytes, original: bytes | None = ORIGINAL) -> list[PlacedFault]:
    """Return what lint says of a template, the original beside it."""
    return list(lint(data, original))


def fault(data: bytes, code: str, original: bytes | None = ORIGINAL) -> PlacedFault:
    """Return the one fault of a code that a template has."""
    (found,) = [one for one in faults(data, original) if one.code == code]
    return found


def render(data: bytes, context: AgreementContext | None = None) -> bytes:
    """Fill a template with this program's engine."""
    return compile_template(data, AgreementContext).render(context or sample_context(), {})


def render_with_docxtpl(data: bytes, context: AgreementContext | None = None) -> bytes:
    """Fill a template with docxtpl, set up so that it loses nothing."""
    filling = context or sample_context()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(FILTERS)
    document = docxtpl.DocxTemplate(io.BytesIO(data))
    document.render({name: getattr(filling, name) for name in field_types(AgreementContext)}, environment, True)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def canonical(data: bytes, name: str = BODY) -> bytes:
    """Return a part in a form in which only what Word would show or print counts.

    docxtpl leaves empty runs, puts line breaks and tabs in runs of their own, and drops what Word put between the
    pieces of a tag: neighbouring runs of the same look are one run here, neighbouring texts one text, and Word's own
    marks and numbers of pictures do not count.
    """
    root = etree.fromstring(parts(data)[name])
    for mark in list(root.iter(*(f"{W}{one}" for one in ("proofErr", "lastRenderedPageBreak", *_BOOKMARK)))):
        mark.getparent().remove(mark)
    for drawing in root.iter("{*}docPr"):
        drawing.attrib.pop("id", None)
    for run in list(root.iter(f"{W}r")):
        if not [one for one in run if one.tag != f"{W}rPr" and (one.tag != f"{W}t" or one.text)]:
            run.getparent().remove(run)
    for run in list(root.iter(f"{W}r")):
        _join(run)
    for text in list(root.iter(f"{W}t")):
        _join_texts(text)
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag != f"{W}t":
            element.text = (element.text or "").strip() or None
        element.tail = None
        element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    return etree.tostring(root, method="c14n")


_BOOKMARK = ("bookmarkStart", "bookmarkEnd")


def _look(run: Any) -> bytes:
    found = run.find(f"{W}rPr")
    return etree.tostring(found, method="c14n") if found is not None else b""


def _join(run: Any) -> None:
    while (after := run.getnext()) is not None and after.tag == run.tag and _look(after) == _look(run):
        for one in list(after):
            if one.tag != f"{W}rPr":
                run.append(one)
        after.getparent().remove(after)


def _join_texts(text: Any) -> None:
    if text.getparent() is None:
        return
    if not text.text:
        text.getparent().remove(text)
        return
    while (after := text.getnext()) is not None and after.tag == text.tag:
        text.text += after.text or ""
        after.getparent().remove(after)


def raw_zip(entries: list[tuple[str, bytes]], **lies: int) -> bytes:
    """Return a container written by hand; ``lies`` (size, crc, flags, method) are told of its last entry."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in entries:
            container.writestr(name, data)
    written = bytearray(made.getvalue())
    last = written.rindex(b"PK\1\2")
    local = struct.unpack_from("<I", written, last + 42)[0]
    for field, (central, own, form) in _FIELDS.items():
        if field in lies:
            struct.pack_into(form, written, last + central, lies[field])
            struct.pack_into(form, written, local + own, lies[field])
    return bytes(written)


_FIELDS = {
    "flags": (8, 6, "<H"),
    "method": (10, 8, "<H"),
    "crc": (16, 14, "<I"),
    "packed": (20, 18, "<I"),
    "size": (24, 22, "<I"),
}


def stored(content: Mapping[str, bytes]) -> bytes:
    """Return a container with these parts, not compressed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as container:
        for name, data in content.items():
            container.writestr(name, data)
    return made.getvalue()


def refused_in_a_sentence(data: bytes) -> None:
    """Fail unless a file is refused by name, as short as a person can read."""
    with pytest.raises(PackageError) as refused:
        lint(data, ORIGINAL)
    assert 10 < len(str(refused.value)) < 300


def refused_or_works(data: bytes) -> None:
    """Fail unless a template is refused by name, or fills in a document whose parts are XML."""
    for read in (shown, lint):
        with suppress(PackageError):
            read(data)
    try:
        filled = render(data)
    except (PackageError, TemplateError):
        return
    for name, content in parts(filled).items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content, etree.XMLParser(huge_tree=True))


def field_paragraph(*pieces: str, result: str = "") -> str:
    """Return a paragraph with a field of Word, its code in these pieces."""
    code = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    signs = [f'<w:r><w:fldChar w:fldCharType="{sort}"/></w:r>' for sort in ("begin", "separate", "end")]
    return f"<w:p>{signs[0]}{code}{signs[1]}<w:r><w:t>{result}</w:t></w:r>{signs[2]}</w:p>"
