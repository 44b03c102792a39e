"""Asks at the terminal whose signatures are on a scan, and records them on a yes. An empty answer goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

import click

from ksf_agreements.cli.base import say
from ksf_agreements.cli.desk import DAY
from ksf_agreements.domain.events import Method
from ksf_agreements.domain.filing.case import Question
from ksf_agreements.domain.telling import told
from ksf_agreements.errors import KsfError
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.signing.recording import Signature, sign
from ksf_agreements.services.signing.signed_file import SignedFile
from ksf_agreements.text import T, Text

_Answer = TypeVar("_Answer")
_YES = frozenset({"j", "ja", "y", "yes"})


def ask_all(desk: Desk, questions: Iterable[Question], came: SignedFile) -> None:
    """Ask each question until nobody more has signed there."""
    for question in questions:
        waiting = list(question.parties)
        while waiting and (party := _ask_party(desk, question, waiting)) is not None:
            if _ask_rest(desk, question, party, came):
                waiting.remove(party)
            if question.page is None:  # one signature, one party
                break


def _ask_party(desk: Desk, question: Question, waiting: list[str]) -> str | None:
    called = tuple(desk.call(party) for party in waiting)
    if question.page is None:
        click.echo(say(T("  {name} has signed electronically.", name=question.name or "?")))
    else:
        text = T(
            "  Page {page} of {cluster} has the signature blocks of {parties}.",
            page=question.page,
            cluster=question.cluster,
            parties=called,
        )
        click.echo(say(text))

    def known(text: str) -> str:
        number = desk.municipality(text).number
        if number not in waiting:
            raise click.BadParameter(say(T("Answer with one of these: {parties}.", parties=called)))
        return number

    return _ask(T("  Who has signed? Number or name; Enter for nobody more"), known)


def _ask_rest(desk: Desk, question: Question, party: str, came: SignedFile) -> bool:
    """Ask for day and name, and record on a yes; return whether it is recorded."""
    day = question.on or _ask(T("  On which day? YYYY-MM-DD"), lambda text: DAY.convert(text, None, None))
    name = question.name or (_ask(T("  By whom? Name"), str) if day else None)
    if day is None or not name:
        return False
    if not _agreed(desk, question, party, day, name):
        return False
    method = Method.INK if question.page is not None else None
    said = Signature(party=party, on=day, name=name, method=method, file=came, version=question.version)
    try:
        done = sign(desk, question.cluster, said)
    except KsfError as fault:
        click.echo(f"  {say(fault.message)}", err=True)
        return False
    for event in done.events:
        sentence = say(told(event, done.folded.call))
        click.echo("  " + say(T("Recorded as event {number}: {sentence}.", number=event.number, sentence=sentence)))
    for warning in done.warnings:
        click.echo("  " + say(T("Note: {warning}", warning=warning)), err=True)
    return True


def _agreed(desk: Desk, question: Question, party: str, day: date, name: str) -> bool:
    text = T(
        "  Record that {party} signed {cluster} version {number} on {day}, by {name}? (yes/no)",
        party=desk.call(party),
        cluster=question.cluster,
        number=question.version,
        day=day,
        name=name,
    )
    return bool(_ask(text, lambda word: word.casefold() in _YES))


def _ask(text: Text, read: Callable[[str], _Answer]) -> _Answer | None:
    """Ask until the answer can be read; None for an empty one."""
    while True:
        answer = str(click.prompt(say(text), default="", show_default=False)).strip()
        if not answer:
            return None
        try:
            return read(answer)
        except click.BadParameter as fault:
            click.echo(f"  {fault.message}", err=True)
        except KsfError as fault:
            click.echo(f"  {say(fault.message)}", err=True)
