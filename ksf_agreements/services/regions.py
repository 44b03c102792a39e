"""The clusters of one region."""

from __future__ import annotations

from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import ClusterFile
from ksf_agreements.loading.workspace import Workspace
from ksf_agreements.text import T


def in_region(workspace: Workspace, files: tuple[ClusterFile, ...], region: str) -> tuple[ClusterFile, ...]:
    """Return the cluster files of a region ('' = all); a broken one goes by what can be read of it.

    Raises `UsageError` for a region that is not there.
    """
    regions = workspace.regions
    if not region:
        return files
    if region not in regions:
        there = tuple(regions)
        raise UsageError(T("There is no region '{region}'. There are: {known}", region=region, known=there))
    return tuple(file for file in files if (known := file.cluster or file.rest) is None or known.region == region)
