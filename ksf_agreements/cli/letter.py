"""``ksf letter``: what an agreement's life needs on paper, as Word files."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import click

from ksf_agreements.app import App
from ksf_agreements.cli.base import N, argument, command, option, say, session
from ksf_agreements.cli.desk import on_option, out_option
from ksf_agreements.cli.problems import counted, show_problems
from ksf_agreements.documents.files import FileState, file_state, write_together
from ksf_agreements.documents.letters import LETTERS, About, LetterKind
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import ClusterFile, read_cluster
from ksf_agreements.services.letters.writing import LetterWriter, Records, Written, recorded
from ksf_agreements.text import T, Text


@command(
    help=N(
        "Write a letter, or another paper of the agreement's life: CLUSTER-KIND.docx.\n\n"
        "Without a kind, the kinds are listed. What differs between municipalities is written once for each, or for "
        "the one that --party names. Nothing is recorded: 'ksf notice', 'ksf accede' and the others do that."
    )
)
@argument("kind", metavar=N("KIND"), required=False)
@argument("cluster", metavar="CLUSTER", required=False)
@option("--party", help=N("The municipality, by number or name."), metavar="NR")
@on_option(N("The letter's date, and the situation that it tells of (else today)."))
@option("--year", help=N("The year of a plan or a report."), type=click.IntRange(2000, 2199))
@out_option()
@option("--force", help=N("Replace letters that somebody has edited."), is_flag=True)
def letter(
    kind: str | None,
    cluster: str | None,
    party: str | None,
    on: date | None,
    year: int | None,
    out: Path | None,
    force: bool,
) -> int:
    """Write and present."""
    if kind is None:
        _list()
        return 0
    row = _row(kind, party, year)
    if cluster is None:
        raise UsageError(T("Name the cluster: 'ksf letter {kind} CLUSTER'.", kind=kind))
    app = App.open(session().workspace)
    file = _cluster_file(app, cluster)
    checked = app.checker((file,)).check(file)
    if checked.cluster is None:
        show_problems(checked.errors, err=True)
        message = T("{id}: nothing was written ({counts}).", id=file.id, counts=counted(checked.errors))
        click.echo(say(message), err=True)
        return 1
    records = _records(app, file.id)
    writer = LetterWriter(
        id=file.id,
        cluster=checked.cluster,
        kind=file.kind,
        municipalities=app.municipalities,
        regions=app.workspace.regions,
        templates=app.templates,
        records=records,
    )
    number = _party(party, app.municipalities, checked.cluster, records) if party else ""
    written = writer.write(row, on or app.today, party=number, year=year or 0)
    return _keep(written, out or app.workspace.root / "out", force=force)


def _row(kind: str, party: str | None, year: int | None) -> LetterKind:
    """Return the kind of letter; the options that it has no use for, or cannot do without, are told."""
    row = LETTERS.get(kind)
    if row is None:
        raise UsageError(T("There is no letter '{kind}'. There are: {kinds}", kind=kind, kinds=tuple(LETTERS)))
    if party is None and row.about is About.NAMED:
        raise UsageError(T("Name the municipality with --party."))
    if party is not None and row.about is About.NOBODY:
        raise UsageError(T("'{kind}' is for the whole cluster; leave out --party.", kind=kind))
    if year is None and row.needs_year:
        raise UsageError(T("Name the year with --year."))
    return row


def _list() -> None:
    width = max(map(len, LETTERS))
    options = {About.NOBODY: "", About.EACH: "[--party NR]", About.NAMED: "--party NR"}
    for name, row in LETTERS.items():
        needs = "--year YEAR" if row.needs_year else options[row.about]
        click.echo(f"{name.ljust(width)}  {needs.ljust(12)}  {say(row.title)}")


def _cluster_file(app: App, cluster: str) -> ClusterFile:
    paths = {unicodedata.normalize("NFC", path.stem): path for path in app.workspace.cluster_paths()}
    path = paths.get(unicodedata.normalize("NFC", cluster))
    if path is None:
        raise UsageError(
            T("There is no cluster '{cluster}'. There are: {known}", cluster=cluster, known=tuple(sorted(paths)))
        )
    return read_cluster(path)


def _records(app: App, cluster: str) -> Records:
    """Return what the register knows; a workspace without one gets none for a letter's sake."""
    return recorded(app.desk().register, cluster) if app.register_path.exists() else Records()


def _party(text: str, municipalities: MunicipalityRegister, cluster: Cluster, records: Records) -> str:
    """Return the number that a number or a name means; of two with one name, the cluster's own."""
    found = municipalities.find(text)
    known = {member.municipality for member in cluster.members}
    known |= {getattr(event.payload, "party", "") for event in records.events}
    meant = (
        tuple(one for one in found if one.number in known) or tuple(one for one in found if not one.has_ended) or found
    )
    if len(meant) == 1:
        return meant[0].number
    if meant:
        names = tuple(f"{one.number} {one.title(with_county=True)}" for one in meant)
        raise UsageError(T("'{text}' may be several municipalities; write the number: {names}", text=text, names=names))
    near = tuple(f"{one.number} {one.name}" for one in municipalities.suggest(text)[:3])
    if near:
        raise UsageError(T("No municipality is called '{text}'. Did you mean {names}?", text=text, names=near))
    raise UsageError(T("No municipality is called '{text}'.", text=text))


def _keep(written: Written, folder: Path, *, force: bool) -> int:
    targets = [(folder / one.name, one.data) for one in written.letters]
    edited = [] if force else [path for path, _ in targets if file_state(path) is FileState.EDITED]
    if edited:
        raise Refused(_left_alone(edited))
    write_together(targets)
    for path, _ in targets:
        click.echo(say(T("Wrote {path}", path=str(path))))
    for reason in written.left_out:
        click.echo(say(T("No letter: {reason}", reason=reason)), err=True)
    return 0


def _left_alone(paths: list[Path]) -> Text:
    return T(
        "These have been edited since they were written, and nothing was written: {files}. Move them, or use --force "
        "to replace them.",
        files=tuple(path.name for path in paths),
    )
