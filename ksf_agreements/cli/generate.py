"""``ksf generate``: fill the agreement and its list of contact persons from cluster files."""

from __future__ import annotations

from pathlib import Path

import click

from ksf_agreements.app import App
from ksf_agreements.cli.base import N, argument, command, option, say, session
from ksf_agreements.cli.problems import counted, show_problems
from ksf_agreements.cli.progress import progress
from ksf_agreements.documents.template import TemplateError
from ksf_agreements.domain.checks import Purpose
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.loading.cluster_file import ClusterFile
from ksf_agreements.loading.files import is_file
from ksf_agreements.pdf.office import OfficeMissing, find_office
from ksf_agreements.services.documents.generating import Generated, Generator, colliding, with_pdfs
from ksf_agreements.services.regions import in_region
from ksf_agreements.text import TN, T

_MANY = 10
_FORMAT = click.Choice(["docx", "pdf"])


@command(
    help=N(
        "Fill the agreement from cluster files: CLUSTER.docx and CLUSTER-kontaktpersoner.docx, as drafts.\n\n"
        "With --format pdf a PDF of each as well, by LibreOffice, proof-checked before it is written.\n\n"
        "For a file with errors nothing is written; the others are. Exit code 0: all done. 1: problems in the "
        "input, or a file was left alone. 2: wrong usage. 3: could not be done."
    )
)
@argument("files", nargs=-1, metavar=N("[FILES]..."))
@option("--all", "everything", help=N("All cluster files of the workspace."), is_flag=True)
@option("--region", help=N("With --all: only the clusters of this region."), default="", metavar="REGION")
@option("--out", help=N("Folder for the documents (else 'out' in the workspace)."), metavar=N("DIR"))
@option("--format", "form", help=N("File format of the documents; pdf makes both."), type=_FORMAT, default="docx")
@option("--draft", help=N("Accept what is not settled yet, and print it marked."), is_flag=True)
@option("--force", help=N("Replace documents that somebody has edited or signed."), is_flag=True)
def generate(
    files: tuple[str, ...], everything: bool, region: str, out: str | None, form: str, draft: bool, force: bool
) -> int:
    """Generate and present."""
    if everything == bool(files) or (region and not everything):
        raise UsageError(T("Name the cluster files, or use --all for every one of the workspace."))
    app = App.open(session().workspace)
    read = in_region(app.workspace, app.cluster_files(files), region)
    if not read:
        raise UsageError(T("The workspace has no cluster files in the folder clusters."))
    if same := colliding(read):
        raise UsageError(T("The documents of these files would have the same name: {files}", files=same))
    folder = Path(out) if out else app.workspace.root / "out"
    if is_file(folder):
        raise UsageError(T("{file} is a file, not a folder.", file=str(folder)))
    generator = Generator(
        checker=app.checker(read),
        templates=app.templates,
        out=folder,
        purpose=Purpose.GAPPY_DRAFT if draft else Purpose.DRAFT,
        force=force,
        pdf=form == "pdf",
    )
    show_problems(generator.checker.workspace_problems(), err=True)
    with progress(T("Generating"), read, len(read), _MANY) as steps:
        results = [_one(generator, file) for file in steps]
    missing = None
    if generator.pdf:
        results, missing = _printed(results)
    for result in results:
        _present(result)
    failed = [result for result in results if result.failed]
    if len(results) > 1:
        click.echo(_summary(results, failed))
    if missing:
        click.echo(say(T("Only the Word documents were made. {reason}", reason=missing.message)), err=True)
    return 1 if failed else missing.exit_code if missing else 0


def _printed(results: list[Generated]) -> tuple[list[Generated], KsfError | None]:
    """Return the results with their PDFs, and why there are none where LibreOffice is missing."""
    missing = None
    try:
        office = find_office()
    except OfficeMissing as fault:
        office, missing = None, fault
    with progress(T("Making PDFs"), with_pdfs(results, office), len(results), _MANY) as steps:
        return list(steps), missing


def _one(generator: Generator, file: ClusterFile) -> Generated:
    try:
        return generator.generate(file)
    except TemplateError as fault:
        return Generated(file.id, (), (), (fault.message,))


def _present(result: Generated) -> None:
    show_problems(result.problems, err=True)
    for refusal in result.refusals:
        click.echo(f"{result.id}: {say(refusal)}", err=True)
    for note in result.notes:
        click.echo(f"{result.id}: {say(note)}", err=True)
    for path in result.written:
        click.echo(say(T("Wrote {path}", path=str(path))))
    if not result.written and not result.refusals:
        message = T("{id}: nothing was written ({counts}).", id=result.id, counts=counted(result.problems))
        click.echo(say(message), err=True)


def _summary(results: list[Generated], failed: list[Generated]) -> str:
    done = TN("{n} cluster done", "{n} clusters done", len(results) - len(failed))
    if not failed:
        return say(T("{done}.", done=done))
    names = tuple(result.id for result in failed)
    return say(T("{done}, {n_failed} not: {names}", done=done, n_failed=len(failed), names=names))
