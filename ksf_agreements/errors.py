"""Faults: a `Problem` is bad input as a value; a `KsfError` is an operation that could not be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from ksf_agreements.text import Text

FieldPath: TypeAlias = tuple[str | int, ...]
Position: TypeAlias = tuple[int, int]


class Severity(StrEnum):
    """An error stops the document; a warning is told and counted; a note is only told: nothing need be wrong."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in what somebody wrote: where it is, which clause it touches, and how to mend it.

    `code` is stable and for machines ('member-twice'); `path` is the field's path in the YAML
    (``("members", 3, "municipality")``); `clause` is the clause of KS's template ('12') or ''; `line` and
    `column` count from 1, 0 where unknown; `label` is the field's name as people see it.
    """

    code: str
    message: Text
    mend: Text | None = None
    severity: Severity = Severity.ERROR
    path: FieldPath = ()
    clause: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    label: Text | None = None

    def at(self, file: str, positions: Mapping[FieldPath, Position]) -> Problem:
        """Return the same problem with the place of its field, or of the nearest field around it."""
        path = self.path
        while path and path not in positions:
            path = path[:-1]
        line, column = positions.get(path, (self.line or 1, self.column or 1))
        return replace(self, file=file, line=line, column=column)

    @property
    def is_error(self) -> bool:
        """Whether it stops the document."""
        return self.severity is Severity.ERROR


class KsfError(Exception):
    """An operation that could not be done: what failed, what is safe, what to do.

    Raised with one `Text`; an entrance shows it as a sentence and ends with `exit_code`.
    """

    exit_code = 3

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class UsageError(KsfError):
    """The words of the command are wrong (a cluster or a file that is not there)."""

    exit_code = 2


class InputError(KsfError):
    """What somebody wrote has problems; carries every one of them."""

    exit_code = 1

    def __init__(self, message: Text, problems: tuple[Problem, ...]) -> None:
        super().__init__(message)
        self.problems = problems
