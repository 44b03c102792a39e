"""``ksf municipalities``: finds a municipality by name or number, and says what became of an old one."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import click

from ksf_agreements.cli.base import N, argument, command, option, say
from ksf_agreements.domain.folding import fold
from ksf_agreements.domain.municipality import ChangeKind, Municipality, MunicipalityRegister
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.municipalities import load_register
from ksf_agreements.text import T, Text

_WHY: Mapping[ChangeKind, Text] = {
    ChangeKind.RENUMBERING: T("new number"),
    ChangeKind.MERGER: T("merged"),
    ChangeKind.SPLIT: T("split"),
}


@command(
    N(
        "Find a municipality by name or number, and see what became of an old one. SEARCH may be part of a "
        "name, Norwegian, Sami or Kven, also without its special letters. Without SEARCH: every municipality."
    )
)
@argument("search", nargs=-1, metavar=N("[SEARCH]..."))
@option("--all", "also_ended", is_flag=True, help=N("Also numbers that are no longer in use."))
@option(
    "--county",
    metavar="NR",
    default="",
    help=N("Only municipalities of this county: its number or its name."),
)
@option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "csv")),
    default="table",
    show_default=True,
    help=N("How to write the list: table to read, json or csv for other programs."),
)
def municipalities(search: tuple[str, ...], also_ended: bool, county: str, form: str) -> int:
    """Search, show, and answer 1 where nothing was found."""
    register = load_register()
    words = " ".join(search)
    found = register.search(words) if words.strip() else register.municipalities
    shown = _of_county(_as_asked(words, found, also_ended), county, register)
    _FORMS[form](shown, register)
    if shown:
        return 0
    click.echo(say(_nothing(words, county, register)), err=True)
    return 1


def _as_asked(words: str, found: Sequence[Municipality], also_ended: bool) -> tuple[Municipality, ...]:
    """Leave out ended municipalities, unless asked for, or unless nothing else was found."""
    in_use = tuple(one for one in found if not one.has_ended)
    if also_ended:
        return tuple(found)
    # Half a name of something that has ended would only be noise; a whole one is what was looked for.
    return in_use or (tuple(found) if words.strip() else ())


def _of_county(
    found: tuple[Municipality, ...], county: str, register: MunicipalityRegister
) -> tuple[Municipality, ...]:
    if not county.strip():
        return found
    wanted = fold(county)
    if not any(wanted in {one.county_number, fold(one.county)} for one in register):
        raise UsageError(T("unknown county '{county}': give its two digits or its name", county=county))
    return tuple(one for one in found if wanted in {one.county_number, fold(one.county)})


def _nothing(words: str, county: str, register: MunicipalityRegister) -> Text:
    near = () if county.strip() else register.suggest(words)
    if near:
        labels = tuple(_label(one, register) for one in near)
        return T("Found no municipality “{search}”. Did you mean {suggestions}?", search=words, suggestions=labels)
    if words.strip() and county.strip():
        return T("Found no municipality “{search}” in county {county}.", search=words, county=county)
    if county.strip():
        return T("No municipality in use in county {county}; --all shows those that were.", county=county)
    return T("Found no municipality “{search}”.", search=words)


def _label(one: Municipality, register: MunicipalityRegister) -> str:
    """Return '4601 Bergen', and '1515 Herøy (Møre og Romsdal)' where the name alone would mislead."""
    label = f"{one.number} {one.name}"
    return f"{label} ({one.county})" if register.sharing_name(one) else label


def _what_became(one: Municipality, register: MunicipalityRegister) -> Text:
    """Return the sentence on an ended municipality: until when, what it is now, and why."""
    kinds = dict.fromkeys(change.kind for change in register.changes_after(one.number))
    return T(
        "{old}: until {last_day}, now {new} ({why})",
        old=_label(one, register),
        last_day=f"{one.valid_to:%d.%m.%Y}",
        new=tuple(_label(heir, register) for heir in register.successors(one.number)),
        why=tuple(_WHY[kind] for kind in kinds),
    )


def _write_table(found: Sequence[Municipality], register: MunicipalityRegister) -> None:
    in_use = [one for one in found if not one.has_ended]
    if in_use:
        heads = (T("No."), T("Name"), T("Parallel names"), T("County"), T("Org. no."), T("Language"))
        rows = [[say(head) for head in heads]]
        rows += [
            [
                one.number,
                one.title(),
                ", ".join(parallel.name for parallel in one.parallel_names),
                one.county,
                one.organisation_number,
                one.language_decision or "",
            ]
            for one in in_use
        ]
        for line in _aligned(rows):
            click.echo(line)
    ended = [one for one in found if one.has_ended]
    if in_use and ended:
        click.echo()
    for one in ended:
        click.echo(say(_what_became(one, register)))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    # NFC, so that a letter is one column also where the data or a catalog writes letter and mark apart.
    cells = [[unicodedata.normalize("NFC", cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _record(one: Municipality, register: MunicipalityRegister) -> dict[str, str]:
    """Return the plain fields, with the names of the data files; dates in ISO 8601, last days inclusive."""
    return {
        "number": one.number,
        "name": one.name,
        "kind": one.kind.value,
        "title": one.title(),
        "official_name": one.official_name,
        "parallel_names": " | ".join(f"{parallel.language}:{parallel.name}" for parallel in one.parallel_names),
        "county_number": one.county_number,
        "county": one.county,
        "organisation_number": one.organisation_number,
        "language_decision": one.language_decision or "",
        "valid_from": one.valid_from.isoformat() if one.valid_from else "",
        "valid_to": one.valid_to.isoformat() if one.valid_to else "",
        "successors": " ".join(heir.number for heir in register.successors(one.number)),
    }


def _write_json(found: Sequence[Municipality], register: MunicipalityRegister) -> None:
    click.echo(json.dumps([_record(one, register) for one in found], ensure_ascii=False, indent=2))


def _write_csv(found: Sequence[Municipality], register: MunicipalityRegister) -> None:
    if not found:
        return
    lines = io.StringIO()
    records = [_record(one, register) for one in found]
    writer = csv.DictWriter(lines, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    click.echo(lines.getvalue(), nl=False)


_FORMS: Mapping[str, Callable[[Sequence[Municipality], MunicipalityRegister], None]] = {
    "table": _write_table,
    "json": _write_json,
    "csv": _write_csv,
}
