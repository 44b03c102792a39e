"""How problems look: as lines for people, as JSON for programs, as annotations for GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import click

from ksf_agreements.cli.base import printable, say
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import Problem, Severity
from ksf_agreements.text import TN, T, Text

_SEVERITY = {Severity.ERROR: T("error"), Severity.WARNING: T("warning"), Severity.NOTE: T("note")}
_ANNOTATION = {Severity.NOTE: "notice"}


def show_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    """Print problems for people: place, sentence, field and clause, and the mend on a line of its own."""
    lines: list[str] = []
    for problem in problems:
        lines.append(as_line(problem))
        if problem.mend is not None:
            lines.append(f"    → {say(problem.mend)}")
    if lines:  # in one go: click flushes after each echo
        click.echo("\n".join(lines), err=err)


def as_line(problem: Problem) -> str:
    """Return ``file:line:column: error: sentence [field, clause]``."""
    about = [field_name(problem)] if problem.path else []
    if problem.clause:
        about.append(say(T("clause {clause}", clause=problem.clause)))
    tail = f" [{', '.join(about)}]" if about else ""
    file = printable(problem.file).replace("\n", "\\n")
    place = f"{file}:{problem.line}:{problem.column}: " if file else ""
    return f"{place}{say(_SEVERITY[problem.severity])}: {say(problem.message)}{tail}"


def field_name(problem: Problem) -> str:
    """Return the field as its path in the YAML and its name: ``members[3].municipality (Kommune)``."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{cited(part)}" for part in problem.path)
    path = printable("".join(parts)).lstrip(".")
    return f"{path} – {say(problem.label)}" if problem.label else path


def as_json(problems: Sequence[Problem]) -> str:
    """Return the problems as a JSON list."""
    rows = [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "severity": str(problem.severity),
            "code": problem.code,
            "field": list(problem.path),
            "label": say(problem.label) if problem.label else "",
            "clause": problem.clause,
            "message": say(problem.message),
            "mend": say(problem.mend) if problem.mend else "",
        }
        for problem in problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_annotation(problem: Problem) -> str:
    """Return the problem as a workflow command that GitHub shows beside the line."""
    text = say(problem.message) + (f" {say(problem.mend)}" if problem.mend else "")
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
    return f"::{_ANNOTATION.get(problem.severity, problem.severity)} {place}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def counted(problems: Sequence[Problem]) -> Text:
    """Return 'N errors, M warnings'; notes are not counted."""
    errors = sum(problem.is_error for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    return T(
        "{errors}, {warnings}",
        errors=TN("{n} error", "{n} errors", errors),
        warnings=TN("{n} warning", "{n} warnings", warnings),
    )
