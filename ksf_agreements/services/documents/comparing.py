"""Compare a document with what was issued: finds the version, reads both, and tells what differs.

The issued document is the one that the register keeps; the template shows which of its words are values of the
cluster. A cluster that has never been issued is compared with a draft from its file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ksf_agreements.bounded import BoundedError
from ksf_agreements.documents.clauses import Reading, read_clauses, with_values
from ksf_agreements.documents.context import AgreementContext, agreement_context
from ksf_agreements.documents.marked import marked_document, party_number, value_label
from ksf_agreements.documents.package import PackageError
from ksf_agreements.documents.template import Template, TemplateError, load_template
from ksf_agreements.domain.agreement import AgreementKind, DocumentType
from ksf_agreements.domain.checks import Purpose
from ksf_agreements.domain.cluster import Cluster, Language, Region
from ksf_agreements.domain.compared.beside import Comparison, compare
from ksf_agreements.domain.compared.page_lines import Pages, marks, read_pages
from ksf_agreements.domain.compared.passages import WORDS_LIMIT, Kind, Passage, placed, without_contents
from ksf_agreements.domain.compared.wordings import keys
from ksf_agreements.domain.events import VersionIssued
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.verdict import page_runs
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import InputError, KsfError, UsageError
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.services.desk import FILE_LIMIT, Desk
from ksf_agreements.services.documents.generating import draft, template_path
from ksf_agreements.signed.plain_text import UnreadablePdf, read_text
from ksf_agreements.text import TN, T, Text


class NotCompared(KsfError):
    """The document cannot be compared; nothing was written."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Issued:
    """One issued document: its passages with the values in them, headers and footers, pictures, and unseen texts."""

    type: DocumentType
    passages: tuple[Passage, ...]
    furniture: tuple[str, ...]
    objects: int
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """What a document is compared with: a version of the register, or a draft (`version` 0)."""

    version: int
    document_id: str
    kind: AgreementKind
    language: Language
    documents: tuple[Issued, ...]
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """A document beside what was issued: what it was compared with, what differs, and what else is to be known."""

    cluster: str
    file: str
    base: Base
    issued: Issued
    comparison: Comparison
    notes: tuple[Text, ...]
    hidden: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the document says anything else; what nobody sees in it counts too."""
        return self.comparison.differs or bool(self.hidden)

    def label(self, path: str) -> Text:
        """Return what people call a value, and whose it is."""
        label, number = value_label(path, self.base.kind), party_number(path)
        if number is None or number >= len(self.base.parties):
            return label
        return T("{what}, {whose}", what=label, whose=self.base.parties[number])


@dataclass(frozen=True, slots=True)
class _Document:
    """The document as it came: a reading of a DOCX, or the lines of a PDF's pages."""

    docx: Reading | None
    pages: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[str, int], ...]
    notes: tuple[tuple[int, str], ...] = ()


def compare_file(desk: Desk, cluster: str, path: Path, version: int | None = None) -> Beside:
    """Compare the document in a file with a version of a cluster (else the one its own mark names).

    Raises `UsageError` for a cluster, file or version that is not there, `NotCompared` for one that cannot be read.
    """
    data = _read(path)
    document = _document(data)
    base, notes = _base(desk, cluster, document, version)
    words = _words(document)
    if words.total() > WORDS_LIMIT:
        raise NotCompared(T("The document has more than {limit} words; no agreement has.", limit=WORDS_LIMIT))
    issued = max(base.documents, key=partial(_likeness, words))
    if document.docx is not None:
        comparison = _compare_docx(issued, document.docx)
        notes += _docx_notes(document.docx, issued)
        hidden = tuple(text for text in document.docx.hidden if text not in issued.hidden)
    else:
        comparison, told = _compare_pdf(issued, document.pages)
        notes, hidden = notes + told + _notes_upon(document.notes), ()
    if comparison.kept < 0.2:
        notes = (T("This does not look like the agreement: little of its wording is in the document."), *notes)
    return Beside(cluster, path.name, base, issued, comparison, notes, hidden)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError(T("The file {file} is not there.", file=str(path)))
    with path.open("rb") as source:
        data = source.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise UsageError(T("{file} is larger than {limit} MB.", file=path.name, limit=FILE_LIMIT // 2**20))
    return data


def _document(data: bytes) -> _Document:
    if b"%PDF-" in data[:1024]:
        try:
            read = read_text(data)
            pages = read.pages
        except (BoundedError, UnreadablePdf) as fault:
            raise NotCompared(fault.message) from fault
        if not any(line.strip() for page in pages for line in page):
            raise NotCompared(
                T(
                    "The PDF has no text: it is a scan, or pictures. Its wording cannot be compared. Ask for the file "
                    "that was printed, or read it beside the issued one."
                )
            )
        return _Document(None, pages, marks("\n".join(line for page in pages for line in page)), read.notes)
    if not data.startswith(b"PK"):
        raise NotCompared(T("The file is neither a PDF nor a Word document (DOCX)."))
    try:
        reading = read_clauses(data)
    except PackageError as fault:
        raise NotCompared(fault.message) from fault
    said = reading.properties.get("KSF-dokument", ""), reading.properties.get("KSF-versjon", "")
    own = ((said[0], int(said[1])),) if said[0] and said[1].isdecimal() and len(said[1]) < 5 else ()
    return _Document(reading, (), tuple(dict.fromkeys((*marks("\n".join(reading.furniture)), *own))))


def _words(document: _Document) -> Counter[str]:
    texts = (
        [one.text for one in document.docx.passages]
        if document.docx is not None
        else [line for page in document.pages for line in page]
    )
    return Counter(key for text in texts for key in keys(text))


def _likeness(words: Counter[str], issued: Issued) -> float:
    own = Counter(key for one in issued.passages for key in one.keys)
    return (own & words).total() / max(own.total() + words.total(), 1)


def _compare_docx(issued: Issued, reading: Reading) -> Comparison:
    return compare(issued.passages, placed(without_contents(reading.passages, _headings(issued))))


def _headings(issued: Issued) -> list[str]:
    return [one.text for one in issued.passages if one.kind is Kind.HEADING]


def _compare_pdf(issued: Issued, pages: Sequence[Sequence[str]]) -> tuple[Comparison, tuple[Text, ...]]:
    read = read_pages(pages, issued.furniture, [one.text for one in issued.passages])
    said = without_contents(read.passages, _headings(issued))
    comparison = compare(issued.passages, said, by_paragraph=False)
    last = read.last
    if (read.first, read.last) == (1, read.count) and 0 < comparison.last_page < read.last:
        last = comparison.last_page
        said = tuple(one for one in said if one.page <= last)
        comparison = compare(issued.passages, said, by_paragraph=False)
    return comparison, _pdf_notes(replace(read, last=last))


def _pdf_notes(read: Pages) -> tuple[Text, ...]:
    notes = []
    if read.first > 1:
        notes.append(_left_out(1, read.first - 1, T("before the agreement")))
    if read.last < read.count:
        notes.append(_left_out(read.last + 1, read.count, T("annexes, or the signing service's own page")))
    if read.blank:
        pages = tuple(str(page) for page in read.blank)
        notes.append(
            T("Without text, so they could not be compared (scanned?): page {pages}. Look at them.", pages=pages)
        )
    if read.furniture:
        notes.append(T("On the edge of the pages, and not compared: {texts}", texts=_cited(read.furniture)))
    return tuple(notes)


def _notes_upon(notes: Sequence[tuple[int, str]]) -> tuple[Text, ...]:
    """Tell of notes and drawings upon the pages: whoever reads the document sees them, and no text has them."""
    if not notes:
        return ()
    pages, texts = page_runs({page for page, _ in notes}), _cited([text for _, text in notes if text])
    if not texts:
        return (T("Upon page {pages} something is drawn that was not compared. Look at it.", pages=pages),)
    text = T(
        "Upon page {pages} there are notes that were not compared: {texts} Look at them.", pages=pages, texts=texts
    )
    return (text,)


def _left_out(first: int, last: int, why: Text) -> Text:
    pages = str(first) if first == last else f"{first}–{last}"
    return T("Not compared: page {pages} ({why}).", pages=pages, why=why)


_CITED = 5


def _cited(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"«{text[:80]}»" for text in texts[:_CITED])


def _docx_notes(reading: Reading, issued: Issued) -> tuple[Text, ...]:
    notes = []
    if reading.tracked:
        notes.append(
            TN(
                "The document has {n} tracked change. It is read as if all were accepted.",
                "The document has {n} tracked changes. It is read as if all were accepted.",
                reading.tracked,
            )
        )
    if reading.struck:
        notes.append(T("Struck through, and read as taken out: {texts}", texts=_cited(reading.struck)))
    if reading.comments:
        notes.append(
            TN("The document has {n} comment.", "The document has {n} comments.", reading.comments),
        )
    if reading.objects > issued.objects:
        notes.append(T("The document has pictures or objects that the issued one has not. Look at them."))
    known = {_folded(text) for text in issued.furniture}
    new = [text for text in reading.furniture if _folded(text) not in known]
    if new:
        notes.append(T("Header or footer differs, and was not compared: {texts}", texts=_cited(new)))
    return tuple(notes)


def _folded(text: str) -> str:
    """Return a text of a header or footer without what goes with each version, and the page numbers."""
    return "".join(key for key in keys(text) if not key.isdigit())


def _base(desk: Desk, cluster: str, document: _Document, asked: int | None) -> tuple[Base, tuple[Text, ...]]:
    """Return what the document is to be compared with, and what is to be said about that."""
    if not desk.known(cluster):
        if asked is not None:
            raise UsageError(T("Version {n} of {cluster} is not in the register.", n=asked, cluster=cluster))
        return _drafted(desk, cluster), ()
    folded = desk.read(cluster)
    named = [one for mark in document.marks for one in folded.versions if _is(one, mark)]
    notes: list[Text] = []
    if asked is not None:
        version = folded.version(asked)
        if version is None:
            raise UsageError(T("Version {n} of {cluster} is not in the register.", n=asked, cluster=cluster))
    elif named:
        version = named[0]
    else:
        version = folded.open_version or folded.in_force or (folded.versions[-1] if folded.versions else None)
        if version is None:
            raise UsageError(T("{cluster} has no version to compare with.", cluster=cluster))
        for mark in document.marks:
            _refuse_stranger(desk, cluster, mark)
        notes.append(
            T("The document does not say which version it is; it is compared with version {n}.", n=version.number)
        )
    others = tuple(f"{name} · {number}" for name, number in document.marks if not _is(version, (name, number)))
    if others:
        notes.append(T("The document calls itself another version: {marks}.", marks=others))
    return _kept(desk, version), tuple(notes)


def _is(version: Version, mark: tuple[str, int]) -> bool:
    return (version.terms.document_id, version.number) == mark


def _refuse_stranger(desk: Desk, cluster: str, mark: tuple[str, int]) -> None:
    """Refuse a document whose own mark is that of another cluster."""
    with desk.register.reading() as transaction:
        for event in transaction.stream_events():
            said = event.payload
            if isinstance(said, VersionIssued) and said.document_id == mark[0] and event.agreement != cluster:
                raise UsageError(
                    T(
                        "The document is {document}, version {n}: it belongs to {other}, not to {cluster}.",
                        document=mark[0],
                        n=mark[1],
                        other=event.agreement,
                        cluster=cluster,
                    )
                )


def _kept(desk: Desk, version: Version) -> Base:
    """Return a version's documents as the register keeps them."""
    terms = version.terms
    kind = KINDS[terms.agreement_kind]
    with desk.register.reading() as transaction:
        found = {one.type: transaction.file(one.sha256) for one in terms.documents}
        snapshot = transaction.file(terms.snapshot)
    documents = {DocumentType(type_): data for type_, data in found.items() if data is not None}
    if DocumentType.AGREEMENT not in documents:
        raise NotCompared(
            T(
                "The register has no document of version {n}: it was erased, or was signed before the register began.",
                n=version.number,
            )
        )
    context = _context(desk, kind, snapshot) if snapshot is not None else None
    return _made(desk, kind, terms.language, documents, context, version.number, terms.document_id)


def _context(desk: Desk, kind: AgreementKind, snapshot: bytes) -> AgreementContext:
    said = json.loads(snapshot)
    cluster = Cluster.model_validate_json(json.dumps(said["cluster"]))
    region = Region.model_validate_json(json.dumps(said["region"]))
    return agreement_context(cluster, kind, desk.municipalities, {cluster.region or "": region})


def _drafted(desk: Desk, cluster: str) -> Base:
    """Return drafts of a cluster file's documents. Raises `InputError` where the file has errors."""
    file = desk.cluster_file(cluster)
    checked = Checker.of(desk.workspace, desk.municipalities, desk.today, (file,)).check(file, Purpose.GAPPY_DRAFT)
    if checked.cluster is None:
        raise InputError(T("Nothing was compared: the cluster file has errors."), checked.problems)
    language = checked.cluster.language
    context = agreement_context(checked.cluster, file.kind, desk.municipalities, desk.workspace.regions)
    documents = {
        type_: draft(_template(desk, name, language), context, cluster, language)
        for type_, name in file.kind.templates.items()
    }
    return _made(desk, file.kind, language, documents, context, 0, "")


def _template(desk: Desk, name: str, language: Language) -> Template:
    return load_template(template_path(desk.templates, name, language), AgreementContext)


def _made(
    desk: Desk,
    kind: AgreementKind,
    language: Language,
    documents: Mapping[DocumentType, bytes],
    context: AgreementContext | None,
    version: int,
    document_id: str,
) -> Base:
    made = []
    for type_, data in documents.items():
        reading = read_clauses(data)
        passages = reading.passages
        if context is not None:
            passages = _with_values(desk, kind.templates[type_], language, context, passages)
        headings = [one.text for one in passages if one.kind is Kind.HEADING]
        said = placed(without_contents(passages, headings))
        made.append(Issued(type_, said, reading.furniture, reading.objects, reading.hidden))
    parties = tuple(party.name for party in context.parties) if context is not None else ()
    return Base(version, document_id, kind, language, tuple(made), parties)


def _with_values(
    desk: Desk, name: str, language: Language, context: AgreementContext, passages: tuple[Passage, ...]
) -> tuple[Passage, ...]:
    """Return the issued passages with their values; without them where the template is no longer there."""
    try:
        data, paths = marked_document(_template(desk, name, language), context)
    except TemplateError:
        return passages
    return with_values(passages, read_clauses(data, paths).passages)
