"""Short versions of `make torture`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture import backups, kill, tamper, writers


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    found = kill.run(25, tmp_path, seed=1)
    assert found.lost == ()
    assert found.acknowledged > 0
    assert found.in_a_change > 0, "no kill was in the middle of a change"


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    found = writers.run(8, 15, tmp_path)
    assert found.faults == ()
    assert found.acknowledged == 120


@pytest.mark.parametrize("kind", [*tamper.KINDS, tamper.BYTE])
def test_every_tampering_is_found(tmp_path: Path, kind: str) -> None:
    found = tamper.run(6, tmp_path, seed=1, kinds=(kind,))
    assert found.missed == ()
    assert found.made == {kind: 6}


def test_backups_under_load_are_whole(tmp_path: Path) -> None:
    found = backups.run(4, tmp_path)
    assert found.faults == ()
    assert found.acknowledged > 0


def test_restoring_under_load_loses_nothing(tmp_path: Path) -> None:
    found = backups.run_restores(4, tmp_path)
    assert found.faults == ()
    assert found.acknowledged > 0
