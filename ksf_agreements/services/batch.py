"""A whole region at once: the same work for one agreement after the other, where a bad one does not stop the rest.

Safe to run again: what is done is told as done, and what would throw signatures away is left to the command for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ksf_agreements.documents.files import FileState, file_state
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import InputError, KsfError, Problem
from ksf_agreements.services.agreements import issuing
from ksf_agreements.services.desk import Desk, Done
from ksf_agreements.services.documents.generating import document_name
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from ksf_agreements.pdf.converter import Converter


class State(StrEnum):
    """What became of one agreement."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one agreement, and why where it was not done; `problems` are those of its file."""

    cluster: str
    state: State
    done: Done | None = None
    reason: Text | None = None
    problems: tuple[Problem, ...] = ()


class Skipped(KsfError):
    """There is nothing to do for this agreement here; the message tells why."""


def each(clusters: Sequence[str], act: Callable[[str], Done]) -> Iterator[Result]:
    """Do the work for one agreement after the other, and yield what became of each."""
    for cluster in clusters:
        try:
            yield Result(cluster, State.DONE, act(cluster))
        except Skipped as stop:
            yield Result(cluster, State.SKIPPED, reason=stop.message)
        except InputError as fault:
            yield Result(cluster, State.FAILED, reason=fault.message, problems=fault.problems)
        except KsfError as fault:
            yield Result(cluster, State.FAILED, reason=fault.message)
        except OSError as fault:
            reason = T("This could not be done: {reason}", reason=fault.strerror or type(fault).__name__)
            yield Result(cluster, State.FAILED, reason=reason)


def issue_drafts(desk: Desk, on: date, out: Path) -> Callable[[str], Done]:
    """Return the work that issues an agreement for the first time, and leaves alone one that has been issued.

    Where a run was cut off after the issue, or a document could not be written, it writes the documents.
    """

    def act(cluster: str) -> Done:
        folded = desk.read(cluster)
        waiting = folded.open_version
        if waiting is not None and waiting is folded.versions[-1] and _are_unwritten(desk, cluster, waiting, out):
            with desk.working(cluster) as work:
                done = work.done((), repeated=waiting.event)
            return issuing.write_documents(desk, done, out)
        if folded.versions:
            raise Skipped(_issued(folded))
        return issuing.issue(desk, cluster, on, out)

    return act


def _are_unwritten(desk: Desk, cluster: str, version: Version, out: Path) -> bool:
    """Whether a document of a version is not in the folder, and nothing there is anybody's own work."""
    is_lacking = False
    with desk.register.reading() as reader:
        for document in version.terms.documents:
            path = out / document_name(cluster, DocumentType(document.type))
            state, data = file_state(path), reader.file(document.sha256)
            if state is FileState.EDITED:
                return False
            is_lacking |= data is not None and (state is FileState.ABSENT or path.read_bytes() != data)
    return is_lacking


def _issued(folded: Folded) -> Text:
    newest = folded.versions[-1]
    return T("version {n} was issued on {date}", n=newest.number, date=newest.issued_on)


def package_open(desk: Desk, channel: str, out: Path, converter: Converter, *, force: bool) -> Callable[[str], Done]:
    """Return the work that makes the package of a version that is open for signing, where there is one."""
    from ksf_agreements.services.package import packaging

    def act(cluster: str) -> Done:
        if desk.read(cluster).open_version is None:
            raise Skipped(T("no version is open for signing"))
        return packaging.package(desk, cluster, channel, out, force=force, converter=converter)

    return act
