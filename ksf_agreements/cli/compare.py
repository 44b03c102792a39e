"""The command that compares an edited or signed document with what was issued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ksf_agreements.cli.base import N, argument, command, option, printable, say, session
from ksf_agreements.cli.desk import open_desk
from ksf_agreements.cli.views import as_json, format_option
from ksf_agreements.documents.files import write_whole
from ksf_agreements.domain.compared.beside import Change, FieldChange, Piece
from ksf_agreements.domain.compared.passages import Place
from ksf_agreements.domain.compared.wordings import Sort
from ksf_agreements.services.documents import comparison_page as pages
from ksf_agreements.services.documents.comparing import Beside, compare_file
from ksf_agreements.text import T

_AROUND = 8
"""How many words are shown before and after a change."""


@command(
    help=N(
        "Compare a DOCX or PDF with what was issued: the fields and clauses that differ, word by word. Ends with 0 "
        "where it says the same, 1 where it does not."
    )
)
@argument("cluster", metavar=N("CLUSTER"))
@argument("file", metavar=N("FILE"), type=click.Path(path_type=Path))
@option("--version", help=N("The version to compare with (else the one that the document names)."), type=int)
@format_option("text", "json")
@option(
    "--out",
    help=N("Write the comparison as a page to this file."),
    metavar="FILE",
    type=click.Path(path_type=Path),
)
def compare(cluster: str, file: Path, version: int | None, form: str, out: Path | None) -> int:
    """Compare and print."""
    found = compare_file(open_desk(), cluster, file, version)
    if out is not None:
        page = pages.comparison_page(found, session().say, session().say.language)
        write_whole(out, page.encode("utf-8"))
    if form == "json":
        click.echo(as_json(_as_json(found)))
    else:
        for line in _lines(found):
            click.echo(line)
        if out is not None:
            click.echo(say(T("Wrote {path}", path=str(out))))
    return 1 if found.differs else 0


def _lines(found: Beside) -> Iterator[str]:
    """Yield the comparison for the terminal."""
    yield say(pages.compared_with(found))
    yield from (say(T("Note: {warning}", warning=note)) for note in found.notes)
    if found.hidden:
        yield from ("", f"{say(T('Hidden text in the document'))}:")
        yield from (f"  {printable(text)}" for text in found.hidden)
    if found.comparison.fields:
        yield from ("", f"{say(T('Fields that differ'))}:")
        for field in found.comparison.fields:
            yield from _field_lines(found, field)
    for place, changes in pages.by_clause(found.comparison.changes):
        yield from ("", f"{pages.capitalised(say(pages.place_words(place))).rstrip(':')}:")
        for change in changes:
            yield from _change_lines(change)
    if found.comparison.filled:
        yield from ("", f"{say(T('Filled in in the signature block'))}:")
        yield from (f"  {printable(pages.filled_words(one))}: {printable(one.text)}" for one in found.comparison.filled)
    yield from ("", say(pages.outcome(found)))


def _field_lines(found: Beside, field: FieldChange) -> Iterator[str]:
    places = "; ".join(dict.fromkeys(say(pages.place_words(place)) for place in field.places))
    nothing = say(T("(not there)"))
    yield f"  {say(found.label(field.path))} ({places})"
    yield f"    {say(T('Issued'))}: {printable(field.old) or nothing}"
    yield f"    {say(T('The document'))}: {printable(field.new) or nothing}"


def _change_lines(change: Change) -> Iterator[str]:
    kind = say(pages.KIND_WORDS[change.kind])
    if change.to is not None:
        kind = f"{kind} → {say(pages.place_words(change.to))}"
    where = " › ".join(change.place.under)
    page = f"{say(T('page'))} {change.page}" if change.page else ""
    yield f"  {' · '.join(printable(part) for part in (kind, where, page) if part)}"
    yield f"    {printable(_shortened(change.pieces))}"


def _shortened(pieces: Sequence[Piece]) -> str:
    """Return a passage in one line: [-gone-] {+new+}, and of what stays the words around a change."""
    told = []
    for number, piece in enumerate(pieces):
        words = piece.text.split()
        text = " ".join(words)
        if piece.sort is Sort.GONE:
            text = f"[-{text}-]"
        elif piece.sort is Sort.NEW:
            text = f"{{+{text}+}}"
        else:
            keep_first, keep_last = number > 0, number < len(pieces) - 1
            if len(words) > _AROUND * (keep_first + keep_last or 2) + 1:
                first = words[:_AROUND] if keep_first or not keep_last else []
                last = words[-_AROUND:] if keep_last else []
                text = " ".join((*first, "…", *last))
        told.append(f" {text}" if piece.text[:1].isspace() else text)
    return "".join(told).strip()


def _as_json(found: Beside) -> dict[str, object]:
    """Return the comparison as programs read it."""
    comparison = found.comparison
    return {
        "cluster": found.cluster,
        "file": found.file,
        "document": str(found.issued.type) or "avtale",
        "version": found.base.version or None,
        "document_id": found.base.document_id or None,
        "differs": found.differs,
        "kept": round(comparison.kept, 4),
        "fields": [
            {
                "field": one.path,
                "label": say(found.label(one.path)),
                "clauses": [_place_json(place) for place in one.places],
                "old": one.old,
                "new": one.new,
            }
            for one in comparison.fields
        ],
        "changes": [
            {
                "kind": str(one.kind),
                "clause": _place_json(one.place),
                "to": _place_json(one.to) if one.to is not None else None,
                "page": one.page or None,
                "pieces": [{"sort": str(piece.sort), "text": piece.text} for piece in one.pieces],
            }
            for one in comparison.changes
        ],
        "filled": [{"party": one.party, "label": one.label, "text": one.text} for one in comparison.filled],
        "hidden": list(found.hidden),
        "notes": [say(note) for note in found.notes],
    }


def _place_json(place: Place) -> dict[str, object]:
    return {"number": place.number, "heading": place.heading, "under": list(place.under)}
