"""Reads one cluster file: its cluster, and every problem with its place; it never raises."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.values import cited, unprintable
from ksf_agreements.errors import FieldPath, Problem
from ksf_agreements.loading.files import read_bounded, unreadable
from ksf_agreements.loading.models import PROBLEMS_LIMIT, read_model
from ksf_agreements.loading.yaml_text import BYTES_LIMIT, Parsed, parse_yaml, placed
from ksf_agreements.text import T

_MAGIC = frozenset({"anchor", "tag"})


@dataclass(frozen=True, slots=True)
class ClusterFile:
    """A cluster file as it was read: its cluster, if it can be one, and what is wrong with it.

    `shown` is the file's name as the user would write it; `id` is the file's stem. `rest` is what could be read of a
    file with faults, and `faulty` are the paths of those: it serves the checks, and is never printed.
    """

    id: str
    path: Path
    shown: str
    cluster: Cluster | None
    kind: AgreementKind
    parsed: Parsed
    problems: tuple[Problem, ...]
    rest: Cluster | None = None
    faulty: frozenset[FieldPath] = frozenset()

    def placed(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return the problems with the places of their fields in this file."""
        return placed(problems, self.shown, self.parsed)


def read_cluster(path: Path, shown: str | None = None) -> ClusterFile:
    """Read one cluster file; what is wrong with it stands in its problems."""
    shown = shown or str(path)
    try:
        data = read_bounded(path, BYTES_LIMIT)
    except OSError as fault:
        return cluster_of(Parsed(None, {}, {}, (unreadable(shown, fault),)), path, shown)
    return _of_bytes(data, path, shown)


@lru_cache(maxsize=256)
def _of_bytes(data: bytes, path: Path, shown: str) -> ClusterFile:
    """Read the bytes of a file. The same bytes are read once: a page shows every cluster, and few have changed."""
    return cluster_of(parse_yaml(data), path, shown)


def cluster_of(parsed: Parsed, path: Path, shown: str) -> ClusterFile:
    """Return a cluster file whose text has been parsed already, be it on disk or not yet."""
    cluster_id = unicodedata.normalize("NFC", path.stem)
    kind, wrong_kind = _kind_of(parsed)
    problems = [*parsed.problems, *wrong_kind, *_file_name(cluster_id)]
    faulty = frozenset(problem.path for problem in problems if problem.path)
    cluster = rest = None
    if isinstance(parsed.value, dict):
        read = read_model(parsed.value, kind.model, kind.guide)
        # What a reference or a tag stands for was not read.
        unread = {problem.path for problem in parsed.problems if problem.code in _MAGIC}
        problems += (problem for problem in read.problems if problem.path not in unread)
        faulty |= read.faulty
        cluster, rest = read.model, read.rest
    if any(problem.is_error for problem in problems):
        cluster = None
    found = placed((_explained(problem, kind) for problem in problems), shown, parsed)
    return ClusterFile(cluster_id, path, shown, cluster, kind, parsed, _first(found), rest, faulty)


def _explained(problem: Problem, kind: AgreementKind) -> Problem:
    """Return the problem with the name and the clause of its field; the reader of YAML knows none."""
    guide = kind.guide(problem.path) if problem.code in {"duplicate-key", *_MAGIC} else None
    return replace(problem, clause=guide.clause, label=guide.label) if guide else problem


def _first(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    if len(problems) <= PROBLEMS_LIMIT:
        return problems
    last = problems[PROBLEMS_LIMIT]
    more = T("the file has more problems than these; mend these first")
    return (
        *problems[:PROBLEMS_LIMIT],
        replace(last, code="more-problems", message=more, mend=None, path=(), label=None, clause=""),
    )


def _file_name(stem: str) -> Iterator[Problem]:
    if unprintable(stem) or "\n" in stem or "\t" in stem:
        yield Problem(
            "file-name",
            T("the name of the file has a sign that the name of a document cannot have"),
            T("Give the file a name of letters, digits and hyphens."),
            line=1,
            column=1,
        )


def _kind_of(parsed: Parsed) -> tuple[AgreementKind, Iterator[Problem]]:
    named = parsed.value.get("agreement") if isinstance(parsed.value, dict) else None
    if not isinstance(named, str) or not named.strip() or named in KINDS:
        return KINDS.get(str(named), KSF_CLUSTER), iter(())
    guide = KSF_CLUSTER.guide(("agreement",))
    problem = Problem(
        "unknown-agreement",
        T("there is no kind of agreement called '{name}'", name=cited(named)),
        T("Write one of: {names}", names=tuple(KINDS)),
        path=("agreement",),
        label=guide.label if guide else None,
    )
    return KSF_CLUSTER, iter((problem,))
