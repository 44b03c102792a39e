"""The web pages under mutated requests, in workspaces that they write in."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.web.mutations import Found, run
from tests.web.states import Shelf

STATES = ("draft", "signing", "in force", "leaving", "renewing", "expired", "broken files", "register damaged")
ROUND = 500


def run_many(count: int, folder: Path) -> Found:
    """Send so many requests, some hundred to each copy of a workspace."""
    shelf, total = Shelf(folder / "states"), Found()
    for number, first in enumerate(range(0, count, ROUND)):
        workspace = shelf.copy(STATES[number % len(STATES)], folder / f"workspace-{number}")
        with contextlib.chdir(folder):
            found = run(workspace, min(ROUND, count - first), 1000 + number)
        total.faults += found.faults
        total.longest = max(total.longest, found.longest)
        for status, times in found.statuses.items():
            total.statuses[status] = total.statuses.get(status, 0) + times
    return total
