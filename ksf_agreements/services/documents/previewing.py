"""The agreement as it will read while it is being filled in: what is missing or cannot be taken is marked as a gap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ksf_agreements.documents.context import agreement_context
from ksf_agreements.documents.preview import Clause, preview
from ksf_agreements.documents.wording import WORDS
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.cluster import Cluster, Language
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import FieldPath
from ksf_agreements.loading.cluster_file import ClusterFile
from ksf_agreements.loading.workspace import Workspace
from ksf_agreements.services.clusters.editing import Opened, Tree, read_tree
from ksf_agreements.services.documents.generating import template_path

_ROUNDS = 4


def preview_of(
    workspace: Workspace, municipalities: MunicipalityRegister, templates: Path, opened: Opened, tree: Tree
) -> tuple[Clause, ...]:
    """Return the agreement, clause by clause; nothing where so much is wrong that there is none to show."""
    file = _mended(opened, tree)
    cluster = file.cluster
    if cluster is None:
        return ()
    context = agreement_context(_members_once(cluster), file.kind, municipalities, workspace.regions)
    name = file.kind.templates[DocumentType.AGREEMENT]
    return preview(template_path(templates, name, cluster.language), context)


def _mended(opened: Opened, tree: Tree) -> ClusterFile:
    """Return the file without the values that it cannot take."""
    gap = WORDS[Language.NN if tree.get("language") == Language.NN else Language.NB].gap
    for _ in range(_ROUNDS):
        file = read_tree(opened, tree)
        if file.cluster is not None:
            break
        # From the end, so that the places of what comes before stay right.
        for problem in sorted(file.problems, key=lambda one: [str(part).zfill(5) for part in one.path], reverse=True):
            if problem.path:
                tree = _without(tree, problem.path, gap)
    return file


def _without(tree: Any, path: FieldPath, gap: str) -> Any:
    """Return a tree without a value; a member without a number goes, and who has no name is a gap."""
    first, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(first, int):
        is_whole = not rest or rest == ("municipality",)
        inner = () if is_whole else tuple(_without(one, rest, gap) for one in tree[first : first + 1])
        return [*tree[:first], *inner, *tree[first + 1 :]]
    if not isinstance(tree, dict):
        return tree
    if rest:
        return {**tree, first: _without(tree.get(str(first)), rest, gap)}
    kept = {key: one for key, one in tree.items() if key != first}
    return {**kept, "name": gap} if first == "name" and "region" not in tree and "members" not in tree else kept


def _members_once(cluster: Cluster) -> Cluster:
    once = {member.municipality: member for member in reversed(cluster.members)}
    if len(once) == len(cluster.members):
        return cluster
    return cluster.model_copy(update={"members": tuple(reversed(once.values()))})
