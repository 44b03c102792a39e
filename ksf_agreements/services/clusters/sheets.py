"""The member sheet out and in: made from a cluster file, and read back into it; all of a sheet, or nothing.

Gather, decide, apply: `plan` says what a filled sheet would change, and `apply` writes exactly that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ksf_agreements.delivery.member_sheet import About, member_sheet
from ksf_agreements.documents.files import WriteError, write_whole
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.member_form import Change, Form, changes, edited, form_of
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import FieldPath, InputError, Problem, Severity, UsageError
from ksf_agreements.loading.cluster_file import ClusterFile, cluster_of, read_cluster
from ksf_agreements.loading.faults import fields_at
from ksf_agreements.loading.files import is_file, read_bounded, unreadable
from ksf_agreements.loading.member_sheet import Filled, read_member_sheet, told_first
from ksf_agreements.loading.sheet_child import read_workbook
from ksf_agreements.loading.sheets import BYTES_LIMIT
from ksf_agreements.loading.workspace import Workspace
from ksf_agreements.loading.yaml_edit import edit_yaml
from ksf_agreements.loading.yaml_text import BYTES_LIMIT as CLUSTER_LIMIT
from ksf_agreements.loading.yaml_text import parse_yaml
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Plan:
    """What a filled sheet changes in a cluster file, and the file as it will be.

    `missing` are members that the file has and the sheet does not; `comments` those that go with what is removed;
    `is_stale` says that the file has changed since the sheet was made.
    """

    path: Path
    before: bytes
    after: bytes
    changes: tuple[Change, ...]
    warnings: tuple[Problem, ...]
    missing: tuple[str, ...]
    comments: tuple[str, ...]
    is_stale: bool


def make_sheet(
    workspace: Workspace, municipalities: MunicipalityRegister, cluster: str, day: date, say: Callable[[Text], str]
) -> bytes:
    """Return the member sheet of a cluster. Raises `UsageError`, `InputError` and `workbook.WorkbookError`."""
    path = cluster_path(workspace, cluster)
    content = _readable(read_cluster(path))
    numbers = {member.municipality for member in content.members}
    known = {one.number: one for one in municipalities.in_use()}
    known |= {number: one for number in numbers - known.keys() if (one := municipalities.get(number))}
    shared = Counter(one.title() for one in known.values())
    titles = {number: one.title(with_county=shared[one.title()] > 1) for number, one in known.items()}
    return member_sheet(form_of(content), About(cluster, content.name or cluster, day, titles), say)


def cluster_path(workspace: Workspace, cluster: str) -> Path:
    """Return the file of a cluster. Raises `UsageError` where there is none."""
    paths = {path.stem: path for path in workspace.cluster_paths()}
    if cluster not in paths:
        known = tuple(paths)
        raise UsageError(T("There is no cluster '{cluster}'. There are: {known}", cluster=cluster, known=known))
    return paths[cluster]


def _readable(file: ClusterFile) -> Cluster:
    if file.cluster is None:
        raise InputError(T("The file of the cluster has errors. Mend them first; nothing was written."), file.problems)
    return file.cluster


def plan(checker: Checker, cluster: str, sheet: Path, *, remove_missing: bool = False) -> Plan:
    """Return what a filled sheet changes. Raises `InputError` with every problem, with sheet, row and column."""
    path = cluster_path(checker.workspace, cluster)
    data = path.read_bytes()[: CLUSTER_LIMIT + 1]
    file = cluster_of(parse_yaml(data), path, str(path))
    old = form_of(_readable(file))
    filled = _filled(sheet, old, checker.municipalities)
    _same_cluster(filled, cluster, sheet)
    new = filled.form
    if remove_missing:
        new = replace(new, members=tuple(one for one in new.members if one.number not in filled.missing))
    found = changes(old, new)
    if not found:
        return Plan(path, data, data, (), _warnings(filled), filled.missing, (), is_stale=False)
    tree = edited(dict(file.parsed.value) if isinstance(file.parsed.value, dict) else {}, old, new)
    after, comments = edit_yaml(data, tree, lambda below: _order(file, below))
    done = cluster_of(parse_yaml(after), path, str(path))
    told = _caused(checker, file, done)
    if any(problem.is_error for problem in told) or done.cluster is None or form_of(done.cluster) != new:
        raise InputError(
            T("Nothing was written: with what {file} says, the cluster file would have errors.", file=sheet.name), told
        )
    warnings = (*_warnings(filled), *told)
    stale = bool(filled.digest) and filled.digest != old.digest()
    return Plan(path, data, after, found, warnings, filled.missing, comments, stale)


def _filled(sheet: Path, old: Form, municipalities: MunicipalityRegister) -> Filled:
    if not is_file(sheet):
        raise UsageError(T("The file {file} is not there.", file=str(sheet)))
    try:
        data = read_bounded(sheet, BYTES_LIMIT)
    except OSError as fault:
        raise _refused(sheet, (unreadable(str(sheet), fault),)) from fault
    book, faults = read_workbook(data)
    if faults:
        raise _refused(sheet, faults)
    filled = read_member_sheet(book, old, municipalities)
    if any(problem.is_error for problem in filled.problems):
        raise _refused(sheet, filled.problems)
    return filled


def _refused(sheet: Path, problems: Sequence[Problem]) -> InputError:
    return InputError(
        T("Nothing was written. Mend {file} and try again.", file=sheet.name), tuple(told_first(problems))
    )


def _same_cluster(filled: Filled, cluster: str, sheet: Path) -> None:
    if filled.cluster and filled.cluster != cluster:
        said = T(
            "the sheet was made for the cluster '{other}', not '{cluster}'",
            other=cited(filled.cluster),
            cluster=cluster,
        )
        raise _refused(sheet, (Problem("other-cluster", said, T("Name the right cluster, or the right file.")),))


def _warnings(filled: Filled) -> tuple[Problem, ...]:
    if filled.digest:
        return filled.problems
    said = T(
        "the sheet does not say which cluster file it was made from: whether the file has changed since is not known"
    )
    return (*filled.problems, Problem("no-imprint", said, severity=Severity.WARNING))


def _order(file: ClusterFile, below: FieldPath) -> Sequence[str]:
    return fields_at(file.kind.model, below)


def _caused(checker: Checker, before: ClusterFile, after: ClusterFile) -> tuple[Problem, ...]:
    """Return the problems that the file did not have before."""
    known = Counter(_key(problem) for problem in checker.check(before).problems)
    return tuple(_new(checker.check(after).problems, known))


def _new(problems: Iterable[Problem], known: Counter[tuple[str, str]]) -> Iterable[Problem]:
    for problem in problems:
        if known[_key(problem)]:
            known[_key(problem)] -= 1
        else:
            yield problem


def _key(problem: Problem) -> tuple[str, str]:
    return problem.code, str(problem.message)


def apply(made: Plan) -> None:
    """Write what was planned, whole. Raises `WriteError` where the file has changed since it was read."""
    if made.path.read_bytes() != made.before:
        raise WriteError(
            T(
                "{file} was changed by somebody else meanwhile. Nothing was written. Run the command again, and look "
                "at what it would change now.",
                file=made.path.name,
            )
        )
    if made.changes:
        write_whole(made.path, made.after)
