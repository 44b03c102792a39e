"""Registers to try things on: copies of two that are made once, since making one takes Alembic a while."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ksf_agreements.register.store import Register
from tests.register.sample import Filled, fill, open_register


class Made(NamedTuple):
    """A new register, and one that `fill` has filled."""

    new: Path
    full: Path
    filled: Filled


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make both."""
    folder = tmp_path_factory.mktemp("registers")
    with open_register(folder / "new.sqlite"):
        pass
    with open_register(folder / "full.sqlite") as register:
        filled = fill(register)
    return Made(folder / "new.sqlite", folder / "full.sqlite", filled)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the register lies."""
    return tmp_path / "register.sqlite"


@pytest.fixture
def register(path: Path, made: Made, request: pytest.FixtureRequest) -> Iterator[Register]:
    """A new register, or a filled one where the test asks for `filled` too."""
    shutil.copy(made.full if "filled" in request.fixturenames else made.new, path)
    with open_register(path) as found:
        yield found


@pytest.fixture
def filled(register: Register, made: Made) -> Filled:
    """What the register is filled with."""
    assert register.path.exists()
    return made.filled
