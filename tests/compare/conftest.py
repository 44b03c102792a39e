"""What the tests of `ksf compare` share: the sample agreements as drafts, and as PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ksf_agreements.cli.main import main
from ksf_agreements.pdf.converter import Converter
from tests.compare.editing import Comparing
from tests.conftest import Ran, copy_workspace

SAMPLES = ("alle-valg", "helse-omsorg-vest")


@pytest.fixture(scope="session")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The sample workspace's documents by name, generated once."""
    folder = copy_workspace(tmp_path_factory.mktemp("compare") / "workspace")
    assert main(["-w", str(folder), "generate", "--all"]) == 0
    return {path.stem: path.read_bytes() for path in (folder / "out").glob("*.docx")}


@pytest.fixture(scope="session")
def pdfs(drafts: Mapping[str, bytes], converter: Converter) -> Mapping[str, bytes]:
    """The same documents as PDF."""
    return {name: converter.convert(data, title=name, language="nb-NO") for name, data in drafts.items()}


@pytest.fixture
def draft(drafts: Mapping[str, bytes]) -> bytes:
    """The agreement that uses every optional field."""
    return drafts["alle-valg"]


@pytest.fixture
def comparing(ksf: Callable[..., Ran], workspace: Path) -> Comparing:
    """``ksf compare`` in a workspace of its own, where nothing has been issued."""
    return Comparing(ksf, workspace)
