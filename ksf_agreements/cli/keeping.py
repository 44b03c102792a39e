"""Commands that keep the register: verify, backup, restore, erase, history from before it, and the report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.app import App, now
from ksf_agreements.cli.base import N, argument, command, option, say, session
from ksf_agreements.cli.desk import actor_option, on_option, open_desk, standing
from ksf_agreements.cli.problems import show_problems
from ksf_agreements.documents.files import write_whole
from ksf_agreements.domain.timeline import DERIVATION, derive
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.sheets import ENCODINGS
from ksf_agreements.register import backup as copies
from ksf_agreements.register import verify as proofs
from ksf_agreements.register.chain import Head
from ksf_agreements.services.agreements import erasing, history
from ksf_agreements.services.agreements.history_template import history_template
from ksf_agreements.services.following import report as pages
from ksf_agreements.text import TN, T

FILE = click.Path(path_type=Path)


@command(help=N("Check that the register is whole: its chain, files, derived rows and locks. Tells what was erased."))
@option("--head", help=N("The head written down before (NUMBER:HASH); shows whether events at the end are gone."))
def verify(head: str | None) -> int:
    """Check and print."""
    app = App.open(session().workspace)
    known = Head.parse(head) if head is not None else None
    if head is not None and known is None:
        raise UsageError(T("'{value}' is no head. It looks like 17:3f9a…, as 'ksf verify' prints it.", value=head))
    found = proofs.verify(app.register_path, derive, DERIVATION, known)
    show_problems(found.findings)
    for stone in found.erased:
        people = TN("data of {n} person", "data of {n} persons", len(stone.people))
        files = TN("{n} file", "{n} files", len(stone.files))
        day, why = stone.recorded_at.date(), stone.reason
        text = T(
            "Erased {date} (event {event}): {what}. {reason}",
            date=day,
            event=stone.event,
            what=(people, files),
            reason=why,
        )
        click.echo(say(text))
    counts = {"events": found.events, "people": found.people, "files": found.files}
    if found.is_whole:
        click.echo(say(T("The register is whole: {events} events, {people} persons, {files} files.", **counts)))
        click.echo(
            say(
                T(
                    "Head: {head}. Write it down elsewhere; then 'ksf verify --head' shows a cut end.",
                    head=str(found.head),
                )
            )
        )
        return 0
    click.echo(
        say(T("The register is not whole. Keep the file as it is, and restore the latest backup elsewhere.")), err=True
    )
    return 1


@command(help=N("Copy the register to FILE, whole and checked, also while others write."))
@argument("file", metavar=N("FILE"), type=FILE)
@option("--force", help=N("Replace an older backup."), is_flag=True)
def backup(file: Path, force: bool) -> None:
    """Copy and tell."""
    app = App.open(session().workspace)
    if not file.absolute().parent.is_dir():
        raise UsageError(T("The folder {folder} is not there.", folder=str(file.parent)))
    found = copies.backup(app.register_path, file, derive, DERIVATION, replace=force)
    click.echo(say(T("Wrote {path}", path=str(file))))
    click.echo(say(T("Checked: {events} events, head {head}.", events=found.events, head=str(found.head))))


@command(help=N("Put the backup FILE in the register's place; the present register is kept beside it."))
@argument("file", metavar=N("FILE"), type=FILE)
def restore(file: Path) -> None:
    """Restore and tell."""
    app = App.open(session().workspace)
    done = copies.restore(app.register_path, file, now(), derive, DERIVATION)
    click.echo(say(T("Restored from {path}, head {head}.", path=str(file), head=str(done.head))))
    if done.aside is not None:
        click.echo(say(T("What was there before is kept as {path}.", path=done.aside.name)))


@command(
    help=N(
        "Remove personal data or files for good (GDPR, or a wrong upload): those of EVENTS, or of a person by --name."
        "\n\n"
        "A tombstone stays in the journal, and its chain stays whole."
    )
)
@argument("events", nargs=-1, type=int, metavar=N("[EVENTS]..."))
@option("--name", help=N("A person: everything kept under exactly that name."), default="")
@option("--documents", help=N("With --name: also snapshots and documents in which the name stands."), is_flag=True)
@option("--reason", help=N("Why it is removed; kept in the journal."), required=True)
@actor_option
def erase(events: tuple[int, ...], name: str, documents: bool, reason: str, actor: str | None) -> int:
    """Erase and tell."""
    done = erasing.erase(open_desk(actor), events, name, reason, with_documents=documents)
    if done.event is None:
        click.echo(say(T("Nothing was found to erase.")))
    else:
        people, files = (
            TN("data of {n} person", "data of {n} persons", done.people),
            TN("{n} file", "{n} files", done.files),
        )
        text = T("Erased: {people}, {files} (event {event}).", people=people, files=files, event=done.event.number)
        click.echo(say(text))
    if done.left:
        text = TN(
            "The name still stands in {n} document; --documents removes it too.",
            "The name still stands in {n} documents; --documents removes them too.",
            done.left,
        )
        click.echo(say(text))
    if done.scans:
        numbers = tuple(map(str, done.scans))
        text = T("Files that came with event {events} are kept; name the events to remove them too.", events=numbers)
        click.echo(say(text))
    if done.contacts:
        text = T(
            "The contact persons of {clusters} were kept as one list, which is gone. Take the person out of the "
            "cluster file, and record the list anew with 'ksf contacts'.",
            clusters=done.contacts,
        )
        click.echo(say(text))
    if done.event is None:
        return 1
    click.echo(say(T("Backups made before still have it: remove it there, or make new ones.")))
    click.echo(say(T("Cluster files, and documents written to folders, are not touched: look there too.")))
    return 0


@command(
    help=N(
        "Enter agreements that were signed before the register existed, from a spreadsheet (XLSX or CSV): one row per "
        "party, all of it or nothing."
        "\n\n"
        "--template writes an empty sheet with the columns and what they tell."
    )
)
@argument("file", metavar=N("[FILE]"), type=FILE, required=False)
@option(
    "--template",
    "empty",
    help=N("Write an empty sheet to this file (XLSX), and enter nothing."),
    type=FILE,
    metavar=N("FILE"),
)
@option(
    "--encoding",
    help=N("How a CSV file stores its letters; a workbook needs no telling."),
    type=click.Choice(tuple(ENCODINGS)),
    default="utf-8",
)
@actor_option
def import_history(file: Path | None, empty: Path | None, encoding: str, actor: str | None) -> None:
    """Enter all, or nothing, and tell."""
    if (file is None) == (empty is None):
        raise UsageError(T("Name the file to read, or say --template with the file to write."))
    if empty is not None:
        if empty.exists():
            raise UsageError(T("{path} is there already. Give it another name.", path=str(empty)))
        write_whole(empty, history_template(session().say))
        click.echo(say(T("Wrote {path}", path=str(empty))))
        return
    assert file is not None  # noqa: S101 (one of the two)
    done = history.import_history(open_desk(actor), file, encoding)
    show_problems(done.warnings, err=True)
    for status in done.agreements:
        click.echo(say(standing(status)))
    count = len(done.agreements)
    if done.repeated:
        click.echo(say(T("This very file was entered before; nothing was written.")))
    else:
        click.echo(say(TN("{n} agreement entered.", "{n} agreements entered.", count)))


@command(help=N("Write the overview as one page (HTML) with a signature matrix and a timeline."))
@option("--out", help=N("The file to write."), default="overview.html", metavar=N("FILE"), type=FILE)
@on_option(N("The situation of that date (else today)."))
def report(out: Path, on: date | None) -> None:
    """Write and tell."""
    desk = open_desk()
    page = pages.report_page(desk, on or desk.today, session().say, session().say.language)
    write_whole(out, page.encode("utf-8"))
    click.echo(say(T("Wrote {path}", path=str(out))))
