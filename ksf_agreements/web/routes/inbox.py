"""Mottatte filer: a pile of files that came back. What each is, what is sure, and what only a person can tell.

The files are held in memory until somebody confirms; each time the page is shown the register is asked anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.events import Method
from ksf_agreements.domain.filing.case import Question
from ksf_agreements.domain.telling import told
from ksf_agreements.errors import KsfError
from ksf_agreements.services.desk import Done
from ksf_agreements.services.rehearsing import rehearsal
from ksf_agreements.services.signing.intake import Fate, Intake, Taken
from ksf_agreements.services.signing.recording import Signature, sign
from ksf_agreements.services.signing.signatures import Row, rows
from ksf_agreements.services.signing.signed_file import SignedFile
from ksf_agreements.services.signing.verdict_words import match_lines, signature_line
from ksf_agreements.text import TN, T, Text
from ksf_agreements.web.asked import day_of, line_fault, read_upload
from ksf_agreements.web.days import written
from ksf_agreements.web.downloads import safe_name
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.visit import Visit, endpoint

HERE = "/innboks"
FILES_LIMIT = 50
"""How many files are taken at once."""

FATES: Mapping[Fate, tuple[Text, str, str]] = {
    Fate.SIGNED: (T("sure: the signature can be recorded"), "✓", "success"),
    Fate.FILED: (T("sure: it can be filed with its agreement"), "✓", "success"),
    Fate.KNOWN: (T("recorded already"), "✓", "info"),
    Fate.PERSON: (T("needs you"), "!", "warning"),
    Fate.LEFT: (T("nothing that can be looked at"), "–", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Pile:
    """What was examined, in the order it came."""

    taken: tuple[Taken, ...]

    @property
    def size(self) -> int:
        """How much of memory it takes, in bytes."""
        return sum(len(one.came.data) for one in self.taken if one.came is not None)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a party has signed on a page, as it is typed: `key` is what the fields are named by.

    Where the file names who signed, `choices` are the parties that it may have been for, and `chosen` one of them.
    """

    key: str
    called: str
    ticked: bool
    day: str
    name: str
    title: str
    fault: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words, with a row for each party that it may be about."""

    words: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A file as the page shows it; `may_take` where confirming records something of it."""

    place: int
    name: str
    fate: str
    sign: str
    tone: str
    lines: tuple[str, ...]
    may_take: bool
    ticked: bool
    questions: tuple[Asked, ...]


# Bringing files


def show(visit: Visit) -> Response:
    """Show where files are brought."""
    return visit.page("inbox.html", refusal="")


def bring(visit: Visit) -> Response:
    """Examine the files that came, record nothing, and hold them."""
    uploads = [one for one in visit.form.getlist("filer") if isinstance(one, UploadFile) and (one.filename or one.size)]
    if not uploads or len(uploads) > FILES_LIMIT:
        text = (
            T("Choose at most {limit} files at a time. Nothing was recorded.", limit=FILES_LIMIT)
            if uploads
            else T("Choose the files first.")
        )
        return visit.page("inbox.html", 422, refusal=visit.say(text))
    # What a file is called is a label here, and names no place on the disk.
    named = [(Path(safe_name((one.filename or "").replace("\\", "/").rpartition("/")[2])), one) for one in uploads]
    with visit.office.backroom.turn():
        intake = Intake(rehearsal(visit.desk))
        taken = tuple(intake.pile((name, partial(read_upload, one)) for name, one in named))
    pile = Pile(taken)
    key = visit.office.backroom.hold(visit.session, pile, pile.size)
    return visit.redirect(f"{HERE}/{key}")


# The pile


def look(visit: Visit, faults: Mapping[str, Text] | None = None) -> Response:
    """Show each file, and ask."""
    pile = _pile(visit)
    if pile is None:
        return _gone(visit)
    intake = Intake(rehearsal(visit.desk))
    now = tuple(_now(intake, one) for one in pile.taken)
    pieces = tuple(_piece(visit, place, one, faults) for place, one in enumerate(now))
    count = Counter(one.fate for one in now)
    summary = TN(
        "{n} file: {sure} sure, {known} recorded already, {person} for you.",
        "{n} files: {sure} sure, {known} recorded already, {person} for you.",
        len(now),
        sure=count[Fate.SIGNED] + count[Fate.FILED],
        known=count[Fate.KNOWN],
        person=count[Fate.PERSON],
    )
    listed = tuple(
        (answer.key, f"{answer.called}: {answer.fault}")
        for piece in pieces
        for question in piece.questions
        for answer in question.answers
        if answer.fault
    )
    loose = tuple(visit.say(one) for key, one in (faults or {}).items() if key not in dict(listed))
    return visit.page(
        "pile.html",
        422 if faults else 200,
        key=visit.path["key"],
        pieces=pieces,
        summary=visit.say(summary),
        faults=listed,
        loose=loose,
        anything=any(piece.may_take or piece.questions for piece in pieces),
    )


def _pile(visit: Visit) -> Pile | None:
    return visit.office.backroom.held(visit.session, visit.path["key"], Pile)


def _gone(visit: Visit) -> Response:
    text = T(
        "The files are kept here for half an hour only, and are gone now. What was recorded is safe: bring them anew."
    )
    return visit.redirect(HERE, Notice("warning", visit.say(text)))


def _now(intake: Intake, taken: Taken) -> Taken:
    """Return what would become of a file as things stand now."""
    if taken.came is None or taken.same_as:
        return taken
    return intake.examined(taken.path, taken.came)


def _piece(visit: Visit, place: int, taken: Taken, faults: Mapping[str, Text] | None) -> Piece:
    words, sign_, tone = FATES[taken.fate]
    may_take = taken.fate in {Fate.SIGNED, Fate.FILED}
    asked = tuple(_asked(visit, place, taken, faults)) if not taken.same_as else ()
    return Piece(
        place=place,
        name=taken.path.name,
        fate=visit.say(words),
        sign=sign_,
        tone=tone,
        lines=tuple(visit.say(one).strip() for one in _lines(visit, taken)),
        may_take=may_take,
        ticked=may_take and (faults is None or visit.text(f"ta:{place}") == "ja"),
        questions=asked,
    )


def _lines(visit: Visit, taken: Taken) -> Iterator[Text]:
    plan, call = taken.plan, visit.desk.call
    if taken.same_as:
        yield T("It is the same file as {name}.", name=taken.same_as)
    for event in plan.repeated if taken.fate is Fate.KNOWN else ():
        yield T("Event {number} has recorded it.", number=event)
    for signer in plan.signers:
        yield T(
            "{cluster} version {number}: {party} signed on {day}, by {name}.",
            cluster=signer.cluster,
            number=signer.version,
            party=call(signer.party),
            day=signer.on,
            name=signer.name,
        )
    if taken.came is not None and not plan.signers:
        yield from map(signature_line, taken.came.verdict.reading.signatures)
        for match in taken.came.verdict.matches:
            yield from match_lines(match, call)
    yield from plan.notes
    yield from (text for text in (plan.why, plan.mend) if text is not None)


def _asked(visit: Visit, place: int, taken: Taken, faults: Mapping[str, Text] | None) -> Iterator[Asked]:
    for number, question in enumerate(taken.plan.questions):
        base = f"{place}:{question.cluster}:{question.version}"
        day = written(question.on) if question.on else ""
        if question.page is None:
            key = f"{base}:e{number}:"
            one = _answer(visit, key, question.name, (day, question.name, ""), faults)
            choices = tuple((party, visit.desk.call(party)) for party in question.parties)
            chosen = visit.text(f"hvem:{key}") if faults else ""
            words = T("For which municipality did {name} sign?", name=question.name)
            yield Asked(visit.say(words), (replace(one, choices=choices, chosen=chosen),))
            continue
        planned = _planned(visit, question)
        answers = []
        for party in question.parties:
            row = planned.get(party)
            start = (day, row.planned_name if row else "", row.planned_title if row else "")
            key = f"{base}:{question.page}:{party}"
            answers.append(_answer(visit, key, visit.desk.call(party), start, faults))
        words = T("Who has signed on page {page} of {cluster}?", page=question.page, cluster=question.cluster)
        yield Asked(visit.say(words), tuple(answers))


def _planned(visit: Visit, question: Question) -> dict[str, Row]:
    folded = visit.desk.read(question.cluster)
    version = folded.version(question.version)
    return {row.party: row for row in rows(visit.desk, folded, version)} if version else {}


def _answer(
    visit: Visit, key: str, called: str, start: tuple[str, str, str], faults: Mapping[str, Text] | None
) -> Answer:
    if faults is None:
        return Answer(key, called, False, *start)
    day, name, title = (visit.text(f"{field}:{key}") for field in ("dag", "navn", "tittel"))
    fault = visit.say(faults[key]) if key in faults else ""
    return Answer(key, called, visit.text(f"har:{key}") == "ja", day, name, title, fault)


# Confirming


def confirm(visit: Visit) -> Response:
    """Record what was confirmed; where an answer is wrong nothing is, and the page says where."""
    pile = _pile(visit)
    if pile is None:
        return _gone(visit)
    said, faults = _said(visit, pile)
    if faults:
        return look(visit, faults)
    intake = Intake(visit.desk)
    lines: list[str] = []
    repeated: list[str] = []
    failed: list[str] = []
    for place, one in enumerate(pile.taken):
        if one.came is not None and not one.same_as and visit.text(f"ta:{place}") == "ja":
            done = intake.examined(one.path, one.came)
            _tell_taken(visit, done, lines, repeated, failed)
    for cluster, signature in said:
        try:
            _tell_signed(visit, sign(visit.desk, cluster, signature), lines, repeated)
        except KsfError as fault:
            failed.append(f"{visit.desk.call(signature.party)}: {visit.say(fault.message)}")
    return visit.redirect(f"{HERE}/{visit.path['key']}", *_notices(visit, lines, repeated, failed))


def _said(visit: Visit, pile: Pile) -> tuple[list[tuple[str, Signature]], dict[str, Text]]:
    """Return the signatures that were answered, and what is wrong with any of them; each is rehearsed first."""
    found: list[tuple[str, Signature]] = []
    faults: dict[str, Text] = {}
    for key, party in _answered(visit):
        meant = _meant(pile, key)
        day, fault = day_of(visit.text(f"dag:{key}"))
        if meant is None:
            fault = T("The form does not belong to these files. Load the page anew.")
        elif fault is None and day is None:
            fault = T("Write the day of the signature.")
        fault = fault or line_fault(visit.text(f"navn:{key}"), required=True)
        fault = fault or line_fault(visit.text(f"tittel:{key}"), required=False)
        if fault is not None or meant is None or day is None:
            faults[key] = fault or T("This must be filled in.")
            continue
        signature = _signature(visit, key, day, party, meant)
        try:
            sign(rehearsal(visit.desk), meant.cluster, signature)
        except KsfError as told_:
            faults[key] = told_.message
        found.append((meant.cluster, signature))
    return found, faults


def _answered(visit: Visit) -> Iterator[tuple[str, str]]:
    """Yield the keys of what was ticked or chosen, each with its party."""
    for name in visit.form:
        start, _, key = name.partition(":")
        if start == "har" and visit.text(name) == "ja":
            yield key, key.rpartition(":")[2]
        elif start == "hvem" and visit.text(name):
            yield key, visit.text(name)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a key names: a version in a file of the pile, and whether it is ink on a page."""

    cluster: str
    version: int
    came: SignedFile
    is_page: bool


def _meant(pile: Pile, key: str) -> Meant | None:
    """Return what a key names, looked up among what the pile holds; None for anything else."""
    for place, one in enumerate(pile.taken):
        for match in one.came.verdict.matches if one.came is not None else ():
            start = f"{place}:{match.cluster}:{match.version}:"
            if key.startswith(start) and one.came is not None:
                page = key.removeprefix(start).partition(":")[0]
                return Meant(match.cluster, match.version, one.came, page in map(str, match.signature_pages))
    return None


def _signature(visit: Visit, key: str, day: date, party: str, meant: Meant) -> Signature:
    return Signature(
        party=party,
        on=day,
        name=visit.text(f"navn:{key}"),
        title=visit.text(f"tittel:{key}"),
        method=Method.INK if meant.is_page else None,
        file=meant.came,
        version=meant.version,
    )


def _tell_taken(visit: Visit, done: Taken, lines: list[str], repeated: list[str], failed: list[str]) -> None:
    name = done.path.name
    if done.fate is Fate.KNOWN:
        repeated.append(visit.say(T("{file} is recorded already.", file=name)))
    elif done.events:
        numbers = tuple(map(str, done.events))
        lines.append(visit.say(T("{file}: recorded as event {events}.", file=name, events=numbers)))
    if done.fate is Fate.PERSON and done.plan.why is not None:
        failed.append(f"{name}: {visit.say(done.plan.why)}")


def _tell_signed(visit: Visit, done: Done, lines: list[str], repeated: list[str]) -> None:
    for event in done.events:
        sentence = told(event, done.folded.call)
        lines.append(visit.say(T("Recorded as event {number}: {sentence}.", number=event.number, sentence=sentence)))
        lines += [visit.say(T("Note: {warning}", warning=one)) for one in done.warnings]
    if done.repeated is not None:
        sentence = told(done.repeated, done.folded.call)
        text = T("{sentence}: recorded already (event {number}).", sentence=sentence, number=done.repeated.number)
        repeated.append(visit.say(text))


def _notices(visit: Visit, lines: list[str], repeated: list[str], failed: list[str]) -> Iterator[Notice]:
    if lines:
        yield Notice("success", visit.say(T("This was recorded:")), tuple(lines))
    if repeated:
        yield Notice("info", visit.say(T("This was recorded already; nothing more was written:")), tuple(repeated))
    if failed:
        yield Notice("warning", visit.say(T("This was not recorded:")), tuple(failed))
    if not (lines or repeated or failed):
        yield Notice("info", visit.say(T("Nothing was chosen, and nothing was recorded.")))


ROUTES = (
    Route(HERE, endpoint(show)),
    Route(HERE, endpoint(bring), methods=["POST"]),
    Route(f"{HERE}/{{key}}", endpoint(look)),
    Route(f"{HERE}/{{key}}", endpoint(confirm), methods=["POST"]),
)
