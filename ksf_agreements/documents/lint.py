"""What is wrong with a template, for its author: the faults that stop it, and what else a careful reader would see.

`template.read_template` finds what may not be filled in at all. Here stands what would be filled in and be wrong all
the same: a bracket left from KS's original, a clause or a field that is not there, a tag where nothing is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import GenericAlias
from typing import Any

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.language import CLOSE, OPEN, field_types
from ksf_agreements.documents.letters import LETTERS, context_of, not_printed
from ksf_agreements.documents.markup import W, XmlFault, parse_xml
from ksf_agreements.documents.package import read_package
from ksf_agreements.documents.papers import PAPERS
from ksf_agreements.documents.repeated import repeated_faults
from ksf_agreements.documents.safety import MAIN_PART
from ksf_agreements.documents.show import Paragraph, Styles, paragraphs, read_styles
from ksf_agreements.documents.tags import Place, find_tags, without_tags
from ksf_agreements.documents.template import PlacedFault, Reading, TemplateInfo, is_filled, read_template
from ksf_agreements.text import TN, T, Text

# The fields that a template need not read: what another document of the agreement prints. A new field of the context
# is expected of every template until it is entered here.
_NOT_PRINTED: Mapping[str, frozenset[str]] = {
    "ksf-klyngeavtale": frozenset({"parties.name", "parties.is_motor", "parties.foui_contacts", "contacts_annex"})
    | {"cluster_leader", "coordinator"},
    "ksf-kontaktpersoner": frozenset(
        {"motor_municipality", "party_names", "host_municipality", "decision_authority", "activity_authority"}
    )
    | {"focus_areas", "valid_until", "resources", "contributions_required", "local_text", "annexes"}
    | {"parties.is_motor", "parties.signature_name", "parties.signatory_name", "parties.signatory_title"},
    **{row.template: not_printed(row) for row in LETTERS.values() if row.context is not AgreementContext},
    **dict.fromkeys(PAPERS, frozenset({"document"})),
}

# What KS's original has where a cluster writes its own: nobody shall sign it.
_LEFTOVERS: tuple[re.Pattern[str], ...] = (
    re.compile(r"\[[^\[\]]*\]"),
    re.compile(r"\bX{2,4} (?:kommune|herad)\b"),
    re.compile(r"\b20xx\b", re.IGNORECASE),
    re.compile(r"\bVeiledning:|\bRettleiing:"),
)
_FILLED_TAG = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
_EXCERPT = 40
_FAULTS_LIMIT = 50  # of one check: nobody would read more


@dataclass(frozen=True, slots=True)
class _Checked:
    """A template under the eye: as it was read, the paragraphs of its parts, and the installed original beside it."""

    reading: Reading
    context: type
    texts: Mapping[str, tuple[Paragraph, ...]]
    original: tuple[Paragraph, ...]


def lint(data: bytes, original: bytes | None = None, context: type | None = None) -> tuple[PlacedFault, ...]:
    """Return everything that is wrong with a template, in the order of the file; errors and warnings.

    ``original`` is the installed template that it was made from; without it, clauses are not compared.
    ``context`` is the class of what it can print, else the one that belongs to its name. Raises `PackageError` where
    the file is no readable DOCX, or could do harm in being read.
    """
    context = context or context_of(TemplateInfo.of(read_package(data)).name)
    reading = read_template(data, context)
    styles = read_styles(reading.parts)
    texts = {name: _paragraphs(content, styles) for name, content in reading.parts.items() if _is_text(name)}
    original_parts = read_package(original) if original is not None else {}
    compared = _paragraphs(original_parts.get(MAIN_PART, b""), read_styles(original_parts))
    checked = _Checked(reading, context, texts, compared)
    found = [*reading.faults]
    for check in CHECKS:
        found += islice(check(checked), _FAULTS_LIMIT)
    order = {name: number for number, name in enumerate((MAIN_PART, *sorted(reading.parts)))}
    return tuple(sorted(found, key=lambda fault: _position(fault, order)))


def excerpt(place: Place) -> str:
    """Return the beginning of a paragraph, and the tag where the beginning does not show it."""
    text = " ".join(place.text.split())
    # Cut between words, and never in a tag.
    begun = re.sub(r"\s*\{[^}]*$", "", text[:_EXCERPT].rsplit(" ", 1)[0])
    short = text if len(text) <= _EXCERPT else f"{begun} ..."
    tag = " ".join(place.tag.split())
    tag = tag if len(tag) <= 2 * _EXCERPT else f"{tag[: 2 * _EXCERPT]} ..."
    return short if tag in short else f"{short} {tag}".strip()


def _position(fault: PlacedFault, order: Mapping[str, int]) -> tuple[int, int]:
    place = fault.place
    return (-1, 0) if place is None else (order.get(place.part, len(order)), place.paragraph)


def _is_text(name: str) -> bool:
    return re.fullmatch(r"word/(?:[\w-]+/)?[\w-]+\.xml", name) is not None and name != "word/styles.xml"


def _paragraphs(content: bytes, styles: Styles) -> tuple[Paragraph, ...]:
    try:
        return paragraphs(parse_xml(content), styles)
    except XmlFault:
        return ()


def _leftovers(checked: _Checked) -> Iterator[PlacedFault]:
    """A bracket, 'XX kommune' or guidance that is left of the Word original."""
    for part, found in checked.texts.items():
        for paragraph in found if is_filled(part) else ():
            text = without_tags(paragraph.text)
            for pattern in _LEFTOVERS:
                for match in filter(_has_word, pattern.finditer(text)):
                    yield PlacedFault(
                        "leftover",
                        T("“{text}” is left from the original", text=_short(match[0])),
                        T("Put the field in its place, or remove it."),
                        Place(part, paragraph.number, paragraph.text, ""),
                    )


def _has_word(match: re.Match[str]) -> bool:
    # '[1]' and '[...]' are nobody's placeholder. Two plain patterns: one for both would search in squares.
    return re.search(r"[^\W\d_]{2}", match[0]) is not None


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} ..."


def _not_filled(checked: _Checked) -> Iterator[PlacedFault]:
    """A tag in a part, or a spot of a part, where the engine fills nothing in."""
    message = T("a tag stands where nothing is filled in")
    mend = T("Move it to the body, a header or footer, a note or the document's title.")
    for name, content in checked.reading.parts.items():
        if is_filled(name) or not (b"{{" in content or b"{%" in content or name in checked.texts):
            continue
        told = [Place(name, one.number, one.text, _first_tag(one.text)) for one in checked.texts.get(name, ())]
        told = [place for place in told if place.tag]
        if not told and name.endswith((".xml", ".rels")) and (tag := _first_tag(content.decode("utf-8", "replace"))):
            told = [Place(name, 0, "", tag)]
        yield from (PlacedFault("not-filled", message, mend, place, is_error=False) for place in told)
    for source in checked.reading.sources:
        # What the engine took for a tag stands between its own signs; every other one is left as it is.
        if not source.faults and (tag := _first_tag(_FILLED_TAG.sub("", source.text))):
            yield PlacedFault("not-filled", message, mend, Place(source.part, 0, "", tag), is_error=False)


def _first_tag(text: str) -> str:
    return next((text[start:end][: 2 * _EXCERPT] for start, end in find_tags(text)[0] if text[start + 1] != "#"), "")


def _unnamed(checked: _Checked) -> Iterator[PlacedFault]:
    """A template that does not say which one it is, so that it cannot be compared."""
    if checked.reading.info.name not in _NOT_PRINTED:
        yield PlacedFault(
            "unnamed",
            T("the template does not say which one it is, so its clauses and fields were not compared"),
            T(
                "Set the document property {name} (File, Info, Properties, Advanced) to one of: {names}",
                name="KSF-mal",
                names=tuple(_NOT_PRINTED),
            ),
            None,
            is_error=False,
        )


def _unread(checked: _Checked) -> Iterator[PlacedFault]:
    """A field of the model that the template never prints."""
    excused = _NOT_PRINTED.get(checked.reading.info.name)
    # A part with faults has not been read to its end.
    if excused is None or checked.reading.faults:
        return
    for name in _unread_fields(checked.context, "", checked.reading, excused):
        yield PlacedFault(
            "unread-field",
            T("the template never prints '{field}'", field=name),
            T("Print it, or leave it out on purpose."),
            None,
            is_error=False,
        )


def _unread_fields(model: Any, prefix: str, reading: Reading, excused: frozenset[str]) -> Iterator[str]:
    for name, kind in field_types(model).items():
        path = f"{prefix}{name}"
        if path in excused:
            continue
        inner = kind.__args__[0] if isinstance(kind, GenericAlias) else kind
        if hasattr(inner, "__dataclass_fields__"):
            if path in reading.read:
                yield from _unread_fields(inner, f"{path}.", reading, excused)
            else:
                yield path
        elif path not in (reading.read if inner is bool else reading.printed):
            yield path


def _missing_clauses(checked: _Checked) -> Iterator[PlacedFault]:
    """A clause of the installed original that is not there, or says something else."""
    body = checked.texts.get(MAIN_PART, ())
    there = {_bare(one.text) for one in body if not one.style.startswith("toc")}
    for clause in _clauses(checked.original):
        if _bare(clause[0].text) not in there:
            yield PlacedFault(
                "missing-clause",
                T("the clause “{clause}” of the original is missing", clause=clause[0].text),
                T("Put it back, or keep its heading as KS wrote it."),
                None,
            )
            continue
        lost = [one for one in clause[1:] if _bare(one.text) and _bare(one.text) not in there]
        if lost:
            yield PlacedFault(
                "changed-clause",
                TN(
                    "in the clause “{clause}”, a paragraph of the original is missing or changed: “{text}”",
                    "in the clause “{clause}”, {n} paragraphs of the original are missing or changed, first “{text}”",
                    len(lost),
                    clause=clause[0].text,
                    text=_short(lost[0].text),
                ),
                T("Leave KS's words as they are, unless the change is meant."),
                None,
                is_error=False,
            )


def _clauses(original: tuple[Paragraph, ...]) -> list[list[Paragraph]]:
    """Return the paragraphs of each clause, its heading first."""
    clauses: list[list[Paragraph]] = []
    for one in original:
        if one.level == 1:
            clauses.append([one])
        elif clauses:
            clauses[-1].append(one)
    return clauses


def _bare(text: str) -> str:
    """Return a text without its number and the way it is spaced: Word may number headings by itself."""
    words = " ".join(text.split()).casefold()
    return "" if words.startswith("{%") and words.endswith("%}") else re.sub(r"^\d+(\.\d+)*[.)]? ", "", words)


def _marks(checked: _Checked) -> Iterator[PlacedFault]:
    """Tracked changes and comments: they would stand in every document that is made."""
    for source in checked.reading.sources:
        root = parse_xml(checked.reading.parts[source.part])
        for names, message, mend in _MARKS:
            if next(root.iter(*(f"{W}{name}" for name in names)), None) is not None:
                yield PlacedFault("marks", message, mend, Place(source.part, 0, "", ""), is_error=False)


_MARKS: tuple[tuple[tuple[str, ...], Text, Text], ...] = (
    (
        ("ins", "del", "moveFrom", "moveTo"),
        T("tracked changes are left in the template"),
        T("Accept or reject them, and turn tracking off."),
    ),
    (("commentReference",), T("comments are left in the template"), T("Remove them.")),
)


def _repeated(checked: _Checked) -> Iterator[PlacedFault]:
    """What goes wrong when a paragraph is repeated, or not printed at all."""
    for source in checked.reading.sources:
        if source.part in checked.reading.programs:
            yield from repeated_faults(source)


CHECKS: tuple[Callable[[_Checked], Iterator[PlacedFault]], ...] = (
    _unnamed,
    _missing_clauses,
    _unread,
    _leftovers,
    _not_filled,
    _marks,
    _repeated,
)
"""The checks beyond those of `read_template`; a new one is a new row."""
