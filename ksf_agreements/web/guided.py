"""A form in two steps: what is typed is tried and explained, nothing kept; then a person confirms, and it is recorded.

The service that records is the one that is tried, at a desk that keeps nothing. A file goes with it in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import Response

from ksf_agreements.errors import InputError, KsfError
from ksf_agreements.services.agreements.issuing import NotWritten
from ksf_agreements.services.desk import Desk, Done
from ksf_agreements.services.rehearsing import rehearsal
from ksf_agreements.text import T, Text
from ksf_agreements.web import done as told
from ksf_agreements.web.asked import ENDINGS, Answers, Field, Kind, answered, file_of, read_upload, started
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.visit import Visit

FILE = "fil"
_KEPT = "fil_holdt"


class Step(StrEnum):
    """What the button that was pressed asks for."""

    EXPLAIN = "vis"
    CONFIRM = "bekreft"
    CHANGE = "endre"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a service is called with: the desk, the answers, the file that came, and the folder for its documents."""

    desk: Desk
    answers: Answers
    file: Path | None
    out: Path


@dataclass(frozen=True, slots=True)
class Explained:
    """What would be recorded, in words: the days and facts, what follows from them, and what is unusual.

    `warnings` stand in place of the service's own, where `lines` tell those already.
    """

    facts: Sequence[tuple[Text, str]] = ()
    lines: Sequence[Text] = ()
    warnings: Sequence[Text] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A form in two steps: its fields, the service that it is for, and how its result is explained before it is kept.

    `back` is the page that it leads to; `crumbs` the pages between the cluster's and this one, with their words.
    """

    cluster: str
    name: str
    title: Text
    fields: Sequence[Field]
    attempt: Callable[[Attempt], Done]
    explain: Callable[[Done, Answers], Explained]
    confirm: Text
    back: str
    lead: Sequence[Text] = ()
    crumbs: Sequence[tuple[str, Text]] = ()
    template: str = "guided.html"
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def came_from(self) -> str:
        """The page that one goes back to without having done it."""
        return self.crumbs[-1][0] if self.crumbs else self.back


@dataclass(frozen=True, slots=True)
class _Held:
    """A file that was shown and not confirmed yet."""

    name: str
    data: bytes


def guided(visit: Visit, flow: Flow, **given: str) -> Response:
    """Answer a visit of the form: show it (with what is ``given``), explain what was typed, or record it."""
    if visit.request.method != "POST":
        return _form(visit, flow, started(flow.fields, **given))
    answers = answered(visit, flow.fields)
    key, held, lost = _file(visit, flow)
    if lost is not None:
        answers = replace(answers, faults={**answers.faults, FILE: lost})
    if visit.text("steg") == Step.CHANGE:
        return _form(visit, flow, replace(answers, faults={}), key, held)
    if answers.faults:
        return _form(visit, flow, answers, key, held, code=422)
    return _tried(visit, flow, answers, key, held)


def _tried(visit: Visit, flow: Flow, answers: Answers, key: str, held: _Held | None) -> Response:
    """Try what was typed, or record it where it was confirmed."""
    confirmed = visit.text("steg") == Step.CONFIRM
    try:
        with _attempt(visit, answers, held, confirmed=confirmed) as attempt:
            done = flow.attempt(attempt)
    except NotWritten as fault:
        return visit.redirect(flow.back, Notice("warning", visit.say(fault.message)))
    except KsfError as fault:
        return _form(visit, flow, answers, key, held, fault=fault, code=422)
    if confirmed or done.repeated is not None:
        return visit.redirect(flow.back, *told.notices(visit.say, done, done.notes))
    return _explained(visit, flow, answers, done, key, held)


@contextmanager
def _attempt(visit: Visit, answers: Answers, held: _Held | None, *, confirmed: bool) -> Iterator[Attempt]:
    """Give what the service is tried with; a trial's documents go to a folder that is removed."""
    with TemporaryDirectory(prefix="ksf-web-") as folder:
        path = None
        if held is not None:
            ending = Path(held.name).suffix.lower()
            path = Path(folder) / f"vedlegg{ending if ending in ENDINGS else ''}"
            path.write_bytes(held.data)
        desk = visit.desk if confirmed else rehearsal(visit.desk)
        out = visit.desk.workspace.root / "out" if confirmed else Path(folder)
        yield Attempt(desk, answers, path, out)


def _file(visit: Visit, flow: Flow) -> tuple[str, _Held | None, Text | None]:
    """Return the key of the file that came, now or a step before, the file, and what is wrong with it."""
    if all(one.kind is not Kind.FILE for one in flow.fields):
        return "", None, None
    backroom, key = visit.office.backroom, visit.text(_KEPT)
    if (upload := file_of(visit, FILE)) is not None:
        try:
            held = _Held(upload.filename or "", read_upload(upload))
        except KsfError as fault:
            return "", None, fault.message
        return backroom.hold(visit.session, held, len(held.data)), held, None
    if not key or visit.text(f"{_KEPT}_bort"):
        return "", None, None
    found = backroom.held(visit.session, key, _Held)
    return (key, found, None) if found else ("", None, T("The file is no longer here. Choose it once more."))


def _form(
    visit: Visit,
    flow: Flow,
    answers: Answers,
    key: str = "",
    held: _Held | None = None,
    *,
    fault: KsfError | None = None,
    code: int = 200,
) -> Response:
    problems = sorted(fault.problems, key=lambda one: not one.is_error) if isinstance(fault, InputError) else ()
    refusal = visit.say(fault.message) if fault else ""
    values = {"key": key, "kept": held.name if held else "", "refusal": refusal, "problems": problems}
    return visit.page(flow.template, code, flow=flow, answers=answers, **values, **flow.values)


def _explained(visit: Visit, flow: Flow, answers: Answers, done: Done, key: str, held: _Held | None) -> Response:
    found = flow.explain(done, answers)
    hidden = [(one.name, value) for one in flow.fields for value in _values(one, answers)]
    return visit.page(
        "guided_explained.html",
        flow=flow,
        facts=found.facts,
        lines=found.lines,
        warnings=done.warnings if found.warnings is None else found.warnings,
        hidden=(*hidden, (_KEPT, key)),
        kept=held.name if held else "",
    )


def _values(one: Field, answers: Answers) -> Sequence[str]:
    if one.kind is Kind.FILE:
        return ()
    return answers[one.name].split() if one.kind is Kind.MANY else (answers[one.name],)
