"""A workspace with packages, made once; and LibreOffice, started once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

import ksf_agreements.pdf.converter
from ksf_agreements.cli.main import main
from ksf_agreements.pdf.converter import Converter
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran, copy_workspace
from tests.package.papers import plain

MANY = tuple(f"46{number:02d}" for number in (1, 2, *range(11, 32)))
"""Twenty-three municipalities of one county."""


@contextmanager
def _by(converter: Converter) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ksf_agreements.pdf.converter, "Converter", lambda: nullcontext(converter))
        yield


@pytest.fixture
def _one_office(converter: Converter) -> Iterator[None]:
    """Let every package be made by the one LibreOffice of the tests; other tests have their own."""
    with _by(converter):
        yield


def many_parties(workspace: Path, parties: tuple[str, ...]) -> None:
    """Write a cluster file 'mange' with these parties, the first the motor municipality."""
    text = (workspace / "clusters" / f"{CLUSTER}.yaml").read_text(encoding="utf-8")
    head = text[: text.index("members:")]
    tail = text[text.index("cluster_leader:") :]
    members = "".join(
        f'  - municipality: "{number}"\n    signatory: {{name: Person {place} Eksempel, title: ordfører}}\n'
        for place, number in enumerate(parties, 1)
    )
    made = f"{head}members:\n{members}{tail}"
    (workspace / "clusters" / "mange.yaml").write_text(made, encoding="utf-8")


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory, converter: Converter) -> Path:
    workspace = copy_workspace(tmp_path_factory.mktemp("package") / "workspace")
    (workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(3))
    (workspace / "ksf.toml").write_text('plan = "annexes/ksf-plan.pdf"\nactor = "Kari Koordinator"\n', encoding="utf-8")
    many_parties(workspace, MANY)
    with _by(converter):
        for cluster in (CLUSTER, "alle-valg", "mange"):
            assert main(["-w", str(workspace), "issue", cluster, "--on", "2026-01-12"]) == 0
            assert main(["-w", str(workspace), "package", cluster]) == 0
    return workspace


@pytest.fixture
def made(_made: Path, _one_office: None, tmp_path: Path, ksf: Callable[..., Ran]) -> Commands:
    """``ksf`` in a copy of a workspace in which three packages have been made: of 9, 2 and 23 parties."""
    copy = tmp_path / "workspace"
    shutil.copytree(_made, copy)
    return Commands(ksf, copy)


@pytest.fixture
def fresh(workspace: Path, _one_office: None, ksf: Callable[..., Ran]) -> Commands:
    """``ksf`` in a workspace in which the small sample has been issued, and nothing made."""
    commands = Commands(ksf, workspace)
    commands.issue(cluster="alle-valg")
    return commands
