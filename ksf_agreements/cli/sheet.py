"""``ksf sheet`` and ``ksf import-sheet``: the member sheet out to those without a workspace, and back in."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from ksf_agreements.app import App
from ksf_agreements.cli.base import N, argument, command, option, printable, say, session
from ksf_agreements.cli.problems import show_problems
from ksf_agreements.documents.files import write_whole
from ksf_agreements.domain.member_form import CHOICES, Change, Kind
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.services.clusters import sheets
from ksf_agreements.services.clusters.sheets import Plan
from ksf_agreements.text import TN, T

FILE = click.Path(path_type=Path)


@command(
    help=N(
        "Write the member sheet of a cluster (XLSX): a form that its municipalities fill in and send back; "
        "'ksf import-sheet' reads it."
    )
)
@click.argument("cluster")
@option("--out", help=N("The file to write."), required=True, metavar=N("FILE"), type=FILE)
@option("--force", help=N("Replace a file that is there already."), is_flag=True)
def sheet(cluster: str, out: Path, force: bool) -> None:
    """Write and tell."""
    app = App.open(session().workspace)
    check_target(out, force=force)
    write_whole(out, sheets.make_sheet(app.workspace, app.municipalities, cluster, app.today, session().say))
    click.echo(say(T("Wrote {path}", path=str(out))))


def check_target(out: Path, *, force: bool) -> None:
    """Refuse to write over a file that may have been filled in, and to give it a name that Excel does not open."""
    if out.suffix.lower() != ".xlsx":
        raise UsageError(T("{path} must end in .xlsx.", path=str(out)))
    if out.exists() and not force:
        raise UsageError(T("{path} is there already. Give it another name, or say --force.", path=str(out)))


@command(
    help=N(
        "Read a filled member sheet back into the cluster file, whose comments and order stay: shows what will change, "
        "and asks; all of it or nothing."
        "\n\n"
        "Without a terminal nothing is written unless --yes says so."
    )
)
@argument("file", metavar=N("FILE"), type=FILE)
@option("--cluster", help=N("The cluster whose file it is."), required=True, metavar="CLUSTER")
@option("--yes", help=N("Write without asking."), is_flag=True)
@option("--dry-run", help=N("Show what would change, and write nothing."), is_flag=True)
@option("--remove-missing", help=N("Remove the members that are not in the sheet."), is_flag=True)
@option(
    "--even-if-changed", help=N("With --yes: also where the file has changed since the sheet was made."), is_flag=True
)
def import_sheet(
    file: Path, cluster: str, yes: bool, dry_run: bool, remove_missing: bool, even_if_changed: bool
) -> None:
    """Show, ask, write."""
    app = App.open(session().workspace)
    plan = sheets.plan(app.checker(()), cluster, file, remove_missing=remove_missing)
    _show(plan, app.municipalities, remove_missing=remove_missing)
    if not plan.changes or dry_run:
        if plan.changes:
            click.echo(say(T("Nothing was written (--dry-run).")))
        return
    if yes and plan.is_stale and not even_if_changed:
        raise KsfError(
            T(
                "Nothing was written: the cluster file has changed since the sheet was made. Look through the changes "
                "above; then run the command again with --even-if-changed."
            )
        )
    if not (yes or _is_agreed()):
        click.echo(say(T("Nothing was written. Say --yes to write it.")))
        return
    sheets.apply(plan)
    count = len(plan.changes)
    click.echo(say(TN("{n} change written to {file}.", "{n} changes written to {file}.", count, file=plan.path.name)))


def _is_agreed() -> bool:
    return sys.stdin.isatty() and click.confirm(say(T("Write this to the cluster file?")), default=False)


def _show(plan: Plan, municipalities: MunicipalityRegister, *, remove_missing: bool) -> None:
    show_problems(plan.warnings, err=True)
    if plan.missing and not remove_missing:
        names = tuple(_call(municipalities, number) for number in plan.missing)
        text = T("Not in the sheet, and left as they are (--remove-missing removes them): {names}", names=names)
        click.echo(say(text), err=True)
    if not plan.changes:
        click.echo(say(T("The sheet changes nothing.")))
        return
    if plan.is_stale:
        text = T("NOTE: the cluster file has changed since the sheet was made; what follows may take that back.")
        click.echo(say(text), err=True)
    about = None
    for change in plan.changes:
        if change.municipality != about:
            about = change.municipality
            click.echo(_call(municipalities, about) if about else say(T("The cluster")))
        click.echo(f"  {_line(change, municipalities)}")
    for comment in plan.comments:
        gone = say(T("The comment goes with it: {comment}", comment=comment))
        click.echo(f"  {gone}")


def _line(change: Change, municipalities: MunicipalityRegister) -> str:
    label = f"{say(change.label)} ({printable(change.person)})" if change.person else say(change.label)
    old, new = (printable(_value(change, text, municipalities)) for text in (change.old, change.new))
    return f"{label}: {old} → {new}"


def _value(change: Change, text: str, municipalities: MunicipalityRegister) -> str:
    if not text:
        return say(T("(blank)"))
    if change.kind is Kind.MUNICIPALITY:
        return _call(municipalities, text)
    if change.kind is Kind.DATE:
        day = date.fromisoformat(text)
        return f"{day.day}.{day.month}.{day.year}"
    if change.kind in CHOICES:
        return say(CHOICES[change.kind][text])
    return " ⏎ ".join(text.split("\n"))


def _call(municipalities: MunicipalityRegister, number: str) -> str:
    known = municipalities.get(number)
    return f"{number} {known.title()}" if known else number
