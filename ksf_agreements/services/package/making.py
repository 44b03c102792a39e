"""Makes a package: the agreement and its annexes converted, cleaned, and bound into one PDF for each counterpart."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ksf_agreements import __version__
from ksf_agreements.documents.context import DocumentContext
from ksf_agreements.documents.papers import ANNEX_LIST, PAPERS, AnnexList, AnnexRow
from ksf_agreements.documents.template import load_template
from ksf_agreements.documents.wording import WORDS, joined
from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import PackagedFile, PackageRole
from ksf_agreements.errors import KsfError
from ksf_agreements.register.chain import sha256
from ksf_agreements.services.desk import FILE_LIMIT, Desk
from ksf_agreements.services.documents.generating import template_path
from ksf_agreements.services.package.job import Job, Source
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from ksf_agreements.pdf.annex import Annex
    from ksf_agreements.pdf.bundle import Bundle, Plan
    from ksf_agreements.pdf.converter import Converter


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a package in the order of its event, their bytes by SHA-256, and what is unusual."""

    files: tuple[PackagedFile, ...]
    data: Mapping[str, bytes]
    warnings: tuple[Text, ...] = ()


def make_package(desk: Desk, job: Job, converter: Converter) -> Made:
    """Make every file of a package. Raises what converting, cleaning and binding raise, or `Refused`."""
    from ksf_agreements.pdf.bundle import Part, make_bundle
    from ksf_agreements.services.documents.converting import Printing, convert

    own = tuple(_texts(asdict(job.context)))
    warnings: list[Text] = []
    agreement = convert(converter, Printing(job.agreement, own))
    annexes = [(source, _annex(converter, source, own, warnings)) for source in job.enclosed]
    parts = [Part(f"Vedlegg {one.number}: {one.title}", f"V{one.number}-", annex.pdf) for one, annex in annexes]
    pages = {source.number: annex.pages for source, annex in annexes}
    length = _length(agreement)
    files: list[tuple[PackagedFile, bytes]] = []
    for place, group in enumerate(job.groups, 1):
        index = convert(converter, Printing(_index(desk, job, length, pages, place), own))
        bundle = make_bundle(agreement, (Part("Vedlegg", "V-", index, top=True), *parts), _plan(job, place))
        files.append((_bundled(bundle, group), bundle.pdf))
        warnings += _faults(job, bundle)
    alone = PackagedFile(
        role=PackageRole.AGREEMENT, sha256=sha256(agreement), source=sha256(job.agreement), pages=length
    )
    files.append((alone, agreement))
    files += [(_enclosed(source, annex), annex.pdf) for source, annex in annexes]
    found = tuple(dict.fromkeys(warnings))
    return Made(tuple(file for file, _ in files), {file.sha256: data for file, data in files}, found)


def _plan(job: Job, place: int) -> Plan:
    from ksf_agreements.pdf.bundle import Plan

    terms, count = job.version.terms, len(job.groups)
    blocks = tuple(
        (number, f"For {party.signature_name} ({party.role})")
        for number, party in zip(terms.parties, job.context.parties, strict=True)
    )
    note = f"eksemplar {place} av {count}" if count > 1 else ""
    return Plan(terms.document_id, terms.version, note, f"{terms.language}-NO", blocks)


def _bundled(bundle: Bundle, group: tuple[str, ...]) -> PackagedFile:
    return PackagedFile(
        role=PackageRole.BUNDLE,
        sha256=sha256(bundle.pdf),
        parties=group,
        pages=bundle.pages,
        stamped=bundle.stamped,
        signature_pages=bundle.signature_pages,
    )


def _enclosed(source: Source, annex: Annex) -> PackagedFile:
    return PackagedFile(
        role=PackageRole.ANNEX,
        sha256=sha256(annex.pdf),
        source=source.sha256,
        title=source.title,
        pages=annex.pages,
    )


def _faults(job: Job, bundle: Bundle) -> Iterator[Text]:
    """Yield what is wrong with a bundle. Raises `Refused` where the register could not keep it."""
    if len(bundle.pdf) > FILE_LIMIT:
        raise Refused(
            T(
                "The package would have {size} MB, and the register takes {limit} MB. Make the annexes smaller. "
                "Nothing was made.",
                size=len(bundle.pdf) // 2**20,
                limit=FILE_LIMIT // 2**20,
            )
        )
    told = {party for page in bundle.signature_pages for party in page.parties}
    if lost := tuple(job.names[party] for party in job.version.terms.parties if party not in told):
        yield T("The PDF shows no signature block of {parties}. Look at it.", parties=lost)


def _annex(converter: Converter, source: Source, own: tuple[str, ...], warnings: list[Text]) -> Annex:
    """Return an annex as it is bound in; what of its file is not taken along is warned of."""
    from ksf_agreements.pdf.annex import clean_annex
    from ksf_agreements.services.documents.converting import Printing, convert, convert_from_outside

    pdf = source.data
    if source.ours:
        pdf = convert(converter, Printing(source.data, own))
    elif source.data.startswith(b"PK"):
        try:
            pdf = convert_from_outside(converter, source.data, source.title)
        except KsfError as fault:
            raise Refused(
                T(
                    "Annex {n}, {file}: {reason} Nothing was made.",
                    n=source.number,
                    file=source.name,
                    reason=fault.message,
                )
            ) from fault
    annex = clean_annex(pdf, source.name)
    if not source.ours:
        warnings += [T("{file}: {remark}", file=source.name, remark=remark) for remark in annex.remarks]
    return annex


def _index(desk: Desk, job: Job, agreement_pages: int, pages: Mapping[int, int], place: int) -> bytes:
    """Return the list of annexes of a counterpart, as DOCX."""
    terms, groups = job.version.terms, job.groups
    rows = tuple(
        AnnexRow(
            str(annex.number),
            annex.title,
            f"V{annex.number}-1" if annex.number in pages else "",
            f"V{annex.number}-{pages[annex.number]}" if pages.get(annex.number, 0) > 1 else "",
        )
        for annex in job.annexes
    )
    several = len(groups) > 1
    context = AnnexList(
        name=terms.name,
        document_id=terms.document_id,
        version=str(terms.version),
        agreement_pages=str(agreement_pages),
        annexes=rows,
        counterpart=str(place) if several else "",
        counterparts=str(len(groups)) if several else "",
        signers=joined([job.names[party] for party in groups[place - 1]]) if several else "",
        document=DocumentContext(f"{terms.document_id} · {WORDS[job.language].version} {terms.version}", ""),
    )
    return paper(desk, ANNEX_LIST, job.language, job.cluster, context)


def paper(desk: Desk, name: str, language: Language, cluster: str, context: object) -> bytes:
    """Return one of the papers that are bound to others."""
    template = load_template(template_path(desk.templates, name, language), PAPERS[name])
    properties = {
        "KSF-klynge": cluster,
        "KSF-mal": template.info.name,
        "KSF-malversjon": template.info.version,
        "KSF-programversjon": __version__,
    }
    return template.render(context, properties)


def _length(pdf: bytes) -> int:
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


def _texts(value: object) -> Iterator[str]:
    """Yield every text inside values, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
