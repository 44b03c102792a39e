"""Check cluster files: every problem of every file in one run, with its place, its clause and its mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ksf_agreements.domain.checks import Purpose, Surroundings, check, municipality_problem
from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.ksf_cluster import REGION_GUIDES
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import FieldPath, Problem, Severity
from ksf_agreements.i18n import LANGUAGES, known_language
from ksf_agreements.loading.cluster_file import ClusterFile, read_cluster
from ksf_agreements.loading.files import identity, is_folder
from ksf_agreements.loading.workspace import Workspace
from ksf_agreements.settings import setting_problem
from ksf_agreements.text import T, Text


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
        read = {identity(file.path): file for file in files}
        for path in workspace.cluster_paths():
            if identity(path) not in read:
                read[identity(path)] = read_cluster(path)
        memberships: dict[str, list[str]] = defaultdict(list)
        for file in read.values():
            cluster = file.cluster
            if cluster is not None and (cluster.valid_until is None or cluster.valid_until >= today):
                for number in {member.municipality for member in cluster.members}:
                    memberships[number].append(file.id)
        return cls(workspace, municipalities, today, {number: tuple(ids) for number, ids in memberships.items()})

    def check(self, file: ClusterFile, purpose: Purpose = Purpose.DRAFT) -> Checked:
        """Return the file with all its problems, in the order of its lines.

        Of a file with faults, what could be read is checked too, so that one run tells everything.
        """
        problems = [self._with_number(problem) for problem in file.problems]
        if (cluster := file.cluster or file.rest) is not None:
            told = check(cluster, self._surroundings(cluster, file, purpose))
            problems += file.placed(problem for problem in told if not _follows(problem, file.faulty))
        problems.sort(key=lambda problem: (problem.line, problem.column))
        usable = None if any(problem.is_error for problem in problems) else file.cluster
        return Checked(file, usable, tuple(problems))

    def _surroundings(self, cluster: Cluster, file: ClusterFile, purpose: Purpose) -> Surroundings:
        plan, region = self.workspace.settings.plan, cluster.region or ""
        return Surroundings(
            kind=file.kind,
            municipalities=self.municipalities,
            regions=self.workspace.regions,
            today=self.today,
            purpose=purpose,
            missing_files=self.workspace.missing_files(cluster),
            has_plan=bool(plan) and self.workspace.find(plan) is not None,
            # The cluster's own members alone: a hundred files need not go through each other's municipalities.
            other_clusters={
                number: others
                for number in {member.municipality for member in cluster.members}
                if (others := tuple(other for other in self.memberships.get(number, ()) if other != file.id))
            },
            is_region_broken=self.workspace.is_region_broken(region) or self._host_problem(region) is not None,
        )

    def _with_number(self, problem: Problem) -> Problem:
        """Return the problem; where somebody wrote a municipality's name, the mend names its number."""
        if problem.code != "not-a-municipality-number":
            return problem
        found = self.municipalities.find(str(dict(problem.message.args).get("value", "")))
        meant = tuple(one for one in found if not one.has_ended) or found
        if not meant:
            return problem
        numbers = tuple(f'"{one.number}" ({one.title(with_county=True)})' for one in meant[:3])
        return replace(problem, mend=T("Write the number: {numbers}", numbers=numbers))

    def workspace_problems(self) -> tuple[Problem, ...]:
        """Return the problems of ksf.toml and regions.yaml, unknown host municipalities among them."""
        settings = self.workspace.settings
        found = list(map(self._with_number, self.workspace.problems))
        if settings.language and known_language(settings.language) is None:
            message = T("there is no screen language '{name}'", name=cited(settings.language))
            found.append(setting_problem(self.workspace.root, "language", "not-a-choice", message, _one_of(LANGUAGES)))
        if settings.plan and self.workspace.find(settings.plan) is None:
            message = T("the annex file {file} is not there", file=cited(settings.plan))
            mend = T("Put the file there, or remove the line.")
            found.append(setting_problem(self.workspace.root, "plan", "annex-missing", message, mend))
        if settings.trust_roots and not is_folder(self.workspace.root / settings.trust_roots):
            message = T("the folder {folder} of trusted certificates is not there", folder=cited(settings.trust_roots))
            mend = T("Make the folder and put the issuers' certificates there, or remove the line.")
            problem = setting_problem(self.workspace.root, "trust_roots", "folder-missing", message, mend)
            found.append(replace(problem, severity=Severity.WARNING))
        for path in self.workspace.unread_paths():
            message = T("this file is not read, since cluster files end in .yaml")
            mend = T("Rename it to {name}.", name=f"{path.stem}.yaml")
            found.append(Problem("not-read", message, mend, Severity.WARNING, file=str(path), line=1, column=1))
        hosts = (self._host_problem(key) for key in self.workspace.regions)
        found += (problem for problem in hosts if problem)
        return tuple(sorted(found, key=lambda problem: (problem.file, problem.line, problem.column)))

    def _host_problem(self, key: str) -> Problem | None:
        region = self.workspace.regions.get(key)
        if region is None:
            return None
        path: FieldPath = (key, "host_municipality")
        problem = municipality_problem(region.host_municipality, path, self.municipalities, self.today)
        if problem is None:
            return None
        guide = REGION_GUIDES["host_municipality"]
        return self.workspace.placed_in_regions(replace(problem, label=guide.label, clause=guide.clause))


def _one_of(names: tuple[str, ...]) -> Text:
    return T("Write one of: {names}", names=names)


def _follows(problem: Problem, faulty: frozenset[FieldPath]) -> bool:
    """Whether a problem only comes from what could not be read: that is told already."""
    path = problem.path
    if any(path[: len(one)] == one for one in faulty):
        return True
    if not problem.is_error and any(one[: len(path)] == path or one[:2] == path[:2] for one in faulty):
        return True  # a warning of a group that could not be read whole can wait
    # The motor municipality may be the very member that could not be read, and the language its members'.
    unread = any(one[:1] == ("members",) and one[2:] in {(), ("municipality",)} for one in faulty)
    return unread and problem.code in {"motor-not-member", "language-decision"}
