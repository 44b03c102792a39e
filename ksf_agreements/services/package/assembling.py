"""The signed files of a version in one PDF: a cover that says who signed what, and the files in it, untouched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ksf_agreements.documents.context import DocumentContext, agreement_context
from ksf_agreements.documents.files import write_whole
from ksf_agreements.documents.papers import COVER_SHEET, CoverSheet, SignatureRow, SignedFile
from ksf_agreements.documents.wording import WORDS, written_date
from ksf_agreements.domain.decisions import Refused, the_version
from ksf_agreements.domain.events import Event, SignatureRecorded
from ksf_agreements.domain.versions import Version
from ksf_agreements.services.agreements.issuing import snapshot
from ksf_agreements.services.desk import Desk, Done, Work
from ksf_agreements.services.package.making import paper
from ksf_agreements.text import T

_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


def assemble(desk: Desk, cluster: str, out: Path, *, number: int | None = None, force: bool = False) -> Done:
    """Write the signed files of a version as one PDF. Nothing is recorded: the files are in the register already."""
    from ksf_agreements.pdf.bundle import with_attachments
    from ksf_agreements.pdf.converter import Converter
    from ksf_agreements.services.documents.converting import Printing, convert

    target = out / f"{cluster}-signert.pdf"
    with desk.working(cluster) as work:
        version = the_version(work.folded, number)
        signed = _signed(work, version)
        sheet, files = _cover(work, version, signed)
        done = work.done(())
    if target.exists() and not force:
        raise Refused(T("{file} is there already. Move it, or use --force to replace it.", file=target.name))
    cover = paper(desk, COVER_SHEET, version.terms.language, cluster, sheet)
    own = (sheet.name, *(value for row in sheet.signatures for value in (row.municipality, row.signatory)))
    with Converter() as converter:
        pdf = convert(converter, Printing(cover, own))
    write_whole(target, with_attachments(pdf, files))
    return Done(cluster, (), (), done.status, done.folded, files=(target,))


def _signed(work: Work, version: Version) -> dict[str, Event]:
    """Return each party's signature. Raises `Refused` where one is lacking, or has no file."""
    found = {party: event for party in version.terms.parties for event in _signatures(version, party)}
    lacking = [party for party in version.terms.parties if version.counts_from(party) is None or party not in found]
    if lacking:
        names = work.folded.call_all(lacking)
        raise Refused(T("Not everybody has signed version {n}: {parties}.", n=version.number, parties=names))
    fileless = [party for party, event in found.items() if _file(work, event) is None]
    if fileless:
        names = work.folded.call_all(fileless)
        raise Refused(T("The register has no signed file of {parties}. Add it with 'ksf sign --file'.", parties=names))
    return found


def _signatures(version: Version, party: str) -> Iterator[Event]:
    """Yield the signature that counts for a party: on the version, or the one before that it confirmed."""
    records = (one.records[party] for one in (version, *version.replaced()) if party in one.records)
    latest = next((record.signature for record in records if record.signature), None)
    if latest is not None:
        yield latest


def _file(work: Work, event: Event) -> bytes | None:
    digest = event.payload.file if isinstance(event.payload, SignatureRecorded) else None
    return work.transaction.file(digest) if digest else None


def _cover(work: Work, version: Version, signed: dict[str, Event]) -> tuple[CoverSheet, list[tuple[str, bytes]]]:
    """Return what the cover says, and the files by their names in the PDF, in the order of the parties."""
    desk, terms = work.desk, version.terms
    issued = snapshot(work, version)
    if issued is None:
        raise Refused(T("The register does not have the text that was issued."))
    context = agreement_context(issued, work.folded.kind, desk.municipalities, desk.workspace.regions)
    called = {number: party.name for number, party in zip(terms.parties, context.parties, strict=True)}
    names: dict[str, str] = {}
    files: list[tuple[str, bytes]] = []
    rows: list[SignatureRow] = []
    for party, event in signed.items():
        payload, data = event.payload, _file(work, event)
        assert isinstance(payload, SignatureRecorded)  # noqa: S101 (what `_signatures` yields)
        assert payload.file is not None and data is not None  # noqa: S101, PT018 (`_signed` has looked)
        if payload.file not in names:
            ending = _ENDINGS.get(work.transaction.media_type(payload.file) or "", "bin")
            names[payload.file] = f"{work.cluster}-signert-{len(names) + 1}.{ending}"
            files.append((names[payload.file], data))
        person = work.transaction.person(payload.signatory) or {}
        who = ", ".join(part for part in (person.get("name", ""), person.get("title", "")) if part) or "–"
        rows.append(SignatureRow(called[party], who, written_date(event.occurred_on), names[payload.file]))
    return (
        CoverSheet(
            name=terms.name,
            document_id=terms.document_id,
            version=str(terms.version),
            signatures=tuple(rows),
            files=tuple(SignedFile(name, digest) for digest, name in names.items()),
            document=DocumentContext(f"{terms.document_id} · {WORDS[terms.language].version} {terms.version}", ""),
        ),
        files,
    )
