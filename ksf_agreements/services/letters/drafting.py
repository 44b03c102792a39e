"""Documents made for whoever asks for them now: drafts and letters. Nothing is recorded, nothing stays on the disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ksf_agreements.documents.letters import About, LetterKind
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.checks import Purpose
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.errors import InputError
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.documents.generating import Generator, document_name, with_pdfs
from ksf_agreements.services.letters.writing import LetterWriter, Written, recorded
from ksf_agreements.text import T


def draft(desk: Desk, cluster: str, type_: DocumentType, *, pdf: bool = False) -> tuple[str, bytes]:
    """Return a draft of a cluster's document as it is now, with its name; what is not settled is printed marked.

    Raises `InputError` where the cluster file has errors, `OfficeMissing` where no PDF can be made.
    """
    from ksf_agreements.pdf.office import find_office

    office = find_office() if pdf else None
    file = desk.cluster_file(cluster)
    checker = Checker.of(desk.workspace, desk.municipalities, desk.today, (file,))
    with TemporaryDirectory(prefix="ksf-utkast-") as folder:
        generator = Generator(checker, desk.templates, Path(folder), Purpose.GAPPY_DRAFT, force=True, pdf=pdf)
        made = generator.generate(file)
        if not made.written and not made.refusals:
            raise InputError(T("No draft was made: the cluster file has errors."), made.problems)
        if pdf:
            wanted = document_name(cluster, type_)
            (made,) = with_pdfs(
                [replace(made, drafts=tuple(one for one in made.drafts if one.path.name == wanted))], office
            )
        if made.refusals:
            raise Refused(made.refusals[0])
        name = document_name(cluster, type_, "pdf" if pdf else "docx")
        return f"{Path(name).stem}-utkast{Path(name).suffix}", (Path(folder) / name).read_bytes()


def letters(desk: Desk, cluster: str, kind: LetterKind, on: date, *, party: str = "", year: int = 0) -> Written:
    """Return the letters of a kind: one, or one for each municipality that gets its own.

    Raises `InputError` where the cluster file has errors, `Refused` where a fact that the letter rests on is missing.
    """
    if kind.about is About.NAMED and not party:
        raise Refused(T("Choose the municipality that the letter is about."))
    if kind.needs_year and not year:
        raise Refused(T("Write the year that it is for."))
    file = desk.cluster_file(cluster)
    checked = Checker.of(desk.workspace, desk.municipalities, desk.today, (file,)).check(file)
    if checked.cluster is None:
        raise InputError(T("No letter was made: the cluster file has errors."), checked.errors)
    writer = LetterWriter(
        id=cluster,
        cluster=checked.cluster,
        kind=file.kind,
        municipalities=desk.municipalities,
        regions=desk.workspace.regions,
        templates=desk.templates,
        records=recorded(desk.register, cluster),
    )
    named = party if kind.about is not About.NOBODY else ""
    return writer.write(kind, on, party=named, year=year if kind.needs_year else 0)
