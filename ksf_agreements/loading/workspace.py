"""A workspace on disk: where it is, its settings and regions, and which files are its clusters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ksf_agreements.domain.agreement import FieldGuide
from ksf_agreements.domain.cluster import Cluster, Region, Regions
from ksf_agreements.domain.ksf_cluster import REGION_GUIDES
from ksf_agreements.errors import FieldPath, Position, Problem, UsageError
from ksf_agreements.loading.files import is_file, is_folder, read_bounded, unreadable
from ksf_agreements.loading.models import read_model
from ksf_agreements.loading.yaml_text import BYTES_LIMIT, parse_yaml, placed
from ksf_agreements.settings import FILE_NAME as SETTINGS_FILE
from ksf_agreements.settings import Settings, read_settings
from ksf_agreements.text import T

REGIONS_FILE = "regions.yaml"
CLUSTERS_DIR = "clusters"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's settings and regions, and every problem of the two files.

    `region_places` are where the values of regions.yaml stand.
    """

    root: Path
    settings: Settings
    regions: Regions
    problems: tuple[Problem, ...]
    region_places: Mapping[FieldPath, Position]

    @property
    def regions_file(self) -> str:
        """The name of regions.yaml in messages."""
        return str(self.root / REGIONS_FILE)

    def placed_in_regions(self, problem: Problem) -> Problem:
        """Return the problem with its place in regions.yaml."""
        return problem.at(self.regions_file, self.region_places)

    def is_region_broken(self, key: str) -> bool:
        """Whether an error in regions.yaml keeps the region ``key`` from being used, or even from being seen."""
        errors = [problem for problem in self.problems if problem.is_error and problem.file == self.regions_file]
        return any(problem.path[:1] in {(), (key,)} for problem in errors)

    def cluster_paths(self) -> tuple[Path, ...]:
        """Return the cluster files, in the order of their names; editors' hidden files are none."""
        found = (self.root / CLUSTERS_DIR).glob("*.yaml")
        return tuple(sorted(path for path in found if not path.name.startswith((".", "~"))))

    def unread_paths(self) -> tuple[Path, ...]:
        """Return the files that look like cluster files, but end otherwise."""
        return tuple(sorted((self.root / CLUSTERS_DIR).glob("*.yml")))

    def missing_files(self, cluster: Cluster) -> frozenset[str]:
        """Return the annex files of ``cluster`` that are not there, or that lead out of the workspace."""
        return frozenset(file for _, file in cluster.files() if self.find(file) is None)

    def find(self, file: str) -> Path | None:
        """Return the path of ``file``, relative to the workspace, if it is a file inside it.

        Letters with marks are found in both of their spellings: a file that was copied from a Mac has the other one.
        """
        for form in ("NFC", "NFD"):
            path = self.root / unicodedata.normalize(form, file)
            if is_file(path) and path.resolve().is_relative_to(self.root.resolve()):
                return path
        return None


def find_root(asked: str, start: Path) -> Path:
    """Return the workspace asked for, or the nearest one from ``start`` upwards.

    Raises `UsageError` where there is none.
    """
    if asked:
        root = Path(asked)
        if is_file(root):
            raise UsageError(T("{file} is a file, not a folder.", file=asked))
        if not is_folder(root):
            raise UsageError(T("The folder {folder} is not there.", folder=asked))
        if not is_workspace(root) and not is_folder(root / CLUSTERS_DIR):
            raise UsageError(
                T(
                    "The folder {folder} is no workspace: it has no regions.yaml. Make one with 'ksf init {folder}'.",
                    folder=asked,
                )
            )
        return root
    for folder in (start, *start.parents):
        if is_workspace(folder):
            return folder
    raise UsageError(
        T("There is no workspace here or above. Make one with 'ksf init FOLDER', or name it with 'ksf -w FOLDER'.")
    )


def is_workspace(folder: Path) -> bool:
    """Whether ``folder`` has the marks of a workspace."""
    return any(is_file(folder / name) for name in (REGIONS_FILE, SETTINGS_FILE))


def open_workspace(root: Path) -> Workspace:
    """Read a workspace's settings and regions."""
    settings, problems = read_settings(root)
    regions, faults, places = _read_regions(root / REGIONS_FILE)
    return Workspace(root, settings, regions, (*problems, *faults), places)


def _read_regions(file: Path) -> tuple[Regions, tuple[Problem, ...], Mapping[FieldPath, Position]]:
    if not file.exists():
        return {}, (), {}
    try:
        data = read_bounded(file, BYTES_LIMIT)
    except OSError as fault:
        return {}, (unreadable(str(file), fault),), {}
    return _regions_of(data, str(file))


@lru_cache(maxsize=8)
def _regions_of(data: bytes, shown: str) -> tuple[Regions, tuple[Problem, ...], Mapping[FieldPath, Position]]:
    """Read the bytes of a regions.yaml; the same bytes are read once."""
    parsed = parse_yaml(data)
    problems = [*parsed.problems]
    regions: dict[str, Region] = {}
    groups = parsed.value if isinstance(parsed.value, dict) else {}
    # A key without a value is a region that lacks everything; '#' marks the second of two.
    empty = (str(path[0]) for path in parsed.keys if len(path) == 1 and not str(path[0]).endswith("#"))
    for key in dict.fromkeys((*groups, *empty)):
        read = read_model(groups.get(key, {}), Region, _guide, (key,))
        problems += read.problems
        if read.model is not None:
            regions[key] = read.model
    return regions, placed(problems, shown, parsed), parsed.values


def _guide(path: FieldPath) -> FieldGuide | None:
    return REGION_GUIDES.get(str(path[0])) if path else None
