"""The member sheet of the sample cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.sheets.books import Sheets


@pytest.fixture
def sheets(ksf: Callable[..., Ran], workspace: Path) -> Sheets:
    return Sheets(ksf, workspace)
