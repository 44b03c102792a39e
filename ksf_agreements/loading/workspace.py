"""A workspace on disk: where it is, its settings, regions and cluster files; all problems of all files in one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from ksf_agreements.domain.agreement import AgreementKind, FieldGuide
from ksf_agreements.domain.cluster import Cluster, Region, Regions
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER, REGION_GUIDES
from ksf_agreements.errors import FieldPath, Position, Problem, UsageError
from ksf_agreements.loading.faults import problems_of
from ksf_agreements.loading.yaml_text import BYTES_LIMIT, Parsed, parse_yaml
from ksf_agreements.settings import FILE_NAME as SETTINGS_FILE
from ksf_agreements.settings import Settings, read_settings
from ksf_agreements.text import T

REGIONS_FILE = "regions.yaml"
CLUSTERS_DIR = "clusters"


@dataclass(frozen=True, slots=True)
class ClusterFile:
    """A cluster file as it was read: its cluster, if it can be one, and what is wrong with it.

    `shown` is the file's name as the user would write it; `id` is the file's stem.
    """

    id: str
    path: Path
    shown: str
    cluster: Cluster | None
    kind: AgreementKind
    parsed: Parsed
    problems: tuple[Problem, ...]

    def placed(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return the problems with the places of their fields in this file."""
        return tuple(problem.at(self.shown, self.parsed.values) for problem in problems)

    def value_at(self, path: FieldPath) -> str:
        """Return the text that stands at ``path`` in the file, or ''."""
        value: object = self.parsed.value
        for part in path:
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return ""
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's settings and regions, and every problem of the two files."""

    root: Path
    settings: Settings
    regions: Regions
    problems: tuple[Problem, ...]
    region_places: Mapping[FieldPath, Position]

    def placed_in_regions(self, problem: Problem) -> Problem:
        """Return the problem with its place in regions.yaml."""
        return problem.at(str(self.root / REGIONS_FILE), self.region_places)

    def cluster_paths(self) -> tuple[Path, ...]:
        """Return the cluster files, in the order of their names."""
        return tuple(sorted((self.root / CLUSTERS_DIR).glob("*.yaml")))

    def missing_files(self, cluster: Cluster) -> frozenset[str]:
        """Return the annex files of ``cluster`` that are not there, or that lead out of the workspace."""
        return frozenset(file for _, file in cluster.files() if not self.holds(file))

    def holds(self, file: str) -> bool:
        """Whether ``file``, relative to the workspace, is a file inside it."""
        found = (self.root / file).resolve()
        return found.is_file() and found.is_relative_to(self.root.resolve())


def find_root(asked: str, start: Path) -> Path:
    """Return the workspace asked for, or the nearest one from ``start`` upwards.

    Raises `UsageError` where there is none.
    """
    if asked:
        root = Path(asked)
        if not root.is_dir():
            raise UsageError(T("The folder {folder} is not there.", folder=asked))
        return root
    for folder in (start, *start.parents):
        if is_workspace(folder):
            return folder
    raise UsageError(
        T("There is no workspace here or above. Make one with 'ksf init FOLDER', or name it with 'ksf -w FOLDER'.")
    )


def is_workspace(folder: Path) -> bool:
    """Whether ``folder`` has the marks of a workspace."""
    return any((folder / name).is_file() for name in (REGIONS_FILE, SETTINGS_FILE))


def open_workspace(root: Path) -> Workspace:
    """Read a workspace's settings and regions."""
    settings, problems = read_settings(root)
    regions, faults, places = _read_regions(root / REGIONS_FILE)
    return Workspace(root, settings, regions, (*problems, *faults), places)


def _read_regions(file: Path) -> tuple[Regions, tuple[Problem, ...], Mapping[FieldPath, Position]]:
    if not file.is_file():
        return {}, (), {}
    parsed, shown = parse_yaml(_bounded(file)), str(file)
    problems = [
        problem.at(shown, {}) if not problem.path else problem.at(shown, parsed.keys) for problem in parsed.problems
    ]
    regions: dict[str, Region] = {}
    for key, value in parsed.value.items() if isinstance(parsed.value, dict) else ():
        try:
            regions[key] = Region.model_validate(value)
        except ValidationError as fault:
            found = problems_of(fault, Region, lambda path: REGION_GUIDES.get(_names(path)))
            problems += [_placed(_below(problem, key), shown, parsed) for problem in found]
    return regions, tuple(problems), parsed.values


def _names(path: FieldPath) -> str:
    return str(path[0]) if path else ""


def _below(problem: Problem, key: str) -> Problem:
    return replace(problem, path=(key, *problem.path))


def _placed(problem: Problem, shown: str, parsed: Parsed) -> Problem:
    places = parsed.keys if problem.code == "unknown-key" else parsed.values
    return problem.at(shown, places)


def read_cluster(path: Path, shown: str | None = None) -> ClusterFile:
    """Read one cluster file; what is wrong with it stands in its problems.

    Raises `UsageError` where the file is not there.
    """
    shown = shown or str(path)
    if not path.is_file():
        raise UsageError(T("The file {file} is not there.", file=shown))
    parsed = parse_yaml(_bounded(path))
    problems = [
        _placed(problem, shown, parsed) if problem.path else problem.at(shown, {}) for problem in parsed.problems
    ]
    kind, cluster = KSF_CLUSTER, None
    if isinstance(parsed.value, dict):
        kind, wrong_kind = _kind_of(parsed)
        problems += [_placed(problem, shown, parsed) for problem in wrong_kind]
        try:
            cluster = kind.model.model_validate(parsed.value)
        except ValidationError as fault:
            found = problems_of(fault, kind.model, kind.guide)
            problems += [_placed(problem, shown, parsed) for problem in found]
    problems.sort(key=lambda problem: (problem.line, problem.column))
    cluster = None if any(problem.is_error for problem in problems) else cluster
    return ClusterFile(path.stem, path, shown, cluster, kind, parsed, tuple(problems))


def _kind_of(parsed: Parsed) -> tuple[AgreementKind, Iterator[Problem]]:
    named = parsed.value.get("agreement") if isinstance(parsed.value, dict) else None
    if named is None or not isinstance(named, str) or named in KINDS:
        return KINDS.get(str(named), KSF_CLUSTER), iter(())
    guide: FieldGuide | None = KSF_CLUSTER.guide(("agreement",))
    problem = Problem(
        "unknown-agreement",
        T("there is no kind of agreement called '{name}'", name=named),
        T("Write one of: {names}", names=tuple(KINDS)),
        path=("agreement",),
        label=guide.label if guide else None,
    )
    return KSF_CLUSTER, iter((problem,))


def _bounded(file: Path) -> bytes:
    # One byte past the limit is enough for the reader to refuse it.
    with file.open("rb") as source:
        return source.read(BYTES_LIMIT + 1)
