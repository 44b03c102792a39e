"""Generate documents: a checked cluster becomes its agreement and its list of contact persons, as drafts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ksf_agreements import __version__
from ksf_agreements.documents.context import AgreementContext, DocumentContext, agreement_context
from ksf_agreements.documents.files import FileState, WriteError, file_state, write_together
from ksf_agreements.documents.template import Template, load_template
from ksf_agreements.documents.wording import WORDS
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.checks import Purpose
from ksf_agreements.domain.cluster import Language
from ksf_agreements.errors import Problem
from ksf_agreements.loading.cluster_file import ClusterFile
from ksf_agreements.services.checking import Checked, Checker
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Generated:
    """What became of one cluster file: the files written, its problems, and why a file was left alone."""

    id: str
    written: tuple[Path, ...]
    problems: tuple[Problem, ...]
    refusals: tuple[Text, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything that was asked for is not there."""
        return bool(self.refusals) or not self.written


@dataclass(frozen=True, slots=True)
class Generator:
    """Generates drafts of the files of one workspace into one folder."""

    checker: Checker
    templates: Path
    out: Path
    purpose: Purpose = Purpose.DRAFT
    force: bool = False

    def generate(self, file: ClusterFile) -> Generated:
        """Check one file and write its documents: all of them, or none where there are errors or one is refused."""
        checked = self.checker.check(file, self.purpose)
        if checked.cluster is None:
            return Generated(file.id, (), checked.problems)
        documents = tuple(self._documents(checked))
        targets = [(self.out / document_name(file.id, type_), data) for type_, data in documents]
        try:
            if not self.force:
                edited = tuple(_edited(path) for path, _ in targets if file_state(path) is FileState.EDITED)
                if edited:
                    return Generated(file.id, (), checked.problems, edited)
            write_together(targets)
        except WriteError as fault:
            return Generated(file.id, (), checked.problems, (fault.message,))
        return Generated(file.id, tuple(path for path, _ in targets), checked.problems)

    def _documents(self, checked: Checked) -> Iterator[tuple[DocumentType, bytes]]:
        cluster, kind = checked.cluster, checked.file.kind
        assert cluster is not None  # noqa: S101 (the caller has looked)
        context = agreement_context(cluster, kind, self.checker.municipalities, self.checker.workspace.regions)
        for type_, name in kind.templates.items():
            template = load_template(template_path(self.templates, name, cluster.language), AgreementContext)
            yield type_, draft(template, context, checked.file.id, cluster.language)


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


def colliding(files: Sequence[ClusterFile]) -> tuple[str, ...]:
    """Return the files whose documents would overwrite each other's, also where letter case is no difference."""
    makers: dict[str, list[str]] = {}
    for file in files:
        for type_ in file.kind.templates:
            makers.setdefault(document_name(file.id, type_).casefold(), []).append(file.shown)
    return tuple(dict.fromkeys(shown for names in makers.values() if len(names) > 1 for shown in names))
