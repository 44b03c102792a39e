"""``python -m tests.torture [--short]``: use the register hard; exit code 1 for any fault."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.torture import backups, kill, tamper, web, writers


class Row(NamedTuple):
    """One kind of use: how often, what came of it, and every fault."""

    name: str
    times: str
    outcome: str
    faults: Sequence[str]


def killed(folder: Path, count: int) -> Row:
    """Kill writers."""
    found = kill.run(count, folder)
    told = f"{found.acknowledged} changes acknowledged, {found.in_a_change} kills in the middle of one"
    return Row("kill -9 of a writer", str(count), told, found.lost)


def written(folder: Path, count: int) -> Row:
    """Let eight write."""
    found = writers.run(8, count, folder)
    speed = found.changes / found.seconds
    told = f"{found.acknowledged} acknowledged, {speed:.0f} a second, longest {found.longest:.2f} s"
    return Row("8 writers", f"8 x {count}", told, found.faults)


def tampered(folder: Path, count: int) -> Row:
    """Tamper with journal, files and the rest."""
    found = tamper.run(count, folder)
    told = f"{count - len(found.missed)} found by verify, {len(found.made)} kinds"
    return Row("tampering", str(count), told, found.missed)


def backed_up(folder: Path, count: int) -> Row:
    """Back up under load."""
    found = backups.run(count, folder)
    return Row("backup under load", str(count), f"{found.acknowledged} changes acknowledged meanwhile", found.faults)


def restored(folder: Path, count: int) -> Row:
    """Restore under load."""
    found = backups.run_restores(count, folder)
    return Row("restore under load", str(count), f"{found.acknowledged} changes acknowledged meanwhile", found.faults)


def mutated(folder: Path, count: int) -> Row:
    """Send mutated requests to the web pages."""
    found = web.run_many(count, folder)
    told = ", ".join(f"{times} x {status}" for status, times in sorted(found.statuses.items()))
    return Row("mutated requests", str(count), f"{told}; longest {found.longest:.2f} s", found.faults)


FULL: tuple[tuple[Callable[[Path, int], Row], int], ...] = (
    (killed, 500),
    (written, 500),
    (tampered, 1000),
    (backed_up, 100),
    (restored, 50),
    (mutated, 100_000),
)


def main() -> int:
    """Use everything hard."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="Use the register hard.")
    parser.add_argument("--short", action="store_true", help="a twentieth of it")
    short = parser.parse_args().short
    faults: list[str] = []
    sys.stdout.write("| What | How often | What came of it | Faults | Seconds |\n|---|---:|---|---:|---:|\n")
    for work, count in FULL:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="ksf-torture-") as folder:
            row = work(Path(folder), max(1, count // 20) if short else count)
        seconds = time.perf_counter() - start
        sys.stdout.write(f"| {row.name} | {row.times} | {row.outcome} | {len(row.faults)} | {seconds:.0f} |\n")
        sys.stdout.flush()
        faults += [f"{row.name}: {fault}" for fault in row.faults]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
