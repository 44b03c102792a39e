"""Five thousand mutated requests; `make torture` sends a hundred thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.mutations import run
from tests.web.states import Shelf


@pytest.mark.parametrize(
    ("state", "count"), [("draft", 1500), ("signing", 1500), ("leaving", 1000), ("in force", 1000)]
)
def test_no_mutated_request_breaks_the_program(state: str, count: int, shelf: Shelf, tmp_path: Path) -> None:
    found = run(shelf.copy(state, tmp_path / "workspace"), count, 6)
    assert not found.faults, "\n".join(found.faults[:5])
    assert sum(found.statuses.values()) > 0.9 * count
    assert found.statuses[200] > 0.1 * count
