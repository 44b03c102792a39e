"""``python -m tests.simulation [--years 10] [--clusters 80] [--seed 1]``: exit code 1 for any disagreement.

With ``--reminders`` a year of reminders, day by day, instead.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TextIO

from tests.simulation.country import Tally, run
from tests.simulation.expecting import STEPS
from tests.simulation.reminding import Year, reminded


def table(tally: Tally) -> str:
    """The counts, one to a line."""
    lines = [f"{'clusters':<40}{tally.clusters:>10}", f"{'municipalities':<40}{tally.municipalities:>10}", ""]
    lines += [f"{kind:<40}{count:>10}" for kind, count in sorted(tally.events.items())]
    lines += [f"{'events in all':<40}{tally.events.total():>10}", ""]
    lines += [f"{'months ' + status:<40}{count:>10}" for status, count in sorted(tally.statuses.items())]
    lines += ["", *(f"{'days compared, ' + what:<40}{count:>10}" for what, count in tally.checks.items())]
    lines += [
        f"{'days compared in all':<40}{tally.checks.total():>10}",
        f"{'disagreements':<40}{len(tally.disagreements):>10}",
    ]
    return "\n".join(lines)


def year_table(year: Year) -> str:
    """The rules of reminders: what was expected, what came, and how often it was done."""
    rows: list[tuple[str, ...]] = [("", "expected", "sent", "done")]
    rows += [(code, *(f"{counts[code]:,}" for counts in (year.expected, year.sent, year.done))) for code in STEPS]
    rows.append(("in all", *(f"{counts.total():,}" for counts in (year.expected, year.sent, year.done))))
    lines = [f"{what:<20}{expected:>10}{sent:>10}{done:>10}" for what, expected, sent, done in rows]
    return "\n".join([*lines, "", f"{'faults':<40}{len(year.faults):>10}"])


def _tell(line: str, stream: TextIO = sys.stdout) -> None:
    stream.write(line + "\n")
    stream.flush()


def main() -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--clusters", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reminders", action="store_true")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.reminders:
        year = reminded(options.clusters, options.seed)
        _tell(year_table(year))
        _tell(f"{'seconds':<40}{time.monotonic() - begun:>10.0f}")
        for line in year.faults[:20]:
            _tell(line)
        return 1 if year.faults else 0
    tally = run(options.years, options.clusters, options.seed, lambda line: _tell(line, sys.stderr))
    _tell(table(tally))
    _tell(f"{'seconds':<40}{time.monotonic() - begun:>10.0f}")
    for line in tally.disagreements[:20]:
        _tell(line)
    return 1 if tally.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
