"""What was measured, as numbers with floors: ratios of interleaved pairs, written as JSON and as a table."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

DOCS = Path(__file__).parents[2] / "docs"
_INTRODUCTION = """
Made by `make bench`; do not edit. Every ratio is the median of pairs that were measured in turn (A B A B) in one run,
so that whatever else the machine does falls on both sides alike. Times vary with the machine; the ratios are what is
claimed.
""".strip().splitlines()
MEASURED_WITH = ("click", "docxtpl", "isal", "Jinja2", "lxml", "pydantic", "PyYAML")


@dataclass(frozen=True, slots=True)
class Row:
    """One claim: `ratios` of the pairs, the floor that must hold for their median, and the aim ('' = none).

    `at_least` tells which way is good; a row without a floor is only told. `ours` and `other` are the medians of the
    two sides in `unit`.
    """

    name: str
    ratios: tuple[float, ...]
    floor: float | None = None
    aim: float | None = None
    at_least: bool = True
    ours: float = 0.0
    other: float = 0.0
    unit: str = "ms"

    @property
    def median(self) -> float:
        """The median of the pairs."""
        return median(self.ratios)

    def reaches(self, bound: float) -> bool:
        """Whether the median is on the good side of ``bound``."""
        return self.median >= bound if self.at_least else self.median <= bound

    @property
    def verdict(self) -> str:
        """'holds', 'fails', or '' for a row that is only told."""
        if self.floor is None:
            return ""
        return "holds" if self.reaches(self.floor) else "fails"


def interleaved(
    turns: int, ours: Callable[[], float], other: Callable[[], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Take turns, A B A B, after one turn each that does not count; return both sides' values in pairs.

    What else the machine does falls on both alike.
    """
    ours()
    other()
    pairs = [(ours(), other()) for _ in range(turns)]
    return tuple(mine for mine, _ in pairs), tuple(theirs for _, theirs in pairs)


def timed(work: Callable[[], object], times: int = 1) -> Callable[[], float]:
    """Return a turn: ``work`` done ``times`` times, as the milliseconds of one."""

    def turn() -> float:
        start = time.perf_counter()
        for _ in range(times):
            work()
        return (time.perf_counter() - start) / times * 1000

    return turn


def load() -> float:
    """Return how many programs want a CPU: more than there are CPUs makes every number worse than it is."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0


def machine() -> dict[str, str | int]:
    """Describe the machine, without names and dates."""
    return {
        "cpus": os.cpu_count() or 0,
        "cpu": _cpu(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: version(name) for name in MEASURED_WITH},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def as_json(rows: Sequence[Row], notes: Sequence[str]) -> str:
    """Return the run for programs."""
    told = [
        {
            "name": row.name,
            "ratio": {"min": min(row.ratios), "median": row.median, "max": max(row.ratios)},
            "pairs": len(row.ratios),
            "bound": "at least" if row.at_least else "at most",
            "floor": row.floor,
            "aim": row.aim,
            "ours": row.ours,
            "other": row.other,
            "unit": row.unit,
            "verdict": row.verdict,
        }
        for row in rows
    ]
    return json.dumps({"machine": machine(), "rows": told, "notes": list(notes)}, ensure_ascii=False, indent=2) + "\n"


def as_table(rows: Sequence[Row], notes: Sequence[str]) -> str:
    """Return the run for people, as Markdown."""
    about = machine()
    packages = ", ".join(f"{name} {about[name]}" for name in MEASURED_WITH)
    lines = [
        "# Speed, measured",
        "",
        *_INTRODUCTION,
        "",
        f"Machine: {about['cpus']} CPUs ({about['cpu']}), {about['system']}, {about['python']}; {packages}.",
        "",
        "| What | Ratio | Least to most | Floor | Aim | Ours | The other | Verdict |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        floor, aim = (f"{sign} {bound:g} ×" if bound is not None else "" for bound in (row.floor, row.aim))
        reached = " (aim too)" if row.verdict == "holds" and row.aim is not None and row.reaches(row.aim) else ""
        lines.append(
            f"| {row.name} | {_short(row.median)} × | {_short(min(row.ratios))}–{_short(max(row.ratios))} | {floor} | "
            f"{aim} | {_short(row.ours)} {row.unit} | {_short(row.other)} {row.unit} | {row.verdict}{reached} |"
        )
    lines += ["", *(f"- {note}" for note in notes), ""]
    return "\n".join(lines)


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def write(rows: Sequence[Row], notes: Sequence[str], folder: Path = DOCS) -> None:
    """Write both into the docs."""
    folder.mkdir(exist_ok=True)
    (folder / "benchmark.json").write_text(as_json(rows, notes), encoding="utf-8")
    (folder / "benchmark.md").write_text(as_table(rows, notes), encoding="utf-8")
