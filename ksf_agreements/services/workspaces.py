"""Make a new workspace: settings, regions and a commented cluster file that editors complete and check."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ksf_agreements.documents.files import write_whole
from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.schema import cluster_schema
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.files import is_file, is_folder
from ksf_agreements.loading.workspace import CLUSTERS_DIR
from ksf_agreements.resources import workspace_dir
from ksf_agreements.text import T, Text

SCHEMA_FILE = f"{CLUSTERS_DIR}/cluster.schema.json"
ANNEXES_DIR = "annexes"


def make_workspace(root: Path, say: Callable[[Text], str]) -> tuple[Path, ...]:
    """Write a new workspace into ``root`` and return the files.

    Raises `UsageError` where one of them is there already; then nothing is written.
    """
    source = workspace_dir()
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    files = {root / name: (source / name).read_bytes() for name in names}
    files[root / SCHEMA_FILE] = schema_text(next(iter(KINDS.values())), say).encode("utf-8")
    for folder in (root, root / CLUSTERS_DIR, root / ANNEXES_DIR):
        if is_file(folder):
            raise UsageError(T("{file} is a file, not a folder.", file=str(folder)))
    if there := tuple(str(path) for path in files if is_file(path) or is_folder(path)):
        raise UsageError(T("Nothing was written, since these files are there already: {files}", files=there))
    for path, data in files.items():
        write_whole(path, data)
    (root / ANNEXES_DIR).mkdir(exist_ok=True)
    return tuple(files)


def schema_text(kind: AgreementKind, say: Callable[[Text], str]) -> str:
    """Return the JSON Schema of a kind's cluster files, as the text of a file."""
    return json.dumps(cluster_schema(kind, say), ensure_ascii=False, indent=2) + "\n"
