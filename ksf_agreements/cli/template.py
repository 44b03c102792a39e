"""``ksf template``: what is wrong with a Word template, which ones are installed, and what one says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from ksf_agreements.cli.base import Entry, Group, N, argument, command, option, say
from ksf_agreements.documents.installed import InstalledTemplate, installed_templates, original_of
from ksf_agreements.documents.lint import excerpt, lint
from ksf_agreements.documents.package import PackageError
from ksf_agreements.documents.show import part_name, shown
from ksf_agreements.documents.tags import Place
from ksf_agreements.documents.template import PlacedFault, read_file
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.resources import template_dir
from ksf_agreements.text import TN, T, Text

_HERE = "ksf_agreements.cli.template"
COMMANDS: Mapping[str, Entry] = {
    "lint": Entry(f"{_HERE}:lint_files", N("Tell what is wrong with a template, paragraph by paragraph.")),
    "list": Entry(f"{_HERE}:list_installed", N("List the installed templates.")),
    "show": Entry(f"{_HERE}:show_file", N("Print the text of a template with its tags.")),
}


@click.group(cls=Group, entries=COMMANDS, help=N("List, check and show Word templates."))
def template() -> None:
    """Hold the commands on templates."""


@command(
    N(
        "Tell what is wrong with Word templates, paragraph by paragraph, and how to mend it.\n\n"
        "Exit code 0: no errors (warnings may be there). 1: errors. 2: wrong usage. 3: could not be done."
    )
)
@argument("files", nargs=-1, required=True, metavar="FILES...")
@option("--format", "form", help=N("How to print the faults."), type=click.Choice(("text", "json")), default="text")
def lint_files(files: tuple[str, ...], form: str) -> int:
    """Check and present."""
    found = [(name, fault) for name, path in zip(files, _paths(files), strict=True) for fault in _linted(path)]
    if form == "json":
        click.echo(json.dumps([_record(name, fault) for name, fault in found], ensure_ascii=False, indent=2))
    else:
        for name, fault in found:
            click.echo(_line(name, fault))
            if fault.mend is not None:
                click.echo(f"    → {say(fault.mend)}")
        click.echo(say(_summary(len(files), [fault for _, fault in found])))
    return 1 if any(fault.is_error for _, fault in found) else 0


def _paths(names: Sequence[str]) -> list[Path]:
    paths = [Path(name) for name in names]
    if lost := tuple(name for name, path in zip(names, paths, strict=True) if not path.is_file()):
        raise UsageError(T("These files are not there: {files}", files=lost))
    return paths


def _linted(path: Path) -> tuple[PlacedFault, ...]:
    data = _read(path)
    try:
        return lint(data, original_of(data, template_dir()))
    except PackageError as fault:
        return (PlacedFault("unreadable", fault.message, None, None),)


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as fault:
        raise KsfError(
            T("The file {file} could not be read ({reason}).", file=path.name, reason=fault.strerror or "?")
        ) from fault


def _line(file: str, fault: PlacedFault) -> str:
    """Return ``file: paragraph 12 (“The agreement ...”): sentence``."""
    place = f" {say(_place(fault.place))}:" if fault.place else ""
    severity = "" if fault.is_error else f" {say(T('warning'))}:"
    return f"{file}:{place}{severity} {say(fault.message)}"


def _place(place: Place) -> Text:
    """Return where a fault stands; the body, which authors think of as the document, is not named."""
    part, words = part_name(place.part), excerpt(place)
    if not place.paragraph:
        return T("{part} (“{text}”)", part=part, text=words) if words else part
    if place.part == "word/document.xml":
        return T("paragraph {number} (“{text}”)", number=place.paragraph, text=words)
    return T("{part}, paragraph {number} (“{text}”)", part=part, number=place.paragraph, text=words)


def _record(file: str, fault: PlacedFault) -> dict[str, str | int]:
    place = fault.place or Place("", 0, "", "")
    return {
        "file": file,
        "severity": "error" if fault.is_error else "warning",
        "code": fault.code,
        "part": place.part,
        "paragraph": place.paragraph,
        "text": place.text,
        "tag": place.tag,
        "message": say(fault.message),
        "mend": say(fault.mend) if fault.mend else "",
    }


def _summary(files: int, faults: Sequence[PlacedFault]) -> Text:
    errors = sum(fault.is_error for fault in faults)
    return T(
        "{files} checked: {errors}, {warnings}.",
        files=TN("{n} template", "{n} templates", files),
        errors=TN("{n} error", "{n} errors", errors),
        warnings=TN("{n} warning", "{n} warnings", len(faults) - errors),
    )


@command(N("List the installed templates: kind of agreement, language, version and source."))
@option(
    "--format",
    "form",
    help=N("How to write the list: table to read, json for other programs."),
    type=click.Choice(("table", "json")),
    default="table",
)
def list_installed(form: str) -> int:
    """Read and present."""
    _FORMS[form](installed_templates(template_dir()))
    return 0


def _write_table(found: Sequence[InstalledTemplate]) -> None:
    heads = (T("Template"), T("Kind"), T("Language"), T("Version"), T("Source"), T("File"))
    rows = [[say(head) for head in heads]]
    for one in found:
        info = one.info
        told = (info.name, info.kind, info.language, info.version, info.source)
        rows.append([*(told if one.is_readable else (say(T("cannot be read")), "", "", "", "")), str(one.path)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _write_json(found: Sequence[InstalledTemplate]) -> None:
    rows = [
        {
            "name": one.info.name,
            "kind": one.info.kind,
            "language": one.info.language,
            "version": one.info.version,
            "source": one.info.source,
            "file": str(one.path),
            "readable": one.is_readable,
        }
        for one in found
    ]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))


_FORMS: Mapping[str, Callable[[Sequence[InstalledTemplate]], None]] = {"table": _write_table, "json": _write_json}


@command(
    N(
        "Print the text of a Word document with its tags, one line a paragraph.\n\n"
        'For git to show changes in Word files: git config diff.ksf-docx.textconv "ksf template show"'
    )
)
@argument("file", metavar="FILE")
def show_file(file: str) -> int:
    """Read and print."""
    (path,) = _paths((file,))
    for number, section in enumerate(shown(_read(path))):
        if number:
            click.echo()
        click.echo(f"== {say(part_name(section.part))} ({section.part})")
        for line in section.lines:
            click.echo(line)
    return 0
