"""A Word template: read within bounds, checked, compiled once; then filled as often as one likes.

What has no tags is copied as it lies in the template, compressed; what has is one Jinja program per part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ksf_agreements.documents.balance import pairing_faults, too_long_line, unbalanced_line
from ksf_agreements.documents.language import Checker, Fault, environment, field_types, syntax_fault
from ksf_agreements.documents.markup import R, XmlFault, parse_xml
from ksf_agreements.documents.package import (
    FILE_LIMIT,
    PackageError,
    Part,
    Segment,
    read_package,
    write_package,
)
from ksf_agreements.documents.safety import (
    CONTENT_TYPES,
    MAIN_PART,
    known_part,
    package_faults,
    part_faults,
    related,
    text_parts,
)
from ksf_agreements.documents.tags import TAGS_LIMIT, Place, Source, template_source
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text

CUSTOM_PROPERTIES = "docProps/custom.xml"
DIGEST_PROPERTY = "KSF-fingeravtrykk"
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml|docProps/core\.xml")
_FAULTS_LIMIT = 50
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_PROPERTIES = "{http://schemas.openxmlformats.org/officeDocument/2006/custom-properties}"
_TEXT_VALUE = "{http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes}lpwstr"


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
    try:
        root = parse_xml(parts[CUSTOM_PROPERTIES])
    except (KeyError, XmlFault):
        return {}
    rows = ((row.get("name"), row.findtext(_TEXT_VALUE)) for row in root.iter(f"{_PROPERTIES}property"))
    return {name: value for name, value in rows if name is not None and value is not None}


@dataclass(frozen=True, slots=True)
class Reading:
    """A template as it was read: its parts, the sources of those that are filled, and every fault.

    `read` are the fields of the context that the template uses, `printed` those that it prints.
    """

    info: TemplateInfo
    parts: Mapping[str, bytes]
    sources: tuple[Source, ...]
    programs: Mapping[str, nodes.Template]
    faults: tuple[PlacedFault, ...]
    read: frozenset[str]
    printed: frozenset[str]


def is_filled(part: str) -> bool:
    """Whether tags in a part are filled in."""
    return _FILLED.fullmatch(part) is not None


def read_template(data: bytes, context: type) -> Reading:
    """Read and check a template for a context class. Raises `PackageError` where it is no readable DOCX."""
    parts = read_package(data)
    if MAIN_PART not in parts or CONTENT_TYPES not in parts:
        raise PackageError(T("The file is not a Word document (DOCX)."))
    jinja = environment()
    sources: list[Source] = []
    faults = _carried_faults(parts)
    checker = Checker(context, set())
    programs: dict[str, nodes.Template] = {}
    for name, content in parts.items():
        if not is_filled(name):
            continue
        try:
            source = _source(name, content)
        except XmlFault as fault:
            raise _unreadable(name, fault) from fault
        sources.append(source)
        if sum(len(one.places) for one in sources) > TAGS_LIMIT:
            raise PackageError(T("The document has more than {limit} tags.", limit=TAGS_LIMIT))
        tree, found = (None, list(source.faults)) if source.faults else _parsed(source, jinja, checker)
        faults += (PlacedFault(fault.code, fault.message, fault.mend, source.place(fault.line)) for fault in found)
        if source.has_tags and tree is not None:
            programs[name] = tree
    return Reading(
        info=TemplateInfo.of(parts),
        parts=parts,
        sources=tuple(sources),
        programs=programs,
        faults=tuple(faults),
        read=frozenset(checker.read),
        printed=frozenset(checker.printed),
    )


def _carried_faults(parts: Mapping[str, bytes]) -> list[PlacedFault]:
    """Return what the template carries that it may not; each thing is told once for each part."""
    name = CONTENT_TYPES
    try:
        carried = islice(package_faults(parts), _FAULTS_LIMIT)
        found = {PlacedFault(fault.code, fault.message, fault.mend, None): None for fault in carried}
        for name in text_parts(parts):
            for fault in islice(part_faults(parse_xml(parts[name])), _FAULTS_LIMIT):
                found[PlacedFault(fault.code, fault.message, fault.mend, Place(name, 0, "", ""))] = None
    except XmlFault as fault:
        raise _unreadable(name, fault) from fault
    return list(found)


def _unreadable(part: str, fault: XmlFault) -> PackageError:
    return PackageError(T("The part {part} of the document cannot be read: {reason}.", part=part, reason=fault.reason))


def _source(name: str, content: bytes) -> Source:
    if b"{" not in content and b"&#" not in content:
        return Source(name, "", (), ())
    return template_source(name, content)


def _parsed(
    source: Source, jinja: ImmutableSandboxedEnvironment, checker: Checker
) -> tuple[nodes.Template | None, list[Fault]]:
    """Return the tree of a part that may be used, or its faults. What was checked is what is compiled."""
    if unpaired := list(pairing_faults(source.words)):
        return None, unpaired
    try:
        tree = jinja.parse(source.text)
    except TemplateSyntaxError as fault:
        return None, [syntax_fault(fault)]
    except RecursionError:
        return None, [Fault("too-deep", 1, T("the template nests too deeply"))]
    found = list(_check(tree, checker))
    return (None if found else tree), found


def _check(tree: nodes.Template, checker: Checker) -> Iterator[Fault]:
    wrong = list(checker.check(tree))
    yield from wrong
    if not wrong and (line := too_long_line(tree)) is not None:
        yield Fault("too-long", line, T("the text that is repeated is too long"), T("Repeat less of the document."))
    elif not wrong and (line := unbalanced_line(tree)) is not None:
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

        ``properties`` become the document's custom ones; ``qr`` is a PNG that takes the place of the picture named
        'qr'. The digest of all other parts is added as a property, so that a later edit shows. Raises
        `jinja2.UndefinedError` or `TypeError` for a context that lacks what the template prints: both are bugs,
        since templates are checked against the context's types when they are loaded.
        """
        model: Any = type(context)
        values = {name: getattr(context, name) for name in field_types(model)}
        filled = [Part.of(name, program(values).encode("utf-8")) for name, program in self.programs]
        if self._placeholder is not None:
            filled.append(Part.small(self.qr_part, qr) if qr is not None else self._placeholder)
        digest = parts_digest([*(part for part, _ in self.head.directory), *filled])
        told = properties_xml({**properties, DIGEST_PROPERTY: digest})
        return write_package((self.head, Segment.of((*filled, Part.of(CUSTOM_PROPERTIES, told)))))


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
        f'<property fmtid="{_PROPERTY_SET}" pid="{number}" name="{escape(name)}">'
        f"<vt:lpwstr>{escape(value, quote=False)}</vt:lpwstr></property>"
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
        programs=tuple((name, _program(jinja.from_string(tree))) for name, tree in reading.programs.items()),
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
        if not re.fullmatch(r"word/(header|footer)\d*\.xml", name) or b"qr" not in content:
            continue
        for picture in parse_xml(content).iter(f"{_DRAWING}docPr"):
            blip = next(picture.getparent().iter(_BLIP), None)
            if picture.get("name") == "qr" and blip is not None:
                return related(parts, name, str(blip.get(f"{R}embed")))
    return ""


def _with_custom_properties(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts, with docProps/custom.xml made known to the container where the template had none."""
    if CUSTOM_PROPERTIES in parts:
        return dict(parts)
    types, relations = known_part(
        parts,
        CUSTOM_PROPERTIES,
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
    )
    return {**parts, CONTENT_TYPES: types, "_rels/.rels": relations}


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
