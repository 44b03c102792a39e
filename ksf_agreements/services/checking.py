"""Check cluster files: every problem of every file in one run, with its place, its clause and its mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ksf_agreements.domain.checks import Purpose, Surroundings, check, municipality_problem
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import FieldPath, Problem
from ksf_agreements.loading.workspace import ClusterFile, Workspace, read_cluster
from ksf_agreements.text import T


@dataclass(frozen=True, slots=True)
class Checked:
    """A cluster file after every check; `cluster` is None where an error stops the document."""

    file: ClusterFile
    cluster: Cluster | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the document."""
        return tuple(problem for problem in self.problems if problem.is_error)


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the files of one workspace on one day."""

    workspace: Workspace
    municipalities: MunicipalityRegister
    today: date
    memberships: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        municipalities: MunicipalityRegister,
        today: date,
        files: Iterable[ClusterFile] = (),
    ) -> Checker:
        """Make a checker that knows which municipality is in which of the workspace's active clusters.

        ``files`` are cluster files that have been read already; the workspace's others are read for this alone.
        """
        read = {file.path.resolve(): file for file in files}
        for path in workspace.cluster_paths():
            if path.resolve() not in read:
                read[path.resolve()] = read_cluster(path)
        memberships: dict[str, list[str]] = defaultdict(list)
        for file in read.values():
            cluster = file.cluster
            if cluster is not None and (cluster.valid_until is None or cluster.valid_until >= today):
                for number in {member.municipality for member in cluster.members}:
                    memberships[number].append(file.id)
        return cls(workspace, municipalities, today, {number: tuple(ids) for number, ids in memberships.items()})

    def check(self, file: ClusterFile, purpose: Purpose = Purpose.DRAFT) -> Checked:
        """Return the file with all its problems, in the order of its lines."""
        if file.cluster is None:
            return Checked(file, None, tuple(self._with_number(problem, file) for problem in file.problems))
        around = Surroundings(
            kind=file.kind,
            municipalities=self.municipalities,
            regions=self.workspace.regions,
            today=self.today,
            purpose=purpose,
            missing_files=self.workspace.missing_files(file.cluster),
            has_plan=bool(self.workspace.settings.plan) and self.workspace.holds(self.workspace.settings.plan),
            # The cluster's own members alone: a hundred files need not go through each other's municipalities.
            other_clusters={
                number: others
                for number in {member.municipality for member in file.cluster.members}
                if (others := tuple(other for other in self.memberships.get(number, ()) if other != file.id))
            },
        )
        found = (*file.problems, *file.placed(check(file.cluster, around)))
        problems = tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))
        usable = None if any(problem.is_error for problem in problems) else file.cluster
        return Checked(file, usable, problems)

    def _with_number(self, problem: Problem, file: ClusterFile) -> Problem:
        """Return the problem; where somebody wrote a municipality's name, the mend names its number."""
        if problem.code != "not-a-municipality-number":
            return problem
        meant = self.municipalities.find(file.value_at(problem.path))
        if not meant:
            return problem
        numbers = tuple(f'"{one.number}" ({one.title(with_county=True)})' for one in meant[:3])
        return replace(problem, mend=T("Write the number: {numbers}", numbers=numbers))

    def workspace_problems(self) -> tuple[Problem, ...]:
        """Return the problems of ksf.toml and regions.yaml, unknown host municipalities among them."""
        found = list(self.workspace.problems)
        for key, region in self.workspace.regions.items():
            path: FieldPath = (key, "host_municipality")
            problem = municipality_problem(region.host_municipality, path, self.municipalities, self.today)
            if problem is not None:
                found.append(self.workspace.placed_in_regions(problem))
        return tuple(found)
