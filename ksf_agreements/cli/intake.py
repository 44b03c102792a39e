"""``ksf intake``: takes in a folder of files that came back, and tells what became of each, or asks."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ksf_agreements.cli.base import N, argument, command, one_line, option, printable, say
from ksf_agreements.cli.desk import actor_option, open_desk
from ksf_agreements.cli.views import as_json, format_option
from ksf_agreements.domain.filing.case import Question
from ksf_agreements.text import TN, T, Text

if TYPE_CHECKING:
    from ksf_agreements.services.desk import Desk
    from ksf_agreements.services.signing.intake import Taken


@command(
    help=N(
        "Take in the files of a folder that came back: signed PDFs, scans and photographs.\n\n"
        "What is sure is recorded: the electronic signature of who was planned, on what was sent; a scan with its "
        "version. Whose ink it is, you are asked. Anything else is listed with what to do. Files are never moved or "
        "changed, and the same file again changes nothing. Exit code 0: all are filed. 1: some need a person."
    )
)
@argument("folder", metavar=N("FOLDER"), type=click.Path(path_type=Path))
@option("--dry-run", "dry_run", help=N("Say what would become of each file, and record nothing."), is_flag=True)
@option("--ask/--no-ask", "ask", help=N("Ask whose signature is on a scanned page (else on a terminal)."), default=None)
@format_option("text", "json")
@actor_option
def intake(folder: Path, dry_run: bool, ask: bool | None, form: str, actor: str | None) -> int:
    """Take in, tell and ask."""
    from ksf_agreements.cli.intake_asking import ask_all
    from ksf_agreements.services.rehearsing import rehearsal
    from ksf_agreements.services.signing.intake import Intake

    desk = open_desk(actor)
    asks = form == "text" and not dry_run and (sys.stdin.isatty() and sys.stdout.isatty() if ask is None else ask)
    taken: list[Taken] = []
    for one in Intake(rehearsal(desk) if dry_run else desk).folder(folder):
        taken.append(one)
        if form == "json":
            continue
        for line in _lines(desk, one, dry_run=dry_run):
            click.echo(line)
        if one.plan.questions and one.came is not None:
            if asks:
                ask_all(desk, one.plan.questions, one.came)
            else:
                _tell_questions(desk, one)
    if form == "json":
        click.echo(as_json([_as_data(one) for one in taken]))
    else:
        click.echo(_summary(folder, taken, dry_run=dry_run))
    return 1 if any(one.needs_person for one in taken) else 0


# In words


def _lines(desk: Desk, one: Taken, *, dry_run: bool) -> Iterator[str]:
    """Yield what became of a file: a heading, and what there is to know below it."""
    from ksf_agreements.services.signing.verdict_words import match_lines

    yield f"{one_line(one.path.name)}: {say(_headline(one, dry_run=dry_run))}"
    for signer in one.plan.signers:
        party = desk.call(signer.party)
        yield "  " + say(
            T(
                "{cluster} version {number}: {party} signed on {day}, by {name}.",
                cluster=signer.cluster,
                number=signer.version,
                party=party,
                day=signer.on,
                name=signer.name,
            )
        )
    for match in one.plan.received:
        for line in match_lines(match, desk.call):
            yield f"  {say(line)}"
    told = (*one.plan.notes, *(text for text in (one.plan.why, one.plan.mend) if text is not None))
    yield from (f"  {say(text)}" for text in told)


def _headline(one: Taken, *, dry_run: bool) -> Text:
    from ksf_agreements.services.signing.intake import Fate

    if one.same_as:
        return T("the same file as {name}.", name=one_line(one.same_as))
    events = tuple(map(str, one.events))
    headlines: Mapping[Fate, tuple[Text, Text]] = {
        Fate.SIGNED: (T("signature recorded (event {events}).", events=events), T("its signature would be recorded.")),
        Fate.FILED: (T("filed (event {events}).", events=events), T("it would be filed.")),
        Fate.KNOWN: (T("recorded already (event {events}).", events=events),) * 2,
        Fate.PERSON: (T("needs you; nothing was recorded."), T("needs you; nothing would be recorded.")),
        Fate.LEFT: (T("left alone."),) * 2,
    }
    if one.fate is Fate.PERSON and one.plan.signers:
        if dry_run:
            return T("needs you; a part would be recorded, the rest would not.")
        return T("needs you; event {events} was recorded, the rest was not.", events=events)
    return headlines[one.fate][dry_run]


def _tell_questions(desk: Desk, one: Taken) -> None:
    """Say what only a person can tell, and the command that records the answer, once for all pages of a version."""
    for question in one.plan.questions:
        parties = tuple(map(desk.call, question.parties))
        if question.page is None:
            text = T(
                "For which municipality did {name} sign? It may be {parties}.", name=question.name, parties=parties
            )
        else:
            text = T(
                "Who has signed on page {page} of {cluster}? It has blocks of {parties}.",
                page=question.page,
                cluster=question.cluster,
                parties=parties,
            )
        click.echo(f"  {say(text)}")
    fill_in = T("Fill in and run, once for each who has signed:")
    click.echo(f"  {say(fill_in)}")
    for command_line in dict.fromkeys(command_for(question, one.path) for question in one.plan.questions):
        click.echo(printable(f"    {command_line}"))


def command_for(question: Question, path: Path) -> str:
    """Return the command that records the answer to a question; what is to be filled in is '?'."""
    words = ["ksf", "sign", question.cluster, "--party", "?", "--on", question.on.isoformat() if question.on else "?"]
    words += ["--name", question.name or "?", "--version", str(question.version), "--file", str(path)]
    return " ".join(word if word == "?" else _quoted(word) for word in words)


def _quoted(word: str) -> str:
    """Return a word as the system's own shell takes it."""
    if os.name == "nt":
        return f'"{word}"' if set(word) & set(" &()^;,=") else word
    return shlex.quote(word)


def _summary(folder: Path, taken: list[Taken], *, dry_run: bool) -> str:
    from ksf_agreements.services.signing.intake import Fate

    if not taken:
        return say(T("There are no files in {folder}.", folder=str(folder)))
    count = Counter(one.fate for one in taken)
    said = {
        "signed": count[Fate.SIGNED],
        "filed": count[Fate.FILED],
        "known": count[Fate.KNOWN],
        "person": count[Fate.PERSON],
        "left": count[Fate.LEFT],
    }
    if dry_run:
        text = TN(
            "{n} file, and nothing was recorded: {signed} would give signatures, {filed} would be filed, {known} "
            "recorded already, {person} for you, {left} left alone.",
            "{n} files, and nothing was recorded: {signed} would give signatures, {filed} would be filed, {known} "
            "recorded already, {person} for you, {left} left alone.",
            len(taken),
            **said,
        )
    else:
        text = TN(
            "{n} file: {signed} with signatures recorded, {filed} filed, {known} recorded already, {person} for you, "
            "{left} left alone.",
            "{n} files: {signed} with signatures recorded, {filed} filed, {known} recorded already, {person} for you, "
            "{left} left alone.",
            len(taken),
            **said,
        )
    return say(text)


# For programs


def _as_data(one: Taken) -> dict[str, Any]:
    plan, came = one.plan, one.came
    return {
        "file": one.path.name,
        "sha256": came.verdict.reading.sha256 if came else None,
        "fate": str(one.fate),
        "events": list(one.events),
        "same_as": one.same_as or None,
        "reason": str(plan.reason) if plan.reason else None,
        "why": say(plan.why) if plan.why else None,
        "mend": say(plan.mend) if plan.mend else None,
        "notes": [say(note) for note in plan.notes],
        "matches": [match.model_dump(mode="json") for match in came.verdict.matches] if came else [],
        "unread": list(came.verdict.reading.unread) if came else [],
        "signatures": [
            {"cluster": each.cluster, "version": each.version, "party": each.party, "name": each.name, "on": each.on}
            for each in plan.signers
        ],
        "questions": [
            {
                "cluster": each.cluster,
                "version": each.version,
                "page": each.page,
                "parties": list(each.parties),
                "command": command_for(each, one.path),
            }
            for each in plan.questions
        ],
    }
