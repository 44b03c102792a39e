"""A life in a register and its dossier, made once; tests copy what they change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from ksf_agreements.pdf.converter import Converter
from ksf_agreements.services.archive import archiving
from tests.archive.life import live
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran, copy_workspace


class Dossier(NamedTuple):
    """A dossier, the commands of its register, and what making it said."""

    commands: Commands
    folder: Path
    ran: Ran


@pytest.fixture(scope="session")
def shared_converter(converter: Converter) -> Iterator[Converter]:
    """Let `ksf archive` use the LibreOffice that all tests share."""

    @contextmanager
    def borrowed() -> Iterator[Converter]:
        yield converter

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archiving, "Converter", borrowed)
        yield converter


@pytest.fixture(scope="session")
def dossier(shared_converter: Converter, tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """The dossier of a whole life; read it only."""
    folder = tmp_path_factory.mktemp("archive")
    commands = live(copy_workspace(folder / "workspace"), shared_converter)
    ran = commands("archive", CLUSTER, "--out", folder / "out")
    assert ran.code == 0, ran.err
    (made,) = (folder / "out").iterdir()
    return Dossier(commands, made, ran)


@pytest.fixture
def copy(dossier: Dossier, tmp_path: Path) -> Path:
    """A copy of the dossier in another place, to be tampered with."""
    return shutil.copytree(dossier.folder, tmp_path / "kopi")
