"""A Word template: read within bounds, checked, compiled once; then filled as often as one likes.

What has no tags is copied as it lies in the template, compressed; what has is one Jinja program per part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Template as JinjaTemplate
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ksf_agreements.documents.balance import unbalanced_line
from ksf_agreements.documents.language import Checker, Fault, environment, field_types, syntax_fault
from ksf_agreements.documents.package import (
    FILE_LIMIT,
    PackageError,
    Part,
    Segment,
    read_package,
    write_package,
)
from ksf_agreements.documents.tags import Place, Source, XmlFault, template_source
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text

CUSTOM_PROPERTIES = "docProps/custom.xml"
DIGEST_PROPERTY = "KSF-fingeravtrykk"
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml|docProps/core\.xml")
_PART_LIMIT = 4 * 1024 * 1024
_TAGS_LIMIT = 5_000
_PROPERTY = re.compile(r'<(?:\w+:)?property\b[^>]*\bname="([^"]*)"[^>]*>\s*<vt:lpwstr>([^<]*)</vt:lpwstr>', re.DOTALL)
_PICTURE = re.compile(r'<wp:docPr\b[^>]*\bname="qr"[^>]*>.*?r:embed="([^"]+)"', re.DOTALL)


class TemplateError(KsfError):
    """A template that may not be used; carries every fault with its place."""

    exit_code = 1

    def __init__(self, message: Text, faults: tuple[PlacedFault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault of a template, and where it stands (None: the file as a whole)."""

    code: str
    message: Text
    mend: Text | None
    place: Place | None
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """What a template says of itself, in its document properties."""

    name: str = ""
    kind: str = ""
    language: str = ""
    version: str = ""
    source: str = ""

    @classmethod
    def of(cls, parts: Mapping[str, bytes]) -> TemplateInfo:
        """Read the properties ``KSF-mal``, ``KSF-avtaletype``, ``KSF-språk``, ``KSF-malversjon``, ``KSF-kilde``."""
        said = custom_properties(parts)
        return cls(*(said.get(f"KSF-{name}", "") for name in ("mal", "avtaletype", "språk", "malversjon", "kilde")))


def custom_properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the text properties of docProps/custom.xml, as people see them in Word."""
    xml = parts.get(CUSTOM_PROPERTIES, b"").decode("utf-8", "replace")
    return {unescape(name): unescape(value) for name, value in _PROPERTY.findall(xml)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A template as it was read: its parts, the sources of those that are filled, and every fault.

    `read` are the fields of the context that the template uses.
    """

    info: TemplateInfo
    parts: Mapping[str, bytes]
    sources: tuple[Source, ...]
    programs: Mapping[str, str]
    faults: tuple[PlacedFault, ...]
    read: frozenset[str]


def read_template(data: bytes, context: type) -> Reading:
    """Read and check a template for a context class. Raises `PackageError` where it is no readable DOCX."""
    parts = read_package(data)
    if "word/document.xml" not in parts or "[Content_Types].xml" not in parts:
        raise PackageError(T("The file is not a Word document (DOCX)."))
    jinja = environment()
    sources: list[Source] = []
    faults: list[PlacedFault] = []
    read: set[str] = set()
    programs: dict[str, str] = {}
    for name, content in parts.items():
        if not _FILLED.fullmatch(name):
            continue
        try:
            source = _source(name, content)
        except XmlFault as fault:
            raise PackageError(T("The part {part} of the document cannot be read.", part=name)) from fault
        sources.append(source)
        found = list(source.faults) or list(_check(source, jinja, context, read))
        faults += (PlacedFault(fault.code, fault.message, fault.mend, source.place(fault.line)) for fault in found)
        if source.has_tags and not found:
            programs[name] = source.text
    return Reading(TemplateInfo.of(parts), parts, tuple(sources), programs, tuple(faults), frozenset(read))


def _source(name: str, content: bytes) -> Source:
    if len(content) > _PART_LIMIT:
        raise XmlFault("too large")
    if b"{" not in content and b"<!" not in content:
        return Source(name, "", (), ())
    source = template_source(name, content)
    if len(source.places) > _TAGS_LIMIT:
        raise XmlFault("too many tags")
    return source


def _check(source: Source, jinja: ImmutableSandboxedEnvironment, context: type, read: set[str]) -> Iterator[Fault]:
    try:
        tree = jinja.parse(source.text)
    except TemplateSyntaxError as fault:
        yield syntax_fault(fault)
        return
    except RecursionError:
        yield Fault("too-deep", 1, T("the template nests too deeply"))
        return
    wrong = list(Checker(context, read).check(tree))
    yield from wrong
    if not wrong and (line := unbalanced_line(tree)) is not None:
        yield Fault(
            "crossed",
            line,
            T("the condition or loop begins and ends in different places"),
            T("Let its beginning and its end stand in the same text, or both in paragraphs of their own."),
        )


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. `digest` is the SHA-256 of its file."""

    info: TemplateInfo
    digest: str
    head: Segment
    programs: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...]
    qr_part: str
    _placeholder: Part | None = field(repr=False, default=None)

    def render(self, context: object, properties: Mapping[str, str], qr: bytes | None = None) -> bytes:
        """Return the DOCX: the template filled from ``context`` (an instance of its context class).

        ``properties`` are added to the document's own; ``qr`` is a PNG that takes the place of the picture named
        'qr'. The digest of all other parts is added as a property, so that a later edit shows. Raises
        `jinja2.UndefinedError` or `TypeError` for a context that lacks what the template prints: both are bugs,
        since templates are checked against the context's types when they are loaded.
        """
        values = {name: getattr(context, name) for name in _field_names(type(context))}
        filled = [Part.of(name, program(values).encode("utf-8")) for name, program in self.programs]
        if self._placeholder is not None:
            filled.append(Part.small(self.qr_part, qr) if qr is not None else self._placeholder)
        digest = parts_digest([*(part for part, _ in self.head.directory), *filled])
        told = properties_xml({**properties, DIGEST_PROPERTY: digest})
        return write_package((self.head, Segment.of((*filled, Part.of(CUSTOM_PROPERTIES, told)))))


@lru_cache(maxsize=16)
def _field_names(model: type) -> tuple[str, ...]:
    return tuple(field_types(model))


def parts_digest(parts: list[Part]) -> str:
    """Return a digest of a document's parts, but for its custom properties: from names, sizes and CRC-32s.

    It tells that somebody has edited the file; it is no seal (the register keeps SHA-256 for that).
    """
    lines = sorted(f"{part.name} {part.crc:08x} {part.size}" for part in parts if part.name != CUSTOM_PROPERTIES)
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


_PROPERTIES_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
)
_PROPERTY_SET = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


def properties_xml(properties: Mapping[str, str]) -> bytes:
    """Return a docProps/custom.xml with text properties."""
    rows = (
        f'<property fmtid="{_PROPERTY_SET}" pid="{number}" name="{escape(name, {chr(34): "&quot;"})}">'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for number, (name, value) in enumerate(properties.items(), 2)
    )
    return f"{_PROPERTIES_HEAD}{''.join(rows)}</Properties>".encode()


def compile_template(data: bytes, context: type) -> Template:
    """Compile a template for a context class.

    Raises `PackageError` where it is no readable DOCX, `TemplateError` where it has faults.
    """
    reading = read_template(data, context)
    if reading.faults:
        raise TemplateError(
            T("The template has faults; nothing was made from it. 'ksf template lint FILE' tells more."),
            reading.faults,
        )
    qr_part = _qr_part(reading.parts)
    parts = _with_custom_properties(reading.parts)
    changing = {*reading.programs, CUSTOM_PROPERTIES, qr_part}
    head = Segment.of(Part.small(name, content) for name, content in parts.items() if name not in changing)
    jinja = environment()
    return Template(
        info=reading.info,
        digest=hashlib.sha256(data).hexdigest(),
        head=head,
        programs=tuple((name, _program(jinja.from_string(source))) for name, source in reading.programs.items()),
        qr_part=qr_part,
        _placeholder=Part.small(qr_part, parts[qr_part]) if qr_part else None,
    )


def _program(compiled: JinjaTemplate) -> Callable[[Mapping[str, Any]], str]:
    def program(values: Mapping[str, Any]) -> str:
        return "".join(compiled.root_render_func(compiled.new_context(dict(values), shared=True)))

    return program


def _qr_part(parts: Mapping[str, bytes]) -> str:
    """Return the part that holds the picture named 'qr' in a header or footer, or ''."""
    for name, content in parts.items():
        if not re.fullmatch(r"word/(header|footer)\d*\.xml", name):
            continue
        if found := _PICTURE.search(content.decode("utf-8", "replace")):
            relations = parts.get(f"word/_rels/{name.removeprefix('word/')}.rels", b"").decode("utf-8", "replace")
            for relation in re.findall(r"<Relationship\b[^>]*>", relations):
                if f'Id="{found[1]}"' in relation and (target := re.search(r'Target="([^"]+)"', relation)):
                    part = f"word/{target[1]}" if not target[1].startswith("/") else target[1][1:]
                    return part if part in parts else ""
    return ""


def _with_custom_properties(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts, with docProps/custom.xml made known to the container where the template had none."""
    if CUSTOM_PROPERTIES in parts:
        return dict(parts)
    types = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/docProps/custom.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>',
    )
    relations = parts.get("_rels/.rels", b"").replace(
        b"</Relationships>",
        b'<Relationship Id="rIdKsfProperties" Target="docProps/custom.xml" Type="http://schemas.openxmlformats.org/'
        b'officeDocument/2006/relationships/custom-properties"/></Relationships>',
    )
    return {**parts, "[Content_Types].xml": types, "_rels/.rels": relations}


@lru_cache(maxsize=32)
def _compiled(path: Path, _stamp: tuple[int, int], context: type) -> Template:
    return compile_template(read_file(path), context)


def load_template(path: Path, context: type) -> Template:
    """Return the compiled template of a file, from memory where the file has not changed since."""
    try:
        stat = path.stat()
    except OSError as fault:
        raise TemplateError(T("The template {file} is not there.", file=path.name)) from fault
    return _compiled(path, (stat.st_mtime_ns, stat.st_size), context)


def read_file(path: Path) -> bytes:
    """Return a file's bytes, one more than the limit at most."""
    with path.open("rb") as source:
        return source.read(FILE_LIMIT + 1)
