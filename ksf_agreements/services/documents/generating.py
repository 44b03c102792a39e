"""Generate documents: a checked cluster becomes its agreement and its list of contact persons, as drafts.

The Word documents come first; a PDF that cannot be made, or does not pass the proof-check, takes nothing from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from ksf_agreements import __version__
from ksf_agreements.documents.context import AgreementContext, DocumentContext, agreement_context
from ksf_agreements.documents.files import FileState, WriteError, file_state, write_together, write_whole
from ksf_agreements.documents.template import Template, load_template
from ksf_agreements.documents.wording import WORDS
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.checks import Purpose
from ksf_agreements.domain.cluster import Language
from ksf_agreements.errors import KsfError, Problem
from ksf_agreements.loading.cluster_file import ClusterFile
from ksf_agreements.pdf.seal import PdfState, is_made_of, is_ours, pdf_state, read_pdf
from ksf_agreements.services.clusters.checking import Checked, Checker
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from ksf_agreements.pdf.office import Office


@dataclass(frozen=True, slots=True)
class Draft:
    """A Word document of a cluster: where it is written, its bytes, and the cluster's values that stand in it."""

    path: Path
    docx: bytes
    own: tuple[str, ...] = ()

    @property
    def pdf(self) -> Path:
        """Where its PDF is written."""
        return self.path.with_suffix(".pdf")


@dataclass(frozen=True, slots=True)
class Generated:
    """What became of one cluster file: the files written, its problems, and why a file was left alone.

    `drafts` are the Word documents that a PDF can be made of; `notes` are what else there is to say.
    """

    id: str
    written: tuple[Path, ...]
    problems: tuple[Problem, ...]
    refusals: tuple[Text, ...] = ()
    drafts: tuple[Draft, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything that was asked for is not there."""
        return bool(self.refusals) or not self.written


@dataclass(frozen=True, slots=True)
class Generator:
    """Generates drafts of the files of one workspace into one folder; with `pdf` a PDF shall follow each."""

    checker: Checker
    templates: Path
    out: Path
    purpose: Purpose = Purpose.DRAFT
    force: bool = False
    pdf: bool = False

    def generate(self, file: ClusterFile) -> Generated:
        """Check one file and write its documents: all of them, or none where there are errors or one is refused."""
        checked = self.checker.check(file, self.purpose)
        if checked.cluster is None:
            return Generated(file.id, (), checked.problems)
        drafts = tuple(self._drafts(checked))
        try:
            refusals = () if self.force else tuple(self._refusals(drafts))
            if refusals:
                return Generated(file.id, (), checked.problems, refusals)
            write_together([(draft.path, draft.docx) for draft in drafts])
        except WriteError as fault:
            return Generated(file.id, (), checked.problems, (fault.message,))
        written = tuple(draft.path for draft in drafts)
        return Generated(file.id, written, checked.problems, drafts=drafts, notes=() if self.pdf else _outdated(drafts))

    def _refusals(self, drafts: tuple[Draft, ...]) -> Iterator[Text]:
        """Yield which documents a person has edited or signed. Raises `WriteError` where nobody can tell."""
        for draft in drafts:
            if file_state(draft.path) is FileState.EDITED:
                yield _edited(draft.path)
            if not self.pdf:
                continue
            try:
                state = pdf_state(draft.pdf)
            except OSError as fault:
                raise WriteError(_unwritten(draft.pdf, fault)) from fault
            if state is PdfState.SIGNED:
                yield _signed(draft.pdf)
            elif state is PdfState.OTHER:
                yield _edited(draft.pdf)

    def _drafts(self, checked: Checked) -> Iterator[Draft]:
        cluster, kind = checked.cluster, checked.file.kind
        assert cluster is not None  # noqa: S101 (the caller has looked)
        context = agreement_context(cluster, kind, self.checker.municipalities, self.checker.workspace.regions)
        own = tuple(_texts(asdict(context))) if self.pdf else ()
        for type_, name in kind.templates.items():
            template = load_template(template_path(self.templates, name, cluster.language), AgreementContext)
            data = draft(template, context, checked.file.id, cluster.language)
            yield Draft(self.out / document_name(checked.file.id, type_), data, own)


def with_pdfs(results: Sequence[Generated], office: Office | None) -> Iterator[Generated]:
    """Yield each result with the PDFs of its documents, or why one is not there.

    A PDF of ours that would stay beside a newer Word document is removed; without LibreOffice that is all.
    """
    from ksf_agreements.services.documents.converting import (  # reading PDFs takes a while to import
        Printing,
        convert_all,
    )

    printings = [Printing(one.docx, one.own) for result in results for one in result.drafts]
    made: Iterator[bytes | KsfError | None] = convert_all(printings, office) if office else repeat(None)
    for result in results:
        printed = result
        for one in result.drafts:
            printed = _with_pdf(printed, one, next(made))
        yield printed


def _with_pdf(result: Generated, one: Draft, pdf: bytes | KsfError | None) -> Generated:
    """Write one PDF and return the result with it."""
    if isinstance(pdf, bytes):
        try:
            write_whole(one.pdf, pdf)
        except WriteError as fault:
            return replace(result, refusals=(*result.refusals, fault.message))
        return replace(result, written=(*result.written, one.pdf))
    if pdf is not None:
        reason = T("{file} was not made. {reason}", file=one.pdf.name, reason=pdf.message)
        result = replace(result, refusals=(*result.refusals, reason))
    try:
        if _is_outdated(one):
            one.pdf.unlink()
            text = T("{file} was removed: it was made of an earlier Word document.", file=one.pdf.name)
            result = replace(result, notes=(*result.notes, text))
    except OSError as fault:
        return replace(result, refusals=(*result.refusals, _unwritten(one.pdf, fault)))
    return result


def _outdated(drafts: tuple[Draft, ...]) -> tuple[Text, ...]:
    """Return what to say of PDFs of ours that stay beside newer Word documents."""
    with suppress(OSError):  # what cannot be read is not ours to judge
        return tuple(
            T("{file} was made of an earlier Word document. Use --format pdf to make it anew.", file=one.pdf.name)
            for one in drafts
            if _is_outdated(one)
        )
    return ()


def _is_outdated(one: Draft) -> bool:
    """Return whether an untouched PDF of ours stands there that was made of another document. Raises OSError."""
    data = read_pdf(one.pdf)
    return data is not None and is_ours(data) and not is_made_of(data, one.docx)


def _texts(value: object) -> Iterator[str]:
    """Yield every text inside a document's values, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _texts(one)


def draft(template: Template, context: AgreementContext, cluster_id: str, language: Language) -> bytes:
    """Return a draft: 'Utkast' and a hash of its content on every page, no id and no QR code."""
    content = context.content_hash(template.digest)
    words = WORDS[language]
    mark = f"{words.draft} · {words.content} {content}"
    properties = {
        "KSF-klynge": cluster_id,
        "KSF-innhold": content,
        "KSF-mal": template.info.name,
        "KSF-malversjon": template.info.version,
        "KSF-programversjon": __version__,
    }
    return template.render(context.marked(DocumentContext(mark, "")), properties)


def document_name(cluster_id: str, type_: DocumentType, ending: str = "docx") -> str:
    """Return the name of a cluster's document: 'helse-omsorg-vest-kontaktpersoner.docx'."""
    return f"{cluster_id}-{type_}.{ending}" if type_ else f"{cluster_id}.{ending}"


def template_path(folder: Path, name: str, language: Language) -> Path:
    """Return the template's file for a language: 'ksf-klyngeavtale.nb.docx'."""
    return folder / f"{name}.{language}.docx"


def _edited(path: Path) -> Text:
    return T(
        "{file} has been edited since it was generated, and is left as it is. Move it, or use --force to replace it.",
        file=path.name,
    )


def _signed(path: Path) -> Text:
    return T(
        "{file} has been signed, and is left as it is. Move it, or use --force to replace it.",
        file=path.name,
    )


def _unwritten(path: Path, fault: OSError) -> Text:
    return T(
        "{file} could not be written ({reason}). What was there is untouched. Check the folder and the disk.",
        file=path.name,
        reason=fault.strerror or "?",
    )


def colliding(files: Sequence[ClusterFile]) -> tuple[str, ...]:
    """Return the files whose documents would overwrite each other's, also where letter case is no difference."""
    makers: dict[str, list[str]] = {}
    for file in files:
        for type_ in file.kind.templates:
            makers.setdefault(document_name(file.id, type_).casefold(), []).append(file.shown)
    return tuple(dict.fromkeys(shown for names in makers.values() if len(names) > 1 for shown in names))
