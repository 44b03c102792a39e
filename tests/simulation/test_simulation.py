"""The simulation in short: five clusters for three years."""

from __future__ import annotations

from ksf_agreements.domain.schedule import RULES
from tests.simulation.country import run
from tests.simulation.expecting import STEPS
from tests.simulation.reminding import reminded


def test_a_small_country() -> None:
    tally = run(years=3, count=5, seed=3)
    assert not tally.disagreements, "\n".join(tally.disagreements[:10])
    assert tally.checks.total() > 500
    assert tally.statuses["in_force"] > 20


def test_a_year_of_reminders_of_some_clusters() -> None:
    """`python -m tests.simulation --reminders` does the same for eighty. Every rule has something to remind of."""
    year = reminded(count=8, seed=13)
    assert not year.faults, "\n".join(year.faults[:10])
    assert year.sent == year.expected
    assert set(year.expected) == set(STEPS) == {rule.code for rule in RULES}
    assert year.expected.total() > 500
    assert year.done.total() > 50
