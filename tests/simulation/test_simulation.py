"""The simulation in short: five clusters for three years."""

from __future__ import annotations

from tests.simulation.country import run


def test_a_small_country() -> None:
    tally = run(years=3, count=5, seed=3)
    assert not tally.disagreements, "\n".join(tally.disagreements[:10])
    assert tally.checks.total() > 500
    assert tally.statuses["in_force"] > 20
