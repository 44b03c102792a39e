"""Make PDFs of Word documents, and release none that the proof-check has not passed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ksf_agreements.documents.markup import W, XmlFault, parse_xml
from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.documents.safety import package_faults, part_faults, text_parts
from ksf_agreements.errors import KsfError, Problem
from ksf_agreements.pdf.converter import ConversionFailed, Converter, Converters, Job
from ksf_agreements.pdf.office import Office
from ksf_agreements.pdf.proof import Expected, prove
from ksf_agreements.services.documents.expecting import expected
from ksf_agreements.text import T

_MOST = 2  # converters at once; each takes some 250 MB
_WORTH = 4  # documents that are worth starting another for
_TOLD = 5


class ProofFailed(KsfError):
    """A PDF was made and is not released; `problems` says what is wrong with it. The Word document is as it was."""

    exit_code = 1

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            T(
                "The PDF is not released, since {reasons}. The Word document is as it was.",
                reasons=tuple(problem.message for problem in problems[:_TOLD]),
            )
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Printing:
    """A document of ours to convert, and the cluster's own values: the only place where it may have brackets."""

    docx: bytes
    own: tuple[str, ...] = ()


def convert(converter: Converter, printing: Printing) -> bytes:
    """Return the proved PDF of one of our documents. Raises `ConversionFailed`, `ProofFailed` or `PackageError`."""
    wanted = expected(printing.docx, printing.own)
    return _proved(converter.convert(printing.docx, title=wanted.title, language=wanted.language), wanted)


def convert_from_outside(converter: Converter, docx: bytes, title: str) -> bytes:
    """Return the proved PDF of a document that somebody gave us, an annex; ``title`` is used where it has none.

    Raises `ConversionFailed` where it carries macros, embedded files or links that fetch, or is not finished, else as
    `convert`.
    """
    refuse_harmful(docx)
    refuse_unfinished(docx)
    wanted = expected(docx, title=title, ours=False)
    return _proved(converter.convert(docx, title=wanted.title, language=wanted.language), wanted)


def convert_all(printings: Sequence[Printing], office: Office | None = None) -> Iterator[bytes | KsfError]:
    """Yield the proved PDF of each document, or why there is none, in their order; several are converted at once.

    Raises `OfficeMissing`.
    """
    wanted = [expected(one.docx, one.own) for one in printings]
    jobs = [Job(one.docx, want.title, want.language) for one, want in zip(printings, wanted, strict=True)]
    with Converters(min(_MOST, os.cpu_count() or 1, -(-len(jobs) // _WORTH)), office) as converters:
        for pdf, want in zip(converters.map(jobs), wanted, strict=True):
            try:
                yield pdf if isinstance(pdf, KsfError) else _proved(pdf, want)
            except ProofFailed as fault:
                yield fault


def _proved(pdf: bytes, wanted: Expected) -> bytes:
    problems = prove(pdf, wanted)
    if problems:
        raise ProofFailed(problems)
    return pdf


def refuse_harmful(docx: bytes) -> None:
    """Refuse a document that carries or fetches what no document needs. Raises `ConversionFailed`, `PackageError`."""
    parts = read_package(docx)
    try:
        faults = list(islice(package_faults(parts), _TOLD))
        for name in text_parts(parts):
            faults += islice(part_faults(parse_xml(parts[name])), _TOLD)
    except (XmlFault, KeyError) as fault:
        raise PackageError(T("The file is not a readable Word document (DOCX).")) from fault
    if faults:
        told = tuple(dict.fromkeys(fault.message for fault in faults))
        raise ConversionFailed(T("No PDF is made of the document: {reasons}.", reasons=told))


_CHANGES = tuple(
    f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "cellIns", "cellDel")
)


def refuse_unfinished(docx: bytes) -> None:
    """Refuse a document with tracked changes, which would be printed with what they took out, or with comments.

    LibreOffice 7.4 breaks down over comments. Raises `ConversionFailed`; `refuse_harmful` has read the document before.
    """
    parts = read_package(docx)
    roots = [parse_xml(parts[name]) for name in text_parts(parts)]
    reasons = []
    if any(next(root.iter(*_CHANGES), None) is not None for root in roots):
        reasons.append(T("it has tracked changes; accept or reject them first"))
    if any(next(root.iter(f"{W}comment"), None) is not None for root in roots):
        reasons.append(T("it has comments; delete them first"))
    if reasons:
        raise ConversionFailed(T("No PDF is made of the document: {reasons}.", reasons=tuple(reasons)))
